//! Records that could not become rows, and why.

use std::{fmt, sync::Arc};

/// A record that could not become a row. It is kept as it is, so that it can go in when the mapping or the data is
/// mended ([`super::reread`]).
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// Number of the record in its file, from 1; the header does not count.
    pub row_number: u64,
    /// What is wrong with it. Never holds a value.
    pub reason: RejectReason,
    /// The record: its own bytes for text formats (UTF-8 when the file was in another encoding), a JSON object for
    /// Parquet, Arrow and Excel. A record that is too long is cut to `record_bytes_max`, and its last byte is then a
    /// NUL, so that it is never taken for a whole one.
    pub raw: Vec<u8>,
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reject")
            .field("row_number", &self.row_number)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a record. Messages name columns and forms, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// More or fewer fields than the header (or the definition) has.
    #[error("{found} fields where {expected} were expected")]
    FieldCount {
        /// In the record.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A quoted field without an end, up to the end of the file or the longest allowed record.
    #[error("a quote that is never closed")]
    UnclosedQuote,
    /// A quoted field followed by something else than a delimiter or the end of the line.
    #[error("text between a closing quote and the next delimiter")]
    StrayQuote,
    /// A byte that no text holds.
    #[error("a NUL byte")]
    Nul,
    /// Longer than the definition allows; only the beginning is kept.
    #[error("longer than {max} bytes; only its beginning is kept")]
    TooLong {
        /// `record_bytes_max`.
        max: usize,
    },
    /// Bytes that mean nothing in the encoding.
    #[error("bytes that are not {encoding}")]
    Encoding {
        /// Its label.
        encoding: &'static str,
    },
    /// One kept record that is several under the definition as it is now.
    #[error("a line end inside the record")]
    LineEnd,
    /// Not a JSON object.
    #[error("not a JSON object{}", at(*byte))]
    Json {
        /// Where it stops being one, from 1, when that is known.
        byte: Option<usize>,
    },
    /// A JSON object that names one key twice.
    #[error("key `{column}` twice")]
    DuplicateKey {
        /// The key.
        column: Arc<str>,
    },
    /// A JSON object without the key of a column that is not optional.
    #[error("no key `{column}`")]
    MissingKey {
        /// The key.
        column: Arc<str>,
    },
    /// A value that is not of its column's type.
    #[error("column `{column}`: {problem}")]
    Value {
        /// The column.
        column: Arc<str>,
        /// What is wrong.
        problem: Problem,
    },
    /// A date that would be one if day and month changed places.
    #[error("day and month look swapped in `{column}`")]
    Swapped {
        /// The column.
        column: Arc<str>,
    },
}

impl RejectReason {
    /// What is wrong, for machines: stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "field_count",
            Self::UnclosedQuote | Self::StrayQuote => "quote",
            Self::Nul => "nul",
            Self::TooLong { .. } => "too_long",
            Self::Encoding { .. } => "encoding",
            Self::LineEnd => "line_end",
            Self::Json { .. } | Self::DuplicateKey { .. } | Self::MissingKey { .. } => "json",
            Self::Value { .. } => "type",
            Self::Swapped { .. } => "day_month_swapped",
        }
    }

    /// The column that is wrong, if it is one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::DuplicateKey { column }
            | Self::MissingKey { column }
            | Self::Value { column, .. }
            | Self::Swapped { column } => Some(column),
            _ => None,
        }
    }
}

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not a whole number.
    #[error("not an integer")]
    NotInt,
    /// Not a decimal number, in a column with decimal points.
    #[error("not a number")]
    NotNumber,
    /// Not a decimal number, in a column with decimal commas.
    #[error("not a number with a decimal comma")]
    NotCommaNumber,
    /// `1,234`: a thousand, or one and a bit?
    #[error("one group separator and no decimals: thousands or decimals?")]
    AmbiguousGroup,
    /// More digits after the point than money has.
    #[error("more than 4 decimals")]
    TooManyDecimals,
    /// Too large for its type.
    #[error("a number that is too large")]
    OutOfRange,
    /// Neither true nor false.
    #[error("neither true nor false")]
    NotBool,
    /// No such day, in this form.
    #[error("not a date of the form `{form}`")]
    NotDate {
        /// The strftime pattern.
        form: Arc<str>,
    },
    /// No such time, in this form.
    #[error("not a time of the form `{form}`")]
    NotTimestamp {
        /// The strftime pattern.
        form: Arc<str>,
    },
    /// A date that would be one with day and month swapped.
    #[error("day and month look swapped")]
    Swapped,
    /// A nested JSON value where a plain one was expected.
    #[error("a nested value")]
    Nested,
    /// A spreadsheet cell that holds an error.
    #[error("the cell holds the error `{error}`")]
    ErrorCell {
        /// `#N/A` and the like.
        error: &'static str,
    },
    /// Bytes that are not text.
    #[error("bytes that are not UTF-8")]
    NotUtf8,
}

impl Problem {
    /// The reason for rejecting a record whose `column` has this problem.
    pub(super) fn of(self, column: &Arc<str>) -> RejectReason {
        match self {
            Self::Swapped => RejectReason::Swapped { column: Arc::clone(column) },
            problem => RejectReason::Value { column: Arc::clone(column), problem },
        }
    }
}

fn at(byte: Option<usize>) -> String {
    byte.map(|b| format!(" (byte {b})")).unwrap_or_default()
}
