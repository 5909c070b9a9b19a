//! k-means: Lloyd's iterations (1982) from starts drawn by k-means++ (Arthur & Vassilvitskii 2007).
//!
//! Several starts are tried on a sample, and the best goes on with everybody. Sums are made in tasks of a fixed number of rows, added in
//! order, so the result is the same on any number of threads. Ties go to the cluster of the smaller number.

use rayon::prelude::*;

use super::scale::{Matrix, distance_squared};
use crate::{
    error::{Result, argument},
    random::Random,
};

/// Rows that one task looks at.
const ROWS_PER_TASK: usize = 4096;
/// Rows on which starts are tried.
pub const SAMPLE_ROWS_MAX: usize = 20_000;
/// Starts that are tried.
pub const STARTS: usize = 16;
/// Iterations before it is left at that.
pub const ITERATIONS_MAX: usize = 300;
/// It has settled when the sum of squares falls by less than this share.
const SETTLED: f64 = 1e-7;
/// The most clusters.
pub const CLUSTERS_MAX: u32 = 100;

/// Clusters by their centroids.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    centroids: Matrix,
    inertia: f64,
    iterations: usize,
}

impl KMeans {
    /// How many clusters there are.
    #[must_use]
    pub fn clusters(&self) -> u32 {
        self.centroids.rows() as u32
    }

    /// The centroids, a row each.
    #[must_use]
    pub fn centroids(&self) -> &Matrix {
        &self.centroids
    }

    /// The sum of squared distances of the rows it was fitted to.
    #[must_use]
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// How many iterations there were with everybody.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The cluster of each row, from 0.
    #[must_use]
    pub fn assign(&self, matrix: &Matrix) -> Vec<u32> {
        let width = matrix.columns();
        let rows = matrix.values().par_chunks(ROWS_PER_TASK * width);
        let near = |rows: &[f64]| rows.chunks(width).map(|row| nearest(row, &self.centroids).0).collect::<Vec<_>>();
        rows.map(near).collect::<Vec<_>>().concat()
    }
}

/// Clusters the rows.
///
/// # Errors
/// No cluster, more than [`CLUSTERS_MAX`], or more than there are rows.
pub fn fit(matrix: &Matrix, clusters: u32, seed: u64) -> Result<KMeans> {
    if clusters == 0 || clusters > CLUSTERS_MAX || clusters as usize > matrix.rows() {
        return Err(argument("the number of clusters", clusters, "1 to 100, and no more than there are customers"));
    }
    let mut random = Random::new(seed);
    let sample = matrix.take(&random.sample(matrix.rows(), SAMPLE_ROWS_MAX));
    let mut best: Option<KMeans> = None;
    for _ in 0..STARTS {
        let tried = lloyd(&sample, spread_out(&sample, clusters as usize, &mut random));
        if best.as_ref().is_none_or(|best| tried.inertia < best.inertia) {
            best = Some(tried);
        }
    }
    match best {
        Some(best) if sample.rows() == matrix.rows() => Ok(best),
        Some(best) => Ok(lloyd(matrix, best.centroids)),
        None => Err(argument("starts", 0, "at least one")),
    }
}

/// Centroids drawn far apart: each with a probability in proportion to the squared distance to the nearest before it.
fn spread_out(matrix: &Matrix, clusters: usize, random: &mut Random) -> Matrix {
    let rows = matrix.rows();
    let mut chosen = vec![random.below(rows as u64) as usize];
    let mut distances = vec![f64::INFINITY; rows];
    while chosen.len() < clusters {
        let newest = matrix.row(chosen[chosen.len() - 1]);
        distances.par_iter_mut().enumerate().for_each(|(row, distance)| {
            *distance = distance.min(distance_squared(matrix.row(row), newest));
        });
        chosen.push(draw(&distances, random));
    }
    matrix.take(&chosen)
}

/// A row with a probability in proportion to its weight; any when all weigh nothing.
fn draw(weights: &[f64], random: &mut Random) -> usize {
    let total: f64 = weights.iter().sum();
    let mut left = random.unit() * total;
    if total <= 0.0 {
        return random.below(weights.len() as u64) as usize;
    }
    let mut last = 0;
    for (row, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = row;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// What one task found.
struct Part {
    sums: Vec<f64>,
    counts: Vec<u64>,
    inertia: f64,
    /// The row farthest from its centroid, and how far.
    farthest: (f64, usize),
}

fn lloyd(matrix: &Matrix, mut centroids: Matrix) -> KMeans {
    let mut inertia = f64::INFINITY;
    for iteration in 1..=ITERATIONS_MAX {
        let total = sum_up(matrix, &centroids);
        let settled = inertia.is_finite() && inertia - total.inertia <= SETTLED * inertia;
        inertia = total.inertia;
        let next = means(matrix, &centroids, &total);
        if settled || next == centroids {
            return KMeans { centroids, inertia, iterations: iteration };
        }
        centroids = next;
    }
    KMeans { centroids, inertia, iterations: ITERATIONS_MAX }
}

fn sum_up(matrix: &Matrix, centroids: &Matrix) -> Part {
    let (width, clusters) = (matrix.columns(), centroids.rows());
    let empty =
        || Part { sums: vec![0.0; clusters * width], counts: vec![0; clusters], inertia: 0.0, farthest: (-1.0, 0) };
    let tasks = matrix.values().par_chunks(ROWS_PER_TASK * width).enumerate();
    let parts: Vec<Part> = tasks
        .map(|(task, rows)| {
            let mut part = empty();
            for (at, row) in rows.chunks(width).enumerate() {
                part.add(row, task * ROWS_PER_TASK + at, centroids);
            }
            part
        })
        .collect();
    parts.into_iter().fold(empty(), Part::and)
}

impl Part {
    fn add(&mut self, row: &[f64], number: usize, centroids: &Matrix) {
        let (cluster, distance) = nearest(row, centroids);
        let at = cluster as usize * row.len();
        self.sums[at..at + row.len()].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        self.counts[cluster as usize] += 1;
        self.inertia += distance;
        if distance > self.farthest.0 {
            self.farthest = (distance, number);
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, value)| *sum += value);
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        self.inertia += other.inertia;
        if other.farthest.0 > self.farthest.0 {
            self.farthest = other.farthest;
        }
        self
    }
}

/// The means of the clusters. The first one that lost all its rows goes to the row that is farthest from its own centroid.
fn means(matrix: &Matrix, centroids: &Matrix, total: &Part) -> Matrix {
    let width = matrix.columns();
    let mut values = Vec::with_capacity(total.sums.len());
    let mut farthest = Some(total.farthest.1).filter(|_| total.farthest.0 > 0.0);
    for (cluster, &count) in total.counts.iter().enumerate() {
        match count {
            0 => match farthest.take() {
                Some(row) => values.extend_from_slice(matrix.row(row)),
                None => values.extend_from_slice(centroids.row(cluster)),
            },
            _ => values.extend(total.sums[cluster * width..(cluster + 1) * width].iter().map(|sum| sum / count as f64)),
        }
    }
    Matrix::new(width, values).unwrap_or_else(|_| centroids.clone())
}

#[inline]
fn nearest(row: &[f64], centroids: &Matrix) -> (u32, f64) {
    let mut best = (0, f64::INFINITY);
    for (cluster, centroid) in (0..).zip(centroids.values().chunks(row.len())) {
        let distance = distance_squared(row, centroid);
        if distance < best.1 {
            best = (cluster, distance);
        }
    }
    best
}
