//! How far one customer came.

use super::STEPS_MAX;

/// The chain of rows that is reported for a customer: the first to reach the customer's furthest step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// How many steps; 0 when the customer did not enter.
    pub(super) level: usize,
    /// Whether an exclusion removes the customer.
    pub(super) excluded: bool,
    /// When each step was reached; what lies beyond `level` means nothing.
    pub(super) times: [i64; STEPS_MAX],
}

impl Default for Reached {
    fn default() -> Self {
        Self { level: 0, excluded: false, times: [0; STEPS_MAX] }
    }
}

impl Reached {
    pub(super) fn reset(&mut self) {
        (self.level, self.excluded) = (0, false);
    }

    pub(super) fn entry(&self) -> i64 {
        self.times[0]
    }

    /// When the furthest step was reached.
    pub(super) fn last(&self) -> i64 {
        self.level.checked_sub(1).map_or(i64::MAX, |last| self.times[last])
    }

    /// Times up to the furthest step.
    pub(super) fn times(&self) -> &[i64] {
        &self.times[..self.level.min(STEPS_MAX)]
    }

    /// Of two chains of a customer, the further; then the earlier there; then the one that was quicker.
    pub(super) fn better(self, other: Self) -> Self {
        let key = |r: &Self| (std::cmp::Reverse(r.level), r.last(), std::cmp::Reverse(r.entry()), r.times);
        let excluded = self.excluded || other.excluded;
        let best = if key(&other) < key(&self) { other } else { self };
        Self { excluded, ..best }
    }
}
