"""Sends for three seconds, with both clients, while the collector is killed and comes back. Fails when a client gives up."""

import sys
import time

from posthog import Posthog
from segment.analytics.client import Client

failed = []
segment = Client("key", host=sys.argv[1], on_error=lambda error, items: failed.append(error), upload_interval=0.05, timeout=5)
posthog = Posthog("key", host=sys.argv[1], flush_interval=0.05, timeout=5, on_error=lambda error, items: failed.append(error))
for n in range(300):
    segment.track("u", f"segment {n}")
    posthog.capture(f"posthog {n}", distinct_id="u")
    time.sleep(0.01)
segment.flush()
segment.join()
posthog.shutdown()
sys.exit("; ".join(map(str, failed)) or 0)
