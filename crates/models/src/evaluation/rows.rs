//! Rows with the model's scores.

use florin_measurement::Sample;

use crate::{
    error::{Result, library},
    figures,
    frame::DataSet,
    learner::Model,
    random::Random,
};

/// The most rows that extra models are fitted on and features are looked through: beyond, a sample is drawn.
pub(super) const ROWS_MAX: usize = 200_000;

/// Rows, with what the model says of each.
pub(super) struct Scored {
    pub(super) scores: Vec<f64>,
    pub(super) labels: Vec<bool>,
    weights: Option<Vec<f64>>,
}

impl Scored {
    pub(super) fn of(model: &dyn Model, set: &DataSet) -> Result<Self> {
        let labels = set.binary()?.iter().map(|label| *label == 1.0).collect();
        Ok(Self { scores: model.predict(set.frame())?, labels, weights: set.weights().map(<[f64]>::to_vec) })
    }

    /// Of rows whose scores and outcomes are known already.
    pub(super) fn known(scores: Vec<f64>, labels: Vec<bool>, weights: Vec<f64>) -> Self {
        Self { scores, labels, weights: Some(weights) }
    }

    pub(super) fn sample(&self) -> Result<Sample<'_>> {
        self.with(&self.scores)
    }

    /// The same rows under other scores.
    pub(super) fn with<'a>(&'a self, scores: &'a [f64]) -> Result<Sample<'a>> {
        let sample = Sample::new(scores, &self.labels).map_err(measured)?;
        match &self.weights {
            Some(weights) => sample.weighted(weights).map_err(measured),
            None => Ok(sample),
        }
    }

    /// The weighted AUC.
    pub(super) fn auc(&self) -> f64 {
        let labels: Vec<f64> = self.labels.iter().map(|label| f64::from(u8::from(*label))).collect();
        figures::auc(&self.scores, &labels, self.weights.as_deref())
    }

    pub(super) fn positives(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }
}

/// An error of measuring as one of this crate.
pub(super) fn measured(error: florin_measurement::MeasureError) -> crate::ModelError {
    library("measuring", error)
}

/// At most so many of these rows, drawn by chance and in their order.
pub(super) fn drawn(rows: usize, at_most: usize, seed: u64) -> Vec<usize> {
    if rows <= at_most {
        return (0..rows).collect();
    }
    let mut chosen = Random::new(seed).permutation(rows);
    chosen.truncate(at_most);
    chosen.sort_unstable();
    chosen
}

/// The same of a set; the set itself when it is small enough.
pub(super) fn drawn_set(set: &DataSet, at_most: usize, seed: u64) -> Result<std::borrow::Cow<'_, DataSet>> {
    let rows = set.frame().rows();
    Ok(match rows <= at_most {
        true => std::borrow::Cow::Borrowed(set),
        false => std::borrow::Cow::Owned(set.select(&drawn(rows, at_most, seed))?),
    })
}
