"""Makes the files that are loaded and asked: transactions.csv, customers.csv and consents.csv.

The same number of rows gives the same bytes: every value is a hash of its row's number, and DuckDB keeps the order of
`range`. Transactions are in the order of
their ids, so customers and times come in random order, as in a bank's export.
Usage: generate.py ROWS FOLDER
"""

import sys
from pathlib import Path

import duckdb

ROWS_A_CUSTOMER = 20
CUSTOMERS_MAX = 1_000_000
YEAR_SECONDS = 366 * 86_400  # 2024

# A number in [0, n) from the row's number and a salt; the same in every run.
MACROS = """
create macro pick(i, salt, n) as (hash(i, salt) % n::ubigint)::bigint;
create macro share(i, salt) as (hash(i, salt) % 1000000::ubigint)::double / 1000000;
"""

# Letters only: ten digits in a row could be taken for a phone number.
CUSTOMERS = """
copy (
    select i as customer_no,
           date '1940-01-01' + pick(i, 1, 24000)::integer as birth_date,
           case pick(i, 2, 20) when 0 then null when 1 then 'other'
               else ['female', 'male'][1 + pick(i, 3, 2)] end as gender,
           'region ' || chr(65 + pick(i, 4, 14)::integer) as region,
           date '2000-01-01' + pick(i, 5, 8400)::integer as joined_on
    from range(1, {customers} + 1) r(i) order by i
) to '{folder}/customers.csv' (header)
"""

# One customer in twenty has withdrawn from analytics.
CONSENTS = """
copy (
    select i as customer_no, 'analytics' as purpose, 'withdrawn' as state,
           timestamp '2023-06-01 12:00:00' + to_seconds(pick(i, 6, 10000000)) as ts
    from range(1, {customers} + 1) r(i) where pick(i, 7, 20) = 0 order by i
) to '{folder}/consents.csv' (header)
"""

TRANSACTIONS = """
copy (
    with drawn as (
        select i, 1 + floor({customers} * pow(share(i, 11), 1.3))::bigint as customer_no, pick(i, 12, 50000) as payee
        from range({rows}) r(i)
    )
    select 7000000000 + i as transaction_id,
           customer_no,
           customer_no * 10 + pick(i, 13, 2) as account_no,
           timestamp '2024-01-01 00:00:00' + to_seconds(pick(i, 14, {year})) as ts,
           (1 + pow(share(i, 15), 12) * 20000 + pick(i, 16, 10000) / 100)::decimal(12, 2) as amount,
           case when pick(i, 17, 4) = 0 then 'in' else 'out' end as direction,
           ['EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'CZK', 'USD', 'GBP', 'CNY'][1 + pick(i, 18, 10)] as currency,
           ['card', 'card', 'card', 'transfer', 'direct debit', 'standing order', 'cash', 'fee', 'interest',
            'salary', 'refund', 'exchange'][1 + pick(i, 19, 12)] as kind,
           ['pos', 'web', 'app', 'atm', 'branch'][1 + pick(i, 20, 5)] as channel,
           translate(substr(md5(payee::varchar), 1, 10), '0123456789', 'ghijklmnop') as counterparty,
           'category ' || lpad(pick(i, 21, 200)::varchar, 3, '0') as merchant_category,
           case when pick(i, 22, 50) = 0 then 'pending' else 'booked' end as status,
           ((pick(i, 23, 20000000) - 1000000) / 100)::decimal(12, 2) as balance_after
    from drawn
) to '{folder}/transactions.csv' (header)
"""


def main(rows: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        "rows": rows,
        "folder": folder,
        "customers": max(100, min(CUSTOMERS_MAX, rows // ROWS_A_CUSTOMER)),
        "year": YEAR_SECONDS,
    }
    connection = duckdb.connect()
    connection.execute(MACROS)
    for statement in (CUSTOMERS, CONSENTS, TRANSACTIONS):
        connection.execute(statement.format(**names))
    (folder / "done").touch()


main(int(sys.argv[1]), Path(sys.argv[2]))
