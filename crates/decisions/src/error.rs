//! What can be wrong with what is asked of a decision.

use std::fmt;

use florin_measurement::MeasureError;
use florin_models::DefinitionProblem;
use thiserror::Error;

/// A fault of the caller: trying again without a change gives the same.
#[derive(Debug, Error)]
pub enum DecisionError {
    /// Definitions that do not hold.
    #[error("{}", .0.iter().map(DefinitionProblem::to_string).collect::<Vec<_>>().join("\n"))]
    Definitions(Vec<DefinitionProblem>),
    /// A name that is none of those known.
    #[error("there is no {what} `{name}`; {help}")]
    Unknown {
        /// Of what kind.
        what: &'static str,
        /// Which.
        name: String,
        /// What there is.
        help: String,
    },
    /// A number that cannot be what it is said to be.
    #[error("{what} of offer `{offer}` is {found}; {allowed}")]
    Signal {
        /// Which number.
        what: &'static str,
        /// Of which offer.
        offer: String,
        /// What it is.
        found: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// An argument out of its bounds.
    #[error("{what} is {found}; {allowed}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// There is not enough to say anything.
    #[error("{what}: {found} is too little; at least {needed} are needed")]
    TooLittle {
        /// Of what.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much is needed.
        needed: usize,
    },
    /// Equations that have no stable solution.
    #[error("{what} cannot be solved; take a larger `lambda`")]
    NotSolvable {
        /// Of what.
        what: &'static str,
    },
    /// Bytes that are not what they should be.
    #[error("saved holdings of alike customers cannot be read: {why}")]
    Saved {
        /// What is wrong.
        why: String,
    },
    /// A figure that cannot be told.
    #[error("recommendations cannot be measured: {0}")]
    Measure(#[from] MeasureError),
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, DecisionError>;

pub(crate) fn argument(what: &'static str, found: impl fmt::Display, allowed: &'static str) -> DecisionError {
    DecisionError::Argument { what, found: found.to_string(), allowed }
}

pub(crate) fn saved(why: impl fmt::Display) -> DecisionError {
    DecisionError::Saved { why: why.to_string() }
}
