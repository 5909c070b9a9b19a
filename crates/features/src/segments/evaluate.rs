//! Whether one customer belongs.

use std::ops::Not;

use florin_domain::EventTime;
use serde::Serialize;

use super::{
    behaviour::{Event, Now, Span},
    predicate::{Holds, Predicate, TraitTest},
};
use crate::value::Value;

/// True, false, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// It is not so.
    False,
    /// It cannot be told.
    Unknown,
    /// It is so.
    True,
}

impl From<bool> for Truth {
    fn from(so: bool) -> Self {
        if so { Self::True } else { Self::False }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// A trait's value and whether it was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// Whether a gap was filled with it.
    pub filled: bool,
}

/// A product that a customer has or had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'a> {
    /// Its family.
    pub family: &'a str,
    /// Its name.
    pub name: &'a str,
    /// From when on.
    pub since: EventTime,
    /// Until when (excluded), if it ended.
    pub until: Option<EventTime>,
}

/// What is known of one customer at the session's time.
pub trait Facts {
    /// The value of a trait; `None` when it is missing.
    fn value(&self, name: &str) -> Option<Known>;
    /// What is and was held.
    fn holdings(&self) -> &[Holding<'_>];
    /// What was done, in the order of time.
    fn events(&self) -> &[Event<'_>];
    /// Whether the customer belongs to another segment (or to a cluster of it).
    fn member(&self, segment: &str, cluster: Option<u32>) -> Truth;
}

/// Whether the predicate holds of a customer.
pub fn evaluate(predicate: &Predicate, facts: &dyn Facts, now: &Now) -> Truth {
    match predicate {
        // The least of all is false before unknown before true, and the greatest the other way round.
        Predicate::All(parts) => parts.iter().map(|part| evaluate(part, facts, now)).min().unwrap_or(Truth::True),
        Predicate::Any(parts) => parts.iter().map(|part| evaluate(part, facts, now)).max().unwrap_or(Truth::False),
        Predicate::Not(part) => !evaluate(part, facts, now),
        Predicate::Trait(test) => test.holds(facts.value(&test.name)),
        Predicate::Holds(holds) => Truth::from(holds.holds(facts.holdings(), now)),
        Predicate::Did(did) => Truth::from(did.holds(facts.events(), now)),
        Predicate::Sequence(sequence) => Truth::from(sequence.holds(facts.events(), now)),
        Predicate::Segment(segment) => facts.member(&segment.name, segment.cluster),
    }
}

impl TraitTest {
    /// Whether it holds of a value; a filled one is none where only measured ones count.
    #[must_use]
    pub fn holds(&self, known: Option<Known>) -> Truth {
        let known = known.filter(|known| !(self.measured && known.filled));
        self.test.of(known.as_ref().map(|known| &known.value))
    }
}

impl Holds {
    /// Whether one of the holdings is such a product, held now and long enough.
    #[must_use]
    pub fn holds(&self, holdings: &[Holding<'_>], now: &Now) -> bool {
        let since_at_latest = match self.for_days {
            0 => now.as_of,
            days => EventTime(now.earliest(Span::Days(days - 1)).0.saturating_sub(1)),
        };
        holdings.iter().any(|held| {
            (held.family == self.product || held.name == self.product)
                && held.since <= since_at_latest
                && held.until.is_none_or(|until| until > now.as_of)
        })
    }
}
