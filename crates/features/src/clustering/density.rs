//! Clusters by density: HDBSCAN (Campello, Moulavi & Sander 2013), on a sample; others go where their nearest neighbour in the sample is.
//!
//! Clusters are dense regions that persist while the density is raised; who lives in no such region is in no cluster.
//!
//! *Assumptions.* (1) Sampled customers are moved by up to a hundredth of a unit of scale, because many have exactly the same values (nothing
//! at all, mostly), whose distance of 0 would be an infinite density that swallows everything. (2) A customer outside the sample
//! belongs to the cluster of the nearest sampled one if it is at least as near as that one's own [`NEIGHBOURS`]th neighbour.

use hdbscan::{Hdbscan, HdbscanHyperParams, NnAlgorithm};
use kdtree::{KdTree, distance::squared_euclidean};
use rayon::prelude::*;

use super::scale::Matrix;
use crate::{
    error::{FeatureError, Result, argument},
    random::Random,
};

/// Customers whose hierarchy is worked out: it takes their number squared.
pub const SAMPLE_ROWS_MAX: usize = 10_000;
/// How many neighbours say how dense it is where a customer lives.
pub const NEIGHBOURS: usize = 10;
/// How far sampled customers are moved at most, in units of scale.
const SHIFT: f64 = 0.01;

/// Sampled customers with their clusters.
pub struct Density {
    tree: KdTree<f64, u32, Vec<f64>>,
    /// By sampled customer: the cluster, and how near one must be to join it (squared).
    members: Vec<(Option<u32>, f64)>,
}

/// Clusters the rows.
///
/// # Errors
/// A cluster size below 2, fewer rows than two clusters need, or what the library refuses.
pub fn fit(matrix: &Matrix, cluster_size_min: u32, seed: u64) -> Result<Density> {
    let smallest = cluster_size_min as usize;
    if smallest < 2 {
        return Err(argument("the size of a cluster", smallest, "at least 2"));
    }
    let needed = (2 * smallest).max(NEIGHBOURS + 1);
    if matrix.rows() < needed {
        return Err(FeatureError::TooLittle { what: "customers to cluster", found: matrix.rows(), needed });
    }
    let mut random = Random::new(seed);
    let chosen = random.sample(matrix.rows(), SAMPLE_ROWS_MAX);
    let mut shifted = || SHIFT * (2.0 * random.unit() - 1.0);
    let points: Vec<Vec<f64>> =
        chosen.iter().map(|&row| matrix.row(row).iter().map(|value| value + shifted()).collect()).collect();
    let settings = HdbscanHyperParams::builder()
        .min_cluster_size(smallest)
        .min_samples(NEIGHBOURS)
        .nn_algorithm(NnAlgorithm::KdTree)
        .build();
    let refused = |why: String| FeatureError::Library { what: "clusters by density", why };
    let labels = Hdbscan::new(&points, settings).cluster().map_err(|error| refused(error.to_string()))?;
    let mut tree = KdTree::new(matrix.columns());
    for (number, point) in (0..).zip(&points) {
        tree.add(point.clone(), number).map_err(|error| refused(error.to_string()))?;
    }
    let reach = |point: &Vec<f64>| {
        let near = tree.nearest(point, NEIGHBOURS + 1, &squared_euclidean).unwrap_or_default();
        near.last().map_or(0.0, |(distance, _)| *distance)
    };
    let members =
        points.par_iter().zip(labels).map(|(point, label)| (u32::try_from(label).ok(), reach(point))).collect();
    Ok(Density { tree, members })
}

impl Density {
    /// The cluster of each row, from 0; `None` in no cluster.
    #[must_use]
    pub fn assign(&self, matrix: &Matrix) -> Vec<Option<u32>> {
        (0..matrix.rows()).into_par_iter().map(|row| self.of_row(matrix.row(row))).collect()
    }

    fn of_row(&self, row: &[f64]) -> Option<u32> {
        let near = self.tree.nearest(row, 1, &squared_euclidean).ok()?;
        let (distance, number) = near.first()?;
        let (label, reach) = self.members.get(**number as usize)?;
        label.filter(|_| distance <= reach)
    }
}

impl std::fmt::Debug for Density {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Density").field("sampled", &self.members.len()).finish_non_exhaustive()
    }
}
