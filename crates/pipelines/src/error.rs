//! What a flow can fail with.

use std::path::PathBuf;

use florin_governance::Refusal;
use florin_ingest::{sources::SourceError, validate::BatchMismatch};
use florin_lake::LakeError;
use florin_store::StoreError;

use crate::bank::Problems;

/// Why a flow did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// The bank directory is not sound.
    #[error(transparent)]
    Bank(#[from] Problems),
    /// The policies do not permit it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The working records.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A journey.
    #[error(transparent)]
    Journey(#[from] florin_analytics::AnalyticsError),
    /// A file of a source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Nobody knows who asks.
    #[error("nobody is called `{user}` here; users: {known}")]
    UnknownUser {
        /// The name that was given.
        user: String,
        /// The names that are known.
        known: String,
    },
    /// Another load or piece of maintenance is at work.
    #[error("another load or run is at work ({by}); wait until it is done")]
    Busy {
        /// Who, in their own words.
        by: String,
    },
    /// Something named on the command line is not there.
    #[error("there is no {what} `{name}`; there are: {known}")]
    Unknown {
        /// A source, a table, a customer.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A time that cannot be read.
    #[error("`{0}` is no time; write a date (1995-06-30) or a time with offset (1995-06-30T12:00:00+02:00)")]
    Time(String),
    /// A file of Florin's own.
    #[error("`{}` failed: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An input that is looked things up in does not fit.
    #[error("the look-up `{name}` takes more than {bytes_max} bytes of memory; look things up in a smaller input")]
    LookupTooLarge {
        /// Which input.
        name: String,
        /// How much it may take.
        bytes_max: usize,
    },
    /// A trait gives something else than its definition says.
    #[error("trait `{name}` ({file}): {what}")]
    Trait {
        /// Which.
        name: String,
        /// Where it is defined.
        file: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The query of a trait, or of several that are computed together.
    #[error("the query of trait `{name}` ({file}) fails: {source}")]
    TraitQuery {
        /// Which.
        name: String,
        /// Where the first of them is defined.
        file: String,
        /// What the engine said.
        source: LakeError,
    },
    /// A trait is read before there is any value of it.
    #[error("trait `{0}` was never computed; run `florin run {0}`")]
    NeverComputed(String),
    /// A definition or a method of `features`.
    #[error(transparent)]
    Feature(#[from] florin_features::FeatureError),
    /// What is written out cannot be.
    #[error("{0}")]
    Output(String),
    /// Customers cannot be merged or split like that.
    #[error("{0}")]
    Identity(String),
    /// A segment cannot be decided, or not be asked so.
    #[error("{0}")]
    Segment(String),
    /// A model cannot be trained, used or moved so.
    #[error("{0}")]
    Model(String),
    /// Offers cannot be ranked so.
    #[error("{0}")]
    Offer(String),
    /// What decides on offers.
    #[error(transparent)]
    Decision(#[from] florin_decisions::DecisionError),
    /// A learner, a model or its definition.
    #[error(transparent)]
    Learner(#[from] florin_models::ModelError),
    /// A figure of a model.
    #[error(transparent)]
    Figure(#[from] florin_measurement::MeasureError),
    /// Two pairs of eyes are needed.
    #[error(transparent)]
    Approval(#[from] florin_governance::approval::ApprovalError),
    /// The audit log does not add up.
    #[error("the audit log was tampered with: {0}")]
    Tampered(String),
    /// Something that cannot happen did: a bug.
    #[error("an internal error: {0}")]
    Internal(String),
}

impl FlowError {
    pub(crate) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::File { path: path.into(), source }
    }
}

impl From<BatchMismatch> for FlowError {
    fn from(error: BatchMismatch) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<arrow::error::ArrowError> for FlowError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Lake(error.into())
    }
}

impl From<FlowError> for String {
    fn from(error: FlowError) -> Self {
        error.to_string()
    }
}
