//! Times as Florin keeps them.

use serde::{Deserialize, Serialize};

/// A moment: UTC, in microseconds since 1970-01-01T00:00:00Z. Only the binary reads the clock; everything else is
/// handed one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct EventTime(pub i64);

impl EventTime {
    /// Microseconds since the epoch.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }
}
