//! The nouns of Florin, shared by every other crate.
//!
//! *What*: customers, purposes, roles, outcomes, times, keyed ids and the table catalogue (which tables exist, their
//! columns, types and data classes). There is no I/O here and nothing that could be called a helper: a thing that only
//! one crate needs lives in that crate.
//!
//! *Start here*: [`catalogue`] says what a bank's records look like once Florin holds them.
//!
//! *How to read*: each module is one family of nouns; every public type explains its unit and its range.
//!
//! *How to write*: a new column goes into `catalogue/canonical.rs` with its data class; a new kind of noun gets a file
//! of its own. Illegal values must not be constructible.

pub mod catalogue;
pub mod ids;
pub mod outcome;
pub mod purpose;
pub mod time;

pub use catalogue::{Catalogue, ColumnDef, ColumnType, DataClass, TableDef};
pub use ids::{CustomerId, KeyHasher};
pub use outcome::Counts;
pub use purpose::{Principal, Purpose, Role};
pub use time::EventTime;
