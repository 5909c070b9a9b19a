//! What is known of every customer: traits, filled gaps, groups, lifetime value, segments and clusters.
//!
//! *What*: definitions of traits and segments as a bank writes them, checked and put in order; and the methods that turn
//! columns of values into scores, expectations, memberships and clusters. Pure: values in, values out. No I/O, no clock, no query
//! engine; the same bytes out for the same bytes in, on any number of threads (those of rayon's pool that the caller runs in).
//!
//! *Start here*: [`Traits::compile`] checks `traits/*.toml` and [`stale`] says what must be computed and why;
//! [`fill::Learned`] fills gaps; [`Segments::compile`] checks `segments/*.toml` and [`segments::evaluate`] decides who belongs.
//!
//! *How to read*: [`definition`] (what a bank says of traits) → [`value`] and [`fill`] (exact values) → [`rfm`], [`clv`], [`money`] (what
//! traits are made with) → [`segments`] (predicates, bitmaps, history) → [`clustering`]. Formulae, sources and exact meanings are
//! in `docs/concepts/traits-and-segments.md`.
//!
//! *How to write*: a gap is `None`, never zero. Money is whole ten thousandths until it becomes a measurement
//! ([`value::Value::measure`]), and never comes back. Sums of floats run in a fixed order. Whatever is drawn by chance is drawn from a seed that
//! is an argument.

pub mod clustering;
pub mod clv;
pub mod definition;
pub mod error;
pub mod fill;
pub mod library;
pub mod methods;
pub mod money;
mod names;
mod random;
pub mod rfm;
pub mod segments;
pub mod value;

pub use definition::{Trait, TraitFile, TraitRun, Traits, stale};
pub use error::{DefinitionProblem, FeatureError};
pub use segments::{SegmentFile, Segments};
pub use value::Value;
