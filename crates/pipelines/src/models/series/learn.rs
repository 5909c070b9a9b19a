//! Back-tests: forecasts from origins in the past, each from what was known before it, beside what then happened.

use florin_forecasts::{DailySeries, ForecastError, Holidays, forecast};
use florin_models::{
    definition::{ForecastDef, LearnerDef, ModelDef, Source, SplitDef},
    evaluation::{Assessment, Backtest, SEASON, SeriesAsked, SeriesDay, SeriesEvaluation, evaluate_series},
};
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        dataset::Wanted,
        dates,
        drift::Expected,
        judge::Judged,
        state,
        train::{Gathered as From, Learnt},
        wrong,
    },
    gather::{Gathered, holidays, last_whole_day, of_file, of_query},
};
use crate::{FlowError, House, load::Progress};

/// Back-tests at most: the latest.
const BACKTESTS_MAX: usize = 12;
/// Days before today that a picture shows.
const SHOWN: usize = 60;

/// A released forecast: it is made anew of all that is known each time, so what is kept is how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) horizon: usize,
    pub(super) level: f64,
    /// A hash of the series that it was judged on.
    pub(super) series: String,
}

pub(in super::super) async fn learn(
    house: &House,
    wanted: &Wanted<'_>,
    progress: &dyn Progress,
) -> Result<(Learnt, From), FlowError> {
    let (gathered, tables) = {
        let (_turn, house) = &crate::turns::work(house).await?;
        let tables = state::tables(house, wanted.def).await?;
        (gathered(house, wanted).await?, tables)
    };
    let dates = vec![(format!("{} to {}", gathered.series.from, gathered.to), gathered.series.values.len())];
    let learnt = tokio::task::block_in_place(|| judged(house, wanted.def, None, &gathered, progress))?;
    let def = of(wanted.def)?;
    let kept = Kept {
        kind: "forecast".to_owned(),
        horizon: def.horizon_days as usize,
        level: def.level(),
        series: hash(&gathered.series),
    };
    let bytes = serde_json::to_vec(&kept).map_err(|e| FlowError::Internal(e.to_string()))?;
    let (tests, days) = (learnt.rows.backtests, gathered.series.values.len());
    let counts = (days - tests.min(days), 0, tests);
    let evaluation = Assessment::Series(Box::new(learnt));
    Ok((
        Learnt { bytes, evaluation, expected: Expected::default(), counts },
        From { dates, dates_open: 0, tables, encoders: std::collections::BTreeMap::new() },
    ))
}

/// The series as a session sees it.
async fn gathered(house: &House, wanted: &Wanted<'_>) -> Result<Gathered, FlowError> {
    let (def, model) = (wanted.def, &wanted.def.name);
    let Source::Series { sql, file, missing, .. } = &def.source else {
        return Err(FlowError::Internal("a model over customers is no series".to_owned()));
    };
    match (sql, file) {
        (Some(sql), _) => {
            let asking = house.asking(wanted.purpose, Some(wanted.known_by)).await?;
            asking.traits_of(sql).await?;
            let until = last_whole_day(house, wanted.known_by)?;
            of_query(asking.sql(sql).await?, model, *missing, until).await
        }
        (None, Some(file)) => of_file(house, model, file, *missing),
        (None, None) => Err(wrong(model, "it has neither `sql` nor `file`")),
    }
}

pub(super) fn of(def: &ModelDef) -> Result<&ForecastDef, FlowError> {
    match &def.learner {
        LearnerDef::Forecast(forecast) => Ok(forecast),
        _ => Err(wrong(&def.name, "its learner is none of series")),
    }
}

fn hash(series: &DailySeries) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(series.from.to_string().as_bytes());
    for value in &series.values {
        hasher.update(&value.to_bits().to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Forecasts from each origin from a day on (the definition's, when none is named), and what they are worth.
fn judged(
    house: &House,
    def: &ModelDef,
    from: Option<Date>,
    gathered: &Gathered,
    progress: &dyn Progress,
) -> Result<SeriesEvaluation, FlowError> {
    let (own, Source::Series { holidays: named, .. }) = (of(def)?, &def.source) else {
        return Err(wrong(&def.name, "it has no series"));
    };
    let holidays = holidays(house, &def.name, named)?;
    let from = match (from, &def.split) {
        (Some(from), _) => from,
        (None, SplitDef::Time { test_from, newest_days }) => dates::test_from((*test_from, *newest_days), gathered.to)?,
        (None, SplitDef::Customer { .. }) => return Err(wrong(&def.name, "a series is split by time")),
    };
    let (series, horizon, level) = (&gathered.series, own.horizon_days as usize, own.level());
    let origins = origins(series, from, horizon);
    progress.begin(&format!("{}: trying it on the past", def.name), "back-tests", Some(1 + origins.len() as u64));
    let (mut tests, mut known_before) = (Vec::new(), 0);
    for origin in origins {
        match backtest(series, &holidays, origin, (horizon, level)) {
            // From so early a day there is too little to learn from: later ones are tried.
            Err(ForecastError::TooShort { .. }) => {}
            Err(error) => return Err(wrong(&def.name, error)),
            Ok(test) => {
                known_before = if tests.is_empty() { origin } else { known_before };
                tests.push(test);
            }
        }
        progress.advance(1);
    }
    if tests.is_empty() {
        let what = format!("no {horizon} days from {from} on are known with enough days before them");
        return Err(wrong(
            &def.name,
            format!("{what}; let the test start later or earlier, or the horizon be shorter"),
        ));
    }
    let next = days(&forecast(series, &holidays, horizon, level).map_err(|e| wrong(&def.name, e))?);
    progress.advance(1);
    progress.end();
    let (first_day, to) = (series.from.to_string(), gathered.to.to_string());
    let asked = SeriesAsked {
        definition: def,
        series: (&first_day, &series.values),
        to: &to,
        filled: gathered.filled,
        known_before,
        backtests: &tests,
        history: &history(series)?,
        next: &next,
        level,
        seed: 0,
    };
    evaluate_series(&asked).map_err(|e| wrong(&def.name, e))
}

/// Days (from the first of the series) from which forecasts are tried: one horizon apart, ending with the series, none before `from`.
fn origins(series: &DailySeries, from: Date, horizon: usize) -> Vec<usize> {
    let before = from.since((jiff::Unit::Day, series.from)).map_or(0, |span| span.get_days().max(0)) as usize;
    let Some(last) = series.values.len().checked_sub(horizon) else { return Vec::new() };
    let steps = (0..BACKTESTS_MAX).map_while(|back| last.checked_sub(back * horizon));
    let steps = steps.take_while(|origin| *origin >= before.max(SEASON));
    let mut origins: Vec<usize> = steps.collect();
    origins.reverse();
    origins
}

fn backtest(
    series: &DailySeries,
    holidays: &Holidays,
    origin: usize,
    (horizon, level): (usize, f64),
) -> Result<Backtest, ForecastError> {
    let known = DailySeries { from: series.from, values: series.values[..origin].to_vec() };
    let found = forecast(&known, holidays, horizon, level)?;
    // The same weekday of the last week that was known.
    let naive = (0..horizon).map(|day| known.values[origin - SEASON + day % SEASON]).collect();
    Ok(Backtest { days: days(&found), actual: series.values[origin..origin + horizon].to_vec(), naive })
}

pub(super) fn days(found: &florin_forecasts::Forecast) -> Vec<SeriesDay> {
    let one = |day: &florin_forecasts::ForecastDay| SeriesDay {
        day: day.date.to_string(),
        value: day.value,
        low: day.low,
        high: day.high,
    };
    found.days.iter().map(one).collect()
}

fn history(series: &DailySeries) -> Result<Vec<(String, f64)>, FlowError> {
    let first = series.values.len().saturating_sub(SHOWN);
    let one = |day: usize| {
        let on = series.from.checked_add((day as i64).days()).map_err(|e| FlowError::Time(e.to_string()))?;
        Ok((on.to_string(), series.values[day]))
    };
    (first..series.values.len()).map(one).collect()
}

/// Back-tests of the definition's forecast from a day on.
pub(in super::super) async fn evaluate(
    house: &House,
    wanted: &Wanted<'_>,
    at: &[String],
    progress: &dyn Progress,
) -> Result<(Judged, Vec<(String, usize)>), FlowError> {
    let from = at.first().map(|day| dates::day(day)).transpose()?;
    let gathered = gathered(house, wanted).await?;
    let found = tokio::task::block_in_place(|| judged(house, wanted.def, from, &gathered, progress))?;
    let days = vec![(format!("{} back-tests to {}", found.rows.backtests, gathered.to), gathered.series.values.len())];
    Ok((Judged::Series(Box::new(found)), days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_end_with_the_series_and_begin_where_the_test_does() {
        let series = DailySeries { from: jiff::civil::date(2024, 1, 1), values: vec![1.0; 200] };
        assert_eq!(origins(&series, jiff::civil::date(2024, 4, 1), 30), [110, 140, 170]);
        assert_eq!(origins(&series, jiff::civil::date(2023, 1, 1), 10).len(), BACKTESTS_MAX);
        assert!(origins(&series, jiff::civil::date(2024, 7, 1), 30).is_empty());
    }
}
