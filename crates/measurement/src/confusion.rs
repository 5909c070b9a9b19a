//! What a threshold gets right and wrong.

use serde::{Deserialize, Serialize};

use crate::sample::{Ranked, Sample};

/// Weight of rows by what was decided and what was true. A row is taken when its score is at least the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Taken, and rightly.
    pub true_positives: f64,
    /// Taken, and wrongly.
    pub false_positives: f64,
    /// Left, and rightly.
    pub true_negatives: f64,
    /// Left, and wrongly.
    pub false_negatives: f64,
}

impl Confusion {
    /// At a threshold.
    #[must_use]
    pub fn at(sample: &Sample<'_>, threshold: f64) -> Self {
        let mut found = Self::default();
        for (row, (score, label)) in sample.scores().iter().zip(sample.labels()).enumerate() {
            found.add(*score >= threshold, *label, sample.weight(row));
        }
        found
    }

    /// One row more.
    pub fn add(&mut self, taken: bool, label: bool, weight: f64) {
        *match (taken, label) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_positives,
            (false, false) => &mut self.true_negatives,
            (false, true) => &mut self.false_negatives,
        } += weight;
    }

    /// At every distinct score as threshold, from low to high, in one pass.
    #[must_use]
    pub fn at_each(ranked: &Ranked) -> Vec<(f64, Self)> {
        let mut now =
            Self { true_positives: ranked.positives(), false_positives: ranked.negatives(), ..Self::default() };
        let step = |place: usize| {
            let here = (ranked.scores[place], now);
            let (p, n) = (ranked.positive[place], ranked.negative[place]);
            now = Self {
                true_positives: now.true_positives - p,
                false_positives: now.false_positives - n,
                true_negatives: now.true_negatives + n,
                false_negatives: now.false_negatives + p,
            };
            here
        };
        (0..ranked.scores.len()).map(step).collect()
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.taken() + self.true_negatives + self.false_negatives
    }

    /// Rows that were taken.
    #[must_use]
    pub fn taken(&self) -> f64 {
        self.true_positives + self.false_positives
    }

    /// Rows whose label is true.
    #[must_use]
    pub fn positives(&self) -> f64 {
        self.true_positives + self.false_negatives
    }

    /// Rows whose label is false.
    #[must_use]
    pub fn negatives(&self) -> f64 {
        self.false_positives + self.true_negatives
    }

    /// Share of rows that are decided rightly.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.rows())
    }

    /// Share of rows that are taken.
    #[must_use]
    pub fn selection_rate(&self) -> Option<f64> {
        share(self.taken(), self.rows())
    }

    /// Share of positives that are taken (recall, sensitivity).
    #[must_use]
    pub fn true_positive_rate(&self) -> Option<f64> {
        share(self.true_positives, self.positives())
    }

    /// Share of negatives that are taken.
    #[must_use]
    pub fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_positives, self.negatives())
    }

    /// Share of the taken that are positive.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.taken())
    }

    /// Harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2.0 * self.true_positives, 2.0 * self.true_positives + self.false_positives + self.false_negatives)
    }

    /// Matthews' correlation (1975) of decision and label.
    #[must_use]
    pub fn matthews(&self) -> Option<f64> {
        let left = self.true_negatives + self.false_negatives;
        let under = (self.taken() * self.positives() * self.negatives() * left).sqrt();
        share(self.true_positives * self.true_negatives - self.false_positives * self.false_negatives, under)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
