//! What a customer is worth in time to come.
//!
//! Without a contract, nobody says goodbye: [`bg_nbd`] estimates from repeat purchases how often a customer will buy and whether they
//! are still there, [`gamma_gamma`] what they spend when they do. With a contract, [`survival`] says how long customers of
//! a tenure stay, and [`survival::Curve::discounted_periods`] how many periods' margin that is worth today.
//!
//! Both models are fitted by maximum likelihood ([`optimise`]) on distinct histories with their counts, in logarithms, with sums in a fixed
//! order, so that a million customers take seconds and give the same bytes on any number of threads. Amounts are
//! measurements here: an expectation is no sum of money.

pub mod bg_nbd;
pub mod gamma_gamma;
pub mod optimise;
pub mod survival;

/// Rows that one task sums. Fixed, so that sums do not depend on the number of threads.
pub(crate) const ROWS_PER_TASK: usize = 8192;

/// A parameter that was estimated.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The value of greatest likelihood.
    pub value: f64,
    /// Its standard error, from the curvature of the likelihood (the inverse of the observed information).
    pub standard_error: f64,
}
