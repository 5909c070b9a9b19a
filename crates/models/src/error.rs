//! What can be wrong with what is asked of a learner, and with definitions of models.

use std::{fmt, ops::Range};

use serde::Serialize;
use thiserror::Error;

/// A fault of the caller: trying again without a change gives the same.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ModelError {
    /// Definitions that do not hold.
    #[error("{}", .0.iter().map(DefinitionProblem::to_string).collect::<Vec<_>>().join("\n"))]
    Definitions(Vec<DefinitionProblem>),
    /// A column that is not there.
    #[error("there is no column `{name}`; {help}")]
    UnknownColumn {
        /// Which.
        name: String,
        /// What there is.
        help: String,
    },
    /// Two columns of one name.
    #[error("there are two columns `{name}`; give one of them another name")]
    TwiceTheColumn {
        /// Which.
        name: String,
    },
    /// A column of a type that is not taken.
    #[error("column `{name}` is {found}; {help}")]
    ColumnType {
        /// Which.
        name: String,
        /// What it is.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// A value that cannot be learnt from.
    #[error("column `{name}`, row {row}: {found}; {help}")]
    Value {
        /// Of which column.
        name: String,
        /// Its row, from 0.
        row: usize,
        /// What it is.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// A label that cannot be learnt.
    #[error("the label {found}; {help}")]
    Label {
        /// What it is.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// Columns that belong together have different lengths.
    #[error("`{what}` has {found} rows, and there are {expected}; hand in columns of the same rows")]
    Lengths {
        /// Which column.
        what: String,
        /// Its rows.
        found: usize,
        /// The rows there should be.
        expected: usize,
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
    #[error("{model} did not converge: {why}")]
    NotConverged {
        /// Which model.
        model: &'static str,
        /// What happened, and what to do.
        why: String,
    },
    /// Something that this model cannot do.
    #[error("a {model} model cannot {what}; {help}")]
    NotOffered {
        /// Its kind.
        model: &'static str,
        /// What was asked.
        what: &'static str,
        /// What to do instead.
        help: &'static str,
    },
    /// Bytes that are not what they should be.
    #[error("a saved {what} cannot be read: {why}")]
    Saved {
        /// What was saved.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A model of others that cannot be taken.
    #[error("a model of others ({format}) cannot be taken: {why}")]
    Foreign {
        /// What it came in.
        format: &'static str,
        /// What is wrong, where, and what to do.
        why: String,
    },
    /// A library that a learner rests on refused.
    #[error("{what}: {why}")]
    Library {
        /// Of what.
        what: &'static str,
        /// Its words.
        why: String,
    },
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, ModelError>;

/// One thing that is wrong with a definition: which file, what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DefinitionProblem {
    /// As it was handed in, for example `models/churn.toml`.
    pub file: String,
    /// Bytes of the file's text (first, after last), when it concerns a place.
    #[serde(skip)]
    pub place: Option<(usize, usize)>,
    /// What is wrong: lower-case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl DefinitionProblem {
    pub(crate) fn new(
        file: &str,
        place: Option<Range<usize>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let place = place.map(|range| (range.start, range.end));
        Self { file: file.to_owned(), place, message: message.into(), help: help.into() }
    }

    /// The line of the file's text, from 1.
    #[must_use]
    pub fn line(&self, text: &str) -> Option<usize> {
        self.place.map(|(start, _)| 1 + text.bytes().take(start).filter(|&b| b == b'\n').count())
    }
}

impl fmt::Display for DefinitionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  help: {}", self.help) }
    }
}

/// An argument out of its bounds.
pub(crate) fn argument(what: &'static str, found: impl fmt::Display, allowed: &'static str) -> ModelError {
    ModelError::Argument { what, found: found.to_string(), allowed }
}

/// Refuses columns of different lengths.
pub(crate) fn same_length(what: &str, found: usize, expected: usize) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => Err(ModelError::Lengths { what: what.to_owned(), found, expected }),
    }
}

pub(crate) fn saved(what: &'static str, why: impl fmt::Display) -> ModelError {
    ModelError::Saved { what, why: why.to_string() }
}

pub(crate) fn library(what: &'static str, why: impl fmt::Display) -> ModelError {
    ModelError::Library { what, why: why.to_string() }
}
