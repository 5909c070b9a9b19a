"""How long the console waits for its API: a server of a made-up bank, asked as the console asks it, over loopback.

Usage: console.py ADDRESS PASSWORD CUSTOMERS WRITE_KEY. Everybody of the bank signs in with PASSWORD. Opens CUSTOMERS customers one after the
other, asks the saved funnel with a window of its own each time, and a dashboard of eight charts, six at a time as a browser does. Then it
posts events with WRITE_KEY and asks for each until it is there: first while nothing else goes on, then while a job works every trait out anew.
Prints {"customer": seconds, "funnel": seconds, "dashboard": seconds, "fresh": seconds, "fresh_beside": seconds}: of each the 95th
percentile; medians go to standard error.
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from console_client import WARM_UPS, Client, timed

TURNS = 40
CONNECTIONS = 6  # a browser's, of one origin


def shelves(table, dimensions, measures, **more):
    return {"purpose": "analytics", "shelves": {"table": table, "dimensions": dimensions, "measures": measures, **more}}


def count(field=None, aggregate="count"):
    return {"aggregate": aggregate} if field is None else {"aggregate": aggregate, "field": field}


def dashboard(day):
    """Eight charts; those of events and transactions are of the last months before a day that changes, so that none is answered from memory."""
    since = {"field": "ts", "test": {"between": ["2023-06-01", day]}}
    return [
        shelves("event", [{"field": "ts", "grain": "week"}], [count()], filters=[since]),
        shelves("event", [{"field": "channel"}, {"field": "device"}], [count("customer_id", "count_distinct")], filters=[since]),
        shelves("event", [{"field": "name"}], [count()], filters=[since]),
        shelves("transaction", [{"field": "ts", "grain": "month"}], [count("amount", "sum")], filters=[since]),
        shelves("transaction", [{"field": "kind"}], [count(), count("amount", "mean")], filters=[since]),
        shelves("customer", [{"field": "region"}], [count()]),
        shelves("event", [{"field": "ts", "grain": "month"}, {"field": "channel"}], [count()], filters=[since]),
        shelves("interaction", [{"field": "channel"}], [count()]),
    ]


class Fresh:
    """Posts an event, and asks for it until it is there."""

    def __init__(self, address, analyst, key):
        self.collector, self.analyst, self.key = Client(address, None, None, ""), analyst, key
        # Names that no earlier run over the same bank has posted.
        self.posted = int(time.time())

    def event(self):
        self.posted += 1
        name, now = f"fresh_{self.posted}", time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        event = {"anonymousId": "a-bench", "event": name, "messageId": f"{name}-{now}", "timestamp": at, "writeKey": self.key}
        self.collector.ask("POST", "/v1/track", event)
        # As the pages of a table are found: by time.
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 60))
        sql = f"select count(*) from event where customer_id is null and ts >= timestamp '{since}' and name = '{name}'"
        while self.analyst.ask("POST", "/v1/sql", {"purpose": "analytics", "sql": sql})["rows"] != [[1]]:
            time.sleep(0.02)

    def while_it_runs(self, engineer, job):
        """Events, one after the other, as long as a job is at work."""
        job = engineer.ask("POST", "/v1/jobs", job)["id"]
        while (state := engineer.ask("GET", f"/v1/jobs/{job}")["state"]) in ("waiting", "running"):
            yield self.event
        if state != "done":
            sys.exit(f"the job beside the events is {state}")


def main():
    address, password, customers, key = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    agent, analyst = Client(address, "sam", password), Client(address, "ana", password)
    sql = {"purpose": "service", "sql": "select customer_id from customer where customer_id % 7 = 3 limit 10000"}
    known = [int(row[0]) for row in agent.ask("POST", "/v1/sql", sql)["rows"]]
    chosen = random.Random(7).sample(known, customers + WARM_UPS)
    opened = [lambda of=of: agent.ask("GET", f"/v1/customers/{of}?purpose=service") for of in chosen]

    saved = next(one for one in analyst.ask("GET", "/v1/journeys") if one["name"] == "apply")
    funnel = lambda days: analyst.ask("POST", "/v1/journeys/ask", {"purpose": "analytics", "journey": {**saved["definition"], "within": f"{days} days"}})

    pool, workers = ThreadPoolExecutor(CONNECTIONS), [analyst.another() for _ in range(CONNECTIONS)]

    def charts(day):
        waiting = list(enumerate(dashboard(day)))
        list(pool.map(lambda pair: workers[pair[0] % CONNECTIONS].ask("POST", "/v1/explore", pair[1]), waiting[:CONNECTIONS]))
        list(pool.map(lambda pair: workers[pair[0] % CONNECTIONS].ask("POST", "/v1/explore", pair[1]), waiting[CONNECTIONS:]))

    days = [f"2023-{month:02}-{day:02}" for month in (10, 11) for day in range(1, 29)]
    told = {
        "customer": timed("customer", opened),
        "funnel": timed("funnel", [lambda days=days: funnel(days) for days in range(1, TURNS + WARM_UPS + 1)]),
        "dashboard": timed("dashboard", [lambda day=day: charts(day) for day in days[: TURNS + WARM_UPS]]),
    }
    fresh, engineer = Fresh(address, analyst, key), Client(address, "dan", password)
    told["fresh"] = timed("a fresh event", [fresh.event for _ in range(TURNS + WARM_UPS)])
    told["fresh_beside"] = timed("a fresh event beside a run", fresh.while_it_runs(engineer, {"kind": "run"}))
    print(json.dumps(told))


main()
