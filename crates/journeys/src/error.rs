//! What can be wrong with a question or with the rows it is asked of.

/// Why a question could not be asked or answered.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// A column is not as long as the batch.
    #[error("column `{column}` has {values} values, the batch has {rows} rows")]
    Lengths {
        /// Which column.
        column: &'static str,
        /// Its length.
        values: usize,
        /// The length of the batch.
        rows: usize,
    },
    /// Rows did not come sorted by customer and time.
    #[error(
        "row {row} of a batch comes before its predecessor: sort rows by customer_id and ts, and keep a customer in one bucket"
    )]
    NotSorted {
        /// Which row of the batch, from 0.
        row: usize,
    },
    /// Sets of customers hold 32-bit numbers.
    #[error("customer {customer} does not fit a 32-bit number: use the dense `customer_id`")]
    CustomerOutOfRange {
        /// The number as given.
        customer: i64,
    },
    /// The question contradicts itself.
    #[error("{0}")]
    Settings(String),
    /// A named bound was reached.
    #[error("more than {limit} {what}: {advice}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// What to do.
        advice: &'static str,
    },
    /// No such time zone.
    #[error("no time zone `{name}`; name one of the IANA database, such as `Asia/Shanghai`")]
    Zone {
        /// The name as given.
        name: String,
        /// Why.
        #[source]
        source: jiff::Error,
    },
}

pub(crate) fn settings(text: impl Into<String>) -> JourneyError {
    JourneyError::Settings(text.into())
}
