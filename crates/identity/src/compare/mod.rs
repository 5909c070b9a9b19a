//! How two records are compared: a comparison is a ladder of levels, and the first whose test passes is the pair's.

mod letters;
mod measure;
mod run;
mod test;

pub(crate) use letters::Letters;
pub(crate) use run::{AtSight, Ladder, Rung, compile, compile_test, fulfils};
pub use test::{Comparison, Level, Test};

/// Comparisons that settings may have: the levels of a pair fit into 64 bits.
pub const COMPARISONS_MAX: usize = 16;
/// Levels that a comparison may have, the last ("anything else") not counted.
pub const LEVELS_MAX: usize = 14;
