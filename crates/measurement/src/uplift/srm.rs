//! Whether an experiment was split as planned.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, every, same_length, settings},
    interval::chi_squared_above,
};

/// Below this chance, the split is held to be broken (Fabijan et al. 2019 use the same).
pub const SRM_BELOW: f64 = 0.001;

/// Counts against plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// Pearson's χ² (1900).
    pub chi_squared: f64,
    /// The chance of so much or more, were it split as planned.
    pub p: f64,
    /// It was not: nothing that the experiment says can be trusted until it is known why.
    pub mismatch: bool,
}

/// Tests the counts of arms against their planned shares (any positive numbers; they are scaled).
///
/// # Errors
/// When lengths differ, there are fewer than two arms, nobody is in any, or a planned share is not positive.
pub fn sample_ratio(counts: &[u64], planned: &[f64]) -> Result<SampleRatio, MeasureError> {
    same_length("planned", planned.len(), counts.len())?;
    every("planned", "finite and above 0", planned, |share| share.is_finite() && share > 0.0)?;
    let (rows, shares) = (counts.iter().sum::<u64>() as f64, planned.iter().sum::<f64>());
    if counts.len() < 2 || rows == 0.0 {
        return Err(settings("a split needs two arms or more, with somebody in them"));
    }
    let apart = |(count, share): (&u64, &f64)| {
        let expected = rows * share / shares;
        (*count as f64 - expected).powi(2) / expected
    };
    let chi_squared: f64 = counts.iter().zip(planned).map(apart).sum();
    let p = chi_squared_above(chi_squared, counts.len() as f64 - 1.0);
    Ok(SampleRatio { chi_squared, p, mismatch: p < SRM_BELOW })
}
