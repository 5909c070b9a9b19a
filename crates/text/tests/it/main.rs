//! What customers' words say, end to end.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod classifier;
mod meanings;
mod public_data;
mod public_readers;
mod readers;
