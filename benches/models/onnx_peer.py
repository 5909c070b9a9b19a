"""onnxruntime's side of running ONNX models: makes models and rows, and says how long onnxruntime takes on one thread.

OUT            a folder for `NAME.onnx` and `rows.json`; one JSON line a model: microseconds a row of 10,000 rows together, and of a single row

pip install onnx==1.23.2 onnxmltools==1.16.0 skl2onnx==1.20.0 onnxruntime==1.32.0 lightgbm==4.7.0 scikit-learn==1.9.1
Ours: `cargo run --release -p florin-models --example onnx -- OUT`
"""
import json
import sys
import time
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnxruntime as ort
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
ROWS, COLUMNS, RUNS = 10_000, 23, 7
out = Path(sys.argv[1])
rng = np.random.default_rng(3)
x = np.round(rng.normal(size=(ROWS, COLUMNS)), 4).astype(np.float32)
y = (x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + rng.normal(size=ROWS) > 0).astype(int)
boosted = lgb.LGBMClassifier(n_estimators=80, num_leaves=31, verbose=-1, n_jobs=1).fit(x, y)
models = {"lightgbm_80_trees": convert_lightgbm(boosted, initial_types=[("input", FloatTensorType([None, COLUMNS]))], zipmap=False, target_opset=15)}
for name, model in [("forest_50_trees", RandomForestClassifier(50, max_depth=8, random_state=0)), ("logistic", make_pipeline(StandardScaler(), LogisticRegression())),
                    ("network", MLPClassifier((32, 16), max_iter=20, random_state=0))]:
    model.fit(x, y)
    models[name] = to_onnx(model, x[:1], options={id(model): {"zipmap": False}}, target_opset=15)
(out / "rows.json").write_text(json.dumps([[float(f"{v:.6g}") for v in row] for row in x]))


def median(run, times):
    taken = []
    for _ in range(times + 1):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return float(np.median(taken[1:])) * 1e6


for name, model in models.items():
    (out / f"{name}.onnx").write_bytes(model.SerializeToString())
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = ort.InferenceSession(model.SerializeToString(), options)
    feed, score = session.get_inputs()[0].name, [session.get_outputs()[-1].name]
    together = median(lambda: session.run(score, {feed: x}), RUNS) / ROWS
    single = median(lambda: session.run(score, {feed: x[:1]}), 500)
    print(json.dumps(dict(model=name, together_us=together, single_us=single)))
