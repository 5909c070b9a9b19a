"""The peer's side of the record linkage benchmark: Splink with the settings of its own documentation.

usage: splink_peer.py DATA_DIR NAME RUNS THREADS

DATA_DIR holds `febrl/`, `splink/` and `rldata/`. Prints one JSON line a run: seconds (table in memory → scored pairs),
pairs scored, and pairwise scores against the truth: the best F1 over all thresholds, and at fixed probabilities.
"""

import json
import logging
import sys
import time
import warnings

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

FIXED = [0.5, 0.9, 0.99]


def febrl(data, n):
    """The settings of Splink's `febrl3` example."""
    con = duckdb.connect()
    rows = con.sql(f"select * from read_csv('{data}/febrl/dataset{n}.csv', all_varchar=true, header=true)").to_arrow_table()
    rows = rows.rename_columns([name.strip() for name in rows.column_names])
    trimmed = ", ".join(f"nullif(trim({name}), '') as {name}" for name in rows.column_names)
    table = con.sql(f"select {trimmed}, regexp_extract(trim(rec_id), '^([^-]+-[^-]+)', 1) as cluster from rows")
    rules = ["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode"]
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(rule) for rule in rules],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )
    deterministic = [
        block_on("soc_sec_id"),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    training = [block_on("date_of_birth"), block_on("postcode")]
    return table.to_arrow_table(), "rec_id", settings, deterministic, 0.9, training, False


def fake_1000(data):
    """The settings of Splink's example `accuracy_analysis_from_labels_column`."""
    con = duckdb.connect()
    table = con.sql(f"select * from read_csv('{data}/splink/fake_1000.csv')").to_arrow_table()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(c) for c in ["first_name", "surname", "dob", "email"]],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
    )
    deterministic = [
        "l.first_name = r.first_name and levenshtein(r.dob::VARCHAR, l.dob::VARCHAR) <= 1",
        "l.surname = r.surname and levenshtein(r.dob::VARCHAR, l.dob::VARCHAR) <= 1",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        "l.email = r.email",
    ]
    training = [block_on("dob"), block_on("email"), block_on("first_name", "surname")]
    return table, "unique_id", settings, deterministic, 0.7, training, True


def rldata(data):
    """No example of Splink's uses these data: the same kind of settings as for FEBRL, over the columns there are."""
    con = duckdb.connect()
    rows = con.sql(f"select * from read_csv('{data}/rldata/RLdata10000.csv.gz', all_varchar=true, nullstr='')").to_arrow_table()
    truth = con.sql(f"select * from read_csv('{data}/rldata/identity.RLdata10000.csv.gz', header=true)").to_arrow_table()
    rows = rows.append_column("cluster", pa.array([str(v) for v in truth.column(0).to_pylist()]))
    rows = rows.append_column("unique_id", pa.array(range(rows.num_rows)))
    table = con.sql(
        "select unique_id, cluster, fname_c1, lname_c1, \"by\", bm, bd, printf('%04d-%02d-%02d', \"by\"::int, bm::int, bd::int) as dob from rows"
    ).to_arrow_table()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("fname_c1", "lname_c1"), block_on("dob"), block_on("lname_c1", "bm"), block_on("fname_c1", "bd"),
            block_on("lname_c1", "by"), block_on("fname_c1", "by"),
        ],
        comparisons=[
            cl.NameComparison("fname_c1"),
            cl.NameComparison("lname_c1"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
        ],
    )
    deterministic = [block_on("fname_c1", "lname_c1", "dob"), block_on("lname_c1", "dob"), block_on("fname_c1", "dob")]
    training = [block_on("dob"), block_on("fname_c1", "lname_c1")]
    return table, "unique_id", settings, deterministic, 0.8, training, False


def load(data, name):
    if name.startswith("febrl"):
        return febrl(data, name[-1])
    return {"fake_1000": fake_1000, "rldata10000": rldata}[name](data)


def link(task, threads):
    """From a table in memory to scored pairs; everything Splink's example does, without its charts."""
    table, _, settings, deterministic, recall, training, without_tf = task
    con = duckdb.connect(config={"threads": threads})
    frame = con.from_arrow(table)
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register(frame), settings)
    linker.training.estimate_probability_two_random_records_match(deterministic, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=without_tf
        )
    predictions = linker.inference.predict(threshold_match_probability=0.001)
    return predictions.as_duckdbpyrelation().to_arrow_table()


def truth_pairs(table):
    sizes = {}
    for cluster in table.column("cluster").to_pylist():
        sizes[cluster] = sizes.get(cluster, 0) + 1
    return sum(n * (n - 1) // 2 for n in sizes.values())


def scores(task, pairs):
    table, key = task[0], task[1]
    truth = dict(zip(table.column(key).to_pylist(), table.column("cluster").to_pylist()))
    left, right = pairs.column(f"{key}_l").to_pylist(), pairs.column(f"{key}_r").to_pylist()
    probability = pairs.column("match_probability").to_pylist()
    weight = pairs.column("match_weight").to_pylist()
    scored = sorted(zip(weight, probability, left, right), reverse=True)
    total, found, best = truth_pairs(table), 0, (0.0, 0.0, 0.0, 0.0)
    at_fixed = {}
    for n, (w, p, l, r) in enumerate(scored, 1):
        found += truth[l] == truth[r]
        last_of_its_weight = n == len(scored) or scored[n][0] != w
        for fixed in FIXED:
            if p >= fixed:
                at_fixed[fixed] = f1(found, n, total)
        if last_of_its_weight:
            best = max(best, (f1(found, n, total), found / n, found / total, p))
    return {"best_f1": best[0], "precision": best[1], "recall": best[2], "at_probability": best[3],
            "fixed": {str(f): at_fixed.get(f, 0.0) for f in FIXED}}


def f1(found, claimed, total):
    return 2 * found / (claimed + total)


def main():
    data, name, runs, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    task = load(data, name)
    for _ in range(runs):
        begun = time.perf_counter()
        pairs = link(task, threads)
        seconds = time.perf_counter() - begun
        print(json.dumps({"name": name, "seconds": seconds, "pairs": pairs.num_rows} | scores(task, pairs)), flush=True)


main()
