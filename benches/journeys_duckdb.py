"""DuckDB's side: its own table sorted by customer and time, names as numbers of an ENUM. See journeys_questions.py."""

import os
from pathlib import Path

import duckdb

from journeys_questions import AFTER, END, FIRST_WEEK, GAP, IN_STEPS, LOGIN, RFM, STEPS, WEEK, WEEKS, WINDOW, called


def chain(step: int) -> str:
    """The latest start of a chain that has reached the step by the row's time. Rows of one instant have no order."""
    before = "us" if step == 1 else f"s{step - 1}"
    return f"""
        select *, max({before}) filter (name = '{STEPS[step - 1]}' and us - {before} <= {WINDOW})
            over (partition by customer_id order by us range unbounded preceding) as s{step}
        from {"matched" if step == 1 else f"chain{step - 1}"}"""


CHAINS = "".join(f", chain{step} as ({chain(step)})" for step in range(1, len(STEPS) + 1))
LEVEL = " + ".join(f"max(s{step} is not null)::integer" for step in range(1, len(STEPS) + 1))
LEVELS = f"""
    with matched as (select customer_id, epoch_us(ts) as us, name, device from event where name in ({IN_STEPS})) {CHAINS},
    levels as (select customer_id, arg_min(device, us) as device, {LEVEL} as level from chain4 group by customer_id)
"""
STEP = "levels join range(1, 5) t(step) on level >= step"

# Rows come in the order in which they lie, so that the row before is the customer's row before: no sorting, no partitions.
NEIGHBOURS = """
    select name, epoch_us(ts) as us, customer_id, {0}(customer_id) over () as other, {0}(epoch_us(ts)) over () as other_us,
           {0}(name) over () as other_name from event
"""

QUESTIONS = {
    "funnel": f"{LEVELS} select step, count(*) from {STEP} group by step",
    "breakdown": f"{LEVELS} select device, step, count(*) from {STEP} group by device, step",
    "retention": f"""
        with logins as (
            select customer_id, (epoch_us(ts) - {FIRST_WEEK} + {WEEK}) // {WEEK} - 1 as week
            from event where name = '{LOGIN}' and ts < make_timestamptz({END})
        ), seen as (
            select min(week) as first, bit_or(1 << greatest(week, 0)::integer) as weeks
            from logins group by customer_id having min(week) >= 0
        )
        select first, week - first as later, count(*) from seen join range({WEEKS}) t(week)
        on week >= first and (weeks >> week::integer) & 1 = 1 group by all""",
    "sessions": f"""
        with pauses as (
            select case when other = customer_id then us - other_us end as pause from ({NEIGHBOURS.format("lag")})
        )
        select count(*) - count(*) filter (pause <= {GAP}), sum(pause) filter (pause <= {GAP}) from pauses""",
    "next": f"""
        select case when other = customer_id then other_name end as next, count(*),
               coalesce(sum(other_us - us) filter (other = customer_id), 0)
        from ({NEIGHBOURS.format("lead")}) where name = '{AFTER}' group by next""",
    "rfm": RFM,
    "who": f"{LEVELS} select step, customer_id from {STEP}",
}


def prepare(store: str, threads: int, events: str) -> None:
    unfinished = store + ".part"
    Path(unfinished).unlink(missing_ok=True)
    connection = duckdb.connect(unfinished)
    connection.execute(f"set threads = {threads}")
    for column in ("name", "device"):
        values = f"select distinct {column} from '{events}' where {column} is not null"
        connection.execute(f"create type {column}s as enum ({values})")
    connection.execute(f"""
        create table event as
        select customer_id, ts, name::names as name, device::devices as device, amount::decimal(18, 4) as amount
        from '{events}' order by customer_id, ts""")
    connection.execute("checkpoint")
    connection.close()
    os.replace(unfinished, store)


def ask(store: str, threads: int):
    connection = duckdb.connect(store, read_only=True)
    connection.execute(f"set threads = {threads}")

    def answer(question: str):
        result = connection.execute(QUESTIONS[question])
        return [column[0] for column in result.description], result.fetchall()

    return answer


called(prepare, ask)
