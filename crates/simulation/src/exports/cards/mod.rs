//! The card processor: Parquet files, with its own numbers for card holders.

pub(crate) mod holders;
pub(crate) mod payments;

/// The system's name.
pub(crate) const SYSTEM: &str = "cards";
