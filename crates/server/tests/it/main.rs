//! Florin over HTTP, asked as programs ask it: a real server on loopback over a small bank.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests"
)]

mod authorisation;
mod browser;
mod contract;
mod events;
#[path = "../../../access/tests/it/issuer.rs"]
mod issuer;
mod jobs;
mod oidc;
mod pages;
mod passkeys;
mod sign_in;
mod support;
mod tools;
