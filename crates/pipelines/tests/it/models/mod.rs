//! Models: what they learn from, who lets them go, what they say of customers.

mod bad_input;
mod challengers;
mod effects;
mod flat;
mod foreign;
pub(crate) mod made;
mod meanings;
mod odd;
mod registry;
mod retrain;
mod scores;
mod series;
mod texts;
mod times;
mod training;
