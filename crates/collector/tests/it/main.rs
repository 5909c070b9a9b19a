//! The collector as its users see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests panic and talk"
)]

mod clients;
mod consent;
mod crash;
mod faults;
mod http;
mod loading;
mod log;
mod overload;
mod posthog;
mod power;
mod properties;
mod segment;
mod support;
mod torn;
