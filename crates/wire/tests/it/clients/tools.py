"""psycopg 2 and 3, and SQLAlchemy over both: user, password, port."""

import datetime
import sys
from decimal import Decimal

import psycopg
import psycopg2
import sqlalchemy
from sqlalchemy import MetaData, create_engine, inspect, text

user, password, port = sys.argv[1:4]
utc = datetime.timezone.utc
place = f"host=127.0.0.1 port={port} user={user} password={password}"
question = "select kind, limit_amount, opened_on, used_at, rate, active, number from card where limit_amount > %s and kind = %s order by 2"
row = ("credit", Decimal("200.5200"), datetime.date(2020, 2, 2), datetime.datetime(2025, 3, 2, 10, tzinfo=utc), 2.25, True, None)

with psycopg.connect(f"{place} dbname=florin options='-c florin.purpose=analytics'") as connection:
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            cursor.execute(question, (Decimal("150.5"), "credit"))
            rows = cursor.fetchall()
            assert len(rows) == 2 and rows[0] == row, rows
            cursor.execute("select %s, %s::int4 + 1, array[1, 2, null], interval '1 day', cast('10:00:01' as time)", ("it's \\", 1))
            expected = ("it's \\", 2, [1, 2, None], datetime.timedelta(days=1), datetime.time(10, 0, 1))
            assert cursor.fetchone() == expected
    for number in range(8):
        assert connection.execute("select %s + count(*) from card", (number,)).fetchone() == (number + 4,)
    with connection.cursor(name="part") as cursor:
        cursor.execute("select card_id from card")
        assert [len(cursor.fetchmany(3)), len(cursor.fetchall())] == [3, 1]
    for wrong, state in (("delete from card", "25006"), ("select * from nope", "42P01"), ("select text from interaction where", "42601")):
        connection.rollback()
        try:
            connection.execute(wrong)
            raise AssertionError(wrong)
        except psycopg.Error as error:
            assert error.sqlstate == state, (wrong, error.sqlstate)

connection = psycopg2.connect(f"{place} dbname=analytics")
with connection.cursor() as cursor:
    cursor.execute(question, (Decimal("150.5"), "credit"))
    assert cursor.fetchone() == row
with connection.cursor(name="part") as cursor:
    cursor.itersize = 2
    cursor.execute("select card_id from card")
    assert len(list(cursor)) == 4
connection.close()

drivers = ["psycopg2"] + (["psycopg"] if sqlalchemy.__version__ >= "2" else [])
for driver in drivers:
    engine = create_engine(f"postgresql+{driver}://{user}:{password}@127.0.0.1:{port}/analytics")
    with engine.connect() as connection:
        seen = inspect(connection)
        assert "public" in seen.get_schema_names()
        assert "card" in seen.get_table_names(schema="public") and seen.get_view_names(schema="public") == []
        columns = {column["name"]: column for column in seen.get_columns("card", schema="public")}
        assert str(columns["limit_amount"]["type"]) == "NUMERIC(18, 4)" and columns["card_id"]["comment"] == "its own number"
        assert seen.get_table_comment("card", schema="public")["text"] == "a card that a customer pays with"
        assert seen.get_pk_constraint("card")["constrained_columns"] == [] and seen.get_foreign_keys("card") == []
        assert seen.get_indexes("card") == [] and seen.get_unique_constraints("card") == [] and seen.get_check_constraints("card") == []
        tables = MetaData()
        tables.reflect(bind=connection, only=["card", "customer"])
        card = tables.tables["card"]
        assert connection.execute(card.select().where(card.c.kind == "credit")).fetchall().__len__() == 2
        grouped = "select date_trunc('month', used_at) as month, sum(limit_amount) from public.card group by 1 order by 1 limit 100"
        assert connection.execute(text(grouped)).fetchall()[0][1] == Decimal("1202.1200")
    engine.dispose()

print("all is well")
