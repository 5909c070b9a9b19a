//! Questions that need all rows of a customer at once: a value held constant, a funnel for each value.

use super::{
    Attribution, FunnelSettings,
    machine::{Machine, Row},
    reached::Reached,
};
use crate::{JourneyError, MISSING};

/// Rows with steps or exclusions that one customer may have where they are kept until the last.
pub const ROWS_OF_CUSTOMER_MAX: usize = 1 << 24;

/// The rows of the customer at hand, kept.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    held: bool,
    by: Option<Attribution>,
    steps: u64,
    rows: Vec<Row>,
    /// Rows of one value of the breakdown.
    part: Vec<Row>,
}

impl Whole {
    /// `None` when rows need not be kept.
    pub(super) fn new(settings: &FunnelSettings) -> Option<Self> {
        let by = settings.breakdown.filter(|by| matches!(by, Attribution::Every | Attribution::Step(_)));
        let steps = (1u64 << settings.steps) - 1;
        let whole = Self { held: settings.held, by, steps, rows: Vec::new(), part: Vec::new() };
        (settings.held || by.is_some()).then_some(whole)
    }

    pub(super) fn reset(&mut self) {
        self.rows.clear();
    }

    pub(super) fn row(&mut self, row: Row) -> Result<(), JourneyError> {
        if self.rows.len() == ROWS_OF_CUSTOMER_MAX {
            let advice = "leave the customer out, or ask without a held value and with the first or last value";
            return Err(JourneyError::TooMany { what: "rows of one customer", limit: ROWS_OF_CUSTOMER_MAX, advice });
        }
        self.rows.push(row);
        Ok(())
    }

    /// Calls `found` with each value of the customer and how far the customer comes under it; `touched` is the value where
    /// the breakdown is not by rows.
    pub(super) fn end(
        &mut self,
        machine: &mut Machine,
        touched: u32,
        mut found: impl FnMut(u32, &Reached) -> Result<(), JourneyError>,
    ) -> Result<(), JourneyError> {
        let Some(by) = self.by else {
            let reached = best(machine, &mut self.rows, self.held);
            return found(touched, &reached);
        };
        for code in self.codes(by) {
            self.select(by, code);
            let reached = best(machine, &mut self.part, self.held);
            let there = match by {
                Attribution::Step(step) => reached.level > step || reached.excluded,
                _ => true,
            };
            if there {
                found(code, &reached)?;
            }
        }
        Ok(())
    }

    /// The values that rows have, where they count; in order.
    fn codes(&self, by: Attribution) -> Vec<u32> {
        let counts = |row: &&Row| match by {
            Attribution::Step(step) => row.bits >> step & 1 == 1,
            _ => row.bits & self.steps != 0,
        };
        let mut codes: Vec<u32> = self.rows.iter().filter(counts).map(|row| row.by).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.retain(|code| *code != MISSING);
        codes
    }

    /// The rows of a value's funnel.
    fn select(&mut self, by: Attribution, code: u32) {
        self.part.clear();
        match by {
            Attribution::Step(step) => self.part.extend(self.rows.iter().map(|row| {
                let other = row.by != code;
                Row { bits: if other { row.bits & !(1 << step) } else { row.bits }, ..*row }
            })),
            _ => self.part.extend(self.rows.iter().filter(|row| row.by == code)),
        }
    }
}

/// How far the rows come; with a value held, how far the best of its values comes. Sorts rows by the value held.
fn best(machine: &mut Machine, rows: &mut [Row], held: bool) -> Reached {
    if !held {
        return run(machine, rows);
    }
    rows.sort_by_key(|row| row.held);
    let values = rows.chunk_by(|a, b| a.held == b.held).filter(|rows| rows.first().is_some_and(|r| r.held != MISSING));
    values.fold(Reached::default(), |best, rows| best.better(run(machine, rows)))
}

fn run(machine: &mut Machine, rows: &[Row]) -> Reached {
    machine.reset();
    rows.iter().for_each(|row| machine.row(row));
    *machine.end()
}
