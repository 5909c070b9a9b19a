//! Learn from columns, predict, explain, and check what was learnt.
//!
//! *What*: boosted trees, logistic regression, scorecards, proportional hazards, isolation forests and uplift, behind one
//! pair of traits; explanations that add up; the definition of a model as a bank writes it; a finder of leaks; whether a model may be released. Pure: columns in, models and numbers out. No I/O, no clock, no query engine;
//! the same bytes for the same rows, settings and seed, on any number of threads (those of rayon's pool that the caller runs in).
//!
//! *Start here*: [`Frame::from_arrow`] and [`DataSet::new`] take rows, a [`Learner`] fits a [`Model`], [`Model::contributions`] explains it, and
//! [`from_bytes`] reads what [`Model::to_bytes`] wrote.
//!
//! *How to read*: [`frame`] → [`learner`] → [`trees`], [`linear`], [`scorecard`], [`survival`], [`isolation`], [`uplift`] → [`calibrated`] → [`explain`] → [`leaks`],
//! [`definition`] and [`evaluation`]. Sources and figures are in `docs/concepts/models.md`.
//!
//! *How to write*: a gap is NaN or [`frame::MISSING`], never zero. Margins are what contributions add up to. Sums of floats run in a fixed order. Whatever is drawn by
//! chance is drawn from a seed that is an argument.

pub mod calibrated;
pub mod definition;
pub mod error;
pub mod evaluation;
mod exact;
pub mod explain;
mod figures;
pub mod foreign;
pub mod frame;
pub mod isolation;
pub mod leaks;
pub mod learner;
pub mod linear;
mod names;
pub mod onnx;
mod random;
pub mod scorecard;
pub mod survival;
pub mod trees;
pub mod uplift;

pub use error::{DefinitionProblem, ModelError, Result};
pub use frame::{Column, DataSet, Frame, Label};
pub use learner::{Contributions, Learner, Model, from_bytes};
