//! Daily series: what comes next, from a query or a file, tried on the past and kept for the days to come.
//!
//! A series is gathered in a session (`gather`), forecast from origins in the past and judged (`learn`); a released version forecasts anew from all that is known
//! by then, each time `florin run` finds it stale (`said`).

mod gather;
mod learn;
mod said;

pub(super) use learn::{evaluate, learn};
pub(super) use said::score;
