//! How the odd ones out are looked for: `kind = "isolation"`.

use serde::{Deserialize, Serialize};

use crate::isolation::IsolationSettings;

/// The share of rows that is flagged when the definition does not say.
const SHARE: f64 = 0.01;
/// The most trees.
pub(super) const TREES_MAX: usize = 2000;
/// The most rows that a tree is grown from.
pub(super) const SAMPLE_MAX: usize = 65_536;
/// What share may be flagged.
pub(super) const SHARES: std::ops::RangeInclusive<f64> = 0.0001..=0.5;

/// An isolation forest. It learns from no label.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IsolationDef {
    /// How many trees; 200 when absent.
    pub trees: Option<usize>,
    /// From how many rows each is grown; 256 when absent.
    pub sample: Option<usize>,
    /// What share of the rows of training lies above the score from which on a row is flagged; 0.01 when absent.
    pub share: Option<f64>,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// With so many, two forests of other seeds flag much the same rows.
const TREES: usize = 200;

impl IsolationDef {
    /// The learner.
    #[must_use]
    pub fn settings(&self) -> IsolationSettings {
        let standard = IsolationSettings::default();
        let (trees, sample) = (self.trees.unwrap_or(TREES), self.sample.unwrap_or(standard.sample));
        IsolationSettings { trees, sample, seed: self.seed }
    }

    /// What share of the rows of training is flagged.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share.unwrap_or(SHARE)
    }
}
