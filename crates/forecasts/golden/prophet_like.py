"""MAPE of August 2014 (Yu'E Bao) by Prophet's model in its defaults, at its posterior mode, and by repeating the last week.

Run with: python3 crates/forecasts/golden/prophet_like.py DIR_OF_YUEBAO. Made with Python 3.11.7, numpy 2.4.6, pandas 3.1.1.
"""
import sys

import numpy as np
import pandas as pd


def design(u, day):
    columns = [np.ones(len(u)), u]
    columns += [np.maximum(u - change, 0) for change in np.linspace(0, 0.8, 27)[1:-1]]
    for period, waves in [(7, 3), (365.25, 10)]:
        for k in range(1, waves + 1):
            columns += [np.sin(2 * np.pi * k * day / period), np.cos(2 * np.pi * k * day / period)]
    return np.array(columns).T


def prophet_like(y, first, horizon):
    days = np.arange(len(y) + horizon)
    columns = design(days / (len(y) - 1), days + first)
    known, scale = columns[: len(y)], y.max()
    goal, b, sigma = y / scale, None, 0.1
    precision = np.r_[1 / 25, 1 / 25, [1 / 0.05**2] * 25, [1 / 100] * 26]
    for _ in range(50):  # the Laplace prior as a normal one that is set anew
        b = np.linalg.solve(known.T @ known / sigma**2 + np.diag(precision), known.T @ goal / sigma**2)
        sigma = np.std(goal - known @ b)
        precision[2:27] = 1 / (0.05 * np.maximum(abs(b[2:27]), 1e-4))
    return columns[len(y) :] @ b * scale


for file in ["purchase_by_type.csv", "redeem_by_type.csv"]:
    data = pd.read_csv(f"{sys.argv[1]}/{file}").iloc[:427, 1].astype(float).to_numpy()
    known, actual = data[:396], data[396:]
    mape = lambda forecast: np.mean(abs(actual - forecast) / actual)
    print(file, round(mape(prophet_like(known, 15887, 31)), 4), round(mape(np.resize(known[-7:], 31)), 4))
