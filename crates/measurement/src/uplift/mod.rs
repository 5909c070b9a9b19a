//! Whether a treatment moved those whom the model says it moves.
//!
//! Only rows of an experiment, or rows whose chance of treatment is known, can tell. With chances given, each row counts with
//! the inverse of the chance of what happened to it (Horvitz and Thompson 1952), so that treatments that were aimed are
//! compared fairly; with none, rows count as one.

mod curve;
mod parts;
mod srm;

pub use curve::{QiniPoint, UpliftFigures, evaluate, qini_curve};
pub use parts::{Effect, UpliftPart, by_part, uplift_at};
pub use srm::{SRM_BELOW, SampleRatio, sample_ratio};

use crate::error::{MeasureError, every, same_length};

/// Rows of an experiment, with what the model says of each.
#[derive(Debug, Clone, Copy)]
pub struct Experiment<'a> {
    pub(crate) uplift: &'a [f64],
    pub(crate) treated: &'a [bool],
    pub(crate) outcome: &'a [f64],
    pub(crate) propensity: Option<&'a [f64]>,
}

impl<'a> Experiment<'a> {
    /// Predicted uplift, treatment and outcome (1 and 0, or any amount) of each row.
    ///
    /// # Errors
    /// When lengths differ, a number is not finite, or an arm is empty.
    pub fn new(uplift: &'a [f64], treated: &'a [bool], outcome: &'a [f64]) -> Result<Self, MeasureError> {
        same_length("treated", treated.len(), uplift.len())?;
        same_length("outcome", outcome.len(), uplift.len())?;
        if uplift.is_empty() {
            return Err(MeasureError::Empty);
        }
        every("uplift", "a finite number", uplift, f64::is_finite)?;
        every("outcome", "a finite number", outcome, f64::is_finite)?;
        match (treated.contains(&true), treated.contains(&false)) {
            (false, _) => Err(MeasureError::OneKind { missing: "treated" }),
            (_, false) => Err(MeasureError::OneKind { missing: "untreated" }),
            _ => Ok(Self { uplift, treated, outcome, propensity: None }),
        }
    }

    /// The same with each row's chance of treatment.
    ///
    /// # Errors
    /// When lengths differ or a chance is not above 0 and below 1.
    pub fn with_propensity(self, propensity: &'a [f64]) -> Result<Self, MeasureError> {
        same_length("propensity", propensity.len(), self.uplift.len())?;
        every("propensity", "above 0 and below 1", propensity, |p| p > 0.0 && p < 1.0)?;
        Ok(Self { propensity: Some(propensity), ..self })
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.uplift.len()
    }

    /// Never: an experiment has rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uplift.is_empty()
    }

    /// What a row counts.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        let chance = self.propensity.map(|chances| chances[row]);
        chance.map_or(1.0, |chance| 1.0 / if self.treated[row] { chance } else { 1.0 - chance })
    }
}
