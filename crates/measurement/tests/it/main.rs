//! What the crate promises, against references.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod calibration;
mod classification;
mod comparison;
mod discrimination;
mod fairness;
mod forecast;
mod golden;
mod groups;
mod ranking;
mod real;
mod stability;
mod survival;
mod uplift;
