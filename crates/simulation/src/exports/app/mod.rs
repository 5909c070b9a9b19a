//! The app and the web bank: JSON lines, gzipped.

pub(crate) mod events;
pub(crate) mod users;

/// The system's name.
pub(crate) const SYSTEM: &str = "app";
