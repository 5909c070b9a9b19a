"""How DuckDB reads the generated files: every type named, so that nothing is guessed while the clock runs."""


def transactions(folder: str) -> str:
    """A table expression over transactions.csv."""
    return f"""read_csv('{folder}/transactions.csv', header = true, auto_detect = false, delim = ',', quote = '"', columns = {{
        'transaction_id': 'BIGINT', 'customer_no': 'BIGINT', 'account_no': 'BIGINT', 'ts': 'TIMESTAMP',
        'amount': 'DECIMAL(12,2)', 'direction': 'VARCHAR', 'currency': 'VARCHAR', 'kind': 'VARCHAR',
        'channel': 'VARCHAR', 'counterparty': 'VARCHAR', 'merchant_category': 'VARCHAR', 'status': 'VARCHAR',
        'balance_after': 'DECIMAL(12,2)'}})"""


def customers(folder: str) -> str:
    """A table expression over customers.csv."""
    return f"""read_csv('{folder}/customers.csv', header = true, auto_detect = false, delim = ',', quote = '"', columns = {{
        'customer_no': 'BIGINT', 'birth_date': 'DATE', 'gender': 'VARCHAR', 'region': 'VARCHAR', 'joined_on': 'DATE'}})"""
