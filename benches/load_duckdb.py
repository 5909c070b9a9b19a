"""Reads transactions.csv and writes Parquet sorted by (customer, ts); prints {"seconds", "rows", "bytes", "version"}.

Usage: load_duckdb.py DATA_FOLDER OUT_FOLDER THREADS COMPRESSION
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from bench_tables import transactions

data, out, threads, compression = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
file = out / "transactions.parquet"

connection = duckdb.connect()
connection.execute(f"set threads = {threads}")
connection.execute(f"set temp_directory = '{out}'")

start = time.perf_counter()
connection.execute(f"""
    copy (select * from {transactions(data)} order by customer_no, ts)
    to '{file}' (format parquet, compression {compression})
""")
seconds = time.perf_counter() - start

rows = connection.execute(f"select count(*) from '{file}'").fetchone()[0]
print(json.dumps({"seconds": seconds, "rows": rows, "bytes": file.stat().st_size, "version": duckdb.__version__}))
