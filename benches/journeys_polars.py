"""Polars' side: a lazy scan of Parquet sorted by customer and time. See journeys_questions.py."""

import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[3]  # read when it is imported

import polars as pl

from journeys_questions import AFTER, END, FIRST_WEEK, GAP, LOGIN, STEPS, WEEK, WEEKS, WINDOW, called

CUSTOMER = pl.col("customer_id")
US = pl.col("ts").dt.epoch("us")


def levels(events: pl.LazyFrame) -> pl.LazyFrame:
    """A row a customer: the device of the first row, and the steps reached. Rows lie in order of customer and time."""
    frame = events.filter(pl.col("name").is_in(STEPS)).select("customer_id", US.alias("us"), "name", "device")
    start = pl.col("us")
    for step, name in enumerate(STEPS, 1):
        reached = pl.when((pl.col("name") == name) & (pl.col("us") - start <= WINDOW)).then(start)
        # The latest start of a chain that has reached the step by the row's time.
        frame = frame.with_columns(reached.cum_max().forward_fill().over("customer_id").alias(f"s{step}"))
        start = pl.col(f"s{step}")
    level = sum(pl.col(f"s{step}").is_not_null().any().cast(pl.Int64) for step in range(1, len(STEPS) + 1))
    return frame.group_by("customer_id").agg(pl.col("device").first(), level.alias("level"))


def by_step(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A row for each step that a customer reached."""
    steps = pl.int_ranges(1, pl.col("level") + 1).alias("step")
    return frame.filter(pl.col("level") > 0).with_columns(steps).explode("step")


def funnel(events):
    return by_step(levels(events)).group_by("step").len()


def breakdown(events):
    return by_step(levels(events)).group_by("device", "step").len()


def who(events):
    return by_step(levels(events)).select("step", "customer_id")


def retention(events):
    week = (US - FIRST_WEEK).floordiv(WEEK)
    logins = events.filter(pl.col("name") == LOGIN, US < END).select("customer_id", week.alias("week"))
    changes = (CUSTOMER != CUSTOMER.shift()) | (pl.col("week") != pl.col("week").shift())
    seen = logins.filter(changes.fill_null(True)).with_columns(pl.col("week").first().over("customer_id").alias("first"))
    cells = seen.filter(pl.col("first") >= 0).group_by("first", (pl.col("week") - pl.col("first")).alias("later"))
    return cells.len().filter(pl.col("first") < WEEKS)


def sessions(events):
    pause = pl.when(CUSTOMER == CUSTOMER.shift()).then(US.diff())
    inside = (pause <= GAP).fill_null(False)
    return events.select((pl.len() - inside.sum()).alias("sessions"), pause.filter(inside).sum().alias("micros"))


def after(events):
    same = CUSTOMER == CUSTOMER.shift(-1)
    following = pl.when(same).then(pl.col("name").shift(-1)).alias("next")
    pause = pl.when(same).then(US.shift(-1) - US).alias("pause")
    pairs = events.select("name", following, pause).filter(pl.col("name") == AFTER)
    return pairs.group_by("next").agg(pl.len(), pl.col("pause").sum())


def rfm(events):
    measured = events.group_by("customer_id").agg(
        pl.col("ts").max().alias("last"), pl.len().alias("times"), pl.col("amount").sum().alias("money"))
    scores = {"last": "recency", "times": "frequency", "money": "monetary"}
    # Ten times the mid-rank by twice the number of customers, upwards, in whole numbers.
    fifth = lambda name: -(-5 * (pl.col(name).rank("min").cast(pl.Int64) + pl.col(name).rank("max").cast(pl.Int64)) // (2 * pl.len()))
    scored = measured.with_columns(*[fifth(name).alias(score) for name, score in scores.items()])
    value = (pl.col("frequency") + pl.col("monetary") + 1) // 2
    place = (pl.col("recency") - 1) * 5 + value - 1
    named = scored.select("money", pl.lit(pl.Series([g for row in RFM_GROUPS for g in row])).gather(place).alias("name"))
    return named.group_by("name").agg(pl.len(), pl.col("money").sum() / 10_000)


# By recency, then by frequency and money, from 1.
RFM_GROUPS = [
    ["lost", "hibernating", "at risk", "at risk", "cannot lose them"],
    ["hibernating", "hibernating", "at risk", "at risk", "cannot lose them"],
    ["about to sleep", "about to sleep", "need attention", "loyal", "loyal"],
    ["promising", "potential loyalists", "potential loyalists", "loyal", "champions"],
    ["new customers", "potential loyalists", "potential loyalists", "champions", "champions"],
]

QUESTIONS = {
    "funnel": funnel,
    "breakdown": breakdown,
    "retention": retention,
    "sessions": sessions,
    "next": after,
    "rfm": rfm,
    "who": who,
}


def prepare(store: str, threads: int, events: str) -> None:
    frame = pl.scan_parquet(events).sort("customer_id", "ts", maintain_order=True)
    # Its decimals have 128 bits: ten-thousandths as whole numbers are faster.
    frame = frame.with_columns((pl.col("amount") * 10_000).cast(pl.Int64))
    frame.sink_parquet(store + ".part", compression="lz4")
    os.replace(store + ".part", store)


def ask(store: str, threads: int):
    def answer(question: str):
        frame = QUESTIONS[question](pl.scan_parquet(store)).collect(engine="streaming")
        return frame.columns, frame.rows()

    return answer


called(prepare, ask)
