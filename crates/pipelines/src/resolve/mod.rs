//! `florin resolve`, `florin identity`: whose records are whose.
//!
//! Each system's customers are customers of their own until they are found to be one. What identifies them comes from the
//! vault, under leave and on record (`gather`); `identity` compares it; what it finds is kept as events (`history`),
//! with the weights but without a value. Sessions see persons from then on ([`florin_lake::Persons`]), as of any time.

mod find;
mod gather;
mod history;
mod people;
mod run;
mod visitors;

pub use find::{Candidate, Finder};
pub use florin_identity::explain::Waterfall;
pub use history::Because;
pub(crate) use history::{KnownPersons, persons};
pub use people::{Member, Merged, PersonView, merge, show, split, undo};
pub use run::{Resolved, SkewedKey, resolve};
pub use visitors::Visitors;
