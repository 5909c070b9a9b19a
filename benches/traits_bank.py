"""Makes the bank of `cargo xtask bench traits`: a bank directory with its files and its sixty traits. One customer for a hundred
events, and a quarter as many transactions. The same number of rows gives the same bytes: every value is a hash of its row's number.

Usage: traits_bank.py EVENTS FOLDER
"""

import shutil
import sys
from pathlib import Path

import duckdb

from traits_list import TRAITS, Trait

EVENTS_A_CUSTOMER = 100
EVENTS_A_TRANSACTION = 4
DAYS = 731  # 2023 and 2024
UNITS = {"decimal": 'unit = "EUR"\n'}

# A number in [0, n) from the row's number and a salt; the same in every run. One number is hashed: of two, DuckDB's hashes differ by a
# constant, and what is drawn with one salt would decide what is drawn with another.
MACROS = """
create macro pick(i, salt, n) as (hash(i * 100 + salt) % n::ubigint)::bigint;
create macro share(i, salt) as (hash(i * 100 + salt) % 1000000::ubigint)::double / 1000000;
create macro customer(i, salt) as 1 + floor({customers} * pow(share(i, salt), 1.3))::bigint;
create macro moment(i, salt) as timestamp '2023-01-01 00:00:00' + to_seconds(pick(i, salt, {days} * 86400));
"""

CUSTOMERS = """
copy (
    select i as customer_no, 'region ' || chr(65 + pick(i, 1, 14)::integer) as region,
           date '2000-01-01' + pick(i, 2, 8400)::integer as joined_on
    from range(1, {customers} + 1) r(i) order by i
) to '{folder}/customers.parquet'
"""

EVENTS = """
copy (
    select i as event_no, customer(i, 11) as customer_no, moment(i, 12) as ts,
           ['view', 'view', 'view', 'view', 'view', 'view', 'app_open', 'app_open', 'login', 'login', 'login', 'transfer_start',
            'transfer_done', 'search', 'logout', 'tap', 'error', 'push_opened', 'apply_start', 'apply_submit'][1 + pick(i, 13, 20)] as name,
           ['app', 'app', 'app', 'web', 'branch'][1 + pick(i, 14, 5)] as channel,
           ['ios', 'android', 'android', 'web'][1 + pick(i, 15, 4)] as device,
           500 + pick(i, 16, 60000) as duration_ms
    from range({events}) r(i)
) to '{folder}/events.parquet'
"""

TRANSACTIONS = """
copy (
    select i as transaction_no, customer(i, 21) as customer_no, moment(i, 22) as ts,
           (1 + pow(share(i, 23), 12) * 20000 + pick(i, 24, 10000) / 100)::decimal(12, 2) as amount,
           case when pick(i, 25, 4) = 0 then 'in' else 'out' end as direction,
           ['card', 'card', 'card', 'transfer', 'direct debit', 'standing order', 'cash', 'fee', 'interest',
            'salary', 'refund', 'exchange'][1 + pick(i, 26, 12)] as kind,
           translate(substr(md5(pick(i, 27, 20000)::varchar), 1, 10), '0123456789', 'ghijklmnop') as counterparty,
           case when pick(i, 28, 10) = 0 then 'groceries' else 'category ' || chr(65 + pick(i, 29, 26)::integer) end as merchant_category,
           ((pick(i, 30, 20000000) - 1000000) / 100)::decimal(12, 2) as balance_after
    from range({events} // {events_a_transaction}) r(i)
) to '{folder}/transactions.parquet'
"""


def definition(trait: Trait) -> str:
    words = trait.name.replace("_", " ")
    return (
        f'[[trait]]\nname = "{trait.name}"\nmeaning = {{ zh = "{words}", en = "{words}" }}\ntype = "{trait.type}"\n'
        f'{UNITS.get(trait.type, "")}class = "C2"\npurposes = ["service", "analytics", "risk"]\nsql = """\n{trait.sql}\n"""\n'
    )


def main(events: int, bank: Path) -> None:
    shutil.copytree(Path(__file__).with_name("traits"), bank, dirs_exist_ok=True)
    (bank / "traits").mkdir(exist_ok=True)
    (bank / "traits/sixty.toml").write_text("\n".join(definition(trait) for trait in TRAITS))
    folder = bank / "data"
    folder.mkdir(exist_ok=True)
    names = {
        "folder": folder,
        "events": events,
        "customers": max(100, events // EVENTS_A_CUSTOMER),
        "days": DAYS,
        "events_a_transaction": EVENTS_A_TRANSACTION,
    }
    connection = duckdb.connect()
    for statement in (*MACROS.split(";\n"), CUSTOMERS, EVENTS, TRANSACTIONS):
        if statement.strip():
            connection.execute(statement.format(**names))


main(int(sys.argv[1]), Path(sys.argv[2]))
