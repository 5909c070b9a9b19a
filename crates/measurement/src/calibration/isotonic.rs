//! The rising line that fits best.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, settings},
    sample::{Sample, ascending},
};

/// A rising map of scores to probabilities: straight between its knots, flat beyond the first and last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Knots", into = "Knots")]
pub struct Isotonic {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

/// As it is written down.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knots {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

/// Neighbouring scores with one mean.
struct Block {
    from: f64,
    to: f64,
    happened: f64,
    weight: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.happened / self.weight
    }
}

impl Isotonic {
    /// Least squares among rising maps, by pooling neighbours that are out of order (Ayer et al. 1955). Rows of one score count
    /// as one with their weighted mean, as in scikit-learn.
    ///
    /// # Errors
    /// When a kind of label is missing.
    pub fn fit(sample: &Sample<'_>) -> Result<Self, MeasureError> {
        sample.ranked()?;
        let mut blocks: Vec<Block> = Vec::new();
        let order = ascending(sample.scores());
        for tied in order.chunk_by(|a, b| sample.scores()[*a as usize] == sample.scores()[*b as usize]) {
            let score = sample.scores()[tied[0] as usize];
            let (mut happened, mut weight) = (0.0, 0.0);
            for row in tied.iter().map(|row| *row as usize) {
                weight += sample.weight(row);
                happened += if sample.labels()[row] { sample.weight(row) } else { 0.0 };
            }
            if weight > 0.0 {
                blocks.push(Block { from: score, to: score, happened, weight });
                pool(&mut blocks);
            }
        }
        Ok(Self::of_blocks(&blocks))
    }

    fn of_blocks(blocks: &[Block]) -> Self {
        let (mut scores, mut probabilities) = (Vec::new(), Vec::new());
        for block in blocks {
            scores.push(block.from);
            probabilities.push(block.mean());
            if block.to > block.from {
                scores.push(block.to);
                probabilities.push(block.mean());
            }
        }
        Self { scores, probabilities }
    }

    /// The probability of a score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|knot| *knot < score);
        match (above.checked_sub(1), self.scores.get(above)) {
            (None, _) => self.probabilities.first().copied().unwrap_or(f64::NAN),
            (Some(below), None) => self.probabilities[below],
            (Some(below), Some(right)) => {
                let left = self.scores[below];
                let (low, high) = (self.probabilities[below], self.probabilities[above]);
                low + (high - low) * (score - left) / (right - left)
            }
        }
    }

    /// Scores and probabilities between which it is straight.
    pub fn knots(&self) -> impl Iterator<Item = (f64, f64)> {
        self.scores.iter().copied().zip(self.probabilities.iter().copied())
    }
}

/// Merges the last block with those before it for as long as they are out of order.
fn pool(blocks: &mut Vec<Block>) {
    while let [.., before, last] = blocks.as_mut_slice() {
        if before.mean() < last.mean() {
            return;
        }
        before.to = last.to;
        before.happened += last.happened;
        before.weight += last.weight;
        blocks.pop();
    }
}

impl TryFrom<Knots> for Isotonic {
    type Error = MeasureError;
    fn try_from(knots: Knots) -> Result<Self, MeasureError> {
        let Knots { scores, probabilities } = knots;
        let rising = scores.is_sorted_by(|a, b| a < b) && probabilities.is_sorted();
        let sound = probabilities.iter().all(|p| (0.0..=1.0).contains(p)) && scores.iter().all(|s| s.is_finite());
        if scores.is_empty() || scores.len() != probabilities.len() || !rising || !sound {
            return Err(settings("knots of an isotonic map must be pairs of rising scores and rising probabilities"));
        }
        Ok(Self { scores, probabilities })
    }
}

impl From<Isotonic> for Knots {
    fn from(map: Isotonic) -> Self {
        Self { scores: map.scores, probabilities: map.probabilities }
    }
}
