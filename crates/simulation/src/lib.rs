//! A seeded, made-up bank: people who act, the raw exports of its systems with their flaws, and the truth beside them.
//!
//! *What.* It is a model of people and not a generator of rows: each customer has a household, work, traits, products and needs, and
//! what they do in a month follows from who they are and what happened to them. Their records are then exported the way a bank's
//! systems would: each in its own format, with its own keys, its own spelling and its own errors.
//!
//! *Start here*: [`simulate`] makes a bank; [`report`](fn@report) compares one with real data. `docs/concepts/made-up-bank.md` tells the
//! model in the words of statistics.
//!
//! *How to read*: `people` says who there is, `life` what they do (`life::month` is one month as a sentence of verbs), `fraud` what is done to
//! them, `exports` what systems write of it, `dirt` what is wrong with that, `truth` what is true.
//!
//! *How to write*: whatever is decided by chance draws from a stream that is named after the question and the person
//! (`random`), so the same seed gives the same bytes on any number of threads. Nothing here reads a clock.

mod bank;
mod calendar;
mod dirt;
mod error;
mod exports;
mod fraud;
mod keys;
mod life;
mod parallel;
mod people;
mod random;
mod report;
mod run;
mod settings;
mod spool;
mod table;
mod text;
mod truth;

pub use error::SimulationError;
pub use report::{Report, report};
pub use run::{Progress, Summary, simulate};
pub use settings::Settings;
