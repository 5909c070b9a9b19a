"""Makes sql_functions.tsv: what ClickHouse says of made-up rows (pip install chdb; python sql_functions.py > sql_functions.tsv).

A line is a call as Florin's SQL writes it over the columns `ts` and `m`, the rows of one group (`ts:m`, with spaces between), and
ClickHouse's answer. Bit i of `m` says whether condition i + 1 is met. Times are whole numbers without a unit. Lines of one call
follow each other.
"""

import random

import chdb

CASES_A_CALL = 25
MODES = [
    [],
    ["strict_order"],
    ["strict_deduplication"],
    ["strict_increase"],
    ["strict_once"],
    ["strict_order", "allow_reentry"],
    ["strict_order", "strict_increase"],
    ["strict_order", "strict_deduplication"],
]
PATTERNS = [
    "(?1)",
    "(?1)(?2)",
    "(?1).*(?2)",
    "(?1).(?2)",
    "(?1)(?2)(?3)",
    "(?1).*(?2).*(?3)",
    "(?1).*(?2)(?3)",
    "(?1)(?1)",
    "(?2).*(?1).",
    "(?1)(?2).*",
    "(?1)(?t<=2)(?2)",
    "(?1)(?t<2)(?2)",
    "(?1)(?t>2)(?2)",
    "(?1)(?t>=3)(?2)",
    "(?1)(?t==2)(?2)",
    "(?1)(?t>1)(?2)(?t<=3)(?3)",
    "(?1).*(?t<=2)(?2)",
    "(?1).(?t>=2)(?3)",
    "(?1)(?t<=4)(?2).*(?3)",
    "(?1)(?t<=3)(?1)",
]


def met(conditions):
    return "".join(f", bitTest(m, {i})" for i in range(conditions)), "".join(f", m & {1 << i} <> 0" for i in range(conditions))


def calls():
    """Ours, ClickHouse's, how many conditions, and whether several rows may have one time."""
    for modes in MODES:
        for window, conditions in [(2, 3), (4, 4), (100, 5)]:
            theirs, ours = met(conditions)
            quoted = "".join(f", '{mode}'" for mode in modes)
            yield f"window_funnel({window}{quoted}, ts{ours})", f"windowFunnel({window}{quoted})(ts{theirs})", conditions, True
    for conditions in (2, 4, 8):
        theirs, ours = met(conditions)
        yield f"retention({ours[2:]})", f"retention({theirs[2:]})", conditions, True
    theirs, ours = met(3)
    for pattern in PATTERNS:
        # In which order rows of one time come is not defined.
        for name in ("match", "count"):
            yield f"sequence_{name}('{pattern}', ts{ours})", f"sequence{name.title()}('{pattern}')(ts{theirs})", 3, False
    for gap in (0, 1, 3):
        pauses = "arrayPopFront(arrayDifference(arraySort(groupArray(ts))))"
        yield f"session_count(ts, {gap})", f"1 + arrayCount(p -> p > {gap}, {pauses})", 3, True


def rows(rng, conditions, ties):
    count = rng.randint(1, 12)
    times = [rng.randint(0, count * rng.choice([1, 2])) for _ in range(count)]
    times = sorted(times if ties else set(times))
    several = rng.random() < 0.3
    out = []
    for ts in times:
        kind = rng.random()
        if several and kind < 0.3:
            out.append((ts, rng.randrange(1 << conditions)))
        elif kind < 0.9:
            out.append((ts, 1 << rng.randrange(conditions)))
        else:
            out.append((ts, 0))
    return out


def main():
    rng = random.Random(20160615)
    print(f"# ClickHouse {str(chdb.query('select version()')).strip().strip(chr(34))}")
    for ours, theirs, conditions, ties in calls():
        for _ in range(CASES_A_CALL):
            made = rows(rng, conditions, ties)
            values = ",".join(f"({ts},{m})" for ts, m in made)
            answer = str(chdb.query(f"select {theirs} from values('ts UInt64, m UInt32', {values})", "TSV")).strip()
            print(ours, " ".join(f"{ts}:{m}" for ts, m in made), answer, sep="\t")


main()
