//! Segments as written.

use florin_domain::Purpose;
use serde::Deserialize;
use toml::Spanned;

use crate::{
    definition::{Literal, Meaning},
    error::DefinitionProblem,
    names,
};

/// One file of `segments/*.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentFile {
    /// One line for people.
    #[serde(default)]
    pub about: String,
    /// What it defines.
    #[serde(rename = "segment")]
    pub segments: Vec<SegmentDef>,
}

impl SegmentFile {
    /// Reads a file's text; `file` is what problems call it.
    ///
    /// # Errors
    /// What is wrong with its form, with the nearest known key.
    pub fn parse(file: &str, text: &str) -> Result<Self, DefinitionProblem> {
        names::parse(file, text)
    }
}

/// One `[[segment]]`: either `where` or `cluster`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentDef {
    /// Lower-case, unique in the bank.
    pub name: Spanned<String>,
    /// Who that is.
    pub meaning: Meaning,
    /// What it may be used for.
    pub purposes: Spanned<Vec<Purpose>>,
    /// A predicate.
    #[serde(default, rename = "where")]
    pub predicate: Option<Spanned<PredicateDef>>,
    /// A clustering.
    #[serde(default)]
    pub cluster: Option<Spanned<ClusterDef>>,
}

/// One part of a predicate. Exactly one of the keys before each blank line says what kind of part it is; those after it
/// belong to that kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredicateDef {
    /// All of these.
    pub all: Option<Vec<Spanned<PredicateDef>>>,
    /// At least one of these.
    pub any: Option<Vec<Spanned<PredicateDef>>>,
    /// Not this.
    pub not: Option<Box<Spanned<PredicateDef>>>,

    /// A trait's value.
    #[serde(rename = "trait")]
    pub trait_name: Option<Spanned<String>>,
    /// It is this, or one of these.
    pub is: Option<OneOrMore>,
    /// It is there and none of these.
    pub is_not: Option<OneOrMore>,
    /// It is this or more.
    pub at_least: Option<Literal>,
    /// It is this or less.
    pub at_most: Option<Literal>,
    /// It is more than this.
    pub more_than: Option<Literal>,
    /// It is less than this.
    pub less_than: Option<Literal>,
    /// It is missing, or it is not.
    pub missing: Option<bool>,
    /// Whether a value that was filled in counts as unknown; it counts as a value otherwise.
    pub measured: Option<bool>,

    /// Holds a product of that family (or of that name) today.
    pub holds: Option<Spanned<String>>,
    /// For at least that many days.
    pub for_days: Option<u32>,

    /// Did that: an event of that name, or `transaction:<kind>`.
    pub did: Option<Spanned<String>>,
    /// Never did that.
    pub did_not: Option<Spanned<String>>,
    /// At least so often; once when nothing is said.
    pub at_least_times: Option<u32>,
    /// At most so often.
    pub at_most_times: Option<u32>,
    /// In that channel.
    pub channel: Option<String>,
    /// With at least that amount.
    pub amount_at_least: Option<Literal>,
    /// On one of the last so many natural days of the bank's time zone, or today.
    pub in_last_days: Option<u32>,
    /// In the last so many hours.
    pub in_last_hours: Option<u32>,

    /// Did these, in this order.
    pub sequence: Option<Spanned<Vec<String>>>,
    /// From the first to the last at most so many natural days (0: on one day).
    pub within_days: Option<u32>,
    /// From the first to the last at most so many hours.
    pub within_hours: Option<u32>,

    /// Belongs to another segment.
    pub segment: Option<Spanned<String>>,
    /// Of a clustering: to that cluster of it, from 1.
    pub cluster: Option<u32>,
}

/// A value, or several.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// `"east"`
    One(Literal),
    /// `["east", "north"]`
    More(Vec<Literal>),
}

impl OneOrMore {
    /// As a list.
    #[must_use]
    pub fn values(&self) -> &[Literal] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::More(values) => values,
        }
    }
}

/// A clustering, as written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterDef {
    /// The traits customers are compared by.
    pub traits: Vec<Spanned<String>>,
    /// How.
    pub method: MethodDef,
    /// What chance is drawn from.
    #[serde(default)]
    pub seed: u64,
}

/// A method of clustering.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum MethodDef {
    /// k-means; the number of clusters between these is chosen by the silhouette.
    KMeans {
        /// At least 2.
        clusters_min: u32,
        /// At most 20.
        clusters_max: u32,
    },
    /// HDBSCAN; finds the number itself and leaves some customers in no cluster.
    Density {
        /// The fewest customers a cluster has, in a sample of ten thousand.
        cluster_size_min: u32,
    },
}
