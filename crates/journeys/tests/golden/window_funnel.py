"""Makes window_funnel.tsv: what ClickHouse says of made-up rows (pip install chdb; python window_funnel.py > window_funnel.tsv).

A line is a question and its answer: modes (comma-separated or -), window, number of conditions, rows, level. Rows are
separated by spaces, each `ts:mask`; bit i of the mask says whether condition i + 1 is met. Times have no unit here.
"""

import random

import chdb

MODES = [
    [],
    ["strict_increase"],
    ["strict_once"],
    ["strict_once", "strict_increase"],
    ["strict_deduplication"],
    ["strict_order"],
    ["strict_order", "allow_reentry"],
    ["strict_order", "strict_deduplication"],
    ["strict_order", "strict_increase"],
    ["strict_order", "strict_deduplication", "allow_reentry"],
    ["strict_deduplication", "strict_increase"],
]
CASES_A_MODE = 120


def rows(rng, conditions, ties):
    count = rng.randint(1, 12)
    latest = rng.choice([count, 2 * count]) if not ties else max(2, count // 2)
    times = sorted(rng.randint(0, latest) for _ in range(count))
    if not ties:
        times = sorted(set(times))
    several = rng.random() < 0.4
    out = []
    for ts in times:
        kind = rng.random()
        if several and kind < 0.3:
            mask = rng.randrange(1 << conditions)
        elif kind < 0.9:
            mask = 1 << rng.randrange(conditions)
        else:
            mask = 0
        out.append((ts, mask))
    return out


def main():
    rng = random.Random(20111028)
    print(f"# ClickHouse {str(chdb.query('select version()')).strip().strip(chr(34))}")
    for modes in MODES:
        cases = []
        for n in range(CASES_A_MODE):
            conditions = rng.randint(1, 5)
            cases.append((rng.choice([0, 1, 2, 4, 8, 100]), conditions, rows(rng, conditions, n % 2 == 0)))
        for window, conditions, made in cases:
            values = ",".join(f"({ts},{mask})" for ts, mask in made)
            met = ",".join(f"bitTest(m,{i})" for i in range(conditions))
            quoted = "".join(f",'{mode}'" for mode in modes)
            sql = f"select windowFunnel({window}{quoted})(t,{met}) from values('t UInt64, m UInt32',{values})"
            level = int(str(chdb.query(sql)).strip())
            text = " ".join(f"{ts}:{mask}" for ts, mask in made)
            print(",".join(modes) or "-", window, conditions, text, level, sep="\t")


main()
