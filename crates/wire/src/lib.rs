//! Governed tables for BI tools: PostgreSQL's wire protocol and Arrow Flight SQL.

mod catalogue;
mod fault;
mod settings;
mod text;

pub use catalogue::world::{SeenColumn, SeenTable};
pub use fault::Fault;

/// The version of PostgreSQL whose catalogue is told.
pub(crate) const VERSION: &str = "15.0";
