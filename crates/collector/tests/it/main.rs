//! The collector as its users see it.

mod clients;
mod consent;
mod crash;
mod faults;
mod http;
mod log;
mod overload;
mod posthog;
mod properties;
mod segment;
mod support;
mod torn;
