"""Prophet's side of `cargo xtask bench forecasts`: what it says of the last month with its defaults.

FOLDER        the folder `yuebao` of the public data; one JSON line a series
"""
import json
import logging
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
from prophet import Prophet  # noqa: E402

LAST = 31


def mape(actual, forecast):
    return float(np.mean(np.abs(forecast - actual) / actual))


def fitted(days, values, **settings):
    begin = time.perf_counter()
    model = Prophet(**settings)
    model.fit(pd.DataFrame(dict(ds=days[:-LAST], y=values[:-LAST])))
    said = model.predict(pd.DataFrame(dict(ds=days[-LAST:]))).yhat.to_numpy()
    return mape(values[-LAST:], said), time.perf_counter() - begin


for name in ["purchase", "redeem"]:
    table = pd.read_csv(Path(sys.argv[1]) / f"{name}_by_type.csv")
    table = table[table.iloc[:, 0].astype(str) < "20140901"]
    days, values = pd.to_datetime(table.iloc[:, 0].astype(str)), table.iloc[:, 1].to_numpy(float)
    defaults, seconds = fitted(days, values)
    # With 396 days its defaults leave out the year; a user who knows of it would switch it on.
    yearly, _ = fitted(days, values, yearly_seasonality=True)
    naive = mape(values[-LAST:], np.resize(values[-LAST - 7:-LAST], LAST))
    print(json.dumps(dict(series=name, mape=defaults, mape_yearly=yearly, mape_naive=naive, seconds=seconds)))
