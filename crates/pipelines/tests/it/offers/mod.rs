//! Recommendations: what is offered to whom, what never, and who may know.

mod declined;
mod definitions;
mod everybody;
mod figures;
pub(crate) mod made;
mod one;
