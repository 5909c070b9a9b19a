"""The sixty traits of `cargo xtask bench traits`: name, type and the query's parts. What Florin is told (traits/*.toml) and what DuckDB is
asked is made from this one list, and is the same SQL.

A trait over the rows of a table is `select customer_id, VALUE as value from TABLE where CONDITION group by customer_id`. Two at the end read
other traits, two the customer alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trait:
    name: str
    type: str
    value: str
    table: str
    condition: str
    whole: str = ""  # the query, where it is not of the usual form

    @property
    def sql(self) -> str:
        if self.whole:
            return self.whole
        where = f" where {self.condition}" if self.condition else ""
        return f"select customer_id, {self.value} as value from {self.table}{where} group by customer_id"


def last(days: int) -> str:
    return f"ts > as_of() - interval '{days} days'"


def traits() -> list[Trait]:
    out: list[Trait] = []

    def event(name, type_, value, *conditions):
        out.append(Trait(name, type_, value, "event", " and ".join(conditions)))

    def money(name, type_, value, *conditions):
        out.append(Trait(name, type_, value, "transaction", " and ".join(conditions)))

    for days in (7, 30, 90, 180, 365):
        event(f"logins_{days}d", "int", "count(*)", "name = 'login'", last(days))
    for what in ("view", "search", "transfer_start", "error"):
        for days in (30, 90):
            event(f"{what}s_{days}d", "int", "count(*)", f"name = '{what}'", last(days))
    for days in (90, 365):
        event(f"applications_{days}d", "int", "count(*)", "name = 'apply_start'", last(days))
    event("submitted_365d", "int", "count(*)", "name = 'apply_submit'", last(365))
    event("last_login", "timestamp", "max(ts)", "name = 'login'")
    event("last_event", "timestamp", "max(ts)")
    event("first_event", "timestamp", "min(ts)")
    event("last_application", "timestamp", "max(ts)", "name = 'apply_submit'")
    for days in (30, 90):
        event(f"active_days_{days}d", "int", "count(distinct date_trunc('day', ts))", last(days))
        event(f"dwell_{days}d", "float", "avg(duration_ms)", last(days))
    event("channels_90d", "int", "count(distinct channel)", last(90))
    event("devices_90d", "int", "count(distinct device)", last(90))
    event("longest_stay_90d", "int", "max(duration_ms)", last(90))
    event("night_events_90d", "int", "count(*)", "date_part('hour', ts) < 6", last(90))
    event("weekend_events_90d", "int", "count(*)", "date_part('dow', ts) in (0, 6)", last(90))

    for days in (30, 90, 180, 365):
        money(f"money_in_{days}d", "decimal", "sum(amount)", "direction = 'in'", last(days))
        money(f"money_out_{days}d", "decimal", "sum(amount)", "direction = 'out'", last(days))
    for days in (30, 90, 365):
        money(f"payments_{days}d", "int", "count(*)", "direction = 'out'", last(days))
    for days in (90, 365):
        money(f"largest_payment_{days}d", "decimal", "max(amount)", "direction = 'out'", last(days))
    money("mean_payment_90d", "float", "avg(cast(amount as double))", "direction = 'out'", last(90))
    money("spread_of_payments_365d", "float", "stddev_samp(cast(amount as double))", "direction = 'out'", last(365))
    for days in (30, 90):
        money(f"balance_mean_{days}d", "float", "avg(cast(balance_after as double))", last(days))
    money("balance_least_90d", "decimal", "min(balance_after)", last(90))
    money("cash_90d", "decimal", "sum(amount)", "kind = 'cash'", "direction = 'out'", last(90))
    money("card_payments_90d", "int", "count(*)", "kind = 'card'", last(90))
    money("fees_365d", "decimal", "sum(amount)", "kind = 'fee'", last(365))
    money("salary_365d", "decimal", "sum(amount)", "kind = 'salary'", "direction = 'in'", last(365))
    money("last_payment", "timestamp", "max(ts)", "direction = 'out'")
    money("last_salary", "timestamp", "max(ts)", "kind = 'salary'", "direction = 'in'")
    money("counterparties_90d", "int", "count(distinct counterparty)", last(90))
    money("categories_365d", "int", "count(distinct merchant_category)", last(365))
    money("groceries_90d", "decimal", "sum(amount)", "merchant_category = 'groceries'", last(90))

    for name, type_, column in (("home_region", "text", "region"), ("joined", "date", "joined_on")):
        out.append(Trait(name, type_, "", "", "", f"select customer_id, {column} as value from customer where {column} is not null"))
    for name, type_, share, of in (
        ("spending_change", "float", "money_out_30d", "money_out_90d"),
        ("share_of_groceries", "float", "groceries_90d", "money_out_90d"),
    ):
        out.append(Trait(name, type_, "", "", "", (
            "select a.customer_id, cast(a.value as double) / nullif(cast(b.value as double), 0) as value "
            f"from traits.{share} a join traits.{of} b on b.customer_id = a.customer_id "
            "where a.value is not null and b.value is not null")))
    return out


TRAITS = traits()
assert len(TRAITS) == 60 and len({t.name for t in TRAITS}) == 60, len(TRAITS)
