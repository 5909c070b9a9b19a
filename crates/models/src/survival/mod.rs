//! How long until something happens: proportional hazards, linear or by boosted trees, and any learner of yes and no on discrete time.
//!
//! [`CoxRegression`] and [`crate::trees::BoostedTrees`] learn relative hazards from times; [`SurvivalModel::of`] makes of either what a bank asks: the chance that it
//! happens by a horizon, the curve to there, and the time by which it happens to half of such rows.

mod cox;
mod discrete;
mod hazard;
mod timed;

pub use cox::{CoxModel, CoxRegression};
pub use discrete::{DiscreteModel, DiscreteTime, SavedDiscrete};
pub(crate) use hazard::partial_loss;
pub use timed::{SavedSurvival, SurvivalModel};

use florin_measurement::{Resampling, survival::Times};

use crate::error::{Result, library};

/// Harrell's concordance: of pairs of which one is known to have happened before the other, the share in which it had the higher
/// risk; equal risks count half. With an interval it is [`florin_measurement::survival::concordance`].
///
/// # Errors
/// When lengths differ, or no pair can be compared.
pub fn concordance(times: &[f64], happened: &[bool], risk: &[f64]) -> Result<f64> {
    let wrong = |error| library("concordance", error);
    // Two resamples are the fewest: only the share itself is asked for.
    let how = Resampling { resamples: 2, ..Resampling::new(0) };
    let times = Times::new(times, happened).map_err(wrong)?;
    Ok(florin_measurement::survival::concordance(&times, risk, &how).map_err(wrong)?.value)
}
