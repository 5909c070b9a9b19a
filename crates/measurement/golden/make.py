"""Makes the golden files of the tests beside it: figures of named references on small made-up samples.

Run with: python3 crates/measurement/golden/make.py
Made with Python 3.11.7, numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1, statsmodels 0.15.0, fairlearn 0.15.0, aif360 0.6.1,
scikit-uplift 0.5.1 (the file `versions` inside each golden file says which were there).
"""
import importlib.metadata as md
import json
import math
import pathlib
import warnings

import numpy as np

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
NAMES = ["numpy", "scipy", "scikit-learn", "statsmodels", "fairlearn", "aif360", "scikit-uplift"]


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, np.bool_):
        return bool(x)
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return None if math.isnan(x) else float(x)
    return x


def write(name, data):
    data = {"versions": {n: md.version(n) for n in NAMES}, **data}
    (HERE / f"{name}.json").write_text(json.dumps(plain(data), separators=(",", ":")) + "\n")


def delong(pos, neg):
    """Structural components by their definition: O(m n)."""
    psi = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    return psi.mean(1), psi.mean(0)


def discrimination():
    from scipy.stats import ks_2samp
    from sklearn import metrics as m

    rng = np.random.default_rng(5)
    n = 400
    x = rng.normal(size=n)
    y = rng.random(n) < 1 / (1 + np.exp(-(1.1 * x - 1)))
    # Rounded, so that many scores are tied.
    a = np.round(1 / (1 + np.exp(-(0.9 * x + rng.normal(scale=0.8, size=n) - 1))), 2)
    b = np.round(1 / (1 + np.exp(-(0.7 * x + rng.normal(scale=1.2, size=n) - 1))), 2)
    w = np.round(rng.gamma(2, 1, n) + 0.1, 2)

    def figures(s, sw):
        fpr, tpr, _ = m.roc_curve(y, s, sample_weight=sw, drop_intermediate=False)
        return dict(
            auc=m.roc_auc_score(y, s, sample_weight=sw), ks=np.abs(tpr - fpr).max(),
            average_precision=m.average_precision_score(y, s, sample_weight=sw),
            brier=m.brier_score_loss(y, s, sample_weight=sw), log_loss=m.log_loss(y, s, sample_weight=sw))

    plain_a = figures(a, None)
    assert abs(plain_a["ks"] - ks_2samp(a[y], a[~y]).statistic) < 1e-12
    tn, fp, fn, tp = m.confusion_matrix(y, a >= 0.35).ravel()
    va, na_ = delong(a[y], a[~y])
    vb, nb = delong(b[y], b[~y])
    var = lambda p, q: np.var(p, ddof=1) / len(p) + np.var(q, ddof=1) / len(q)
    write("discrimination", dict(
        scores=a, second=b, labels=y, weights=w, plain=plain_a, weighted=figures(a, w),
        confusion=dict(threshold=0.35, tp=tp, fp=fp, tn=tn, fn=fn, accuracy=m.accuracy_score(y, a >= .35),
                       precision=m.precision_score(y, a >= .35), recall=m.recall_score(y, a >= .35),
                       f1=m.f1_score(y, a >= .35), matthews=m.matthews_corrcoef(y, a >= .35)),
        delong=dict(first=va.mean(), first_error=math.sqrt(var(va, na_)), second=vb.mean(),
                    error=math.sqrt(var(va - vb, na_ - nb)))))


def calibration():
    import statsmodels.api as sm
    from scipy.stats import chi2
    from sklearn.calibration import _sigmoid_calibration, calibration_curve
    from sklearn.isotonic import IsotonicRegression
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    rng = np.random.default_rng(8)
    n = 500
    z = rng.normal(size=n)
    s = np.round(1 / (1 + np.exp(-(1.6 * z - 0.6))), 3).clip(0.001, 0.999)
    y = rng.random(n) < 1 / (1 + np.exp(-(1.0 * z - 1.0)))
    w = np.round(rng.gamma(2, 1, n) + 0.1, 2)
    out = dict(scores=s, labels=y, weights=w)
    for name, strategy in [("even", "uniform"), ("quantiles", "quantile")]:
        happened, said = calibration_curve(y, s, n_bins=10, strategy=strategy)
        out[name] = dict(said=said, happened=happened)
    edges = np.linspace(0, 1, 11)
    which = np.searchsorted(edges[1:-1], s)
    out["ece"] = sum(abs(s[which == i].mean() - y[which == i].mean()) * (which == i).mean() for i in range(10) if (which == i).any())
    p = proportion_confint(7, 40, method="wilson")
    d = confint_proportions_2indep(7, 40, 12, 35, compare="diff", method="newcomb")
    r = confint_proportions_2indep(7, 40, 12, 35, compare="ratio", method="log")
    out["wilson_7_of_40"], out["newcombe_7_40_12_35"], out["log_ratio_7_40_12_35"] = p, d, r
    fit = sm.Logit(y.astype(float), sm.add_constant(np.log(s / (1 - s)))).fit(disp=0, tol=1e-14)
    out["line"] = dict(intercept=fit.params[0], slope=fit.params[1])
    a, b = _sigmoid_calibration(s, y)
    out["platt"] = dict(slope=-a, intercept=-b)
    grid = np.linspace(-0.1, 1.1, 61)
    for name, sw in [("isotonic", None), ("isotonic_weighted", w)]:
        iso = IsotonicRegression(out_of_bounds="clip").fit(s, y.astype(float), sample_weight=sw)
        out[name] = iso.predict(grid)
    out["grid"] = grid
    # Distinct scores for Hosmer-Lemeshow, whose groups then do not depend on the order of ties.
    u = s + np.arange(n) * 1e-9
    order = np.argsort(u)
    cuts = [i * n // 10 for i in range(11)]
    chi = 0
    for i in range(10):
        g = order[cuts[i]:cuts[i + 1]]
        e, o = u[g].sum(), y[g].sum()
        chi += (o - e) ** 2 / (e * (1 - e / len(g)))
    out["hosmer_lemeshow"] = dict(chi=chi, p=chi2.sf(chi, 8))
    e, a = np.array([120, 300, 280, 200, 100, 0.0]), np.array([80, 250, 320, 260, 60, 30.0])
    pe, pa = np.where(e > 0, e, .5) / e.sum(), np.where(a > 0, a, .5) / a.sum()
    out["psi"] = dict(expected=e, actual=a, psi=((pa - pe) * np.log(pa / pe)).sum())
    write("calibration", out)


def fairness():
    import fairlearn.metrics as fm
    import pandas as pd
    from aif360.sklearn import metrics as am
    from sklearn.metrics import accuracy_score
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(3)
    n = 900
    g = rng.choice(3, n, p=[.5, .3, .2])
    z = rng.normal(size=n) - 0.4 * (g == 1)
    y = rng.random(n) < 1 / (1 + np.exp(-(1.3 * z)))
    s = np.round(1 / (1 + np.exp(-(1.0 * z + 0.5 * rng.normal(size=n)))), 3)
    d = s >= 0.5
    names = ["accuracy", "selection_rate", "true_positive_rate", "false_positive_rate"]
    fns = [accuracy_score, fm.selection_rate, fm.true_positive_rate, fm.false_positive_rate]
    frame = fm.MetricFrame(metrics=dict(zip(names, fns)), y_true=y, y_pred=d, sensitive_features=g)
    two = g < 2
    yt = pd.Series(y[two].astype(int), index=pd.Index(g[two], name="g"))
    yp = d[two].astype(int)
    kw = dict(prot_attr="g", priv_group=0, pos_label=1)
    pvals = [0.001, 0.012, 0.2, 0.03, 0.04]
    write("fairness", dict(
        scores=s, labels=y, groups=g, threshold=0.5, by_group={k: frame.by_group[k].tolist() for k in names},
        demographic_parity_difference=fm.demographic_parity_difference(y, d, sensitive_features=g),
        demographic_parity_ratio=fm.demographic_parity_ratio(y, d, sensitive_features=g),
        equalized_odds_difference=fm.equalized_odds_difference(y, d, sensitive_features=g),
        pair=dict(statistical_parity_difference=am.statistical_parity_difference(yt, yp, **kw),
                  disparate_impact=am.disparate_impact_ratio(yt, yp, **kw),
                  equal_opportunity_difference=am.equal_opportunity_difference(yt, yp, **kw),
                  average_odds_difference=am.average_odds_difference(yt, yp, **kw)),
        holm=dict(p=pvals, adjusted=multipletests(pvals, method="holm")[1])))


def uplift():
    from scipy.stats import chisquare
    from sklift import metrics as um

    rng = np.random.default_rng(11)
    n = 1200
    x = rng.normal(size=n)
    t = (rng.random(n) < 0.4).astype(int)
    y = (rng.random(n) < 1 / (1 + np.exp(-(-1 + 0.4 * x + t * (0.2 + 0.9 * x))))).astype(int)
    u = np.round(0.15 * x + 0.1 * rng.normal(size=n), 2)
    qx, qy = um.qini_curve(y, u, t)
    by = {}
    distinct = u + np.arange(n) * 1e-9  # the deciles of ties depend on their order
    frame = um.uplift_by_percentile(y, distinct, t, strategy="overall", bins=10, std=True)
    chi = chisquare([380, 620], [400, 600])
    write("uplift", dict(
        uplift=u, distinct=distinct, treated=t.astype(bool), outcome=y, qini=um.qini_auc_score(y, u, t),
        auuc=um.uplift_auc_score(y, u, t), curve_x=qx, curve_y=qy,
        at_30=um.uplift_at_k(y, distinct, t, strategy="overall", k=0.3),
        deciles=frame["uplift"].to_numpy(), decile_error=frame["std_uplift"].to_numpy(),
        srm=dict(chi=chi.statistic, p=chi.pvalue)))


def ranking():
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(17)
    users, items, k = 40, 30, 5
    gains = (rng.random((users, items)) < 0.12) * rng.integers(1, 4, (users, items))
    scores = rng.random((users, items)) + 0.25 * (gains > 0)
    ranked = np.argsort(-scores, axis=1)
    each = dict(ap=[], precision=[], recall=[])
    for user in range(users):
        rel = set(np.flatnonzero(gains[user]))
        if not rel:
            continue
        top, hits, ap = ranked[user][:k], 0, 0.0
        for i, item in enumerate(top):
            if item in rel:
                hits += 1
                ap += hits / (i + 1)
        each["ap"].append(ap / min(len(rel), k))
        each["precision"].append(hits / k)
        each["recall"].append(hits / len(rel))
    keep = gains.sum(1) > 0
    # Off-policy: two actions, logged with known chances.
    n = 300
    ctx = rng.random(n)
    chance = np.where(ctx > .5, .7, .3)
    act = rng.random(n) < chance
    logged = np.where(act, chance, 1 - chance)
    reward = (rng.random(n) < np.where(act, .2 + .5 * ctx, .4)).astype(float)
    target = np.where(act, .9, .1)
    q = np.where(act, .45, .4)
    v = .9 * .45 + .1 * .4
    w = target / logged
    ips, dr = w * reward, v + w * (reward - q)
    snips = ips.sum() / w.sum()
    se = lambda z: z.std(ddof=1) / math.sqrt(n)
    write("ranking", dict(
        gains=gains, ranked=ranked, k=k, map=np.mean(each["ap"]), precision=np.mean(each["precision"]),
        recall=np.mean(each["recall"]), ndcg=ndcg_score(gains[keep], scores[keep], k=k),
        policy=dict(logged=logged, target=target, reward=reward, predicted=q, value=v, ips=ips.mean(), ips_error=se(ips),
                    snips=snips, snips_error=math.sqrt((w ** 2 * (reward - snips) ** 2).sum()) / w.sum(),
                    dr=dr.mean(), dr_error=se(dr))))


def forecasts():
    from sklearn.metrics import mean_absolute_percentage_error, mean_pinball_loss

    rng = np.random.default_rng(23)
    train = 100 + 10 * np.sin(np.arange(70) * 2 * np.pi / 7) + rng.normal(size=70)
    actual = 100 + 10 * np.sin(np.arange(70, 84) * 2 * np.pi / 7) + rng.normal(size=14)
    forecast = actual + rng.normal(scale=3, size=14)
    naive = np.abs(train[7:] - train[:-7]).mean()
    write("forecasts", dict(
        train=train, actual=actual, forecast=forecast, mape=mean_absolute_percentage_error(actual, forecast),
        smape=np.mean(2 * np.abs(actual - forecast) / (np.abs(actual) + np.abs(forecast))),
        mase=np.abs(actual - forecast).mean() / naive, pinball_90=mean_pinball_loss(actual, forecast, alpha=.9)))


for make in [discrimination, calibration, fairness, uplift, ranking, forecasts]:
    make()
