//! The kernels from outside: against plain, obviously right counts, and against what others published.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod differences;
mod funnel;
mod funnel_oracle;
mod loans;
mod made;
mod next;
mod paths;
mod published;
mod retention;
mod rules;
mod sessions;
mod week;
