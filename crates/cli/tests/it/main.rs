//! The program as its users run it: the real binary against small bank directories.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod apply;
mod audit;
mod bank;
mod berka;
mod charts;
mod crash;
mod dirt;
mod idempotent;
mod journey_options;
mod loans;
mod made_up_bank;
mod models;
mod offers;
mod optimize_killed;
mod peers;
mod retry;
mod s3;
mod segment_history;
mod two_loaders;
