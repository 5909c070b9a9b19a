//! What can be wrong with definitions and with what is asked of a method.

use std::{fmt, ops::Range};

use serde::Serialize;
use thiserror::Error;

/// A fault of the caller: trying again without a change gives the same.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FeatureError {
    /// Definitions that do not hold.
    #[error("{}", .0.iter().map(DefinitionProblem::to_string).collect::<Vec<_>>().join("\n"))]
    Definitions(Vec<DefinitionProblem>),
    /// Columns that belong together have different lengths.
    #[error("`{what}` has {found} rows, and there are {expected}; hand in columns of the same customers")]
    Lengths {
        /// Which column.
        what: String,
        /// Its rows.
        found: usize,
        /// The rows there should be.
        expected: usize,
    },
    /// A value of a type that the method does not take.
    #[error("{what} is of type {found}; it takes {expected}")]
    Type {
        /// Which column or value.
        what: String,
        /// What it is.
        found: String,
        /// What is taken.
        expected: String,
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
    /// An estimate that did not settle.
    #[error("{model} did not converge: {why}; look at the data (are nearly all customers alike?)")]
    NotConverged {
        /// Which model.
        model: &'static str,
        /// What happened.
        why: String,
    },
    /// Bytes that are not what they should be.
    #[error("a saved {what} cannot be read: {why}; compute it anew")]
    Saved {
        /// What was saved.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A library that a method rests on refused.
    #[error("{what}: {why}")]
    Library {
        /// Of what.
        what: &'static str,
        /// Its words.
        why: String,
    },
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, FeatureError>;

/// One thing that is wrong with a definition: which file, what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DefinitionProblem {
    /// As it was handed in, for example `traits/money.toml`.
    pub file: String,
    /// Bytes of the file's text, when it concerns a place.
    #[serde(skip)]
    pub place: Option<PlaceInText>,
    /// What is wrong: lower-case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A run of bytes in a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceInText {
    /// The first byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
}

impl From<Range<usize>> for PlaceInText {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl DefinitionProblem {
    pub(crate) fn new(
        file: &str,
        place: Option<Range<usize>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { file: file.to_owned(), place: place.map(Into::into), message: message.into(), help: help.into() }
    }

    /// The line of the file's text, from 1.
    #[must_use]
    pub fn line(&self, text: &str) -> Option<usize> {
        self.place.map(|p| 1 + text.bytes().take(p.start).filter(|&b| b == b'\n').count())
    }
}

impl fmt::Display for DefinitionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  help: {}", self.help) }
    }
}

/// An argument out of its bounds.
pub(crate) fn argument(what: &'static str, found: impl fmt::Display, allowed: &'static str) -> FeatureError {
    FeatureError::Argument { what, found: found.to_string(), allowed }
}

/// Refuses columns of different lengths.
pub(crate) fn same_length(what: &str, found: usize, expected: usize) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => Err(FeatureError::Lengths { what: what.to_owned(), found, expected }),
    }
}
