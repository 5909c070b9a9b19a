//! How far one customer comes, for callers who gather a customer's rows themselves.

use super::{
    FunnelSettings, check_ties,
    machine::{Machine, Row},
};
use crate::{JourneyError, error::settings};

/// A funnel over one customer at a time, all of whose rows are at hand. What it tells is the level alone; who came how far
/// and when is told by [`FunnelKernel`](super::FunnelKernel).
#[derive(Debug, Clone)]
pub struct FunnelLevel {
    machine: Machine,
}

impl FunnelLevel {
    /// A funnel before any customer.
    ///
    /// # Errors
    /// When the settings contradict each other, or ask for a value held, a breakdown or exclusions, which need the kernel.
    pub fn new(asked: &FunnelSettings) -> Result<Self, JourneyError> {
        asked.check()?;
        if asked.held || asked.breakdown.is_some() || !asked.exclusions.is_empty() {
            return Err(settings("a level alone knows no value held, no breakdown and no exclusions"));
        }
        Ok(Self { machine: Machine::new(asked) })
    }

    /// How many steps a customer reached. Rows are `(ts, bits)` (microseconds; bit `i`: the row meets step `i`), sorted by time.
    ///
    /// # Errors
    /// When rows are out of order, or too many of one instant have to be told apart.
    pub fn of(&mut self, rows: impl IntoIterator<Item = (i64, u64)>) -> Result<usize, JourneyError> {
        self.machine.reset();
        let mut before = i64::MIN;
        for (row, (ts, bits)) in rows.into_iter().enumerate() {
            if ts < before {
                return Err(JourneyError::NotSorted { row });
            }
            before = ts;
            // So that the first row has none before it.
            let position = row as u64 + 2;
            self.machine.row(&Row { ts, bits, position, held: 0, by: 0 });
        }
        let level = self.machine.end().level;
        check_ties(&self.machine)?;
        Ok(level)
    }
}
