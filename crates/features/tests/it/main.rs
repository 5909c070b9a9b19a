//! What traits, lifetime value, segments and clusters promise, from outside.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod clustering;
mod clv;
mod definition;
mod documents;
mod fill;
mod money;
mod rfm;
mod segments;
mod sets;
