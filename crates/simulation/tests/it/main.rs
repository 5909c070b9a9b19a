//! The made-up bank from outside: what it writes, and what cannot be guessed from it.

mod artefacts;
mod bank;
mod sameness;
mod tables;
mod truth;
