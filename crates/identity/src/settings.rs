//! Everything a bank says about matching.

use serde::{Deserialize, Serialize};

use crate::{
    blocking::{KeyPart, Rule},
    compare::Comparison,
    error::{Result, setting},
    table::SYSTEMS_MAX,
};

/// How records are matched. Columns are called by name; systems by number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Rules that alone make two records one: the same valid national id, the same verified phone. The first that
    /// holds gives the reason.
    #[serde(default)]
    pub certain: Vec<Rule>,
    /// Columns of which a customer can have one value only (valid national id): two values never meet in a cluster.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Which pairs are compared at all: those that share the key of some rule.
    pub blocking: Vec<Rule>,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// How m, u and the prior are estimated.
    pub training: Training,
    /// Pairs at least that probable are links, 0 to 1.
    #[serde(default = "link_probability")]
    pub link_probability: f64,
    /// Systems that know each customer once: at most one of their records in a cluster.
    #[serde(default)]
    pub one_record_systems: Vec<u16>,
    /// Records that may share a key of a blocking rule. Larger blocks are left out and reported.
    #[serde(default = "block_records_max")]
    pub block_records_max: u32,
    /// Records that may share a key of a certain rule (a switchboard's number is nobody's). Larger ones are left out
    /// and reported.
    #[serde(default = "certain_records_max")]
    pub certain_records_max: u32,
    /// How many of the largest blocks are reported.
    #[serde(default = "skewed_reported_max")]
    pub skewed_reported_max: u32,
}

/// A column of which a customer can have one value only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// What it is called where it refuses a link.
    pub name: String,
    /// What must not differ. Missing values contradict nothing; use [`KeyPart::Valid`] so that typing mistakes do not.
    pub part: KeyPart,
}

/// How m, u and the prior are estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Where the share of matches among all pairs comes from.
    pub prior: Prior,
    /// Rules whose pairs m is learned from, one after the other; the estimates are averaged. Each leaves out the
    /// comparisons of its own columns, so two rules without a column in common cover everything.
    pub blocks: Vec<Rule>,
    /// Pairs that are drawn for u.
    #[serde(default = "sample_pairs_max")]
    pub sample_pairs_max: u64,
    /// Where the draw begins.
    #[serde(default)]
    pub seed: u64,
    /// Whether drawn pairs count for u only with the probability that they are no match.
    #[serde(default = "yes")]
    pub matches_out_of_sample: bool,
}

/// Where the prior, the share λ of matches among all pairs, comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Prior {
    /// Pairs that some rule calls the same, divided by the share of matches that the rules are expected to find.
    Rules { rules: Vec<Rule>, recall: f64 },
    /// A number.
    Given { share: f64 },
}

fn link_probability() -> f64 {
    0.9
}

fn block_records_max() -> u32 {
    5_000
}

fn certain_records_max() -> u32 {
    50
}

fn skewed_reported_max() -> u32 {
    20
}

fn sample_pairs_max() -> u64 {
    1_000_000
}

fn yes() -> bool {
    true
}

impl Settings {
    /// Settings of those rules and comparisons, and defaults for the rest.
    #[must_use]
    pub fn new(blocking: Vec<Rule>, comparisons: Vec<Comparison>, training: Training) -> Self {
        Self {
            certain: Vec::new(),
            contradictions: Vec::new(),
            blocking,
            comparisons,
            training,
            link_probability: link_probability(),
            one_record_systems: Vec::new(),
            block_records_max: block_records_max(),
            certain_records_max: certain_records_max(),
            skewed_reported_max: skewed_reported_max(),
        }
    }

    /// The systems that know each customer once, as bits.
    pub(crate) fn one_record_mask(&self) -> Result<u64> {
        let mut mask = 0;
        for system in &self.one_record_systems {
            if usize::from(*system) >= SYSTEMS_MAX {
                return Err(setting("one_record_systems", format!("names system {system} of at most {SYSTEMS_MAX}")));
            }
            mask |= 1 << system;
        }
        Ok(mask)
    }
}

impl Training {
    /// Training on those blocks with that prior, and defaults for the rest.
    #[must_use]
    pub fn new(prior: Prior, blocks: Vec<Rule>) -> Self {
        Self { prior, blocks, sample_pairs_max: sample_pairs_max(), seed: 0, matches_out_of_sample: true }
    }
}
