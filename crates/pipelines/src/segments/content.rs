//! What is kept of a membership beside who belongs.

use std::collections::BTreeMap;

use florin_domain::{DataClass, EventTime, Purpose};
use florin_features::{
    Traits,
    clustering::{Clustered, Difference},
    definition::Meaning,
    segments::preview::Distribution,
};
use florin_store::Membership;
use serde::{Deserialize, Serialize};

use crate::FlowError;

/// Of one segment, as JSON in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    /// A hash of the definition that it was decided by.
    pub(super) definition: String,
    /// The time for which all customers were decided.
    pub(super) as_of: EventTime,
    /// The time for which the customers of the newest rows were, when that is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) followed: Option<EventTime>,
    /// How many customers there were.
    pub(super) customers: u64,
    /// What it was decided from.
    pub(super) from: Versions,
    /// Of a clustering: what sets its clusters apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) clusters: Option<Described>,
    /// How its traits were distributed over its members when it was first decided so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) traits: BTreeMap<String, Baseline>,
}

/// Versions of what a membership was decided from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Versions {
    /// Of tables: those of the lake.
    pub(super) tables: BTreeMap<String, u64>,
    /// Of traits: which run.
    #[serde(default)]
    pub(super) traits: BTreeMap<String, String>,
    /// Of other segments: the revision of their membership.
    #[serde(default)]
    pub(super) segments: BTreeMap<String, i64>,
    /// When customers were last found to be one, or no longer.
    #[serde(default)]
    pub(super) persons: i64,
}

/// A distribution to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    /// Of when it is.
    pub(super) at: EventTime,
    /// What it was.
    pub(super) of: Distribution,
    /// How far it has shifted since: the population stability index.
    pub(super) shift: f64,
}

/// What sets clusters apart, and how sure they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Mean agreement of resamples (adjusted Rand index).
    pub stability: f64,
    /// The least.
    pub stability_min: f64,
    /// In a word.
    pub word: String,
    /// Each cluster, from 1.
    pub clusters: Vec<DescribedCluster>,
    /// What other numbers of clusters would have given: number and mean silhouette.
    pub choices: Vec<(u32, f64)>,
}

/// One cluster, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedCluster {
    /// From 1.
    pub number: u32,
    /// How many customers it was of when decided.
    pub size: u64,
    /// Each trait, the most different first.
    pub differences: Vec<DescribedDifference>,
}

/// One trait of a cluster beside all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedDifference {
    /// The trait.
    pub name: String,
    /// What the trait says of a customer, as the bank directory has it now; absent where it has none. It is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// The mean inside.
    pub inside: Option<f64>,
    /// The mean of all others.
    pub outside: Option<f64>,
    /// The standardised difference.
    pub standardised: f64,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A number of a journey whose customers were saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Who that is.
    pub meaning: Meaning,
    /// `funnel`, `retention` …
    pub kind: String,
    /// The journey, as it was asked.
    pub journey: serde_json::Value,
    /// Which of its numbers.
    pub cell: serde_json::Value,
    /// The time of the session that asked.
    pub as_of: EventTime,
    /// What it was asked for, and so may be used for.
    pub purpose: Purpose,
    /// Who asked.
    pub by: String,
    /// The tables that it was told from, and the most sensitive class that was seen of each.
    pub(super) needs: BTreeMap<String, DataClass>,
}

impl Content {
    pub(super) fn read(text: &str) -> Result<Self, FlowError> {
        serde_json::from_str(text).map_err(|e| FlowError::Internal(format!("a membership cannot be read: {e}")))
    }

    pub(super) fn of(membership: &Membership) -> Result<Self, FlowError> {
        Self::read(&membership.content)
    }

    pub(super) fn text(&self) -> Result<String, FlowError> {
        serde_json::to_string(self).map_err(|e| FlowError::Internal(e.to_string()))
    }

    /// The latest time for which anybody was decided.
    pub(super) fn latest(&self) -> EventTime {
        self.followed.map_or(self.as_of, |followed| followed.max(self.as_of))
    }
}

impl Saved {
    pub(super) fn read(text: &str) -> Result<Self, FlowError> {
        serde_json::from_str(text).map_err(|e| FlowError::Internal(format!("a saved number cannot be read: {e}")))
    }

    pub(super) fn of(membership: &Membership) -> Result<Option<Self>, FlowError> {
        membership.saved.as_deref().map(Self::read).transpose()
    }

    pub(super) fn text(&self) -> Result<String, FlowError> {
        serde_json::to_string(self).map_err(|e| FlowError::Internal(e.to_string()))
    }
}

impl Described {
    pub(super) fn of(clustered: &Clustered) -> Self {
        let cluster = |found: &florin_features::clustering::Cluster| DescribedCluster {
            number: found.number,
            size: found.size,
            differences: found.differences.iter().map(DescribedDifference::of).collect(),
        };
        Self {
            stability: clustered.stability.mean,
            stability_min: clustered.stability.least,
            word: clustered.stability.word().to_owned(),
            clusters: clustered.clusters.iter().map(cluster).collect(),
            choices: clustered.choices.iter().map(|choice| (choice.clusters, choice.silhouette)).collect(),
        }
    }
}

impl Described {
    /// For people: with what each trait means.
    pub(super) fn explained(mut self, traits: &Traits) -> Self {
        for difference in self.clusters.iter_mut().flat_map(|cluster| &mut cluster.differences) {
            difference.meaning = traits.get(&difference.name).map(|of| of.meaning.clone());
        }
        self
    }
}

impl DescribedDifference {
    fn of(found: &Difference) -> Self {
        Self {
            name: found.name.clone(),
            meaning: None,
            inside: found.inside,
            outside: found.outside,
            standardised: found.standardised,
            zh: found.chinese().to_owned(),
            en: found.english().to_owned(),
        }
    }
}
