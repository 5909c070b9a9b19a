//! What traits, lifetime value, segments and clusters promise, from outside.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "tests")]

mod clv;
mod definition;
mod fill;
mod rfm;
