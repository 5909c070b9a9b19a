//! Scored rows whose outcome is known, checked once.

use rayon::slice::ParallelSliceMut as _;

use crate::error::{MeasureError, every, same_length};

/// Scored rows. The higher the score, the likelier the label is held to be true.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    scores: &'a [f64],
    labels: &'a [bool],
    weights: Option<&'a [f64]>,
}

impl<'a> Sample<'a> {
    /// One score and one label a row.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, or a score is not finite.
    pub fn new(scores: &'a [f64], labels: &'a [bool]) -> Result<Self, MeasureError> {
        same_length("labels", labels.len(), scores.len())?;
        if scores.is_empty() {
            return Err(MeasureError::Empty);
        }
        every("scores", "a finite number", scores, f64::is_finite)?;
        Ok(Self { scores, labels, weights: None })
    }

    /// The same with a weight for each row.
    ///
    /// # Errors
    /// When lengths differ, or a weight is negative or not finite.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, MeasureError> {
        same_length("weights", weights.len(), self.scores.len())?;
        every("weights", "finite and not negative", weights, |w| w.is_finite() && w >= 0.0)?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Never: a sample has rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// The scores.
    #[must_use]
    pub fn scores(&self) -> &'a [f64] {
        self.scores
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &'a [bool] {
        self.labels
    }

    /// The weight of a row; 1 where none was given.
    #[must_use]
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Whether rows have weights.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// The scores, when all are probabilities.
    ///
    /// # Errors
    /// When a score is below 0 or above 1.
    pub(crate) fn probabilities(&self) -> Result<&'a [f64], MeasureError> {
        every("scores", "a probability, from 0 to 1", self.scores, |p| (0.0..=1.0).contains(&p))?;
        Ok(self.scores)
    }

    /// Weight by distinct score, from low to high.
    ///
    /// # Errors
    /// When no weight lies on true labels, or none on false ones.
    pub fn ranked(&self) -> Result<Ranked, MeasureError> {
        let order = ascending(self.scores);
        let mut ranked = Ranked { scores: Vec::new(), positive: Vec::new(), negative: Vec::new() };
        for row in order {
            let row = row as usize;
            if ranked.scores.last() != Some(&self.scores[row]) {
                ranked.scores.push(self.scores[row]);
                ranked.positive.push(0.0);
                ranked.negative.push(0.0);
            }
            let side = if self.labels[row] { &mut ranked.positive } else { &mut ranked.negative };
            if let Some(last) = side.last_mut() {
                *last += self.weight(row);
            }
        }
        ranked.both_kinds()?;
        Ok(ranked)
    }
}

/// Rows from the lowest score to the highest; those of one score in their own order.
pub(crate) fn ascending(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(scores.len()).unwrap_or(u32::MAX)).collect();
    order.par_sort_unstable_by(|a, b| {
        let by_score = (scores[*a as usize] + 0.0).total_cmp(&(scores[*b as usize] + 0.0));
        by_score.then(a.cmp(b))
    });
    order
}

/// Weight of true and false labels by distinct score, from low to high. All figures of discrimination are functions of it, so
/// that a resample needs new weights but no new order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    pub(crate) scores: Vec<f64>,
    pub(crate) positive: Vec<f64>,
    pub(crate) negative: Vec<f64>,
}

impl Ranked {
    /// Weight of true labels.
    #[must_use]
    pub fn positives(&self) -> f64 {
        self.positive.iter().sum()
    }

    /// Weight of false labels.
    #[must_use]
    pub fn negatives(&self) -> f64 {
        self.negative.iter().sum()
    }

    fn both_kinds(&self) -> Result<(), MeasureError> {
        match (self.positives() > 0.0, self.negatives() > 0.0) {
            (false, _) => Err(MeasureError::OneKind { missing: "positive" }),
            (_, false) => Err(MeasureError::OneKind { missing: "negative" }),
            _ => Ok(()),
        }
    }
}
