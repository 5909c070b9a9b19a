"""What a server does at three times the events that it can hold: who is turned away, how long its pages take, and whether all that was taken is there.

Usage: flood.py ADDRESS PASSWORD WRITE_KEY LOAD SECONDS. LOAD is the program that posts (`crates/collector/examples/load.rs`). Opens
customers while nothing else goes on; posts batches for SECONDS over as many connections as the disk likes; then over three times as many as may wait
for the disk, and opens customers meanwhile. When everything is loaded it counts what the table has.
Prints {"taken": events a second, "flooded": events a second, "shed": requests, "quiet": seconds, "beside": seconds, "acknowledged": events,
"stored": events}; seconds are the 95th percentile of opening a customer.
"""

import json
import random
import subprocess
import sys
import time
import urllib.request

from console_client import Client, ninety_fifth, timed

EVENTS = 100  # a batch
CONNECTIONS = 32
FLOOD = 3 * 1024  # requests_waiting_max of the collector, three times
FIRST_OF_FLOOD = 500_000_000_000  # its numbers are not those of the batches before
OPENED = 200
LOADED_WITHIN = 600


def main():
    address, password, key, load, seconds = sys.argv[1:]
    agent, analyst = Client(address, "sam", password), Client(address, "ana", password)
    sql = {"purpose": "service", "sql": "select customer_id from customer limit 10000"}
    known = random.Random(7).sample([row[0] for row in agent.ask("POST", "/v1/sql", sql)["rows"]], OPENED)
    opened = [lambda of=of: agent.ask("GET", f"/v1/customers/{of}?purpose=service") for of in known]
    quiet = timed("a customer", opened)

    words = [load, "batches", "--port", address.rsplit(":", 1)[1], "--key", key, "--events", str(EVENTS), "--seconds", seconds]
    posted = lambda *more: subprocess.Popen([*words, *map(str, more)], stdout=subprocess.PIPE)
    told = lambda process: json.loads(process.communicate()[0])
    batches = told(posted("--connections", CONNECTIONS))

    flood, beside = posted("--connections", FLOOD, "--first", FIRST_OF_FLOOD), []
    while flood.poll() is None:
        began = time.perf_counter()
        opened[len(beside) % OPENED]()
        beside.append(time.perf_counter() - began)
    flood = told(flood)
    print(f"a customer in the flood: median {sorted(beside)[len(beside) // 2]:.3f} s, most {max(beside):.3f} s of {len(beside)}", file=sys.stderr)

    for requests in (batches["requests"], flood["requests"]):
        if requests["other"]:
            sys.exit(f"something else than 200, 429 and 503 was answered: {requests}")
    wait_until_loaded(address)
    count = {"purpose": "analytics", "sql": "select count(*), count(distinct event_id) from event where name = 'Fund Viewed'"}
    stored, different = analyst.ask("POST", "/v1/sql", count)["rows"][0]
    if stored != different:
        sys.exit(f"{stored} events are stored, {different} of them different")
    result = {
        "taken": batches["events_per_second"],
        "flooded": flood["events_per_second"],
        "shed": flood["requests"]["shed"],
        "quiet": quiet,
        "beside": ninety_fifth(beside),
        "acknowledged": (batches["requests"]["taken"] + flood["requests"]["taken"]) * EVENTS,
        "stored": stored,
    }
    print(json.dumps(result))


def wait_until_loaded(address):
    until = time.time() + LOADED_WITHIN
    while time.time() < until:
        figures = urllib.request.urlopen(f"{address}/metrics").read().decode().splitlines()
        if "florin_collector_log_backlog_bytes 0" in figures:
            return
        time.sleep(1)
    sys.exit("not everything that was taken is loaded")


main()
