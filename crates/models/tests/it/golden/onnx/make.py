"""Makes the ONNX files beside it and `expected.json`: what onnxruntime says of them on one thread.

pip install onnx==1.23.2 onnxmltools==1.16.0 skl2onnx==1.20.0 onnxruntime==1.32.0 lightgbm==4.7.0 xgboost==3.2.0 scikit-learn==1.9.1 pandas==2.3.3
"""
import base64
import itertools
import json
import sys
import warnings

import lightgbm as lgb
import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
import xgboost as xgb
from onnx import TensorProto as T
from onnx import helper as h
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as OtherFloats
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
rng = np.random.default_rng(11)
TRAIN, SHOWN, COLUMNS = 400, 40, 6
x = np.round(rng.normal(size=(TRAIN + SHOWN, COLUMNS)) * [1, 2, 0.5, 10, 1, 1], 3).astype(np.float32)
x[:, 4] = np.round(x[:, 4] * 2)
margin = x[:, 0] + 0.3 * x[:, 1] * (x[:, 2] > 0) - 0.05 * x[:, 3] + 0.4 * (x[:, 4] == 1)
y = (margin + rng.normal(size=len(x)) > 0).astype(int)
amount = 100 + 40 * margin
gaps = x.copy()
gaps[rng.random(x.shape) < 0.1] = np.nan
town = np.where(x[:, 0] > 0.5, "north", np.where(x[:, 1] > 1, "south", "west"))
kind = rng.integers(1, 4, len(x))
test = slice(TRAIN, None)
out = {}


def listed(values, digits=9):
    """What JSON can hold: no gap and nothing infinite."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float).ravel()]



def runtime(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model.SerializeToString(), options)


def keep(name, model, rows, expected=None, **more):
    """Writes a model, and what is said of rows: the second column of the scores, or the only one."""
    del model.metadata_props[:]
    with open(f"{name}.onnx", "wb") as file:
        file.write(model.SerializeToString())
    session = runtime(model)
    if isinstance(rows, dict):
        feed = rows
    else:
        feed = {session.get_inputs()[0].name: rows.astype(np.float32)}
    said = session.run(None, feed)[-1]
    if isinstance(said, list):
        said = np.array([list(row.values()) for row in said])
    said = said.reshape(len(said), -1)[:, -1]
    out[name] = dict(said=listed(said), **more)
    if expected is not None:
        print(name, "onnxruntime and the library differ by", np.abs(said - expected).max(), file=sys.stderr)


flat = [("input", OtherFloats([None, COLUMNS]))]
boosted = lgb.LGBMClassifier(n_estimators=30, num_leaves=8, learning_rate=0.1, verbose=-1, n_jobs=1).fit(gaps[:TRAIN], y[:TRAIN])
keep("lightgbm", convert_lightgbm(boosted, initial_types=flat, zipmap=False, target_opset=15), gaps[test], boosted.predict_proba(gaps[test])[:, 1],
     raw=listed(boosted.predict(gaps[test], raw_score=True)), contributions=listed(boosted.predict(gaps[:TRAIN], pred_contrib=True)[:SHOWN]))
boosted.booster_.save_model("lightgbm.txt")
keep("lightgbm_zipmap", convert_lightgbm(lgb.LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(x[:TRAIN], y[:TRAIN]), initial_types=flat, target_opset=15), x[test])
kinds = lgb.LGBMClassifier(n_estimators=10, num_leaves=6, verbose=-1, n_jobs=1, min_data_per_group=10, cat_smooth=1, max_cat_to_onehot=2).fit(
    np.column_stack([x[:TRAIN, :2], kind[:TRAIN], np.abs(x[:TRAIN, 4])]), y[:TRAIN], categorical_feature=[2, 3])
rows = np.column_stack([x[test, :2], kind[test], np.abs(x[test, 4])])
keep("lightgbm_categories", convert_lightgbm(kinds, initial_types=[("input", OtherFloats([None, 4]))], zipmap=False, target_opset=15), rows, kinds.predict_proba(rows)[:, 1])
number = lgb.LGBMRegressor(n_estimators=30, num_leaves=8, verbose=-1, n_jobs=1).fit(x[:TRAIN], amount[:TRAIN])
keep("lightgbm_number", convert_lightgbm(number, initial_types=flat, target_opset=15), x[test], number.predict(x[test]))
extreme = xgb.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(gaps[:TRAIN], y[:TRAIN])
keep("xgboost", convert_xgboost(extreme, initial_types=flat, target_opset=15), gaps[test], extreme.predict_proba(gaps[test])[:, 1])


def scikit(name, model, rows, target=y, first=None):
    model.fit(rows[:TRAIN], target[:TRAIN])
    options = {id(model): {"zipmap": False}} if target is y else None
    wanted = model.predict_proba(rows[test])[:, 1] if target is y else model.predict(rows[test])
    keep(name, to_onnx(model, rows[:1], options=options, target_opset=15), rows[test], wanted)


scikit("histogram", HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, random_state=0), gaps)
scikit("forest", RandomForestClassifier(20, max_depth=5, random_state=0, n_jobs=1), x)
scikit("logistic", make_pipeline(StandardScaler(), LogisticRegression()), x)
scikit("network", MLPClassifier((12, 6), max_iter=300, random_state=0), x)
scikit("linear", LinearRegression(), x, amount)
scikit("imputed_forest", make_pipeline(SimpleImputer(), MinMaxScaler(), RandomForestClassifier(8, max_depth=4, random_state=0)), gaps)
scikit("calibrated", CalibratedClassifierCV(RandomForestClassifier(3, max_depth=3, random_state=0), cv=2), x)

# Doubles throughout, in the newest version that the exporter writes: thresholds are tensors of 64 bits.
wide = RandomForestClassifier(5, max_depth=4, random_state=0).fit(x[:TRAIN].astype(float), y[:TRAIN])
model = to_onnx(wide, x[:1].astype(float), options={id(wide): {"zipmap": False}})
del model.metadata_props[:]
open("doubles.onnx", "wb").write(model.SerializeToString())
out["doubles"] = dict(said=listed(runtime(model).run(None, {"X": x[test].astype(float)})[1][:, 1]))
print("doubles", [(o.domain, o.version) for o in model.opset_import], file=sys.stderr)

# An input a column, with texts and whole numbers.
frame = pd.DataFrame(gaps[:, :3], columns=["age", "balance", "debt"]).assign(town=town, kind=kind)
pipe = make_pipeline(ColumnTransformer([("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "balance", "debt"]),
                                        ("kinds", OneHotEncoder(handle_unknown="ignore"), ["town", "kind"])]), LogisticRegression())
pipe.fit(frame[:TRAIN], y[:TRAIN])
types = [(c, FloatTensorType([None, 1])) for c in ["age", "balance", "debt"]] + [("town", StringTensorType([None, 1])), ("kind", Int64TensorType([None, 1]))]
shown = frame[test].reset_index(drop=True)
shown.loc[3, "town"] = "elsewhere"
feed = {c: shown[[c]].to_numpy().astype(np.float32) for c in ["age", "balance", "debt"]}
feed |= {"town": shown[["town"]].to_numpy().astype(object), "kind": shown[["kind"]].to_numpy().astype(np.int64)}
keep("columns", convert_sklearn(pipe, initial_types=types, options={id(pipe): {"zipmap": False}}, target_opset=15), feed, pipe.predict_proba(shown)[:, 1])
out["columns"]["town"] = shown.town.tolist()
out["columns"]["kind"] = shown.kind.tolist()

# What runtimes make of two classes: every way of weights, bases and transforms. Two stumps on one column.
cases, points = [], np.array([[-1.0], [0.5], [3.0], [np.nan]], np.float32)
for ids, base, post, positive in itertools.product(["0", "1", "both"], [[], [0.3], [0.2, 0.4]], ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"], [True, False]):
    stumps = dict(nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2] * 2, nodes_featureids=[0] * 6, nodes_values=[0.0, 0, 0, 1.0, 0, 0],
                  nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0] * 2, nodes_falsenodeids=[2, 0, 0] * 2,
                  nodes_missing_value_tracks_true=[1, 0, 0, 0, 0, 0])
    weights = [0.1, 0.2, 0.15, 0.35] if positive else [-0.5, 0.2, -0.15, 0.35]
    entries = [(t, n, c, w if ids != "both" or c == 0 else 0.45 - abs(w)) for (t, n), w in zip([(0, 1), (0, 2), (1, 1), (1, 2)], weights) for c in ([0, 1] if ids == "both" else [int(ids)])]
    trees, nodes, classes, weights = map(list, zip(*entries))
    if base:
        stumps["base_values"] = base
    node = h.make_node("TreeEnsembleClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", classlabels_int64s=[0, 1], class_ids=classes, class_treeids=trees,
                       class_nodeids=nodes, class_weights=weights, post_transform=post, **stumps)
    graph = h.make_graph([node], "g", [h.make_tensor_value_info("x", T.FLOAT, [None, 1])],
                         [h.make_tensor_value_info("label", T.INT64, [None]), h.make_tensor_value_info("scores", T.FLOAT, None)])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 15), h.make_opsetid("ai.onnx.ml", 1)], ir_version=8)
    cases.append(dict(file=base64.b64encode(model.SerializeToString()).decode(), what=f"{ids} {base} {post} {positive}", said=listed(runtime(model).run(["scores"], {"x": points})[0][:, 1])))
for intercepts, post in itertools.product([[0.3], [0.3, -0.2]], ["NONE", "LOGISTIC", "SOFTMAX"]):
    node = h.make_node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", classlabels_ints=[0, 1], coefficients=[0.7, -0.4][: len(intercepts)],
                       intercepts=intercepts, post_transform=post)
    graph = h.make_graph([node], "g", [h.make_tensor_value_info("x", T.FLOAT, [None, 1])],
                         [h.make_tensor_value_info("label", T.INT64, [None]), h.make_tensor_value_info("scores", T.FLOAT, None)])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 15), h.make_opsetid("ai.onnx.ml", 1)], ir_version=8)
    cases.append(dict(file=base64.b64encode(model.SerializeToString()).decode(), what=f"linear {intercepts} {post}", said=listed(runtime(model).run(["scores"], {"x": points})[0][:, 1])))

# Every kind of node, with and without gaps that pass, on values at, below and above the threshold.
edges = np.array([[-1.0], [0.999999], [1.0], [1.0000001], [2.0], [np.nan], [-0.0]], np.float32)
for mode, passes in itertools.product(["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"], [0, 1]):
    for aggregate in ["SUM", "AVERAGE", "MIN", "MAX"]:
        node = h.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", n_targets=1, aggregate_function=aggregate, base_values=[0.25], post_transform="NONE",
                           nodes_treeids=[0] * 3 + [1] * 3, nodes_nodeids=[0, 1, 2] * 2, nodes_featureids=[0] * 6, nodes_values=[1.0, 0, 0, 0.0, 0, 0],
                           nodes_modes=[mode, "LEAF", "LEAF"] * 2, nodes_truenodeids=[1, 0, 0] * 2, nodes_falsenodeids=[2, 0, 0] * 2,
                           nodes_missing_value_tracks_true=[passes, 0, 0] * 2, target_ids=[0] * 4, target_treeids=[0, 0, 1, 1], target_nodeids=[1, 2, 1, 2],
                           target_weights=[1.0, 2.0, 10.0, 30.0])
        graph = h.make_graph([node], "g", [h.make_tensor_value_info("x", T.FLOAT, [None, 1])], [h.make_tensor_value_info("y", T.FLOAT, None)])
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 15), h.make_opsetid("ai.onnx.ml", 1)], ir_version=8)
        cases.append(dict(file=base64.b64encode(model.SerializeToString()).decode(), what=f"{mode} {passes} {aggregate}", edges=True, said=listed(runtime(model).run(None, {"x": edges})[0])))

# Plain operators, one after the other, on a table of two columns.
operators = [
    ("Gemm", [h.make_node("Gemm", ["x", "w", "b"], ["y"], alpha=0.5, beta=2.0, transB=1)]),
    ("LeakyRelu", [h.make_node("LeakyRelu", ["x"], ["a"], alpha=0.2), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("Tanh", [h.make_node("Tanh", ["x"], ["a"]), h.make_node("ReduceSum", ["a", "one"], ["y"], keepdims=1)]),
    ("Clip", [h.make_node("Clip", ["x", "low", "high"], ["a"]), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("Softmax", [h.make_node("Softmax", ["x"], ["y"])]),
    ("Where", [h.make_node("Less", ["x", "half"], ["c"]), h.make_node("Where", ["c", "x", "half"], ["a"]), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("Greater", [h.make_node("Greater", ["x", "half"], ["c"]), h.make_node("Cast", ["c"], ["a"], to=1), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("LogExpNegSqrt", [h.make_node("Exp", ["x"], ["a"]), h.make_node("Sqrt", ["a"], ["b1"]), h.make_node("Log", ["b1"], ["c"]), h.make_node("Neg", ["c"], ["d"]), h.make_node("MatMul", ["d", "column"], ["y"])]),
    ("Flatten", [h.make_node("Reshape", ["x", "cube"], ["a"]), h.make_node("Flatten", ["a"], ["f"]), h.make_node("MatMul", ["f", "column"], ["y"])]),
    ("Normalizer L2", [h.make_node("Normalizer", ["x"], ["a"], domain="ai.onnx.ml", norm="L2"), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("Normalizer MAX", [h.make_node("Normalizer", ["x"], ["a"], domain="ai.onnx.ml", norm="MAX"), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("Binarizer", [h.make_node("Binarizer", ["x"], ["a"], domain="ai.onnx.ml", threshold=0.5), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("FeatureVectorizer", [h.make_node("FeatureVectorizer", ["x", "x"], ["a"], domain="ai.onnx.ml", inputdimensions=[2, 2]), h.make_node("ReduceSum", ["a", "one"], ["y"], keepdims=1)]),
    ("LabelEncoder", [h.make_node("LabelEncoder", ["x"], ["a"], domain="ai.onnx.ml", keys_floats=[0.5, 1.0], values_floats=[7.0, 9.0], default_float=3.0), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("BatchNormalization", [h.make_node("BatchNormalization", ["x", "s1", "s2", "s1", "s3"], ["a"], epsilon=0.01), h.make_node("MatMul", ["a", "column"], ["y"])]),
    ("ArgMax", [h.make_node("ArgMax", ["x"], ["a"], axis=1, keepdims=1), h.make_node("Cast", ["a"], ["y"], to=1)]),
    ("Constant", [h.make_node("Constant", [], ["k"], value_floats=[2.0, -1.0]), h.make_node("Div", ["x", "k"], ["a"]), h.make_node("MatMul", ["a", "column"], ["y"])]),
]
table = np.array([[0.5, -1.0], [2.0, 0.25], [-0.5, 1.0], [0.0, 0.0]], np.float32)
given = dict(w=[[0.3, -0.7]], b=[0.1], column=[[1.0], [-2.0]], low=-0.4, high=0.9, half=0.5, s1=[1.5, -0.5], s2=[0.2, 0.1], s3=[2.0, 0.5])
for name, nodes in operators:
    tensors = [onnx.numpy_helper.from_array(np.array(v, np.float32), k) for k, v in given.items()]
    tensors += [onnx.numpy_helper.from_array(np.array(v, np.int64), k) for k, v in dict(one=[1], cube=[-1, 2, 1]).items()]
    graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, [None, 2])], [h.make_tensor_value_info("y", T.FLOAT, None)], tensors)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 15), h.make_opsetid("ai.onnx.ml", 2)], ir_version=8)
    said = runtime(model).run(None, {"x": table})[0]
    cases.append(dict(file=base64.b64encode(model.SerializeToString()).decode(), what=name, table=True, said=listed(said.reshape(4, -1)[:, -1])))

out["cases"] = cases

# The network behind a table of twelve columns, of which it takes the first six; and an operator that is not taken.
inner = onnx.load("network.onnx")
first = inner.graph.input[0].name
places = onnx.numpy_helper.from_array(np.arange(COLUMNS), "places")
graph = h.make_graph([h.make_node("ArrayFeatureExtractor", ["wide", "places"], [first], domain="ai.onnx.ml"), *inner.graph.node], "g",
                     [h.make_tensor_value_info("wide", T.FLOAT, [None, 2 * COLUMNS])], list(inner.graph.output), [places, *inner.graph.initializer])
out["wide"] = dict(file=base64.b64encode(h.make_model(graph, opset_imports=list(inner.opset_import), ir_version=8).SerializeToString()).decode())
graph = h.make_graph([h.make_node("Neg", ["x"], ["a"]), h.make_node("Erf", ["a"], ["y"], name="the odd one")], "g", [h.make_tensor_value_info("x", T.FLOAT, [None, 1])],
                     [h.make_tensor_value_info("y", T.FLOAT, [None, 1])])
out["refused"] = dict(file=base64.b64encode(h.make_model(graph, opset_imports=[h.make_opsetid("", 15)], ir_version=8).SerializeToString()).decode())
out["rows"] = dict(x=[listed(row, 6) for row in x[test]], gaps=[listed(row, 6) for row in gaps[test]], kinds=[listed(row, 6) for row in rows],
                   train=[listed(row, 6) for row in gaps[:TRAIN]])
with open("expected.json", "w") as file:
    json.dump(out, file, separators=(",", ":"))
