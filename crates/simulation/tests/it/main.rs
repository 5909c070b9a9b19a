//! The made-up bank from outside: what it writes, and what cannot be guessed from it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail where tests do")]

mod artefacts;
mod bank;
mod combined;
mod learner;
mod sameness;
mod tables;
mod truth;
