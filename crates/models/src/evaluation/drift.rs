//! What moves with time: scores, features, and how well the model ranks.

use florin_measurement::{
    Resampling, auc_interval,
    stability::{NumberBins, Stability, psi},
};

use super::{
    Asked, Periods,
    report::{FeatureDrift, PeriodFigures, StabilityReport},
    rows::{ROWS_MAX, Scored, drawn, measured},
};
use crate::{
    error::{ModelError, Result},
    frame::{Column, Frame, MISSING, Values},
    learner::Model,
};

/// Bins of scores and of numbers.
const BINS: usize = 10;
/// Rows of each outcome that a period's AUC needs.
const KIND_MIN: usize = 20;
/// Levels beyond the most frequent are compared together.
const LEVELS_MAX: usize = 20;

pub(super) fn measured_drift(
    asked: &Asked<'_>,
    (train, train_periods): (&Scored, Option<&Periods>),
    test: &Scored,
    how: &Resampling,
) -> Result<StabilityReport> {
    Ok(StabilityReport {
        scores: moved(&train.scores, &test.scores)?,
        features: features(asked.model, (asked.train.set.frame(), asked.test.set.frame()), asked.seed)?,
        periods: by_periods((train, train_periods), (test, asked.test.periods), how)?,
    })
}

/// Period by period, those of training first.
pub(super) fn by_periods(
    (train, train_periods): (&Scored, Option<&Periods>),
    (test, test_periods): (&Scored, Option<&Periods>),
    how: &Resampling,
) -> Result<Vec<PeriodFigures>> {
    let bins = NumberBins::of(&train.scores, BINS).map_err(measured)?;
    let mut periods = Vec::new();
    for (known, scored, is_test) in [(train_periods, train, false), (test_periods, test, true)] {
        if let Some(known) = known {
            periods.extend(by_period(known, scored, is_test, (&bins, &train.scores), how)?);
        }
    }
    Ok(periods)
}

fn by_period(
    periods: &Periods,
    scored: &Scored,
    test: bool,
    (bins, expected): (&NumberBins, &[f64]),
    how: &Resampling,
) -> Result<Vec<PeriodFigures>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); periods.names().len()];
    periods.of().iter().enumerate().for_each(|(row, period)| rows[*period as usize].push(row));
    let mut found = Vec::new();
    for (period, rows) in periods.names().iter().zip(rows).filter(|(_, rows)| !rows.is_empty()) {
        let scores: Vec<f64> = rows.iter().map(|&row| scored.scores[row]).collect();
        let labels: Vec<bool> = rows.iter().map(|&row| scored.labels[row]).collect();
        let positives = labels.iter().filter(|label| **label).count();
        let enough = test && positives >= KIND_MIN && labels.len() - positives >= KIND_MIN;
        let auc = enough.then(|| auc_interval(&scores, &labels, how.level).map_err(measured)).transpose()?;
        let shift = test.then(|| bins.psi(expected, &scores).map_err(measured)).transpose()?;
        found.push(PeriodFigures {
            period: period.clone(),
            test,
            rows: rows.len(),
            rate: positives as f64 / rows.len() as f64,
            said: scores.iter().sum::<f64>() / rows.len() as f64,
            auc,
            psi: shift.map(|shift| shift.psi),
        });
    }
    Ok(found)
}

/// How far numbers are from others.
pub(super) fn moved(before: &[f64], now: &[f64]) -> Result<Stability> {
    NumberBins::of(before, BINS).and_then(|bins| bins.psi(before, now)).map_err(measured)
}

/// Every feature of the model in the test against training, the one that moved most first.
pub(super) fn features(model: &dyn Model, (train, test): (&Frame, &Frame), seed: u64) -> Result<Vec<FeatureDrift>> {
    let part = |frame: &Frame| match frame.rows() > ROWS_MAX {
        true => frame.select(&drawn(frame.rows(), ROWS_MAX, seed)),
        false => Ok(frame.clone()),
    };
    let (train, test) = (part(train)?, part(test)?);
    let mut found = Vec::new();
    for name in &model.schema().names {
        if let Some(stability) = feature(train.column(name)?, test.column(name)?)? {
            found.push(FeatureDrift { feature: name.clone(), stability });
        }
    }
    found.sort_by(|a, b| b.stability.psi.total_cmp(&a.stability.psi).then_with(|| a.feature.cmp(&b.feature)));
    Ok(found)
}

/// The index of one feature; none where training knew no value of it.
fn feature(train: &Column, test: &Column) -> Result<Option<Stability>> {
    match (&train.values, &test.values) {
        (Values::Number(before), Values::Number(now)) => match before.iter().all(|value| value.is_nan()) {
            true => Ok(None),
            false => {
                let bins = NumberBins::of(before, BINS).map_err(measured)?;
                Ok(Some(bins.psi(before, now).map_err(measured)?))
            }
        },
        (Values::Category { codes, levels }, Values::Category { codes: now, levels: now_levels }) => {
            Ok(Some(categories((codes, levels), (now, now_levels))?))
        }
        _ => Err(ModelError::ColumnType {
            name: test.name.clone(),
            found: "of numbers in one part and of categories in the other".to_owned(),
            help: "read both parts alike",
        }),
    }
}

/// By level; levels beyond the most frequent in training are compared together, with those that training did not see.
fn categories(before: (&[u32], &[String]), now: (&[u32], &[String])) -> Result<Stability> {
    let mut counts = vec![0_usize; before.1.len()];
    before.0.iter().filter(|code| **code != MISSING).for_each(|code| counts[*code as usize] += 1);
    let mut order: Vec<usize> = (0..counts.len()).filter(|&level| counts[level] > 0).collect();
    order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then(a.cmp(&b)));
    order.truncate(LEVELS_MAX);
    let mut names: Vec<String> = order.iter().map(|&level| before.1[level].clone()).collect();
    let (others, gap) = (names.len(), names.len() + 1);
    let count = |codes: &[u32], levels: &[String]| {
        let place = |level: &String| names.iter().position(|name| name == level).unwrap_or(others);
        let places: Vec<usize> = levels.iter().map(place).collect();
        let mut counts = vec![0.0; gap + 1];
        for code in codes {
            counts[if *code == MISSING { gap } else { places[*code as usize] }] += 1.0;
        }
        counts
    };
    let (expected, actual) = (count(before.0, before.1), count(now.0, now.1));
    names.push("other levels".to_owned());
    names.push("missing".to_owned());
    psi(&names, &expected, &actual).map_err(measured)
}
