//! Governed tables for BI tools: PostgreSQL's wire protocol and Arrow Flight SQL.
//!
//! *What*: whoever signs in with a key of scope `sql` asks in SQL, for a purpose, and is answered as the command line answers: each question
//! opens a session under a Grant, which is on the audit log before a row is told. What tools ask of the catalogue is answered without
//! reading anything of the bank.
//!
//! *Start here*: [`Postgres::bind`], then [`Listening::until`].
//!
//! *How to read*: `postgres` (who is let in) → `login` (TLS, SCRAM, what is set at once) → `connection` and `prepared` (the
//! messages of somebody who is in) → `asker` (which question goes where) → `answer` and `columns` (rows as the wire takes
//! them). `catalogue` is a world of its own. The protocol is written here and not taken from a library because a session's futures stay on one thread, which
//! none allows, and because rows go straight from columns to bytes.
//!
//! *How to write*: only `asker` asks the bank. What goes wrong is a `Fault` with PostgreSQL's code; what fails inside is told to the
//! log and not to the client. Every loop over what a client sends has a named bound.

mod answer;
mod asker;
mod catalogue;
mod columns;
mod connection;
mod fault;
mod faults;
pub mod flight;
mod login;
mod messages;
mod parameters;
pub mod postgres;
mod prepared;
mod settings;
mod shared;
mod show;
mod statement;
mod text;
mod tls;

pub use fault::Fault;
pub use flight::Flight;
pub use florin_pipelines::bank::SqlSettings;
pub use postgres::{Listening, Postgres};
pub use shared::{HouseNow, Tell};

/// The version of PostgreSQL whose catalogue is told.
pub(crate) const VERSION: &str = "15.0";

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The settings.
    #[error("florin.toml, [serve]: {0}")]
    Setting(String),
    /// A file of TLS.
    #[error("TLS: `{path}`: {why}")]
    Tls {
        /// Which.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system refused something else.
    #[error(transparent)]
    System(#[from] std::io::Error),
}
