//! Which rows train, which are the test, and which are watched while trees grow.

use florin_models::definition::{ModelDef, Source, SplitDef};
use jiff::{ToSpan as _, civil::Date};
use toml::value::Datetime;

use super::{dataset::Rows, dates, wrong};
use crate::FlowError;

/// The share of training customers that early stopping looks at.
const WATCHED_SHARE: f64 = 0.1;
/// Rows of either part at least.
const ROWS_MIN: usize = 50;

/// Positions of rows.
pub(super) struct Parts {
    pub(super) train: Vec<usize>,
    pub(super) test: Vec<usize>,
    /// Those of the training rows that are watched instead of trained on; empty when nothing is.
    pub(super) watched: Vec<usize>,
}

/// Splits rows as the definition says.
pub(super) fn split(def: &ModelDef, rows: &Rows) -> Result<Parts, FlowError> {
    let parts = match &def.split {
        SplitDef::Time { test_from, newest_days } => by_time(def, rows, (*test_from, *newest_days))?,
        SplitDef::Customer { test_share, seed } => by_customer(rows, *test_share, *seed),
    };
    for (what, part) in [("training", &parts.0), ("test", &parts.1)] {
        if part.len() < ROWS_MIN {
            let found = format!("{} {what} rows, and at least {ROWS_MIN} are needed", part.len());
            return Err(wrong(&def.name, format!("{found}; take more dates, a larger population or another split")));
        }
    }
    let seed = def.learner.seed();
    let (train, watched) = match def.learner.watches() {
        true => parts.0.into_iter().partition(|row| share(rows.customers[*row], seed ^ WATCH) >= WATCHED_SHARE),
        false => (parts.0, Vec::new()),
    };
    Ok(Parts { train, test: parts.1, watched })
}

/// Another draw than that of the test.
const WATCH: u64 = 0x5741_5443;

fn by_time(
    def: &ModelDef,
    rows: &Rows,
    says: (Option<Datetime>, Option<u32>),
) -> Result<(Vec<usize>, Vec<usize>), FlowError> {
    let days = rows.days.as_ref().ok_or_else(|| wrong(&def.name, "its rows have no dates to split by"))?;
    let newest = days.iter().max().ok_or_else(|| wrong(&def.name, "it has no rows"))?;
    let test_from: Date = dates::test_from(says, *newest)?;
    let horizon = match &def.source {
        Source::Lake { horizon_days, .. } => i64::from(*horizon_days),
        Source::Table { .. } | Source::Texts { .. } | Source::Series { .. } => 0,
    };
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (row, day) in days.iter().enumerate() {
        let over = day.saturating_add(horizon.days());
        if *day >= test_from {
            test.push(row);
        } else if over < test_from {
            // What reaches into the time of the test would tell of it.
            train.push(row);
        }
    }
    Ok((train, test))
}

fn by_customer(rows: &Rows, test_share: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    (0..rows.customers.len()).partition(|row| share(rows.customers[*row], seed) >= test_share)
}

/// A number from 0 to 1 that is a customer's own under a seed.
pub(super) fn share(customer: i64, seed: u64) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&customer.to_le_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1u64 << 53) as f64
}
