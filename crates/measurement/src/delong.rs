//! AUC with its variance, and whether two models' AUC on the same rows differ.
//!
//! DeLong, DeLong and Clarke-Pearson (1988), by mid-ranks as Sun and Xu (2014) have it: O(n log n).

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, same_length},
    interval::{Interval, Level, two_sided},
    sample::ascending,
};

/// How two models that scored the same rows compare.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AucComparison {
    /// AUC of the first.
    pub first: Interval,
    /// AUC of the second.
    pub second: Interval,
    /// The first's less the second's.
    pub difference: Interval,
    /// Difference over its standard error; 0 when the two rank all rows alike.
    pub z: f64,
    /// The chance of such a difference, either way, if there were none.
    pub p: f64,
}

/// AUC with its DeLong interval.
///
/// # Errors
/// When lengths differ or a kind of label is missing.
pub fn auc_interval(scores: &[f64], labels: &[bool], level: Level) -> Result<Interval, MeasureError> {
    let parts = Components::of(scores, labels)?;
    Ok(Interval::around(parts.auc, parts.variance().sqrt(), level).within(0.0, 1.0))
}

/// AUC and its DeLong variance.
pub(crate) fn auc_and_variance(scores: &[f64], labels: &[bool]) -> Result<(f64, f64), MeasureError> {
    let parts = Components::of(scores, labels)?;
    Ok((parts.auc, parts.variance()))
}

/// Compares two models on the same rows.
///
/// # Errors
/// When lengths differ or a kind of label is missing.
pub fn compare_auc(
    first: &[f64],
    second: &[f64],
    labels: &[bool],
    level: Level,
) -> Result<AucComparison, MeasureError> {
    same_length("second", second.len(), first.len())?;
    let (a, b) = (Components::of(first, labels)?, Components::of(second, labels)?);
    let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
    let variance =
        variance_of_mean(&apart(&a.positive, &b.positive)) + variance_of_mean(&apart(&a.negative, &b.negative));
    let (value, error) = (a.auc - b.auc, variance.sqrt());
    let z = if error > 0.0 { value / error } else { 0.0 };
    Ok(AucComparison {
        first: Interval::around(a.auc, a.variance().sqrt(), level).within(0.0, 1.0),
        second: Interval::around(b.auc, b.variance().sqrt(), level).within(0.0, 1.0),
        difference: Interval::around(value, error, level),
        z,
        p: two_sided(z),
    })
}

/// For each positive the share of negatives below it, and for each negative the share of positives above it.
struct Components {
    auc: f64,
    positive: Vec<f64>,
    negative: Vec<f64>,
}

impl Components {
    fn of(scores: &[f64], labels: &[bool]) -> Result<Self, MeasureError> {
        same_length("labels", labels.len(), scores.len())?;
        let side = |want: bool| -> Vec<f64> {
            scores.iter().zip(labels).filter(|(_, label)| **label == want).map(|(score, _)| *score).collect()
        };
        let (positive, negative) = (side(true), side(false));
        if positive.is_empty() || negative.is_empty() {
            return Err(MeasureError::OneKind { missing: if positive.is_empty() { "positive" } else { "negative" } });
        }
        let (among_all, among_positive, among_negative) =
            (mid_ranks(scores), mid_ranks(&positive), mid_ranks(&negative));
        let (m, n) = (positive.len() as f64, negative.len() as f64);
        let ranks = |want: bool| among_all.iter().zip(labels).filter(move |(_, l)| **l == want).map(|(rank, _)| *rank);
        let of_positive: Vec<f64> = ranks(true).zip(&among_positive).map(|(all, own)| (all - own) / n).collect();
        let of_negative: Vec<f64> = ranks(false).zip(&among_negative).map(|(all, own)| 1.0 - (all - own) / m).collect();
        Ok(Self { auc: of_positive.iter().sum::<f64>() / m, positive: of_positive, negative: of_negative })
    }

    fn variance(&self) -> f64 {
        variance_of_mean(&self.positive) + variance_of_mean(&self.negative)
    }
}

fn variance_of_mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
}

/// Ranks from 1; equal values share the mean of theirs.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let order = ascending(values);
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from] as usize];
        let to = from + order[from..].iter().take_while(|row| values[**row as usize] == value).count().max(1);
        let rank = (from + to + 1) as f64 / 2.0;
        order[from..to].iter().for_each(|row| ranks[*row as usize] = rank);
        from = to;
    }
    ranks
}
