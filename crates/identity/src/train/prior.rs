//! λ, the share of matches among all pairs.

use crate::{
    blocking::{Blocks, Wanted},
    error::{Result, setting},
    settings::{Prior, Settings},
    table::Records,
};

/// From rules and the share of matches they are expected to find, or as given.
pub(super) fn estimate(records: &Records, settings: &Settings) -> Result<f64> {
    let share = match &settings.training.prior {
        Prior::Given { share } => *share,
        Prior::Rules { rules, recall } => {
            if !(*recall > 0.0 && *recall <= 1.0) {
                return Err(setting(
                    "prior",
                    format!("expects a recall of {recall}; it must be above 0 and at most 1"),
                ));
            }
            let blocks =
                Blocks::build(records, rules, settings.block_records_max, settings.one_record_mask()?, Wanted::All)?;
            let found: u64 = blocks.visit(|pairs: &mut u64, _, _| *pairs += 1).into_iter().sum();
            found.max(1) as f64 / recall / all_pairs(records.len())
        }
    };
    if share > 0.0 && share < 1.0 {
        return Ok(share);
    }
    Err(setting("prior", format!("is {share}; it must lie between 0 and 1")))
}

/// How many pairs so many records make.
pub(super) fn all_pairs(records: usize) -> f64 {
    let n = records.max(2) as f64;
    n * (n - 1.0) / 2.0
}
