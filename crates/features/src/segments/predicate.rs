//! Predicates, typed: what a segment's `where` means once it holds up.

use std::{cmp::Ordering, collections::BTreeSet};

use crate::{
    segments::{
        Truth,
        behaviour::{Did, Sequence},
    },
    value::Value,
};

/// A predicate.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// All of these; at least one.
    All(Vec<Self>),
    /// Any of these; at least one.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A trait's value.
    Trait(TraitTest),
    /// Something held.
    Holds(Holds),
    /// Something done, or not.
    Did(Did),
    /// Some things done in order.
    Sequence(Sequence),
    /// Another segment.
    Segment(InSegment),
}

/// A test of a trait's value.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitTest {
    /// Which trait.
    pub name: String,
    /// What must hold.
    pub test: Test,
    /// Whether a value that was filled in is unknown.
    pub measured: bool,
}

/// What must hold of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// That there is none (or that there is one). Never unknown.
    Missing(bool),
    /// That it is one of these (or none of these).
    OneOf {
        /// Of the trait's type; at least one.
        values: Vec<Value>,
        /// Whether it must be among them.
        among: bool,
    },
    /// That it lies between these.
    Between {
        /// The lower bound.
        low: Option<Bound>,
        /// The upper bound.
        high: Option<Bound>,
    },
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// Of the trait's type.
    pub value: Value,
    /// Whether the value itself is in the range.
    pub included: bool,
}

/// A product held today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// A family of products, or a product's name.
    pub product: String,
    /// For at least that many days.
    pub for_days: u32,
}

/// Another segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InSegment {
    /// Which.
    pub name: String,
    /// Of a clustering: which cluster, from 1.
    pub cluster: Option<u32>,
}

/// What a predicate's memberships depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upkeep<'a> {
    /// Traits: memberships are as old as these.
    pub traits: BTreeSet<&'a str>,
    /// Other segments.
    pub segments: BTreeSet<&'a str>,
    /// Names of events whose arrival can change a customer's membership.
    pub events: BTreeSet<&'a str>,
    /// Whether a change of holdings can.
    pub holdings: bool,
    /// Whether time alone can: a window moves on.
    pub time: bool,
}

impl Upkeep<'_> {
    /// Whether a new row decides its customer's membership by itself, without computing a trait or a segment first.
    #[must_use]
    pub fn row_by_row(&self) -> bool {
        self.traits.is_empty() && self.segments.is_empty()
    }
}

impl Test {
    /// Whether it holds of a value; unknown of none.
    #[must_use]
    pub fn of(&self, value: Option<&Value>) -> Truth {
        let value = match (self, value) {
            (Self::Missing(missing), value) => return Truth::from(value.is_none() == *missing),
            (_, None) => return Truth::Unknown,
            (_, Some(value)) => value,
        };
        match self {
            Self::Missing(_) => Truth::Unknown,
            Self::OneOf { values, among } => {
                Truth::from(values.iter().any(|v| v.compare(value) == Some(Ordering::Equal)) == *among)
            }
            Self::Between { low, high } => {
                let above = |b: &Bound| b.allows(value.compare(&b.value), Ordering::Greater);
                let below = |b: &Bound| b.allows(value.compare(&b.value), Ordering::Less);
                Truth::from(low.as_ref().is_none_or(above) && high.as_ref().is_none_or(below))
            }
        }
    }
}

impl Bound {
    fn allows(&self, found: Option<Ordering>, side: Ordering) -> bool {
        found == Some(side) || (self.included && found == Some(Ordering::Equal))
    }
}

impl Predicate {
    /// What its memberships depend on.
    #[must_use]
    pub fn upkeep(&self) -> Upkeep<'_> {
        let mut upkeep = Upkeep::default();
        self.gather(&mut upkeep);
        upkeep
    }

    fn gather<'a>(&'a self, upkeep: &mut Upkeep<'a>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.gather(upkeep)),
            Self::Not(part) => part.gather(upkeep),
            Self::Trait(test) => drop(upkeep.traits.insert(&test.name)),
            Self::Holds(holds) => {
                upkeep.holdings = true;
                upkeep.time |= holds.for_days > 0;
            }
            Self::Did(did) => {
                upkeep.events.insert(&did.event.name);
                upkeep.time |= did.last.is_some();
            }
            Self::Sequence(sequence) => {
                upkeep.events.extend(sequence.steps.iter().map(String::as_str));
                upkeep.time |= sequence.last.is_some();
            }
            Self::Segment(segment) => drop(upkeep.segments.insert(&segment.name)),
        }
    }
}
