//! Whether a forecast may be released: how far it was off from origins in the past, beside what was a week before, and how often its intervals held.

use florin_domain::Purpose;
use florin_measurement::{
    Interval, Resampling,
    forecast::{ForecastErrors, forecast_errors, skill},
    wilson,
};
use serde::{Deserialize, Serialize};

use super::{
    report::{Finding, GuardVerdict},
    rows::measured,
    series_words::{findings, verdicts},
};
use crate::{
    definition::{ModelDef, Words},
    error::{ModelError, Result},
};

/// The season of the plain rule, in days: a week.
pub const SEASON: usize = 7;
/// Days ahead that are put together.
const WEEK: usize = 7;

/// A day to come, or one that was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesDay {
    /// `YYYY-MM-DD`.
    pub day: String,
    /// What is expected.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A forecast from a day in the past, with what then happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// What was forecast from the days before.
    pub days: Vec<SeriesDay>,
    /// What happened.
    pub actual: Vec<f64>,
    /// What was on the same weekday of the last week that was known.
    pub naive: Vec<f64>,
}

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct SeriesAsked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// The first day, and all values from there on.
    pub series: (&'a str, &'a [f64]),
    /// The last day.
    pub to: &'a str,
    /// Days without a row of their own.
    pub filled: usize,
    /// How many days were known before the first back-test.
    pub known_before: usize,
    /// Forecasts from days in the past, the earliest first.
    pub backtests: &'a [Backtest],
    /// The last days that are known, as a picture shows them.
    pub history: &'a [(String, f64)],
    /// The days to come.
    pub next: &'a [SeriesDay],
    /// How often intervals are to hold the truth.
    pub level: f64,
    /// Draws resamples.
    pub seed: u64,
}

/// Everything that was measured of a forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesEvaluation {
    /// The definition's name.
    pub model: String,
    /// What it foretells.
    pub meaning: Words,
    /// Who answers for it.
    pub owner: String,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// The definition's hash.
    pub definition: String,
    /// The kind of model, in a word or two.
    pub kind: String,
    /// What chance started from.
    pub seed: u64,
    /// How much it rests on.
    pub rows: SeriesRows,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// How far it was off, over all back-tests.
    pub errors: ForecastErrors,
    /// How far saying what was a week before was off on the same days.
    pub naive: ForecastErrors,
    /// By what share its mean error is smaller than that; the interval resamples back-tests.
    pub skill: Interval,
    /// How often intervals held what happened.
    pub coverage: Interval,
    /// How often they were to.
    pub level: f64,
    /// The mean width of intervals, as a share of the mean size of values.
    pub width: f64,
    /// By weeks ahead.
    pub ahead: Vec<AheadErrors>,
    /// Each back-test.
    pub backtests: Vec<Backtest>,
    /// The last days that are known.
    pub history: Vec<(String, f64)>,
    /// The days to come.
    pub next: Vec<SeriesDay>,
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesRows {
    /// Days.
    pub days: usize,
    /// Days without a row of their own.
    pub filled: usize,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Forecasts from days in the past.
    pub backtests: usize,
    /// Days that each forecasts.
    pub horizon: usize,
}

/// How far forecasts of so many days ahead were off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AheadErrors {
    /// From this day ahead, from 1.
    pub from: usize,
    /// To this one, included.
    pub to: usize,
    /// Of the forecast.
    pub errors: ForecastErrors,
    /// Of saying what was a week before.
    pub naive: ForecastErrors,
    /// How often intervals held.
    pub coverage: f64,
}

/// Measures everything.
///
/// # Errors
/// When there is no back-test, their days differ in number, or a value is not finite.
pub fn evaluate_series(asked: &SeriesAsked<'_>) -> Result<SeriesEvaluation> {
    let horizon = asked.backtests.first().map_or(0, |test| test.days.len());
    let whole = |test: &Backtest| [test.days.len(), test.actual.len(), test.naive.len()] == [horizon; 3];
    if horizon == 0 || !asked.backtests.iter().all(whole) {
        return Err(ModelError::TooLittle {
            what: "back-tests of the same days",
            found: asked.backtests.len(),
            needed: 1,
        });
    }
    let (from, values) = asked.series;
    let how = Resampling::new(asked.seed);
    let train = &values[..asked.known_before.min(values.len())];
    let every: Vec<usize> = (0..horizon).collect();
    let (errors, naive, held) = of_days(asked.backtests, &every, train)?;
    let sums = |test: &Backtest| {
        let off =
            |said: &dyn Fn(usize) -> f64| (0..horizon).map(|day| (test.actual[day] - said(day)).abs()).sum::<f64>();
        (off(&|day| test.days[day].value), off(&|day| test.naive[day]))
    };
    let by_test: Vec<(f64, f64)> = asked.backtests.iter().map(sums).collect();
    let days = asked.backtests.len() * horizon;
    let mut ahead = Vec::new();
    for first in (0..horizon).step_by(WEEK) {
        let week: Vec<usize> = (first..(first + WEEK).min(horizon)).collect();
        let (errors, naive, held) = of_days(asked.backtests, &week, train)?;
        let coverage = held as f64 / (asked.backtests.len() * week.len()) as f64;
        ahead.push(AheadErrors { from: first + 1, to: first + week.len(), errors, naive, coverage });
    }
    let wide: f64 = asked.backtests.iter().flat_map(|test| &test.days).map(|day| day.high - day.low).sum();
    let size: f64 = asked.backtests.iter().flat_map(|test| &test.actual).map(|value| value.abs()).sum();
    let definition = asked.definition;
    let mut found = SeriesEvaluation {
        model: definition.name.clone(),
        meaning: definition.meaning.clone(),
        owner: definition.owner.clone(),
        purposes: definition.purposes.clone(),
        definition: definition.definition.clone(),
        kind: "daily forecast".to_owned(),
        seed: asked.seed,
        rows: SeriesRows {
            days: values.len(),
            filled: asked.filled,
            from: from.to_owned(),
            to: asked.to.to_owned(),
            backtests: asked.backtests.len(),
            horizon,
        },
        findings: Vec::new(),
        guards: Vec::new(),
        errors,
        naive,
        skill: skill(&by_test, &how).map_err(measured)?,
        coverage: wilson(held as f64, days as f64, how.level).unwrap_or_default(),
        level: asked.level,
        width: wide / size.max(f64::MIN_POSITIVE),
        ahead,
        backtests: asked.backtests.to_vec(),
        history: asked.history.to_vec(),
        next: asked.next.to_vec(),
    };
    found.guards = verdicts(&definition.guards, &found);
    found.findings = findings(&found);
    Ok(found)
}

/// Errors of the forecast and of the plain rule on some days ahead, and how often intervals held.
fn of_days(tests: &[Backtest], days: &[usize], train: &[f64]) -> Result<(ForecastErrors, ForecastErrors, usize)> {
    let pick = |of: &dyn Fn(&Backtest, usize) -> f64| -> Vec<f64> {
        tests
            .iter()
            .flat_map(|test| days.iter().map(move |day| (test, *day)))
            .map(|(test, day)| of(test, day))
            .collect()
    };
    let actual = pick(&|test, day| test.actual[day]);
    let said = pick(&|test, day| test.days[day].value);
    let naive = pick(&|test, day| test.naive[day]);
    let held = pick(&|test, day| {
        let (is, of) = (test.actual[day], &test.days[day]);
        f64::from(u8::from((of.low..=of.high).contains(&is)))
    });
    Ok((
        forecast_errors(&actual, &said, train, SEASON).map_err(measured)?,
        forecast_errors(&actual, &naive, train, SEASON).map_err(measured)?,
        held.iter().sum::<f64>() as usize,
    ))
}
