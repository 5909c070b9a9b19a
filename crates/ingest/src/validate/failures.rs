//! Which rows of a batch failed, and why.

use std::sync::Arc;

use arrow::{
    array::{Array, BooleanArray},
    buffer::BooleanBuffer,
};

use super::{BatchMismatch, Reason, bounds::Side};
use crate::definition::OnFail;

/// No reason: the row is good.
const NONE: u32 = u32::MAX;

/// All reasons that rows can fail for, the weightiest first: a required column each, then two for each check (one for
/// either end of a range).
#[derive(Debug)]
pub(super) struct Reasons {
    pub(super) all: Vec<Reason>,
    /// Columns of the table, by position, that it requires; their reasons come first.
    pub(super) required: Vec<usize>,
    /// What failing each check leads to.
    pub(super) on_fail: Vec<OnFail>,
}

/// The place of a reason among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReasonId(usize);

impl Reasons {
    pub(super) fn required(&self, nth: usize) -> ReasonId {
        ReasonId(nth)
    }

    pub(super) fn check(&self, check: usize, side: Side) -> ReasonId {
        ReasonId(self.required.len() + 2 * check + usize::from(side == Side::Max))
    }

    /// The check that a failure is only counted for.
    fn warns(&self, id: ReasonId) -> Option<usize> {
        let check = id.0.checked_sub(self.required.len())? / 2;
        (self.on_fail[check] == OnFail::Warn).then_some(check)
    }
}

/// What a row failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// A column that the table requires is missing: its position among the table's columns.
    Required(usize),
    /// A check: its position in the mapping.
    Check(usize),
}

/// The rows of one batch that failed. Made by [`Compiled::failures`](super::Compiled::failures); costs nothing while
/// nothing fails.
#[derive(Debug, Clone)]
pub struct Failures {
    rows: usize,
    reasons: Arc<Reasons>,
    /// The weightiest reason of each row; empty while no row is quarantined.
    first: Vec<u32>,
    quarantined: usize,
    /// Rows that failed each check that only warns.
    warned: Vec<u64>,
}

impl Failures {
    pub(super) fn new(rows: usize, reasons: Arc<Reasons>) -> Self {
        let warned = vec![0; reasons.on_fail.len()];
        Self { rows, reasons, first: Vec::new(), quarantined: 0, warned }
    }

    /// How many rows the batch has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many rows are to be quarantined.
    #[must_use]
    pub fn quarantined(&self) -> usize {
        self.quarantined
    }

    /// Why a row is to be quarantined; `None` for a good one.
    #[must_use]
    pub fn reason(&self, row: usize) -> Option<&Reason> {
        self.first.get(row).and_then(|&id| self.reasons.all.get(id as usize))
    }

    /// The rows to be quarantined, ascending, each with its reason.
    pub fn quarantined_rows(&self) -> impl Iterator<Item = (usize, &Reason)> {
        (0..self.first.len()).filter_map(|row| self.reason(row).map(|reason| (row, reason)))
    }

    /// The rows that stay (true); `None` when all do.
    #[must_use]
    pub fn kept(&self) -> Option<BooleanBuffer> {
        (self.quarantined > 0).then(|| BooleanBuffer::collect_bool(self.rows, |row| self.first[row] == NONE))
    }

    /// How many rows failed each check that only warns, by the check's position; other checks have 0.
    #[must_use]
    pub fn warned(&self) -> &[u64] {
        &self.warned
    }

    /// The outcome of a check that was evaluated elsewhere: true passes, and so does null, since unknown is not false.
    ///
    /// # Errors
    /// A mask with another number of rows, or a check that the mapping does not have.
    pub fn add_mask(&mut self, check: usize, passes: &BooleanArray) -> Result<(), BatchMismatch> {
        self.expect_rows(passes.len())?;
        self.expect_check(check)?;
        if passes.has_false() {
            let failed = match passes.nulls() {
                None => !passes.values(),
                Some(nulls) => &!passes.values() & nulls.inner(),
            };
            self.fail_all(self.reasons.check(check, Side::Min), &failed);
        }
        Ok(())
    }

    /// One row fails. A check that only warns is only counted.
    ///
    /// # Errors
    /// A row, column or check that is not there.
    pub fn fail(&mut self, row: usize, failed: Failed) -> Result<(), BatchMismatch> {
        if row >= self.rows {
            return Err(BatchMismatch::Rows { expected: self.rows, found: row + 1 });
        }
        let id = match failed {
            Failed::Check(check) => {
                self.expect_check(check)?;
                self.reasons.check(check, Side::Min)
            }
            Failed::Required(column) => {
                let nth = self.reasons.required.iter().position(|&c| c == column);
                self.reasons.required(nth.ok_or(BatchMismatch::NotRequired(column))?)
            }
        };
        self.fail_row(id, row);
        Ok(())
    }

    pub(super) fn expect_rows(&self, found: usize) -> Result<(), BatchMismatch> {
        let expected = self.rows;
        if found == expected { Ok(()) } else { Err(BatchMismatch::Rows { expected, found }) }
    }

    fn expect_check(&self, check: usize) -> Result<(), BatchMismatch> {
        let checks = self.reasons.on_fail.len();
        if check < checks { Ok(()) } else { Err(BatchMismatch::Check { check, checks }) }
    }

    /// All rows that are set fail.
    pub(super) fn fail_all(&mut self, id: ReasonId, failed: &BooleanBuffer) {
        match self.reasons.warns(id) {
            Some(check) => self.warned[check] += failed.count_set_bits() as u64,
            None => failed.set_indices().for_each(|row| self.quarantine(id, row)),
        }
    }

    pub(super) fn fail_row(&mut self, id: ReasonId, row: usize) {
        match self.reasons.warns(id) {
            Some(check) => self.warned[check] += 1,
            None => self.quarantine(id, row),
        }
    }

    fn quarantine(&mut self, id: ReasonId, row: usize) {
        if self.first.is_empty() {
            self.first = vec![NONE; self.rows];
        }
        let first = &mut self.first[row];
        self.quarantined += usize::from(*first == NONE);
        *first = (*first).min(id.0 as u32);
    }
}
