//! What is kept of a version beside its bytes.

use std::collections::BTreeMap;

use florin_domain::{EventTime, Purpose};
use florin_models::evaluation::{Assessment, Headline};
use florin_store::ModelVersion;
use serde::{Deserialize, Serialize};

use super::drift::Expected;
use crate::FlowError;

/// What a version was made of and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// A hash of the definition's rows, label, features, learner and split.
    pub definition: String,
    /// Its version as `florin apply` recorded it; none when it was not applied.
    pub definition_version: Option<u32>,
    /// The rows.
    pub trained_on: TrainedOn,
    /// Everything that was measured of it on its test.
    pub evaluation: Assessment,
    /// What scores and features were like, to see them drift.
    pub expected: Expected,
}

/// The rows that a version was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// What the sessions were for.
    pub purpose: Purpose,
    /// Nothing that was known later is in them.
    pub known_by: EventTime,
    /// Rows by date.
    pub dates: Vec<(String, usize)>,
    /// Dates of the definition that are left out, because what became of customers was not known yet.
    pub dates_open: usize,
    /// Rows that were learnt from.
    pub train: usize,
    /// Rows that were watched to stop in time.
    pub watched: usize,
    /// Rows of the test.
    pub test: usize,
    /// Versions of the tables that were read.
    pub tables: BTreeMap<String, u64>,
    /// Hashes of the definitions of the traits that were read.
    pub traits: BTreeMap<String, String>,
    /// Of models of texts, a hash of the weights of each sentence encoder, by name.
    #[serde(default)]
    pub encoders: BTreeMap<String, String>,
    /// What everything that was drawn was drawn from.
    pub seed: u64,
}

impl Made {
    /// The figure by which versions are told apart, on its test.
    #[must_use]
    pub fn headline(&self) -> Headline {
        self.evaluation.headline()
    }

    /// The guards that do not let it go, by name.
    #[must_use]
    pub fn failing(&self) -> Vec<String> {
        self.evaluation.refusals().map(|verdict| verdict.guard.clone()).collect()
    }

    pub(super) fn json(&self) -> Result<String, FlowError> {
        serde_json::to_string(self).map_err(|e| FlowError::Internal(e.to_string()))
    }

    pub(super) fn of(version: &ModelVersion) -> Result<Self, FlowError> {
        serde_json::from_str(&version.made).map_err(|e| {
            let what = format!("what is kept of version {} cannot be read ({e}); train it anew", version.version);
            super::wrong(&version.name, what)
        })
    }
}
