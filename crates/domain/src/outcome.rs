//! What became of incoming records. Each ends in exactly one outcome, and the counts prove it.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How many records were read, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Records found in the input.
    pub read: u64,
    /// Stored in the lake.
    pub stored: u64,
    /// Already known by their key.
    pub duplicate: u64,
    /// Could not be stored; kept with the reason and the raw text.
    pub quarantined: u64,
    /// Not stored because the customer's consent forbids it.
    pub refused: u64,
}

impl Counts {
    /// Whether every record has exactly one outcome.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.read == self.stored + self.duplicate + self.quarantined + self.refused
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.stored += other.stored;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.refused += other.refused;
    }
}
