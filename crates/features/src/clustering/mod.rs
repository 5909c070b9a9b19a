//! Customers who are alike.
//!
//! [`cluster`] scales traits ([`scale`]), groups customers by k-means ([`k_means`]) with the number of clusters chosen by
//! the silhouette ([`choose`]), or by density ([`density`]); says how stable the result is ([`stability`]); and describes each
//! cluster by what sets it apart ([`describe`]). Clusters are numbered from 1, the largest first.
//!
//! *Options.* `linfa-clustering` 0.8 has k-means, DBSCAN and OPTICS. Its k-means updates centroids on one thread, counts the old centroid as a
//! point (so it does not end where Lloyd's does), panics on some input, and brings a second linear algebra and an older `rand`. *Decision*: k-means
//! is ours (two short loops, sums in a fixed order), density is `hdbscan`'s, on a sample, because there the hierarchy is the
//! hard part. HDBSCAN and not DBSCAN: no bank can say which distance between customers is near, and dense and sparse groups live
//! side by side.

pub mod choose;
pub mod density;
pub mod describe;
pub mod k_means;
pub mod scale;
pub mod stability;

use serde::Serialize;

use crate::{
    error::{FeatureError, Result, same_length},
    random::Random,
    segments::MethodDef,
};

pub use choose::Choice;
pub use describe::{Difference, Strength};
pub use scale::{ColumnScale, Matrix, Scaler};
pub use stability::{Stability, adjusted_rand};

/// The fewest customers that are clustered.
pub const CUSTOMERS_MIN: usize = 50;

/// What is clustered, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The traits' names.
    pub names: &'a [String],
    /// A column a trait; `None` where a value is missing.
    pub columns: &'a [Vec<Option<f64>>],
    /// How.
    pub method: &'a MethodDef,
    /// What chance is drawn from.
    pub seed: u64,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// From 1, the largest first.
    pub number: u32,
    /// How many customers.
    pub size: u64,
    /// Their share of all, 0 to 1.
    pub share: f64,
    /// What sets it apart from the other customers, the strongest first.
    pub differences: Vec<Difference>,
}

/// Clustered customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clustered {
    /// By customer: the number of the cluster; `None` for those in none (by density only).
    pub labels: Vec<Option<u32>>,
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// What each number of clusters would have given (k-means only).
    pub choices: Vec<Choice>,
    /// How far resamples agree.
    pub stability: Stability,
    /// How each trait was scaled, and how much of it was missing.
    pub scales: Vec<ColumnScale>,
}

/// Clusters customers.
///
/// # Errors
/// Fewer than [`CUSTOMERS_MIN`] customers, columns of different lengths, a trait that is missing for most, or settings that
/// cannot be.
pub fn cluster(request: Request<'_>) -> Result<Clustered> {
    let rows = request.columns.first().map_or(0, Vec::len);
    if rows < CUSTOMERS_MIN {
        return Err(FeatureError::TooLittle { what: "customers to cluster", found: rows, needed: CUSTOMERS_MIN });
    }
    same_length("columns", request.columns.len(), request.names.len())?;
    let scaler = Scaler::learn(request.names, request.columns)?;
    let matrix = scaler.apply(request.columns)?;
    let mut random = Random::new(request.seed);
    let (labels, choices, stability) = match *request.method {
        MethodDef::KMeans { clusters_min, clusters_max } => {
            let (model, choices) = choose::choose(&matrix, clusters_min, clusters_max, random.next())?;
            let labels: Vec<Option<u32>> = model.assign(&matrix).into_iter().map(Some).collect();
            let clusters = model.clusters();
            let refit = |rows: &Matrix, seed: u64| {
                let again = k_means::fit(rows, clusters, seed)?;
                Ok(Box::new(move |matrix: &Matrix| again.assign(matrix).into_iter().map(Some).collect())
                    as stability::Assign)
            };
            let stability = stability::bootstrap(&matrix, &labels, random.next(), &refit)?;
            (labels, choices, stability)
        }
        MethodDef::Density { cluster_size_min } => {
            let model = density::fit(&matrix, cluster_size_min, random.next())?;
            let labels = model.assign(&matrix);
            let refit = |rows: &Matrix, seed: u64| {
                let again = density::fit(rows, cluster_size_min, seed)?;
                Ok(Box::new(move |matrix: &Matrix| again.assign(matrix)) as stability::Assign)
            };
            let stability = stability::bootstrap(&matrix, &labels, random.next(), &refit)?;
            (labels, Vec::new(), stability)
        }
    };
    let labels = by_size(&labels);
    let clusters = describe::clusters(request.names, request.columns, &labels);
    Ok(Clustered { labels, clusters, choices, stability, scales: scaler.columns().to_vec() })
}

/// Numbers from 1, the largest cluster first; ties by the first customer.
fn by_size(labels: &[Option<u32>]) -> Vec<Option<u32>> {
    let most = labels.iter().flatten().max().map_or(0, |most| *most as usize + 1);
    let mut sizes: Vec<(u64, usize)> = vec![(0, usize::MAX); most];
    for (row, label) in labels.iter().enumerate() {
        if let Some(label) = label {
            let (size, first) = &mut sizes[*label as usize];
            *size += 1;
            *first = row.min(*first);
        }
    }
    let mut order: Vec<usize> = (0..most).filter(|&label| sizes[label].0 > 0).collect();
    order.sort_by_key(|&label| (std::cmp::Reverse(sizes[label].0), sizes[label].1));
    let mut numbers = vec![None; most];
    for (number, label) in (1..).zip(order) {
        numbers[label] = Some(number);
    }
    labels.iter().map(|label| label.and_then(|label| numbers[label as usize])).collect()
}
