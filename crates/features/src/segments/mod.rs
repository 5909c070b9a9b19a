//! Who belongs: `segments/*.toml`.
//!
//! A segment is a predicate over traits, holdings, behaviour and other segments, or a clustering of traits. A file has one
//! or more `[[segment]]` tables. [`Segments::compile`] checks all files together, against the traits there are.
//!
//! **Three values.** What is not known is neither so nor not so: a test of a missing trait is *unknown*, its negation too; `all` is false
//! if one part is, else unknown if one part is; `any` the other way round (Kleene 1938, as SQL does). Members are those for whom
//! the predicate is true. Behaviour and holdings are known: no event means "did not".
//!
//! [`evaluate()`] decides for one customer, [`sets::evaluate`] for all at once in bitmaps; both give the same.

pub mod algebra;
pub mod behaviour;
mod blocks;
mod check;
mod evaluate;
pub mod expression;
pub mod history;
pub mod predicate;
pub mod preview;
pub mod sets;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;

pub use evaluate::{Facts, Holding, Known, Truth, evaluate};
pub use predicate::{Predicate, Upkeep};
pub use written::{ClusterDef, MethodDef, PredicateDef, SegmentDef, SegmentFile};

use crate::{
    definition::{Meaning, Traits},
    error::{FeatureError, Result},
};

/// Who belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Membership {
    /// Those for whom the predicate is true.
    Where(Predicate),
    /// Those whom a clustering puts in some cluster; others name one of them with `cluster`.
    Clusters(Clustering),
}

/// A clustering, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// The traits customers are compared by; numbers, all of them.
    pub traits: Vec<String>,
    /// How.
    pub method: MethodDef,
    /// What chance is drawn from.
    pub seed: u64,
}

/// A segment that holds up.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Unique in the bank.
    pub name: String,
    /// Where it is defined.
    pub file: String,
    /// Who that is.
    pub meaning: Meaning,
    /// What it may be used for: what it says, and what all traits and segments it names may be used for.
    pub purposes: Vec<Purpose>,
    /// Who belongs.
    pub membership: Membership,
}

impl Segment {
    /// A hash (BLAKE3, hex) of what its membership follows from. Name, meaning and purposes are no part of it.
    #[must_use]
    pub fn definition(&self) -> String {
        // The debug text names every part of a predicate. A version of Florin that writes it otherwise merely decides anew.
        blake3::hash(format!("{:?}", self.membership).as_bytes()).to_hex().to_string()
    }

    /// The traits it names itself.
    #[must_use]
    pub fn traits(&self) -> BTreeSet<&str> {
        match &self.membership {
            Membership::Where(predicate) => predicate.upkeep().traits,
            Membership::Clusters(clustering) => clustering.traits.iter().map(String::as_str).collect(),
        }
    }

    /// The segments it names itself.
    #[must_use]
    pub fn segments(&self) -> BTreeSet<&str> {
        match &self.membership {
            Membership::Where(predicate) => predicate.upkeep().segments,
            Membership::Clusters(_) => BTreeSet::new(),
        }
    }
}

/// All segments of a bank, with the order in which they can be decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segments {
    segments: BTreeMap<String, Segment>,
    order: Vec<String>,
}

impl Segments {
    /// Checks the files of a bank together. Each comes with its path.
    ///
    /// # Errors
    /// [`FeatureError::Definitions`] with everything that is wrong, by file and place.
    pub fn compile(files: &[(String, SegmentFile)], traits: &Traits) -> Result<Self> {
        let (segments, order, mut problems) = check::segments(files, traits);
        problems.sort();
        problems.dedup();
        match problems.is_empty() {
            true => Ok(Self { segments, order }),
            false => Err(FeatureError::Definitions(problems)),
        }
    }

    /// One segment, or `None`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Segment> {
        self.segments.get(name)
    }

    /// All, in an order in which each comes after those it names.
    pub fn in_order(&self) -> impl Iterator<Item = &Segment> {
        self.order.iter().filter_map(|name| self.segments.get(name))
    }
}
