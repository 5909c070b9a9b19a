//! BI tools in front of a small bank.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod bank;
mod capture;
mod clients;
mod governed;
mod protocol;
mod wire;
