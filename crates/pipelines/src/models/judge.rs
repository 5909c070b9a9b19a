//! How good a version is on rows other than those of its own test.

use florin_measurement::{
    Discrimination, Level, Resampling, Sample,
    calibration::{Cut, calibration_curve},
    discriminate,
    uplift::{self, Experiment, UpliftFigures},
};
use florin_models::{DataSet, Label, Model};
use serde::{Deserialize, Serialize};

use super::done::Treated;
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
}

/// What was found of chances on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedChances {
    /// How well scores rank, with intervals.
    pub figures: Discrimination,
    /// Expected calibration error.
    pub calibration_error: f64,
}

/// Judges a model of yes and no, or, where some were treated, of effects.
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
    let happened: Vec<bool> = set.binary()?.iter().map(|label| *label == 1.0).collect();
    let sample = Sample::new(&scores, &happened)?;
    let curve = calibration_curve(&sample, CALIBRATION_BINS, Cut::Quantiles, Level::USUAL)?;
    let found = JudgedChances { figures: discriminate(&sample, &how)?, calibration_error: curve.expected_error };
    Ok(Judged::Chance(Box::new(found)))
}
