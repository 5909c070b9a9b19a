"""What every peer of `cargo xtask bench journeys` is asked, and how it is called.

Usage: journeys_PEER.py prepare STORE THREADS EVENTS.parquet
       journeys_PEER.py ask STORE THREADS QUESTION REPEAT

`prepare` puts the events into the peer's own layout. `ask` asks once more than it must, prints one line
{"run": 1, "seconds": 0.123} a run to standard error and the answer, once, as CSV to standard output.

Times are microseconds in UTC. Answers:
    funnel      step (from 1), customers who reached it
    breakdown   device of the customer's first row with a step, step, customers
    retention   cohort (from 0), weeks later, customers; none of 0
    sessions    how many, microseconds from their first row to their last, in all
    next        the event after AFTER (empty for none), how often, microseconds until it, in all
    rfm         group, customers, money: what rfm.sql says
    who         step, customer: everybody who reached it (not timed)
"""

import csv
import json
import sys
import time
from pathlib import Path

STEPS = ["apply_start", "apply_form", "apply_identity", "apply_submit"]
WINDOW = 14 * 86_400 * 1_000_000
GAP = 30 * 60 * 1_000_000
LOGIN = "login"
AFTER = "login"
WEEKS = 12
WEEK = 7 * 86_400 * 1_000_000
FIRST_WEEK = 1_672_588_800 * 1_000_000  # Monday, 2023-01-02 in Shanghai, the bank's time zone
END = FIRST_WEEK + WEEKS * WEEK  # whoever starts later is in no cohort, and a later return is in no cell
RFM = Path(__file__).with_name("rfm.sql").read_text()
IN_STEPS = ", ".join(f"'{step}'" for step in STEPS)


def called(prepare, ask) -> None:
    """Does what the command line says. `ask(store, threads)` gives a function from a question to a header and rows."""
    verb, store, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if verb == "prepare":
        prepare(store, threads, sys.argv[4])
        return
    question, repeat = sys.argv[4], int(sys.argv[5])
    answer = ask(store, threads)
    for run in range(1, repeat + 1):
        start = time.perf_counter()
        header, rows = answer(question)
        seconds = time.perf_counter() - start
        print(json.dumps({"run": run, "seconds": seconds}), file=sys.stderr)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
