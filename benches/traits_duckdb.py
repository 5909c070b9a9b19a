"""DuckDB's side of `cargo xtask bench traits`: the sixty queries as they are, or as few as it takes when those of one table are asked
together by hand, each aggregate with its condition.

Usage: traits_duckdb.py prepare STORE THREADS EVENTS.parquet TRANSACTIONS.parquet CUSTOMERS.parquet
       traits_duckdb.py each|together|kept STORE THREADS AS_OF REPEAT
       traits_duckdb.py values STORE THREADS AS_OF EVERY

Tables are its own, sorted by customer and time, texts of few values as numbers of an ENUM, times without a zone. Values of traits are
tables in memory; of `kept`, which asks as `each` does, tables of a database file beside the store, committed one by one as ours are. They do it once more than they must and print
one line {"run": 1, "seconds": 0.123} a run to standard error.
`values` prints all traits of every EVERYth customer, as CSV.
"""

import csv
import json
import os
import sys
import time
from pathlib import Path

import duckdb

from traits_list import TRAITS

ENUMS = {
    "event": ["name", "channel", "device"],
    "transaction": ["direction", "kind", "merchant_category"],
    "customer": ["region"],
}
COLUMNS = {
    "event": "customer_id, ts::timestamp as ts, name::event_name as name, channel::event_channel as channel, "
             "device::event_device as device, duration_ms",
    "transaction": "customer_id, ts::timestamp as ts, amount::decimal(18, 4) as amount, direction::transaction_direction as direction, "
                   "kind::transaction_kind as kind, merchant_category::transaction_merchant_category as merchant_category, "
                   "counterparty, balance_after::decimal(18, 4) as balance_after",
    "customer": "customer_id, region::customer_region as region, joined_on",
}
ORDER = {"event": "customer_id, ts", "transaction": "customer_id, ts", "customer": "customer_id"}


def prepare(store: str, threads: int, files: dict[str, str]) -> None:
    unfinished = store + ".part"
    Path(unfinished).unlink(missing_ok=True)
    connection = duckdb.connect(unfinished)
    connection.execute(f"set threads = {threads}")
    connection.execute("set timezone = 'UTC'")
    for table, file in files.items():
        for column in ENUMS[table]:
            connection.execute(
                f"create type {table}_{column} as enum (select distinct {column} from '{file}' where {column} is not null)")
        connection.execute(f'create table "{table}" as select {COLUMNS[table]} from \'{file}\' order by {ORDER[table]}')
    connection.execute("checkpoint")
    connection.close()
    os.replace(unfinished, store)


def opened(store: str, threads: int, as_of: str, traits: str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    connection.execute(f"attach '{traits}' as traits")
    connection.execute(f"attach '{store}' as bank (read_only)")
    connection.execute("use bank")
    connection.execute(f"create temp macro as_of() as timestamp '{as_of} 23:59:59.999999'")
    return connection


def quoted(sql: str) -> str:
    return sql.replace(" from transaction", ' from "transaction"')


def each(connection: duckdb.DuckDBPyConnection) -> None:
    for trait in TRAITS:
        connection.execute(f"create or replace table traits.{trait.name} as {quoted(trait.sql)}")


def together(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("event", "transaction"):
        of = [trait for trait in TRAITS if trait.table == table]
        columns = ", ".join(f"{t.value}{f' filter (where {t.condition})' if t.condition else ''} as {t.name}" for t in of)
        connection.execute(
            f'create or replace table traits.of_{table} as select customer_id, {columns} from "{table}" group by customer_id')
    for trait in TRAITS:
        if trait.table:
            continue
        sql = trait.sql
        for other in TRAITS:
            if f"traits.{other.name} " in sql:
                part = f"(select customer_id, {other.name} as value from traits.of_{other.table})"
                sql = sql.replace(f"traits.{other.name} ", f"{part} ")
        connection.execute(f"create or replace table traits.{trait.name} as {quoted(sql)}")


def main() -> None:
    verb, store, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if verb == "prepare":
        prepare(store, threads, dict(zip(("event", "transaction", "customer"), sys.argv[4:])))
        return
    kept = Path(f"{store}.traits")
    kept.unlink(missing_ok=True)
    connection = opened(store, threads, sys.argv[4], str(kept) if verb == "kept" else ":memory:")
    if verb == "values":
        each(connection)
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(["trait", "customer_id", "value"])
        for trait in TRAITS:
            rows = f"from traits.{trait.name} where value is not null and customer_id % {sys.argv[5]} = 0"
            table.writerows(connection.execute(f"select '{trait.name}', customer_id, value {rows}").fetchall())
        return
    run_all = {"each": each, "together": together, "kept": each}[verb]
    for run in range(1, int(sys.argv[5]) + 1):
        start = time.perf_counter()
        run_all(connection)
        if verb == "kept":
            connection.execute("checkpoint traits")
        print(json.dumps({"run": run, "seconds": time.perf_counter() - start}), file=sys.stderr)


main()
