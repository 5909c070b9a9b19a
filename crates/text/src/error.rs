//! What can be wrong with what is asked of this crate.

use std::fmt;

use thiserror::Error;

/// A fault of the caller: trying again without a change gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Things that belong together have different lengths.
    #[error("there are {found} {what} for {expected} texts; hand in one for each text")]
    Lengths {
        /// Which things.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many texts there are.
        expected: usize,
    },
    /// A setting out of its bounds.
    #[error("{what} is {found}; {allowed}")]
    Setting {
        /// Which.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// There is not enough to learn from.
    #[error("{what}: {found} is too little; at least {needed} are needed")]
    TooLittle {
        /// Of what.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much is needed.
        needed: usize,
    },
    /// More than a bound allows.
    #[error("{what}: {found} is too much; at most {allowed} are taken")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// The bound.
        allowed: usize,
    },
    /// Bytes that are not what they should be.
    #[error("a saved {what} cannot be read: {why}; train it anew")]
    Saved {
        /// What was saved.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, TextError>;

/// A setting out of its bounds.
pub(crate) fn setting(what: &'static str, found: impl fmt::Display, allowed: &'static str) -> TextError {
    TextError::Setting { what, found: found.to_string(), allowed }
}

/// Refuses things that do not come one a text.
pub(crate) fn one_each(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(TextError::Lengths { what, found, expected }) }
}
