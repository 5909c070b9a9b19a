//! How far forecasts were off, and the windows to try them on.
//!
//! MAPE = mean |y - f| / |y|. sMAPE = mean 2 |y - f| / (|y| + |f|), 0 to 2 (Makridakis 1993). MASE = mean |y - f| over that of
//! the seasonal naive on the training part (Hyndman and Koehler 2006). Pinball (Koenker and Bassett 1978) of the quantile q:
//! q (y - f) above it, (1 - q) (f - y) below.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    error::{MeasureError, every, same_length, settings},
    interval::Interval,
};

/// Back-tests that may be asked for.
const WINDOWS_MAX: usize = 10_000;

/// How far off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastErrors {
    /// Mean absolute error, in the unit of the series.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean error: above 0, forecasts were too low.
    pub bias: f64,
    /// Mean absolute percentage error, as a share; none when something was 0.
    pub mape: Option<f64>,
    /// Symmetric, as a share from 0 to 2; days on which both are 0 count 0.
    pub smape: f64,
    /// Over the error of the seasonal naive; below 1 is better than it. None when the past is shorter than a season and a day,
    /// or repeats itself exactly.
    pub mase: Option<f64>,
}

/// The errors of forecasts. `train` is what was known, `season` its period in steps.
///
/// # Errors
/// When lengths differ, there is nothing, a number is not finite, or the season is 0.
pub fn forecast_errors(
    actual: &[f64],
    forecast: &[f64],
    train: &[f64],
    season: usize,
) -> Result<ForecastErrors, MeasureError> {
    same_length("forecast", forecast.len(), actual.len())?;
    for (what, values) in [("actual", actual), ("forecast", forecast), ("train", train)] {
        every(what, "a finite number", values, f64::is_finite)?;
    }
    if actual.is_empty() {
        return Err(MeasureError::Empty);
    }
    if season == 0 {
        return Err(settings("a season of 0 steps: say 1 for none, 7 for a week of days"));
    }
    let mean = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        actual.iter().zip(forecast).map(|(y, f)| of(*y, *f)).sum::<f64>() / actual.len() as f64
    };
    let mae = mean(&|y, f| (y - f).abs());
    let zero = |y: f64, f: f64| y == 0.0 && f == 0.0;
    Ok(ForecastErrors {
        mae,
        rmse: mean(&|y, f| (y - f).powi(2)).sqrt(),
        bias: mean(&|y, f| y - f),
        mape: (!actual.contains(&0.0)).then(|| mean(&|y, f| ((y - f) / y).abs())),
        smape: mean(&|y, f| if zero(y, f) { 0.0 } else { 2.0 * (y - f).abs() / (y.abs() + f.abs()) }),
        mase: naive_error(train, season).map(|naive| mae / naive),
    })
}

/// The mean error of saying what was a season ago.
fn naive_error(train: &[f64], season: usize) -> Option<f64> {
    let later = train.get(season..).filter(|later| !later.is_empty())?;
    let error = later.iter().zip(train).map(|(y, before)| (y - before).abs()).sum::<f64>() / later.len() as f64;
    (error > 0.0).then_some(error)
}

/// By what share errors are smaller than those of a plain rule: 1 less the sum of one over the sum of the other (the skill score of Murphy 1988, of absolute
/// errors), with an interval that resamples back-tests. Each pair holds the summed errors of one back-test: its own, and those of the rule.
///
/// # Errors
/// When there is no back-test, a sum is not finite and 0 or more, the rule never errs, or by the bounds of resampling.
pub fn skill(backtests: &[(f64, f64)], how: &Resampling) -> Result<Interval, MeasureError> {
    if backtests.is_empty() {
        return Err(MeasureError::Empty);
    }
    for (own, rule) in backtests {
        every("errors", "0 or more", &[*own, *rule], |error| error.is_finite() && error >= 0.0)?;
    }
    let of = |rows: &mut dyn Iterator<Item = usize>| {
        let (own, rule) = rows.fold((0.0, 0.0), |sum, row| (sum.0 + backtests[row].0, sum.1 + backtests[row].1));
        if rule > 0.0 { 1.0 - own / rule } else { f64::NAN }
    };
    let value = of(&mut (0..backtests.len()));
    if value.is_nan() {
        return Err(settings("the plain rule never erred: there is nothing to be better than"));
    }
    let resampled = how.run(|stream| of(&mut (0..backtests.len()).map(|_| stream.index(backtests.len()))))?;
    Ok(Interval::of_resamples(value, resampled, how.level))
}

/// Mean pinball loss of forecasts of a quantile.
///
/// # Errors
/// When lengths differ, there is nothing, or the quantile is not between 0 and 1.
pub fn pinball(actual: &[f64], forecast: &[f64], quantile: f64) -> Result<f64, MeasureError> {
    same_length("forecast", forecast.len(), actual.len())?;
    if actual.is_empty() {
        return Err(MeasureError::Empty);
    }
    if !(quantile > 0.0 && quantile < 1.0) {
        return Err(settings(format!("a quantile of {quantile} is not between 0 and 1")));
    }
    let one = |(y, f): (&f64, &f64)| if y >= f { quantile * (y - f) } else { (1.0 - quantile) * (f - y) };
    Ok(actual.iter().zip(forecast).map(one).sum::<f64>() / actual.len() as f64)
}

/// How often the truth lay inside, and how wide intervals were in the mean.
///
/// # Errors
/// When lengths differ or there is nothing.
pub fn coverage(actual: &[f64], low: &[f64], high: &[f64]) -> Result<(f64, f64), MeasureError> {
    same_length("low", low.len(), actual.len())?;
    same_length("high", high.len(), actual.len())?;
    if actual.is_empty() {
        return Err(MeasureError::Empty);
    }
    let n = actual.len() as f64;
    let inside = actual.iter().zip(low.iter().zip(high)).filter(|(y, (low, high))| (*low..=*high).contains(y)).count();
    let width: f64 = low.iter().zip(high).map(|(low, high)| high - low).sum();
    Ok((inside as f64 / n, width / n))
}

/// One back-test: what is known, and what is to be forecast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Steps that are known.
    pub train: Range<usize>,
    /// Steps right after them.
    pub test: Range<usize>,
}

/// Rolling origins (Tashman 2000): the last one ends with the series, each earlier one `step` before. `train_min` steps are known
/// at least; with `sliding`, no more than that.
///
/// # Errors
/// When the horizon, step or training part is 0, no window fits, or there are too many.
pub fn windows(
    steps: usize,
    horizon: usize,
    step: usize,
    train_min: usize,
    sliding: bool,
) -> Result<Vec<Window>, MeasureError> {
    if horizon == 0 || step == 0 || train_min == 0 {
        return Err(settings("a back-test needs a horizon, a step and a training part above 0"));
    }
    let room = steps.checked_sub(horizon + train_min);
    let Some(room) = room else {
        return Err(settings(format!("{steps} steps are too few to train on {train_min} and forecast {horizon}")));
    };
    let count = room / step + 1;
    if count > WINDOWS_MAX {
        return Err(settings(format!("{count} back-tests: take {WINDOWS_MAX} at most, with a longer step")));
    }
    let one = |back: usize| {
        let origin = steps - horizon - back * step;
        let from = if sliding { origin - train_min } else { 0 };
        Window { train: from..origin, test: origin..origin + horizon }
    };
    Ok((0..count).rev().map(one).collect())
}
