//! What governance promises, kept beneath real loads and real SQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests"
)]

mod asof;
mod canaries;
mod care;
mod consent;
mod expressions;
mod functions;
mod identity;
mod journeys;
mod masks;
mod models;
mod narrow;
mod of_customer;
mod offers;
mod queries;
mod refused;
mod rfm;
mod segments;
mod support;
mod traits;
mod visitors;
