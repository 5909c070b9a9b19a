"""Scores `florin resolve` against the truth of a made-up bank: pairs and clusters.

Usage: made_up_bank.py FLORIN CUSTOMERS FOLDER [MONTHS] [ACTIVITY]

Simulates, loads the five systems that know people, brings the truth in as a table of its own beside them (nothing that
resolves can see it), resolves, and counts in SQL. Prints one JSON line. FOLDER must not be there yet.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

SYSTEMS = ["core", "cards", "app", "crm", "contact"]
SOURCES = ["core_customer", "cards_holder", "app_user", "crm_contact", "crm_private", "contact_caller"]
TABLE = """name = "truth_identity"
about = "Who is who, for scoring."
key = ["record_id"]
columns = [
    { name = "record_id", type = "int", class = "C1", required = true },
    { name = "customer_id", type = "int", class = "C1" },
    { name = "person", type = "int", class = "C1" },
]
"""
SOURCE = """[input]
files = ["truth-split/{system}.csv"]
format = "delimited"
encoding = "utf-8"

[input.columns]
key = "text"
person = "int"

[[map]]
into = "truth_identity"
select = \"\"\"
SELECT key('{system}', t.key) AS record_id, customer_id('{system}', t.key) AS customer_id, t.person AS person,
       TIMESTAMP '2023-01-01 00:00:00' AS known_at
FROM zz_truth_{system} t
\"\"\"
"""
# How many records each pair of a claimed customer and a person has, with the sizes of both.
CELLS = """
with cells as (select customer_id, person, count(*) as n from truth_identity where customer_id is not null group by 1, 2),
     claimed as (select customer_id, sum(n) as records, count(*) as persons from cells group by 1),
     truths as (select person, sum(n) as records, count(*) as customers from cells group by 1)
"""
# Over pairs of records, and B-cubed (Bagga & Baldwin 1998): over records, the share of each one's cluster that is its person's, and of
# its person that is in its cluster.
TOTALS = CELLS + """,
     in_cells as (select sum(c.n * (c.n - 1) / 2) as found, sum(c.n) as records,
                         sum(cast(c.n as double) * c.n / a.records) as right_of_cluster,
                         sum(cast(c.n as double) * c.n / b.records) as right_of_person,
                         sum(case when a.records = c.n and b.records = c.n then 1 else 0 end) as exact
                  from cells c join claimed a on a.customer_id = c.customer_id join truths b on b.person = c.person),
     in_claims as (select sum(records * (records - 1) / 2) as claimed, count(*) as clusters from claimed),
     in_truths as (select sum(records * (records - 1) / 2) as truths, count(*) as persons from truths)
select * from in_cells, in_claims, in_truths
"""
WRONG_MERGES = CELLS + "select persons as size, count(*) as n, sum(records) as records from claimed group by 1 order by 1"
SPLIT = CELLS + "select customers as size, count(*) as n, sum(records) as records from truths group by 1 order by 1"


def run(florin: str, *arguments: str) -> tuple[str, float]:
    start = time.perf_counter()
    done = subprocess.run([florin, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"florin {' '.join(arguments[:3])} failed: {done.stderr}")
    return done.stdout, time.perf_counter() - start


def add_truth(bank: Path) -> None:
    """The truth as sources and a table of the bank's own."""
    split = bank / "truth-split"
    split.mkdir(exist_ok=True)
    (bank / "tables" / "truth_identity.toml").write_text(TABLE)
    truth = bank / "truth" / "identity.parquet"
    for system in SYSTEMS:
        rows = f"select key, person from '{truth}' where system = '{system}' order by key"
        duckdb.sql(f"copy ({rows}) to '{split}/{system}.csv' (header)")
        (bank / "sources" / f"zz_truth_{system}.toml").write_text(SOURCE.format(system=system))


def main() -> None:
    florin, customers, folder = sys.argv[1:4]
    months, activity = (sys.argv[4:] + ["3", "0.1"])[:2]
    bank = Path(folder)
    asked = ["simulate", "--customers", customers, "--months", months, "--activity", activity, "--out", folder]
    load = os.getloadavg()
    seconds = {"simulate": run(florin, *asked)[1]}
    add_truth(bank)
    seconds["load"] = run(florin, "ingest", "--bank", folder, *SOURCES)[1]
    seconds["load truth"] = run(florin, "ingest", "--bank", folder, *[f"zz_truth_{s}" for s in SYSTEMS])[1]
    report, seconds["resolve"] = run(florin, "resolve", "--bank", folder, "--json")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    totals = {name: float(value) for name, value in ask(florin, folder, TOTALS)[0].items()}
    found = {
        "scores": scores(totals),
        "counts": totals,
        "clusters by how many persons they hold": distribution(florin, folder, WRONG_MERGES),
        "persons by how many clusters they are in": distribution(florin, folder, SPLIT),
    }
    run_said = {"seconds": seconds, "peak_mib": peak, "load": [load, os.getloadavg()], "run": json.loads(report)}
    print(json.dumps(found | run_said))


def ask(florin: str, folder: str, question: str) -> list[dict]:
    said = run(florin, "sql", "--bank", folder, "--purpose", "risk", "--format", "json", question)[0]
    return [json.loads(line) for line in said.splitlines()]


def distribution(florin: str, folder: str, question: str) -> dict[str, dict[str, int]]:
    """By size: how many there are, and how many records they have."""
    rows = ask(florin, folder, question)
    return {str(int(row["size"])): {"n": int(float(row["n"])), "records": int(float(row["records"]))} for row in rows}


def scores(totals: dict[str, float]) -> dict[str, float]:
    pairs = rates(totals["found"] / totals["claimed"], totals["found"] / totals["truths"])
    records = totals["records"]
    b_cubed = rates(totals["right_of_cluster"] / records, totals["right_of_person"] / records)
    exact = rates(totals["exact"] / totals["clusters"], totals["exact"] / totals["persons"])
    return {"pairwise": pairs, "b_cubed": b_cubed, "exact": exact}


def rates(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


main()
