//! What traits, lifetime value, segments and clusters promise, from outside.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]

mod clustering;
mod clv;
mod definition;
mod fill;
mod money;
mod rfm;
mod segments;
mod sets;
