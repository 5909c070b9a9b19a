"""The ADBC driver for Flight SQL: key, port."""

import sys
from decimal import Decimal

import adbc_driver_flightsql as driver
import adbc_driver_flightsql.dbapi as flight

key, port = sys.argv[1:3]


def connect(key=key, **headers):
    said = {driver.DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {key}"}
    for name, value in headers.items():
        said[driver.DatabaseOptions.RPC_CALL_HEADER_PREFIX.value + name.replace("_", "-")] = value
    return flight.connect(f"grpc://127.0.0.1:{port}", db_kwargs=said, autocommit=True)


with connect(florin_purpose="analytics") as connection, connection.cursor() as cursor:
    cursor.execute("select kind, limit_amount, number from card order by limit_amount")
    table = cursor.fetch_arrow_table()
    assert str(table.schema.field("kind").type) == "string", table.schema
    assert table.to_pylist()[1] == {"kind": "credit", "limit_amount": Decimal("200.5200"), "number": None}, table.to_pylist()
    objects = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
    names = [table["table_name"] for schema in objects[0]["catalog_db_schemas"] for table in schema["db_schema_tables"]]
    assert "card" in names, names
    assert connection.adbc_get_info()["vendor_name"] == "Florin"
with connect(florin_purpose="analytics", florin_as_of="2024-01-02") as connection, connection.cursor() as cursor:
    cursor.execute("select count(*) from card")
    assert cursor.fetchall() == [(2,)]
for headers, question, word in (
    ({}, "select 1 from card", "purpose"),
    ({"florin_purpose": "profit"}, "select 1 from card", "profit"),
    ({"florin_purpose": "compliance"}, "select 1 from card", "may not"),
    ({"florin_purpose": "analytics"}, "delete from card", "only questions"),
    ({"florin_purpose": "analytics", "key": "fl_x_y"}, "select 1 from card", "wrong"),
):
    try:
        with connect(**headers) as connection, connection.cursor() as cursor:
            cursor.execute(question)
        raise AssertionError(question)
    except flight.Error as error:
        assert word in str(error), error
print("all is well")
