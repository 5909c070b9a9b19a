//! How good a version is on rows other than those of its own test.

use florin_measurement::{
    Discrimination, Level, Resampling, Sample,
    calibration::{Cut, calibration_curve},
    discriminate,
};
use florin_models::{DataSet, Model};
use serde::{Deserialize, Serialize};

use crate::FlowError;

/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 10;

/// What was found of a version on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// How well scores rank, with intervals.
    pub figures: Discrimination,
    /// Expected calibration error.
    pub calibration_error: f64,
}

/// Judges a model of yes and no.
pub(super) fn judge(model: &dyn Model, set: &DataSet, seed: u64) -> Result<Judged, FlowError> {
    let scores = model.predict(set.frame())?;
    let happened: Vec<bool> = set.binary()?.iter().map(|label| *label == 1.0).collect();
    let sample = Sample::new(&scores, &happened)?;
    let curve = calibration_curve(&sample, CALIBRATION_BINS, Cut::Quantiles, Level::USUAL)?;
    Ok(Judged { figures: discriminate(&sample, &Resampling::new(seed))?, calibration_error: curve.expected_error })
}
