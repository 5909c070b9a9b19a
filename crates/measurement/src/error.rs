//! What can be wrong with what is to be measured.

/// Why something could not be measured.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MeasureError {
    /// A column is not as long as the others.
    #[error("`{what}` has {values} values where {rows} were expected: give one a row")]
    Lengths {
        /// Which column.
        what: &'static str,
        /// Its length.
        values: usize,
        /// The length of the first column.
        rows: usize,
    },
    /// There are no rows.
    #[error("there are no rows to measure")]
    Empty,
    /// A number lies outside what it can be.
    #[error("`{what}` of row {row} is {value}; it must be {must}")]
    Value {
        /// Which column.
        what: &'static str,
        /// Which row, from 0.
        row: usize,
        /// The value.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// Both kinds of rows are needed, and one is missing.
    #[error("no row is {missing}: both kinds are needed to compare them")]
    OneKind {
        /// Which kind is missing.
        missing: &'static str,
    },
    /// The question contradicts itself.
    #[error("{0}")]
    Settings(String),
}

pub(crate) fn settings(text: impl Into<String>) -> MeasureError {
    MeasureError::Settings(text.into())
}

/// As many values as rows.
pub(crate) fn same_length(what: &'static str, values: usize, rows: usize) -> Result<(), MeasureError> {
    if values == rows { Ok(()) } else { Err(MeasureError::Lengths { what, values, rows }) }
}

/// Every value passes.
pub(crate) fn every(
    what: &'static str,
    must: &'static str,
    values: &[f64],
    passes: impl Fn(f64) -> bool,
) -> Result<(), MeasureError> {
    match values.iter().position(|value| !passes(*value)) {
        Some(row) => Err(MeasureError::Value { what, row, value: values[row], must }),
        None => Ok(()),
    }
}
