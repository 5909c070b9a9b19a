"""Golden values for the tests of `clv`: parameters by `lifetimes` 0.11.3, functions by `mpmath` at 60 digits.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install lifetimes mpmath
    /tmp/golden/bin/python make_clv.py > clv.json

Histories are drawn from the models themselves with a seed, so no third party's data is in the file.
"""

import json
import warnings

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from mpmath import hyp2f1, mp, mpf

warnings.filterwarnings("ignore")
mp.dps = 60


def draw(seed, customers, r, alpha, a, b, p, q, v):
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(customers):
        age = int(rng.integers(120, 365)) / 7
        rate = rng.gamma(r, 1 / alpha)
        leaves = rng.beta(a, b)
        at, x, last = 0.0, 0, 0.0
        while True:
            at += rng.exponential(1 / rate)
            if at > age:
                break
            x, last = x + 1, at
            if rng.random() < leaves:
                break
        nu = rng.gamma(q, 1 / v)
        mean = rng.gamma(p * x, 1 / nu) / x if x else 0.0
        last = min(round(last * 7) / 7, age)
        rows.append((x, last if x else 0.0, age, round(float(mean), 2)))
    return rows


def expected(r, alpha, a, b, x, tx, T, t):
    """Fader, Hardie & Lee (2005), eq. 10, as printed."""
    r, alpha, a, b, tx, T, t = map(lambda n: mpf(repr(n)), (r, alpha, a, b, tx, T, t))
    z = t / (alpha + T + t)
    bracket = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    gone = a / (b + x - 1) * ((alpha + T) / (alpha + tx)) ** (r + x) if x else mpf(0)
    return float((a + b + x - 1) / (a - 1) * bracket / (1 + gone)), float(1 / (1 + gone))


def main():
    rows = draw(7, 600, 0.6, 5.0, 0.9, 2.5, 6.0, 4.0, 15.0)
    x, tx, T, m = (np.array(column) for column in zip(*rows))
    bg = BetaGeoFitter(penalizer_coef=0.0)
    bg.fit(x, tx, T, tol=1e-9)
    seen = (x > 0) & (m > 0)
    gg = GammaGammaFitter(penalizer_coef=0.0)
    gg.fit(x[seen], m[seen], tol=1e-9)
    parameters = [(0.243, 4.414, 0.793, 2.426), (0.5, 10.0, 1.0000001, 3.0), (2.0, 3.0, 5.0, 0.4), (0.1, 400.0, 0.05, 0.3), (1.5, 20.0, 30.0, 900.0)]
    histories = [(0, 0.0, 38.86), (2, 30.43, 38.86), (26, 30.71, 31.0), (400, 350.0, 365.0), (1, 0.14, 300.0)]
    points = []
    for r, alpha, a, b in parameters:
        for hx, htx, hT in histories:
            for t in (0.5, 39.0, 5000.0):
                value, alive = expected(r, alpha, a, b, hx, htx, hT, t)
                points.append([r, alpha, a, b, hx, htx, hT, t, value, alive])
    spend = gg.conditional_expected_average_profit(x[:20], m[:20])
    clv = gg.customer_lifetime_value(bg, *(pd.Series(c[:20]) for c in (x, tx, T, m)), time=12, discount_rate=0.01, freq="W")
    print(json.dumps({
        "rows": rows,
        "bg_nbd": [float(bg.params_[k]) for k in ("r", "alpha", "a", "b")],
        "bg_nbd_log_likelihood": -len(x) * float(bg._negative_log_likelihood(np.log(bg.params_.values), x, tx, T, np.ones(len(x)), 0.0)),
        "bg_nbd_standard_errors": [float(bg.standard_errors_[k]) for k in ("r", "alpha", "a", "b")],
        "bg_nbd_expected_39": [float(v) for v in bg.conditional_expected_number_of_purchases_up_to_time(39, x[:20], tx[:20], T[:20])],
        "bg_nbd_alive": [float(v) for v in np.atleast_1d(bg.conditional_probability_alive(x[:20], tx[:20], T[:20]))],
        "gamma_gamma": [float(gg.params_[k]) for k in ("p", "q", "v")],
        "gamma_gamma_log_likelihood": -float(gg._negative_log_likelihood_) * int(seen.sum()),
        "gamma_gamma_standard_errors": [float(gg.standard_errors_[k]) for k in ("p", "q", "v")],
        "gamma_gamma_expected_mean": [float(v) for v in spend],
        "lifetime_value_12_months_at_1_percent": [float(v) for v in clv],
        "expected_purchases": points,
    }))


main()
