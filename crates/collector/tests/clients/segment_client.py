"""Sends what a bank's server would, with Segment's own client. Fails when the client reports an error."""

import sys

from segment.analytics.client import Client

failed = []
for gzip in (False, True):
    client = Client("key", host=sys.argv[1], gzip=gzip, on_error=lambda error, items: failed.append(error), upload_interval=0.05)
    if not gzip:
        client.identify("u1", {"plan": "gold", "email": "someone@bank.example"}, anonymous_id="v1")
        client.track("u1", "Fund Bought", {"product_id": "F100", "revenue": 2500.5, "名称": "稳健理财"})
        client.page("u1", None, "Funds", {"url": "https://bank.example/funds"})
        client.screen("u1", None, "Start")
        client.group("u1", "branch-7", {"city": "长沙"})
        client.alias("v1", "u1")
    else:
        for n in range(250):
            client.track("u2", f"Numbered {n}", {"n": n})
    client.flush()
    client.join()
sys.exit("; ".join(map(str, failed)) or 0)
