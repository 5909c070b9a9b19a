//! Events over HTTP, in the words of Segment's and PostHog's clients.
//!
//! *What*: a bank points the clients it has at Florin. Each event is checked, gets exactly one outcome, and is written as one line of JSON
//! to an append log; the answer 200 means that it is on disk. Closed segments of the log are plain files that a `sources/*.toml` reads
//! like any other; whoever has loaded one releases it.
//!
//! *Start here*: [`Collector::collect`] is the path of one request; [`router`] puts it behind the clients' paths.
//!
//! *How to read*: `http` reads bodies and writes answers; `parse` turns a body into records and verdicts, [`Dialect`] by dialect;
//! `log` keeps records ([`Log`]); `collector.rs` ties them together. What is counted is in `figures.rs`, every bound in [`settings`].
//!
//! *How to write*: a new client is a new file in `parse` that makes the same `Record`. Nothing may be acknowledged before the log has
//! said that it is on disk, and nothing that was acknowledged may be removed but by [`Log::release`]. The time is a [`Clock`] that the
//! binary hands in. This crate never touches the lake.

pub mod settings;

mod clock;
mod collector;
mod error;
mod figures;
mod http;
mod keys;
mod log;
mod outcome;
mod parse;

pub use clock::Clock;
pub use collector::{Collector, Refusal, Report, Request};
pub use error::CollectorError;
pub use figures::Figures;
pub use http::{STRICT_HEADER, router};
pub use keys::{FixedKeys, Keys, Source, key_of_header};
pub use log::{Appending, ClosedSegment, Disk, LocalDisk, Log, LogFigures, MessageKey, Records, Recovered};
pub use outcome::{Counts, ItemReport, Outcome, Problem};
pub use parse::{BodyProblem, Dialect, Kind};
pub use settings::Settings;
