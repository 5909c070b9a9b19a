"""LightGBM's side of `cargo xtask bench models`, and optbinning's.

prepare DATA OUT            public data as Arrow files with `label` and `fold`, and a made-up set with a LightGBM model to score with
fit FILE RUNS               JSON lines: seconds to train on five folds, mean AUC on what each left out
scorecard FILE              one JSON line: mean AUC of optbinning's scorecard on the same folds
score DIR RUNS              JSON lines: seconds to predict a million rows, and to explain two thousand
"""
import gzip
import io
import json
import sys
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
FOLDS, ROUNDS, SETTINGS = 5, 200, dict(objective="binary", num_leaves=31, learning_rate=0.05, max_bin=255, num_threads=1, verbose=-1, seed=0)
TILES = 5


def bank_marketing(data):
    with zipfile.ZipFile(data / "uci_bank_marketing/bank-additional.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith("bank-full.csv"))
        frame = pd.read_csv(io.BytesIO(archive.read(name)), sep=";")
    return frame.drop(columns=["duration", "y"]), frame.y == "yes"


def german_credit(data):
    frame = pd.read_csv(data / "german_credit/german.data", sep=r"\s+", header=None).add_prefix("c")
    return frame.drop(columns="c20"), frame.c20 == 2


def bank_churn(data):
    frame = pd.read_csv(data / "bank_churn/Churn_Modelling.csv")
    return frame.drop(columns=["RowNumber", "CustomerId", "Surname", "Exited"]), frame.Exited == 1


def adult(data):
    frame = pd.read_csv(data / "adult/adult.data", header=None, skipinitialspace=True, na_values="?").add_prefix("c")
    return frame.drop(columns="c14"), frame.c14.str.startswith(">")


def lending_club(data):
    frame = pd.read_csv(gzip.open(data / "lending_club/lending_club.csv.gz"))
    return frame.drop(columns="Class"), frame.Class == "bad"


SETS = dict(bank_marketing=bank_marketing, german_credit=german_credit, bank_churn=bank_churn, adult=adult, lending_club=lending_club)


def prepare(data, out):
    import lightgbm as lgb

    for name, read in SETS.items():
        frame, label = read(Path(data))
        frame = frame.loc[:, [c for c in frame if not c.lower().startswith("unnamed")]]
        order = np.random.default_rng(1).permutation(len(frame))
        frame = frame.assign(label=label.astype(int), fold=0).reset_index(drop=True)
        frame.loc[order, "fold"] = np.arange(len(frame)) % FOLDS
        texts = frame.select_dtypes(include=["object", "bool"]).columns
        frame[texts] = frame[texts].astype("string").astype(object)
        write(frame, Path(out) / f"{name}.arrow")
    rng = np.random.default_rng(2)
    rows = 1_000_000 // TILES
    x = rng.normal(size=(rows, 50)).astype(np.float32)
    margin = x[:, :10] @ rng.normal(size=10) + x[:, 10] * x[:, 11] + np.abs(x[:, 12]) - 1
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(50)])
    label = rng.random(rows) < 1 / (1 + np.exp(-margin))
    model = lgb.train(SETTINGS, lgb.Dataset(frame[:100_000], label[:100_000]), 100)
    model.save_model(Path(out) / "score.txt")
    write(frame, Path(out) / "score.arrow")
    (Path(out) / "done").write_text("")


def write(frame, path):
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read(path):
    import pyarrow as pa

    frame = pa.ipc.open_file(pa.OSFile(str(path))).read_pandas()
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame, texts


def folds(path):
    frame, texts = read(path)
    frame[texts] = frame[texts].astype("category")
    label, fold = frame.pop("label").to_numpy(), frame.pop("fold").to_numpy()
    for held in range(FOLDS):
        yield frame[fold != held], label[fold != held], frame[fold == held], label[fold == held]


def fit(path, runs):
    import lightgbm as lgb
    from sklearn.metrics import roc_auc_score

    for _ in range(int(runs)):
        seconds, aucs = 0.0, []
        for x, y, test, held in folds(path):
            start = time.perf_counter()
            model = lgb.train(SETTINGS, lgb.Dataset(x, y), ROUNDS)
            seconds += time.perf_counter() - start
            aucs.append(roc_auc_score(held, model.predict(test)))
        print(json.dumps(dict(seconds=seconds, auc=float(np.mean(aucs)))), flush=True)


def scorecard(path):
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    seconds, aucs = 0.0, []
    for x, y, test, held in folds(path):
        texts = x.select_dtypes("category").columns
        x, test = x.astype({c: object for c in texts}), test.astype({c: object for c in texts})
        start = time.perf_counter()
        params = {c: dict(monotonic_trend="auto_asc_desc", max_n_bins=8, min_bin_size=0.05) for c in x if c not in set(texts)}
        process = BinningProcess(list(x.columns), categorical_variables=list(texts), binning_fit_params=params, selection_criteria=dict(iv=dict(min=0.005)))
        card = Scorecard(binning_process=process, estimator=LogisticRegression(C=1000, max_iter=1000)).fit(x, y)
        seconds += time.perf_counter() - start
        aucs.append(roc_auc_score(held, card.predict_proba(test)[:, 1]))
    print(json.dumps(dict(seconds=seconds, auc=float(np.mean(aucs)))))


def score(folder, runs):
    import lightgbm as lgb

    x = np.tile(read(Path(folder) / "score.arrow")[0].to_numpy(), (TILES, 1))
    model = lgb.Booster(model_file=str(Path(folder) / "score.txt"))
    for _ in range(int(runs)):
        start = time.perf_counter()
        model.predict(x, num_threads=1)
        middle = time.perf_counter()
        model.predict(x[:2000], pred_contrib=True, num_threads=1)
        print(json.dumps(dict(predict=middle - start, explain=time.perf_counter() - middle)), flush=True)


if __name__ == "__main__":
    {f.__name__: f for f in (prepare, fit, scorecard, score)}[sys.argv[1]](*sys.argv[2:])
