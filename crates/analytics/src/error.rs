//! What can go wrong with a journey.

use florin_journeys::JourneyError;
use florin_lake::LakeError;

/// An error of a journey.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyticsError {
    /// A setting of the definition is not what it may be.
    #[error("{what}: {wrong}")]
    Setting {
        /// Which.
        what: &'static str,
        /// What is wrong, and what would be right.
        wrong: String,
    },
    /// The journey itself: settings that contradict each other, or a bound that was reached.
    #[error("{0}")]
    Journey(#[from] JourneyError),
    /// The rows could not be read: most often a condition is wrong.
    #[error("the rows could not be read")]
    Lake(#[from] LakeError),
    /// Arrow failed.
    #[error("columnar data failed")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A thread stopped: a bug.
    #[error("a worker stopped unexpectedly")]
    Worker,
}

impl AnalyticsError {
    /// Whether the definition is what is wrong, and not what answers it.
    #[must_use]
    pub fn is_the_askers(&self) -> bool {
        match self {
            Self::Setting { .. } | Self::Journey(_) => true,
            Self::Lake(error) => error.is_the_askers(),
            Self::Arrow(_) | Self::Worker => false,
        }
    }
}

pub(crate) fn setting(what: &'static str, wrong: impl Into<String>) -> AnalyticsError {
    AnalyticsError::Setting { what, wrong: wrong.into() }
}
