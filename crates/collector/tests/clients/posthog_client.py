"""Sends what a bank's server would, with PostHog's own client, in both of its protocols. Fails when the client reports an error."""

import sys

from posthog import Posthog

failed = []
for mode in ("v0", "v1"):
    client = Posthog(
        "key",
        host=sys.argv[1],
        gzip=mode == "v0",
        flush_interval=0.05,
        capture_mode=mode,
        on_error=lambda error, items: failed.append(error),
    )
    client.capture(f"fund bought {mode}", distinct_id="u1", properties={"fund": "F100", "revenue": 2500.5, "名称": "稳健理财"})
    client.capture(f"anonymous {mode}")
    if mode == "v0":
        client.set(distinct_id="u1", properties={"plan": "gold"})
        client.alias("v1", "u1")
        client.group_identify("branch", "b7", {"city": "长沙"}, distinct_id="u1")
    for n in range(250):
        client.capture(f"numbered {mode}", distinct_id="u2", properties={"n": n})
    client.flush()
    client.shutdown()
sys.exit("; ".join(map(str, failed)) or 0)
