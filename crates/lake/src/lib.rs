//! Tables and SQL: append, read under a Grant as of a time, compact, erase. The only crate that names Delta.
//!
//! *What*: a lake is a directory (or a prefix in S3-compatible storage) of Delta tables. Rows are written through
//! [`mod@write`], read through a [`Session`] that a `Grant` opens, and cared for by [`care`]. SQL expressions of mappings and
//! checks are compiled by [`mapping`].
//!
//! *Start here*: [`Lake`] opens tables; [`Session::sql`] answers questions.
//!
//! *How to read*: `layout` says how rows lie in files; `table` is one Delta table, `latest` what need not be read of logs again; `read/` turns a snapshot into a plain
//! Parquet scan below a governing node; `runs` gives rows customer by customer, `narrow/` does so from a
//! second, narrow copy; `local_time/`, `running/` and `by_run/` do faster what
//! the engine does row by row; `write/` turns rows into files.
//!
//! *How to write*: DataFusion and Delta types stay inside; Arrow goes in and out. Nothing here reads a clock.

mod as_of;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod beside_the_engine;
mod by_run;
pub mod care;
mod durable;
mod error;
mod lake;
mod latest;
mod layout;
mod local_time;
mod location;
pub mod mapping;
mod narrow;
mod newest;
mod read;
mod redact;
mod running;
mod runs;
mod session;
mod table;
pub mod write;

pub use error::{LakeError, Wrong};
pub use lake::Lake;
pub use layout::{bucket_of, read_schema};
pub use location::{Location, S3Settings};
pub use read::{Consented, Persons};
pub use redact::without_literals;
pub use session::{
    Described, Made, MadeError, OfCustomer, Origins, QueryOutput, Run, Session, SessionTables, SqlFunctions,
};
pub use table::{Commit, LakeTable, LiveFile, LoadMark};
