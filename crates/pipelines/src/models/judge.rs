//! How good a version is on rows other than those of its own test.

use florin_measurement::{
    Discrimination, Interval, Level, Resampling, Sample,
    calibration::{Cut, calibration_curve},
    discriminate,
    survival::{Times, concordance},
    uplift::{self, Experiment, UpliftFigures},
};
use florin_models::{DataSet, Label, Model, evaluation::SeriesEvaluation, survival::SurvivalModel};
use serde::{Deserialize, Serialize};

use super::{done::Treated, odd::JudgedOdd};
use crate::FlowError;

/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 10;

/// What was found of a version on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Of one that says how likely something is.
    Chance(Box<JudgedChances>),
    /// Of one that says what a treatment changes.
    Effect(UpliftFigures),
    /// Of one that says how long until something happens.
    Time(Box<JudgedTimes>),
    /// Of one that says what texts are about.
    Text(JudgedTexts),
    /// Of one that says how a series goes on.
    Series(Box<SeriesEvaluation>),
    /// Of one that says who is unlike all others.
    Odd(Box<JudgedOdd>),
}

/// What was found of verdicts on some texts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct JudgedTexts {
    /// Texts.
    pub rows: usize,
    /// Share of right verdicts.
    pub accuracy: Interval,
    /// Mean of the classes' F1.
    pub macro_f1: Interval,
    /// How far probabilities are from how often verdicts are right, on average.
    pub calibration_error: f64,
}

/// What was found of times on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedTimes {
    /// Of pairs of which one is known to have come first, the share that the model orders so.
    pub concordance: Interval,
    /// Up to which time chances are said.
    pub horizon: f64,
    /// Rows, and those to which it happened while they were seen.
    pub rows: (usize, usize),
    /// How well chances by the horizon rank and hold, of rows whose outcome by then is known.
    pub chances: JudgedChances,
}

/// What was found of chances on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedChances {
    /// How well scores rank, with intervals.
    pub figures: Discrimination,
    /// Expected calibration error.
    pub calibration_error: f64,
}

/// Judges a model of yes and no, of times, or, where some were treated, of effects.
pub(super) fn judge(
    model: &dyn Model,
    set: &DataSet,
    treated: Option<&Treated>,
    seed: u64,
) -> Result<Judged, FlowError> {
    let scores = model.predict(set.frame())?;
    let how = Resampling::new(seed);
    if let (Some(treated), Label::Binary(outcome) | Label::Number(outcome)) = (treated, set.label()) {
        let rows = Experiment::new(&scores, &treated.of, outcome)?;
        let rows = match treated.chances() {
            Some(chances) => rows.with_propensity(chances)?,
            None => rows,
        };
        return Ok(Judged::Effect(uplift::evaluate(&rows, &how)?));
    }
    if let (Some(model), Label::Event { times, happened }) = (model.as_survival(), set.label()) {
        return judge_times(model, set, (times, happened), &how);
    }
    let happened: Vec<bool> = set.binary()?.iter().map(|label| *label == 1.0).collect();
    Ok(Judged::Chance(Box::new(chances(&Sample::new(&scores, &happened)?, &how)?)))
}

fn chances(sample: &Sample<'_>, how: &Resampling) -> Result<JudgedChances, FlowError> {
    let curve = calibration_curve(sample, CALIBRATION_BINS, Cut::Quantiles, Level::USUAL)?;
    Ok(JudgedChances { figures: discriminate(sample, how)?, calibration_error: curve.expected_error })
}

fn judge_times(
    model: &SurvivalModel,
    set: &DataSet,
    (times, happened): (&[f64], &[bool]),
    how: &Resampling,
) -> Result<Judged, FlowError> {
    let seen = Times::new(times, happened)?;
    let (said, horizon) = (model.predict(set.frame())?, model.horizon());
    let (mut scores, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for (said, outcome) in said.into_iter().zip(seen.known_by(horizon)) {
        let Some((happened, weight)) = outcome else { continue };
        scores.push(said);
        labels.push(happened);
        weights.push(weight);
    }
    let sample = Sample::new(&scores, &labels)?.weighted(&weights)?;
    Ok(Judged::Time(Box::new(JudgedTimes {
        concordance: concordance(&seen, &model.margins(set.frame())?, how)?,
        horizon,
        rows: (times.len(), happened.iter().filter(|happened| **happened).count()),
        chances: chances(&sample, how)?,
    })))
}
