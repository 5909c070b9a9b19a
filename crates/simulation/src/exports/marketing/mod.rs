//! Marketing: campaigns with their costs, who was contacted and who was held back, what came of it, what customers allow, and surveys.

mod files;

pub(crate) use files::{MarketingFiles, campaigns};

/// The system's name.
pub(crate) const SYSTEM: &str = "marketing";
