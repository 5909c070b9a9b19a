//! Whether the same customers come together again.
//!
//! Customers are drawn with replacement as often as there are (Efron's bootstrap), clustered anew, and all are put in the new clusters. How
//! far both partitions agree is the adjusted Rand index (Hubert & Arabie 1985): 1 for the same, 0 on average for chance. Done on a sample.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::scale::Matrix;
use crate::{
    error::{Result, same_length},
    random::Random,
};

/// How often customers are drawn anew.
pub const RESAMPLES: usize = 10;
/// Customers among whom they are drawn.
pub const SAMPLE_ROWS_MAX: usize = 5000;

/// How far resamples agree with the whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stability {
    /// The adjusted Rand index of each resample.
    pub indices: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The least.
    pub least: f64,
}

impl Stability {
    /// In a word, as a rule of thumb: from 0.9 on stable, from 0.7 on fairly so, else not.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.mean {
            mean if mean >= 0.9 => "stable",
            mean if mean >= 0.7 => "fairly stable",
            _ => "unstable",
        }
    }
}

/// Puts rows into clusters.
pub(super) type Assign = Box<dyn Fn(&Matrix) -> Vec<Option<u32>>>;

pub(super) fn bootstrap(
    matrix: &Matrix,
    labels: &[Option<u32>],
    seed: u64,
    refit: &dyn Fn(&Matrix, u64) -> Result<Assign>,
) -> Result<Stability> {
    let mut random = Random::new(seed);
    let chosen = random.sample(matrix.rows(), SAMPLE_ROWS_MAX);
    let sample = matrix.take(&chosen);
    let before: Vec<Option<u32>> = chosen.iter().map(|&row| labels[row]).collect();
    let mut indices = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let drawn: Vec<usize> = chosen.iter().map(|_| random.below(sample.rows() as u64) as usize).collect();
        let assign = refit(&sample.take(&drawn), random.next())?;
        indices.push(adjusted_rand(&before, &assign(&sample))?);
    }
    let mean = indices.iter().sum::<f64>() / indices.len() as f64;
    let least = indices.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Stability { indices, mean, least })
}

/// How far two partitions agree beyond chance: (Σ C(nᵢⱼ, 2) − E) / (½ (A + B) − E) with A = Σ C(nᵢ, 2), B = Σ C(nⱼ, 2) and
/// E = A B / C(n, 2). Those in no cluster count as a cluster. 1 when both put everybody together, or nobody.
///
/// # Errors
/// Partitions of different lengths.
pub fn adjusted_rand(a: &[Option<u32>], b: &[Option<u32>]) -> Result<f64> {
    same_length("the second partition", b.len(), a.len())?;
    let pairs = |count: u64| count as f64 * (count.saturating_sub(1)) as f64 / 2.0;
    let together = pairs_within(a.iter().zip(b).map(|(a, b)| (*a, *b)));
    let (in_a, in_b) = (pairs_within(a.iter().map(|a| (*a, None))), pairs_within(b.iter().map(|b| (*b, None))));
    let chance = in_a * in_b / pairs(a.len() as u64).max(1.0);
    let most = f64::midpoint(in_a, in_b);
    Ok(if most == chance { 1.0 } else { (together - chance) / (most - chance) })
}

/// Pairs of customers with the same key. Whole numbers below 2⁵³, so their order does not matter.
fn pairs_within(keys: impl Iterator<Item = (Option<u32>, Option<u32>)>) -> f64 {
    let mut counts: FxHashMap<(Option<u32>, Option<u32>), u64> = FxHashMap::default();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts.into_values().map(|count| count * (count - 1) / 2).sum::<u64>() as f64
}
