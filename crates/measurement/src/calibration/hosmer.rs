//! Whether what was said fits what happened, as a test.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, settings},
    interval::chi_squared_above,
    sample::{Sample, ascending},
};

/// The test of Hosmer and Lemeshow (1980). With many rows it finds faults that do not matter: read it beside the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GoodnessOfFit {
    /// Σ (observed - expected)² / (expected (1 - expected / rows)) over groups.
    pub chi_squared: f64,
    /// Groups less 2 for a model that was fitted on these rows; groups for one that was not.
    pub freedom: usize,
    /// The chance of so much or more if the scores were right.
    pub p: f64,
}

/// Tests so many groups of rows, from low scores to high, as even as can be. Rows of one score may lie across a cut; they are
/// then spread in proportion, so the order of rows does not matter.
///
/// # Errors
/// When scores are not probabilities, rows are weighted, groups are fewer than 3 or more than rows, or a group is certain of
/// its outcome (a mean score of 0 or 1), where the test is not defined.
pub fn hosmer_lemeshow(sample: &Sample<'_>, groups: usize, fitted: bool) -> Result<GoodnessOfFit, MeasureError> {
    let scores = sample.probabilities()?;
    if sample.is_weighted() {
        return Err(settings("the Hosmer-Lemeshow test counts rows: leave weights out"));
    }
    if groups < 3 || groups > sample.len() {
        return Err(settings(format!("{groups} groups of {} rows: take 3 or more, at most one a row", sample.len())));
    }
    let shared = rates_of_ties(sample);
    let mut chi_squared = 0.0;
    for group in 0..groups {
        let (from, to) = (group * sample.len() / groups, (group + 1) * sample.len() / groups);
        let expected: f64 = shared[from..to].iter().map(|(row, _)| scores[*row as usize]).sum();
        let observed: f64 = shared[from..to].iter().map(|(_, rate)| rate).sum();
        let variance = expected * (1.0 - expected / (to - from) as f64);
        if variance <= 0.0 {
            let text = format!("group {} of the Hosmer-Lemeshow test is certain of its outcome", group + 1);
            return Err(settings(format!("{text}: keep scores from 0 and 1")));
        }
        chi_squared += (observed - expected).powi(2) / variance;
    }
    let freedom = if fitted { groups - 2 } else { groups };
    Ok(GoodnessOfFit { chi_squared, freedom, p: chi_squared_above(chi_squared, freedom as f64) })
}

/// Rows from low scores to high, each with the rate of those that share its score.
fn rates_of_ties(sample: &Sample<'_>) -> Vec<(u32, f64)> {
    let order = ascending(sample.scores());
    let mut rates = Vec::with_capacity(order.len());
    for tied in order.chunk_by(|a, b| sample.scores()[*a as usize] == sample.scores()[*b as usize]) {
        let happened = tied.iter().filter(|row| sample.labels()[**row as usize]).count();
        let rate = happened as f64 / tied.len() as f64;
        rates.extend(tied.iter().map(|row| (*row, rate)));
    }
    rates
}
