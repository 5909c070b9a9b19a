//! The contact centre and what is posted in public: JSON lines, in Chinese and English.

pub(crate) mod callers;
pub(crate) mod interactions;

/// The systems' names.
pub(crate) const SYSTEM: &str = "contact";
pub(crate) const SOCIAL: &str = "social";
