"""Models of the made-up bank beside an oracle that knows how its people are made.

Usage: made_up_bank.py FLORIN CUSTOMERS FOLDER [SEED]

Simulates, loads, resolves; trains churn, offer_effect and credit_refusal of the bank's own definitions; scores at dates of the test, and compares with
the truth, which nothing that learns can see:

- departure: AUC of scores for who is gone 90 days later, and of the chance (`truth/chance`) for one who knows formulas and people, whether leaving is decided included; and for one who does not know that;
- effects: area between Qini curve and a straight line, by true effects (`truth/response`: p_with - p_without), of the model's order and of the true one;
- the group that the old credit policy disfavoured: whether the card's worst finding of fairness names it.

Prints one JSON line. FOLDER must not be there yet, unless it is a bank this made before.
"""

import json
import shutil
import subprocess
import sys
import time
from itertools import accumulate
from pathlib import Path

import duckdb

CHURN_DATES = ["2024-07-31", "2024-08-31", "2024-09-30"]
OFFER_DATES = ["2024-06-30", "2024-07-31", "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30"]
TABLE = """name = "truth_person"
about = "Who is who, for scoring."
key = ["record_id"]
columns = [
    { name = "record_id", type = "int", class = "C1", required = true },
    { name = "customer_id", type = "int", class = "C1" },
    { name = "person", type = "int", class = "C1" },
]
"""
SOURCE = """[input]
files = ["truth-person.csv"]
format = "delimited"
encoding = "utf-8"

[input.columns]
key = "text"
person = "int"

[[map]]
into = "truth_person"
select = \"\"\"
SELECT key('core', t.key) AS record_id, customer_id('core', t.key) AS customer_id, t.person AS person,
       TIMESTAMP '2023-01-01 00:00:00' AS known_at
FROM zz_truth_person t
\"\"\"
"""


def run(florin: str, *arguments: str) -> tuple[str, float]:
    start = time.perf_counter()
    done = subprocess.run([florin, *arguments], capture_output=True, text=True)
    took = time.perf_counter() - start
    print(f"{' '.join(arguments[:2])}: {took:.1f} s", file=sys.stderr, flush=True)
    if done.returncode != 0:
        sys.exit(f"florin {' '.join(arguments[:3])} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout, took


def make(florin: str, customers: str, seed: str, bank: Path) -> None:
    run(florin, "simulate", "--customers", customers, "--seed", seed, "--out", str(bank))
    truth = bank / "truth" / "identity.parquet"
    (bank / "tables" / "truth_person.toml").write_text(TABLE)
    (bank / "sources" / "zz_truth_person.toml").write_text(SOURCE)
    duckdb.sql(f"copy (select key, person from '{truth}' where system = 'core' order by key) to '{bank}/truth-person.csv' (header)")
    # What is decided of segments cannot be decided anew for earlier dates, and nothing here asks for them; offers have models of their own.
    for folder in ["segments", "offers"]:
        shutil.rmtree(bank / folder, ignore_errors=True)
    for verb in ["apply", "ingest", "resolve", "optimize"]:
        run(florin, verb, "--bank", str(bank))


def scores(florin: str, bank: Path, model: str) -> list[tuple[int, float]]:
    sql = f'SELECT t.person, s.score FROM scores."{model}" s JOIN truth_person t ON t.customer_id = s.customer_id'
    said, _ = run(florin, "sql", "--bank", str(bank), "--purpose", "analytics", "--format", "csv", sql)
    lines = said.strip().splitlines()[1:]
    return sorted({(int(person), float(score)) for person, score in (line.split(",") for line in lines if not line.endswith(","))})


def area(scores: list[float], happened: list[bool]) -> float:
    """Under the ROC curve, ties counting half (Mann and Whitney)."""
    rows = sorted(zip(scores, happened))
    ranks, start = 0.0, 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end][0] == rows[start][0]:
            end += 1
        # Equal scores share the mean of their ranks.
        ranks += sum(one for _, one in rows[start:end]) * (start + end + 1) / 2
        start = end
    yes = sum(happened)
    return (ranks - yes * (yes + 1) / 2) / (yes * (len(rows) - yes))


def above_random(order_by: list[float], effects: list[float]) -> float:
    """Area between the gain of treating the highest first, by true effects, and a straight line to its end; a row."""
    ordered = [effect for _, effect in sorted(zip(order_by, effects), key=lambda pair: -pair[0])]
    gains = list(accumulate(ordered))
    return sum(gain - gains[-1] * (at + 1) / len(gains) for at, gain in enumerate(gains)) / len(gains) ** 2


def release(florin: str, bank: Path, model: str, by: str, approver: str) -> dict:
    card = bank / f"{model}.html"
    said, took = run(florin, "train", model, "--bank", str(bank), "--as", by, "--card", str(card), "--json")
    trained = json.loads(said)
    trained = trained[0] if isinstance(trained, list) else trained
    trained["took"] = took
    if trained["state"] == "champion":
        return trained
    for guard in [g["guard"] for g in guards(trained) if not g["passes"]]:
        run(florin, "models", "waive", model, "--guard", guard, "--reason", "to be compared with the oracle", "--bank", str(bank), "--as", approver)
    for verb in ["approve", "promote"]:
        run(florin, "models", verb, model, "--bank", str(bank), "--as", approver)
    return trained


def evaluation(trained: dict) -> dict:
    (found,) = trained["made"]["evaluation"].values()
    return found


def guards(trained: dict) -> list[dict]:
    return evaluation(trained)["guards"]


def scored(florin: str, bank: Path) -> dict:
    """Scores by model and date, dates in order: what is kept goes forward in time."""
    found = {}
    for date in sorted({*CHURN_DATES, *OFFER_DATES}):
        run(florin, "run", "--bank", str(bank), "--as-of", date)
        for model, dates in [("churn", CHURN_DATES), ("offer_effect", OFFER_DATES)]:
            if date in dates:
                found[model, date] = scores(florin, bank, model)
    return found


def departures(bank: Path, scored: dict) -> dict:
    truth = bank / "truth"
    said, real, known, formula = [], [], [], []
    for date in CHURN_DATES:
        leaves = f"leaves_on > date '{date}' and leaves_on <= date '{date}' + 90"
        rows = duckdb.sql(
            f"select c.person, c.leaves_90d, coalesce({leaves}, false), c.leaves_90d_by_formula from '{truth}/chance.parquet' c "
            f"left join '{truth}/departure.parquet' d on d.person = c.person where c.day = date '{date}'"
        ).fetchall()
        of = {person: known for person, *known in rows}
        for person, score in scored["churn", date]:
            if person in of:
                said.append(score)
                known.append(of[person][0])
                real.append(of[person][1])
                formula.append(of[person][2])
    model, oracle = area(said, real), area(known, real)
    return {
        "rows": len(real), "left": sum(real), "auc": model, "oracle": oracle, "ratio": model / oracle,
        "oracle_by_formula": area(formula, real),
    }


def effects(bank: Path, scored: dict) -> dict:
    truth = bank / "truth" / "response.parquet"
    model, oracle, rows = 0.0, 0.0, 0
    for date in OFFER_DATES:
        year, month = (int(part) for part in date.split("-")[:2])
        after = f"{year + month // 12:04}{month % 12 + 1:02}"
        found = duckdb.sql(
            f"select person, p_with - p_without from '{truth}' where starts_with(campaign, '{after}')"
        ).fetchall()
        of = dict(found)
        pairs = [(score, of[person]) for person, score in scored["offer_effect", date] if person in of]
        said, true = ([pair[at] for pair in pairs] for at in (0, 1))
        model += len(pairs) * above_random(said, true)
        oracle += len(pairs) * above_random(true, true)
        rows += len(pairs)
    return {"rows": rows, "model": model / rows, "oracle": oracle / rows, "ratio": model / oracle}


def disfavoured(trained: dict) -> dict:
    found = evaluation(trained)
    first = next((f["words"]["en"] for f in found["findings"] if f["topic"] == "fairness" and f["severity"] == "fails"), "")
    return {"rows": found["rows"]["test"], "finding": first, "named": "elsewhere" in first}


def main() -> None:
    florin, customers, folder = sys.argv[1:4]
    seed = sys.argv[4] if len(sys.argv) > 4 else "1"
    bank = Path(folder)
    if not (bank / ".florin").exists():
        make(florin, customers, seed, bank)
    churn = release(florin, bank, "churn", "ana", "rolf")
    offer = release(florin, bank, "offer_effect", "ana", "rolf")
    refusal = json.loads(run(florin, "train", "credit_refusal", "--bank", str(bank), "--as", "rolf", "--card", str(bank / "credit_refusal.html"), "--json")[0])
    refusal = refusal[0] if isinstance(refusal, list) else refusal
    found = scored(florin, bank)
    told = {
        "departure": departures(bank, found),
        "effect": effects(bank, found),
        "disfavoured": disfavoured(refusal),
        "seconds": {"churn": churn["took"], "offer_effect": offer["took"]},
        "on its own test": {"churn": evaluation(churn)["quality"]["figures"]["auc"], "offer_effect": evaluation(offer)["figures"]["qini"]},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
