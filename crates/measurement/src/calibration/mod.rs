//! Whether a score of 20 % means one in five, and what mends it when it does not.

mod curve;
mod hosmer;
mod isotonic;
mod platt;

pub use curve::{CalibrationBin, CalibrationCurve, Cut, calibration_curve, expected_error};
pub use hosmer::{GoodnessOfFit, hosmer_lemeshow};
pub use isotonic::Isotonic;
pub use platt::{Platt, Scale, calibration_line};

use serde::{Deserialize, Serialize};

/// What turns scores into probabilities; it serialises with the model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Repair {
    /// Scores stay as they are.
    #[default]
    None,
    /// A sigmoid.
    Platt(Platt),
    /// A rising line of steps.
    Isotonic(Isotonic),
}

impl Repair {
    /// The probability of a score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Self::None => score,
            Self::Platt(map) => map.apply(score),
            Self::Isotonic(map) => map.apply(score),
        }
    }
}
