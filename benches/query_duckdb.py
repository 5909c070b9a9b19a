"""DuckDB's side of the questions, on its own table sorted by (customer, ts).

Usage: query_duckdb.py prepare DATABASE DATA_FOLDER THREADS
       query_duckdb.py ask DATABASE QUESTION.sql THREADS REPEAT

`ask` prints one line {"run": 1, "seconds": 0.123} a run to standard error and the answer, once, as CSV to standard output.
"""

import csv
import json
import os
import sys
import time
from pathlib import Path

import duckdb

from bench_tables import customers, transactions


def prepare(database: str, folder: str, threads: int) -> None:
    """Both tables in one database file, as small and as sorted as DuckDB can make them."""
    unfinished = database + ".part"
    Path(unfinished).unlink(missing_ok=True)
    connection = duckdb.connect(unfinished)
    connection.execute(f"set threads = {threads}")
    # Named as in the lake, so that both sides are asked the same text.
    ours = "* rename (customer_no as customer_id)"
    connection.execute(f"create table transaction as select {ours} from {transactions(folder)} order by customer_id, ts")
    connection.execute(f"create table customer as select {ours} from {customers(folder)} order by customer_id")
    connection.execute("checkpoint")
    connection.close()
    os.replace(unfinished, database)


def ask(database: str, question: str, threads: int, repeat: int) -> None:
    """Several runs of one question in one process."""
    connection = duckdb.connect(database, read_only=True)
    connection.execute(f"set threads = {threads}")
    sql = Path(question).read_text()
    for run in range(1, repeat + 1):
        start = time.perf_counter()
        result = connection.execute(sql)
        rows = result.fetchall()
        seconds = time.perf_counter() - start
        print(json.dumps({"run": run, "seconds": seconds}), file=sys.stderr)
    answer = csv.writer(sys.stdout, lineterminator="\n")
    answer.writerow(column[0] for column in result.description)
    answer.writerows(rows)


if sys.argv[1] == "prepare":
    prepare(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
