//! Offers, vetoes, rankings and what alike customers hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod alike;
mod bank;
mod evaluation;
mod offers;
mod ranking;
mod real_data;
mod suitability;
