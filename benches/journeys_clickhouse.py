"""ClickHouse's side, in process: a MergeTree ordered by customer and time. See journeys_questions.py."""

import csv
import io

from chdb import session

from journeys_questions import AFTER, END, FIRST_WEEK, GAP, IN_STEPS, LOGIN, RFM, STEPS, WEEK, WEEKS, WINDOW, called

MICROS = "toUnixTimestamp64Micro(ts)"
CONDITIONS = ", ".join(f"name = '{step}'" for step in STEPS)
LEVEL = f"windowFunnel({WINDOW})(toUInt64({MICROS}), {CONDITIONS}) as level"
BY_STEP = "array join range(1, level + 1) as step"

LEVELS = f"select customer_id, {LEVEL} from bank.event where name in ({IN_STEPS}) group by customer_id"

# The pauses of a customer, from one array: four times as fast as `lagInFrame`, by customer or over all rows.
PAUSES = f"""
select arrayDifference(arraySort(groupArray({MICROS}))) as pauses from bank.event group by customer_id
"""

QUESTIONS = {
    "funnel": f"select step, count() from ({LEVELS}) {BY_STEP} group by step",
    "breakdown": f"""
        select device, step, count()
        from (select argMin(device, ts) as device, {LEVEL} from bank.event where name in ({IN_STEPS}) group by customer_id)
        {BY_STEP} group by device, step""",
    "retention": f"""
        select first, week - first as later, count()
        from (
            select min(week) as first, groupBitOr(bitShiftLeft(toUInt64(1), greatest(week, 0))) as weeks
            from (
                select customer_id, intDiv({MICROS} - {FIRST_WEEK} + {WEEK}, {WEEK}) - 1 as week
                from bank.event where name = '{LOGIN}' and {MICROS} < {END}
            )
            group by customer_id having first >= 0
        ) array join range({WEEKS}) as week
        where week >= first and bitAnd(bitShiftRight(weeks, week), 1) = 1 group by first, later""",
    "sessions": f"""
        select sum(length(pauses) - arrayCount(p -> p <= {GAP}, arrayPopFront(pauses))),
               sum(arraySum(p -> if(p <= {GAP}, p, 0), pauses))
        from ({PAUSES})""",
    "next": f"""
        select pair.2, count(), sum(pair.3) from (
            select arraySort(groupArray(({MICROS}, name))) as events,
                   arrayPushBack(arrayPopFront(events), (toInt64(0), '')) as following,
                   arrayMap((a, b) -> (a.2, b.2, if(b.2 = '', 0, b.1 - a.1)), events, following) as pairs,
                   arrayJoin(arrayFilter(pair -> pair.1 = '{AFTER}', pairs)) as pair
            from bank.event group by customer_id
        ) group by pair.2""",
    "rfm": RFM,
    "who": f"select step, customer_id from ({LEVELS}) {BY_STEP}",
}


def prepare(store: str, threads: int, events: str) -> None:
    """One part, sorted. Uncompressed: what is in memory anyway is read three times as fast as with LZ4."""
    database = session.Session(store)
    database.query("create database bank")
    database.query("""
        create table bank.event (
            customer_id Int64 codec(NONE), ts DateTime64(6, 'UTC') codec(NONE),
            name LowCardinality(String) codec(NONE), device LowCardinality(String) codec(NONE),
            amount Nullable(Decimal64(4)) codec(NONE)
        ) engine = MergeTree order by (customer_id, ts)""")
    database.query(f"""
        insert into bank.event select customer_id, ts, name, device, amount from file('{events}', Parquet)
        settings max_threads = {threads}, max_insert_threads = {threads}""")
    database.query("optimize table bank.event final")


def ask(store: str, threads: int):
    database = session.Session(store)
    database.query("use bank")
    database.query(f"set max_threads = {threads}")

    def answer(question: str):
        rows = list(csv.reader(io.StringIO(str(database.query(QUESTIONS[question], "CSVWithNames")))))
        return rows[0], rows[1:]

    return answer


called(prepare, ask)
