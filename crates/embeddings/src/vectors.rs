//! Vectors of texts, and which are nearest.

use rayon::prelude::*;

use crate::error::{EmbeddingError, Result};

/// Vectors that a thread compares at a time.
const CHUNK: usize = 4_096;

/// One vector of length 1 a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    dimensions: usize,
    values: Vec<f32>,
}

impl Vectors {
    pub(crate) fn of(dimensions: usize, values: Vec<f32>) -> Self {
        Self { dimensions, values }
    }

    /// How many numbers a vector has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// All vectors, one after the other.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// How many vectors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.dimensions.max(1)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The vector of a text; an empty one when there is no such text.
    #[must_use]
    pub fn row(&self, at: usize) -> &[f32] {
        self.values.get(at * self.dimensions..(at + 1) * self.dimensions).unwrap_or_default()
    }

    /// The vectors nearest to another, by cosine, the nearest first, and of equally near ones the first: positions and cosines. Exact: all
    /// are compared.
    ///
    /// # Errors
    /// When the other has another number of dimensions.
    pub fn nearest(&self, to: &[f32], count: usize) -> Result<Vec<(usize, f32)>> {
        if to.len() != self.dimensions {
            return Err(EmbeddingError::Dimensions { found: to.len(), expected: self.dimensions });
        }
        let chunks = self.values.par_chunks(CHUNK * self.dimensions.max(1)).enumerate();
        let found: Vec<Vec<(usize, f32)>> = chunks
            .map(|(chunk, values)| {
                let rows = values.chunks_exact(self.dimensions.max(1)).enumerate();
                best(rows.map(|(at, row)| (chunk * CHUNK + at, dot(row, to))).collect(), count)
            })
            .collect();
        Ok(best(found.into_iter().flatten().collect(), count))
    }
}

/// The largest so many, in order.
fn best(mut found: Vec<(usize, f32)>, count: usize) -> Vec<(usize, f32)> {
    let order = |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if count < found.len() {
        found.select_nth_unstable_by(count, order);
        found.truncate(count);
    }
    found.sort_unstable_by(order);
    found
}

/// The sum of products, eight sums side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a_eights, b_eights) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_eights.remainder().iter().zip(b_eights.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_eights.zip(b_eights) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_equally_near_ones_in_order() {
        let vectors = Vectors::of(2, vec![0.0, 1.0, 1.0, 0.0, 0.6, 0.8, 1.0, 0.0]);
        let near = vectors.nearest(&[1.0, 0.0], 3).unwrap();
        assert_eq!(near.iter().map(|found| found.0).collect::<Vec<_>>(), [1, 3, 2]);
        assert!((near[2].1 - 0.6).abs() < 1e-6);
        assert_eq!(vectors.nearest(&[1.0, 0.0], 9).unwrap().len(), 4);
        assert!(vectors.nearest(&[1.0, 0.0], 0).unwrap().is_empty());
    }

    #[test]
    fn a_vector_of_another_encoder_is_refused() {
        let vectors = Vectors::of(2, vec![0.0, 1.0]);
        let error = vectors.nearest(&[1.0, 0.0, 0.0], 1).unwrap_err().to_string();
        assert_eq!(error, "a vector has 3 numbers and another 2; compare vectors of one encoder");
    }
}
