//! Journeys as SQL functions, named as analysts know them.
//!
//! *What*: aggregates that take the rows of a group in any order, in parts, on any number of threads, and tell of them what a
//! journey tells of a customer; a window function that numbers sessions; and what a text says. What they mean is in
//! `docs/reference/sql-functions.md`; how a funnel is scanned is in `journeys`.
//!
//! *How to read*: [`arguments`] (constants and types) → [`input`] (columns become times and bits) → [`gathered`] (what is kept
//! of each group, for one and for many groups) → [`aggregate`] (the same as the engine's aggregate) → one file a function.
//!
//! *How to write*: a function of many rows is a `Kind` (its arguments) with a `Fold` (what it keeps of a group, as numbers,
//! and what it makes of them), and gets a line in [`functions`]. What is kept must not depend on the order of rows.

mod aggregate;
mod arguments;
mod gathered;
mod input;
mod retention;
mod sequence;
mod session_count;
mod sessionize;
mod window_funnel;
mod words;

use florin_lake::SqlFunctions;

use aggregate::Aggregate;

/// The functions of this crate, for [`Session::with_functions`](florin_lake::Session::with_functions).
#[must_use]
pub fn functions() -> SqlFunctions {
    SqlFunctions {
        aggregates: vec![
            Aggregate::new(window_funnel::WindowFunnel).into(),
            Aggregate::new(retention::Retention).into(),
            Aggregate::new(sequence::SequenceMatch).into(),
            Aggregate::new(sequence::SequenceCount).into(),
            Aggregate::new(session_count::SessionCount).into(),
        ],
        windows: vec![sessionize::Sessionize::new().into()],
        scalars: words::functions(),
    }
}
