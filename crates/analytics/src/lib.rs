//! Journeys over the lake: funnels, retention, sessions, paths.
//!
//! *What*: a definition (what a bank writes in `journeys/*.toml`, or on the command line) becomes one governed question whose rows
//! come in runs, customer after customer, and the kernels of `journeys` tell from them what happened. Every number comes
//! with the set of customers it counts.
//!
//! *Start here*: [`FunnelDef`], [`RetentionDef`], [`SessionsDef`] and [`PathsDef`] are asked with their `ask` in a
//! [`Session`](florin_lake::Session).
//!
//! *How to read*: [`rows`] (from which rows, in SQL) → `parts` (runs side by side, each with a kernel of its own) → one file a
//! journey.
//!
//! *How to write*: SQL and batches stay here, what a journey means stays in `journeys`. Answers do not depend on how rows lie
//! or on how many threads read them: names are sorted before they are numbered or shown.

mod codes;
mod error;
pub mod funnel;
mod parts;
pub mod paths;
pub mod retention;
pub mod rows;
pub mod sessions;
mod within;

pub use error::AnalyticsError;
pub use funnel::{FunnelAnswer, FunnelDef};
pub use paths::{PathsAnswer, PathsDef};
pub use retention::{RetentionAnswer, RetentionDef};
pub use rows::{Around, PeriodDef, RowsDef};
pub use sessions::{SessionsAnswer, SessionsDef};
