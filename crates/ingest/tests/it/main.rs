//! Integration tests: a module per topic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod deduplicate;
mod scrub;
mod sources_dirt;
mod sources_real;
mod sources_support;
mod sources_text;
mod sources_typed;
mod validate;
