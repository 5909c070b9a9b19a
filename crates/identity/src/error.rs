//! What can be wrong with settings or with what is asked of a ledger.

use thiserror::Error;

/// A fault of the caller: nothing was changed, and trying again without a change gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// A setting names a column that the records do not have.
    #[error("`{place}` names the column `{column}`; there are {known}")]
    UnknownColumn {
        /// The comparison or rule.
        place: String,
        /// The column it names.
        column: String,
        /// The columns there are.
        known: String,
    },
    /// A setting is out of its bounds.
    #[error("`{place}` {problem}")]
    Setting {
        /// The comparison, rule or value.
        place: String,
        /// What is wrong, with the bound.
        problem: String,
    },
    /// A record has another number of values than there are fields.
    #[error("a record has {found} values, and there are {expected} fields")]
    Width {
        /// The values it has.
        found: usize,
        /// The fields there are.
        expected: usize,
    },
    /// There are more records or values than can be numbered.
    #[error("there are more than {0} {1}")]
    TooMany(u64, &'static str),
    /// A record is there twice.
    #[error("the record {key} of system number {system} is there twice")]
    Repeated {
        /// Its system.
        system: u16,
        /// Its key.
        key: u64,
    },
    /// A record is named that is not there.
    #[error("there is no record {key} of system number {system}")]
    NoRecord {
        /// Its system.
        system: u16,
        /// Its key.
        key: u64,
    },
    /// Events of anonymous ids do not come in their order.
    #[error(
        "events of the anonymous id {anonymous} are out of order; sort by id, time, customer and when it was known"
    )]
    Unsorted {
        /// The id.
        anonymous: u64,
    },
    /// A kept model cannot be used any more.
    #[error("the kept model {0}; train again")]
    Outdated(String),
    /// What is asked of a ledger cannot be done in its present state.
    #[error("{0}")]
    Ledger(String),
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, IdentityError>;

/// A setting out of bounds.
pub(crate) fn setting(place: impl Into<String>, problem: impl Into<String>) -> IdentityError {
    IdentityError::Setting { place: place.into(), problem: problem.into() }
}
