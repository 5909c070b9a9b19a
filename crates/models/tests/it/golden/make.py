"""Makes the golden files beside it: what LightGBM, XGBoost, shap, scikit-learn, optbinning and lifelines say of 400 made-up rows.

pip install lightgbm==4.7.0 xgboost==3.2.0 shap==0.51.0 scikit-learn==1.9.1 optbinning==1.0.0 lifelines==0.30.3 pandas==2.3.3
"""
import json
import warnings

import lightgbm as lgb
import numpy as np
import pandas as pd
import shap
import xgboost as xgb
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from optbinning import OptimalBinning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
n = 400
age = rng.integers(18, 80, n).astype(float)
balance = np.round(rng.lognormal(8, 1, n), 2)
visits = rng.poisson(4, n).astype(float)
debt = np.round(rng.normal(0, 1, n), 4)
region = rng.choice(["east", "north", "south", "west", "centre"], n)
margin = 0.04 * (age - 45) - 0.5 * (np.log(balance) - 8) - 0.2 * (visits - 4) + 0.5 * debt + (region == "north") * 0.9
y = (rng.random(n) < 1 / (1 + np.exp(-margin + 0.6))).astype(int)
time = np.round(rng.exponential(10 * np.exp(-0.5 * margin)), 1) + 0.1
seen = rng.exponential(25, n).round(1) + 0.1
happened = (time <= seen).astype(int)
time = np.minimum(time, seen)
balance[rng.random(n) < 0.08] = np.nan
weight = np.round(rng.uniform(0.5, 2, n), 3)
frame = pd.DataFrame(dict(age=age, balance=balance, visits=visits, debt=debt, region=region))
table = frame.assign(y=y, time=time, happened=happened, weight=weight)
table.to_csv("rows.csv", index=False)
numbers = ["age", "balance", "visits", "debt"]
out = {}


def listed(values):
    return np.asarray(values, dtype=float).tolist()


# LightGBM with a pandas category and gaps; LightGBM with numbers only, explained by shap's own code.
typed = frame.assign(region=frame.region.astype("category"))
settings = dict(objective="binary", num_leaves=12, min_data_in_leaf=8, learning_rate=0.1, verbose=-1, num_threads=1, min_data_per_group=5)
model = lgb.train(settings, lgb.Dataset(typed, y), 40)
model.save_model("lightgbm.txt")
out["lightgbm"] = dict(raw=listed(model.predict(typed, raw_score=True)), contributions=listed(model.predict(typed, pred_contrib=True).ravel()))
plain = lgb.train(settings, lgb.Dataset(frame[numbers], y), 40)
plain.save_model("lightgbm-numbers.txt")
explainer = shap.TreeExplainer(plain)
explainer.model.model_type = "trees"  # so that shap's own algorithm runs, not LightGBM's
values = np.asarray(explainer.shap_values(frame[numbers], check_additivity=False))
out["shap"] = dict(raw=listed(plain.predict(frame[numbers], raw_score=True)), values=listed(values.reshape(n, -1).ravel()))

# XGBoost stopped early: the file holds more rounds than `predict` uses.
train, valid = xgb.DMatrix(frame[numbers][:300], y[:300]), xgb.DMatrix(frame[numbers][300:], y[300:])
boosted = xgb.train(dict(objective="binary:logistic", max_depth=4, eta=0.3), train, 60, [(valid, "v")], early_stopping_rounds=8, verbose_eval=False)
boosted.save_model("xgboost.json")
whole = xgb.DMatrix(frame[numbers])
best = (0, boosted.best_iteration + 1)
out["xgboost"] = dict(best=boosted.best_iteration, rounds=boosted.num_boosted_rounds(),
                      raw=listed(boosted.predict(whole, output_margin=True, iteration_range=best)))

# Logistic regressions on standardised numbers, gaps left out.
full = table[table.balance.notna()]
x = StandardScaler().fit(full[numbers], sample_weight=full.weight).transform(full[numbers])
for name, c, l1 in [("none", np.inf, 0.0), ("ridge", 0.2, 0.0), ("net", 0.1, 0.5)]:
    kind = dict(C=c, l1_ratio=l1, solver="saga" if l1 else "newton-cholesky", tol=1e-14, max_iter=200000)
    fit = LogisticRegression(**kind).fit(x, full.y, sample_weight=full.weight)
    out[f"logistic_{name}"] = dict(coefficients=listed(fit.coef_[0]), intercept=float(fit.intercept_[0]))
    if name == "none":
        p = fit.predict_proba(x)[:, 1]
        design = np.column_stack([np.ones(len(x)), x])
        cov = np.linalg.inv(design.T @ (design * (full.weight.to_numpy() * p * (1 - p))[:, None]))
        out[f"logistic_{name}"]["standard_errors"] = listed(np.sqrt(np.diag(cov))[1:])
    scale = StandardScaler().fit(full[numbers], sample_weight=full.weight)
    out["scale"] = dict(mean=listed(scale.mean_), deviation=listed(scale.scale_))

# Optimal binning: cuts, information value.
for name in numbers:
    for trend in ["ascending", "descending"]:
        binning = OptimalBinning(name=name, dtype="numerical", monotonic_trend=trend, max_n_bins=8, min_bin_size=0.05, max_n_prebins=20)
        binning.fit(frame[name].to_numpy(), y)
        binning.binning_table.build()
        out[f"binning_{name}_{trend}"] = dict(cuts=listed(binning.splits), information=float(binning.binning_table.iv))

# Proportional hazards with Efron's ties.
cox = CoxPHFitter().fit(table[["age", "visits", "debt", "time", "happened"]], "time", "happened")
risk = cox.predict_log_partial_hazard(table).to_numpy()
out["cox"] = dict(coefficients=listed(cox.params_), standard_errors=listed(cox.standard_errors_),
                  concordance=float(concordance_index(table.time, -risk, table.happened)))
json.dump(out, open("expected.json", "w"))
