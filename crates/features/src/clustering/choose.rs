//! How many clusters: the number with the highest mean silhouette (Rousseeuw 1987).
//!
//! A customer's silhouette is (b − a) / max(a, b), where a is the mean distance to the others of its cluster and b the smallest mean
//! distance to those of another; 0 for one who is alone. It is worked out exactly, on a sample. (The gap statistic needs a reference
//! distribution drawn at random, which on clipped, skewed traits is a choice of its own.)

use rayon::prelude::*;
use serde::Serialize;

use super::{
    k_means::{self, KMeans},
    scale::{Matrix, distance_squared},
};
use crate::{
    error::{Result, argument},
    random::Random,
};

/// Customers among whom silhouettes are worked out: their number squared is the number of distances.
pub const SAMPLE_ROWS_MAX: usize = 2000;

/// What a number of clusters gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Choice {
    /// How many clusters.
    pub clusters: u32,
    /// The mean silhouette, −1 to 1; from 0.5 on clusters are reasonable, below 0.25 there is hardly any structure
    /// (Kaufman & Rousseeuw 1990, p. 88).
    pub silhouette: f64,
    /// The sum of squared distances to the centroids.
    pub inertia: f64,
}

/// The clustering whose silhouette is highest, the smallest number among equals; and what each number gives.
///
/// # Errors
/// A range that is empty or begins below 2; those of [`k_means::fit`].
pub fn choose(matrix: &Matrix, least: u32, most: u32, seed: u64) -> Result<(KMeans, Vec<Choice>)> {
    if least < 2 || most < least {
        return Err(argument(
            "the range of numbers of clusters",
            format!("{least} to {most}"),
            "at least 2 to choose from",
        ));
    }
    let mut random = Random::new(seed);
    let sample = matrix.take(&random.sample(matrix.rows(), SAMPLE_ROWS_MAX));
    let start = random.next();
    let mut best: Option<(f64, KMeans)> = None;
    let mut choices = Vec::new();
    for clusters in least..=most {
        let model = k_means::fit(matrix, clusters, start)?;
        let labels: Vec<Option<u32>> = model.assign(&sample).into_iter().map(Some).collect();
        let silhouette = silhouette(&sample, &labels).unwrap_or(-1.0);
        choices.push(Choice { clusters, silhouette, inertia: model.inertia() });
        if best.as_ref().is_none_or(|(highest, _)| silhouette > *highest) {
            best = Some((silhouette, model));
        }
    }
    best.map(|(_, model)| (model, choices)).ok_or_else(|| argument("numbers of clusters", 0, "at least one"))
}

/// The mean silhouette of those in a cluster; `None` when there are not two clusters.
#[must_use]
pub fn silhouette(matrix: &Matrix, labels: &[Option<u32>]) -> Option<f64> {
    let most = labels.iter().flatten().max().map_or(0, |most| *most as usize + 1);
    let mut sizes = vec![0_u64; most];
    labels.iter().flatten().for_each(|label| sizes[*label as usize] += 1);
    if sizes.iter().filter(|size| **size > 0).count() < 2 {
        return None;
    }
    let one = |(row, label): (usize, &Option<u32>)| label.map(|label| of_row(matrix, labels, &sizes, row, label));
    let all: Vec<f64> = labels.par_iter().enumerate().filter_map(one).collect();
    Some(all.iter().sum::<f64>() / all.len() as f64)
}

fn of_row(matrix: &Matrix, labels: &[Option<u32>], sizes: &[u64], row: usize, own: u32) -> f64 {
    let mut sums = vec![0.0; sizes.len()];
    for (other, label) in labels.iter().enumerate() {
        if let Some(label) = label {
            sums[*label as usize] += distance_squared(matrix.row(row), matrix.row(other)).sqrt();
        }
    }
    let own = own as usize;
    if sizes[own] < 2 {
        return 0.0;
    }
    let inside = sums[own] / (sizes[own] - 1) as f64;
    let others = (0..sizes.len()).filter(|&label| label != own && sizes[label] > 0);
    let outside = others.map(|label| sums[label] / sizes[label] as f64).fold(f64::INFINITY, f64::min);
    match inside.max(outside) {
        0.0 => 0.0,
        largest => (outside - inside) / largest,
    }
}
