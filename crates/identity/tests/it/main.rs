//! What matching, undo and the index promise, from outside.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]

mod anonymous;
mod constraints;
mod explanations;
mod incremental;
mod index;
mod ledger;
mod public_data;
mod small;
mod training;
