//! What the crate promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod calendar;
mod model;
mod yuebao;
