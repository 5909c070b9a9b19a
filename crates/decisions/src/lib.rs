//! What to offer a customer next, and why, and what must not be offered.
//!
//! *What*: offers as a bank defines them, what alike customers hold, rankings under vetoes that no score can beat, reasons in Chinese
//! and English, and how good recommendations are. Pure: facts in, decisions out. No I/O, no clock, no query engine; the same bytes for the
//! same facts and seed, on any number of threads (those of rayon's pool that the caller runs in).
//!
//! *Start here*: [`offers::compile`] checks `offers/*.toml`, [`alike::choose()`] learns what alike customers hold, and a
//! [`ranking::Ranker`] puts offers in order for a customer.
//!
//! *How to read*: [`suitability`] → [`offers`] → [`standing`] (what a customer may be offered) → [`vetoes`] → [`ranking`]; beside
//! them [`holdings`] → [`alike`] → [`evaluation`]. Sources and figures are in `docs/concepts/recommendations.md`.
//!
//! *How to write*: only what was cleared by [`vetoes`] can be recommended, and only a customer who agreed to it can be ranked by
//! what is personal; both are types, not conventions. Sums of floats run in a fixed order.

pub mod alike;
pub mod error;
pub mod evaluation;
pub mod holdings;
mod names;
pub mod offers;
mod random;
pub mod ranking;
pub mod standing;
pub mod suitability;
pub mod vetoes;

pub use error::{DecisionError, Result};
pub use florin_models::{DefinitionProblem, definition::Words};
pub use holdings::Holdings;
