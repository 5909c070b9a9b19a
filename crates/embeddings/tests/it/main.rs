//! What the originals say, and what is said of folders that are not what they should be.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod damaged;
mod golden;
