"""Scores `florin resolve` against the truth of a made-up bank: pairs and clusters.

Usage: made_up_bank.py FLORIN CUSTOMERS FOLDER [MONTHS] [ACTIVITY]

Simulates, loads the five systems that know people, brings the truth in as a table of its own beside them (nothing that
resolves can see it), resolves, and counts pairs in SQL.
"""

import json
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
PAIRS = """
with cells as (select customer_id, person, count(*) as n from truth_identity where customer_id is not null group by 1, 2),
     found as (select sum(n * (n - 1) / 2) as pairs from cells),
     claimed as (select sum(n * (n - 1) / 2) as pairs from (select sum(n) as n from cells group by customer_id) as c),
     truths as (select sum(n * (n - 1) / 2) as pairs from (select sum(n) as n from cells group by person) as t),
     whole as (select count(*) as clusters from cells c
               join (select customer_id, sum(n) as n from cells group by 1) as a on a.customer_id = c.customer_id
               join (select person, sum(n) as n from cells group by 1) as b on b.person = c.person
               where a.n = c.n and b.n = c.n),
     many as (select count(distinct customer_id) as clusters, count(distinct person) as persons from cells)
select found.pairs as found, claimed.pairs as claimed, truths.pairs as truths, whole.clusters as exact,
       many.clusters as clusters, many.persons as persons from found, claimed, truths, whole, many
"""


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
    seconds = {"simulate": run(florin, *asked)[1]}
    add_truth(bank)
    seconds["load"] = run(florin, "ingest", "--bank", folder, *SOURCES)[1]
    seconds["load truth"] = run(florin, "ingest", "--bank", folder, *[f"zz_truth_{s}" for s in SYSTEMS])[1]
    report, seconds["resolve"] = run(florin, "resolve", "--bank", folder, "--json")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    counts = json.loads(run(florin, "sql", "--bank", folder, "--purpose", "risk", "--format", "json", PAIRS)[0])
    counts = counts[0] if isinstance(counts, list) else counts
    counts = {name: int(float(value)) for name, value in counts.items()}
    scores = {
        "precision": counts["found"] / counts["claimed"],
        "recall": counts["found"] / counts["truths"],
        "persons found exactly": counts["exact"] / counts["persons"],
    }
    print(json.dumps({"scores": scores, "counts": counts, "seconds": seconds, "peak MiB": peak, "run": json.loads(report)}, indent=2))


main()
