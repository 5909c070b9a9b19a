//! One suite for both databases: SQLite always, PostgreSQL when `FLORIN_TEST_POSTGRES` holds a URL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "tests"
)]

mod access;
mod audit;
mod consent;
mod customers;
mod definitions;
mod identity;
mod jobs;
mod ledger;
mod locks;
mod memberships;
mod models;
mod opening;
mod other_ways_in;
mod quarantine;
mod support;
mod vault;
