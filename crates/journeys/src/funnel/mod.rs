//! Funnels: how many customers come how far through a sequence of steps, and who.
//!
//! **What a funnel means here.** The rows of a customer are sorted by time. Each row meets none, one or several of the
//! steps `0..n` and of the exclusions. A *chain* of length `k` is `k` rows `r₀ … r₍ₖ₋₁₎`, row `rᵢ` meeting step `i`, with
//!
//! - `ts(r₀) ≤ ts(r₁) ≤ …`: rows of one instant have no order among themselves, so ties never break a chain;
//! - every `ts(rᵢ)` inside the window that starts with `r₀`, and inside the window between steps that starts with `rᵢ₋₁`
//!   (windows include their end; windows of days end with a day of the zone, see [`crate::Window`]);
//! - [`Sharing`]: with `Row` (ClickHouse's default) a row may be several of the `rᵢ`, with `Instant` all are different
//!   rows, with `Nothing` each is later than the one before;
//! - [`Order::Strict`]: `rᵢ` is the very next row after `rᵢ₋₁` in the customer's stream. Here alone the order in which rows of
//!   one instant come matters, and a row is one step;
//! - a value *held*: all rows have the same value in that column; rows without one are in no chain.
//!
//! A customer *reaches* step `k - 1` if a chain of length `k` exists. In [`Order::Any`], instead, if some window that starts
//! with a row holds rows of `k` different steps. Whether customers who converted had first tried in vain does not matter.
//!
//! **Exclusions** (PostHog: the person leaves the whole funnel). Let `x` be a row that meets an exclusion after step `i` and
//! before step `j`. Take the latest entry from which step `i` was reached before the instant of `x`. If `x` is inside the
//! window of that entry, and step `j` has not been reached from it or a later one by the instant of `x`, the customer counts at
//! no step. So an exclusion at the instant of either step does no harm, and none does once the last step is reached.
//! With a value held, or a funnel for each value, exclusions are those of the value's rows, and they remove the customer
//! from all values held, or from that value's funnel.
//!
//! **Times** are those of one chain a customer: the first to reach the customer's furthest step, and of those that reach it at
//! the same instant, the one whose earlier rows are latest, from the last backwards (so it also started last). In strict order
//! it is the first by rows. In any order, the times are those at which each of the steps happened last until then. The trend
//! counts the customer in the period in which that chain started.
//!
//! **Breakdown**: see [`Attribution`]. First and last look at rows that meet a step, in order, in a chain or not.
//!
//! **How it is found.** One pass with one chain a step (`chains.rs` says why one is enough): time is linear in rows whatever
//! the window, memory is that of one customer. Rows without a bit are skipped, eight at a time, and neither their customer
//! nor their time is looked at. Only a value held and breakdowns by rows keep the rows of the customer at hand (at most
//! [`ROWS_OF_CUSTOMER_MAX`]); a breakdown by step costs those rows times the values the customer has at that step.
//!
//! **ClickHouse.** `Ordered` with `Row` and a window is `windowFunnel` without modes; with `Instant` it is `strict_once`; with
//! `Nothing` it is what `strict_increase` is documented to mean. ClickHouse itself forgets an earlier row for a step when a
//! later one comes, so its `strict_increase` can miss a chain; [`Order::WindowFunnel`] scans as it does, mode by mode.
//! Known to differ: `strict_once` together with `strict_order` or `strict_deduplication` where several rows of one instant each
//! meet several conditions.

mod answer;
mod chains;
mod level;
mod machine;
mod reached;
mod settings;
mod ties;
mod whole;

pub use answer::{BREAKDOWN_VALUES_MAX, Funnel, FunnelValue, StepTimes, TrendPeriod};
pub use level::FunnelLevel;
pub use settings::{Attribution, Exclusion, FunnelSettings, Modes, Order, Sharing};
pub use whole::ROWS_OF_CUSTOMER_MAX;

use self::{
    answer::Cells,
    machine::{Machine, Row},
    whole::Whole,
};
use crate::{
    Bits, JourneyError, MISSING, Rows,
    rows::{Cursor, Met, Step, for_each_met},
};

/// Steps a funnel may have.
pub const STEPS_MAX: usize = 32;

/// The columns of a batch that a funnel reads. Rows without a bit may be left out beforehand, except in strict order and with
/// `strict_order`, where they are what stands in between.
#[derive(Debug, Clone, Copy)]
pub struct FunnelRows<'a, M> {
    /// Who and when.
    pub rows: Rows<'a>,
    /// Bit `i`: the row meets step `i`; from bit `steps` on: exclusions.
    pub bits: &'a [M],
    /// Codes of the value held ([`MISSING`] for none); needed when [`FunnelSettings::held`].
    pub held: Option<&'a [u32]>,
    /// Codes of the breakdown ([`MISSING`] for none); needed with [`FunnelSettings::breakdown`].
    pub by: Option<&'a [u32]>,
}

/// A funnel over a stream of batches. Buckets of customers may each have their own; [`FunnelKernel::merge`] joins them.
#[derive(Debug, Clone)]
pub struct FunnelKernel {
    breakdown: Option<Attribution>,
    held: bool,
    /// Rows without a bit matter too.
    all_rows: bool,
    step_bits: u64,
    /// Steps and exclusions; other bits mean nothing.
    known_bits: u64,
    cursor: Cursor,
    /// Rows of earlier batches.
    rows_before: u64,
    /// The value of the first or last attribution, of the customer at hand.
    touched: u32,
    machine: Machine,
    whole: Option<Whole>,
    cells: Cells,
}

impl FunnelKernel {
    /// A funnel before any row.
    ///
    /// # Errors
    /// When the settings contradict each other.
    pub fn new(settings: &FunnelSettings) -> Result<Self, JourneyError> {
        settings.check()?;
        Ok(Self {
            breakdown: settings.breakdown,
            held: settings.held,
            all_rows: matches!(settings.order, Order::WindowFunnel(modes) if modes.strict_order),
            step_bits: (1 << settings.steps) - 1,
            known_bits: u64::MAX >> (u64::BITS as usize - settings.steps - settings.exclusions.len()),
            cursor: Cursor::default(),
            // So that the first row has none before it.
            rows_before: 1,
            touched: MISSING,
            machine: Machine::new(settings),
            whole: Whole::new(settings),
            cells: Cells::new(settings),
        })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When a column is missing or of another length, rows that meet something are out of order, or a bound is reached.
    /// The kernel is of no further use then.
    pub fn push<M: Bits>(&mut self, batch: &FunnelRows<'_, M>) -> Result<(), JourneyError> {
        batch.rows.matches("bits", batch.bits)?;
        let held = column(batch, "held", batch.held, self.held)?;
        let by = column(batch, "by", batch.by, self.breakdown.is_some())?;
        let code = |codes: Option<&[u32]>, i: usize| codes.map_or(MISSING, |codes| codes[i]);
        let all_rows = self.all_rows;
        let mut take = |met: &Met| {
            let (position, held, by) = (met.row as u64, code(held, met.row), code(by, met.row));
            self.row(met, Row { ts: met.ts, bits: met.bits, position, held, by })
        };
        if all_rows {
            for (row, bits) in batch.bits.iter().enumerate() {
                let (customer, ts) = (batch.rows.customer[row], batch.rows.ts[row]);
                take(&Met { row, customer, ts, bits: (*bits).into() })?;
            }
        } else {
            for_each_met(batch.rows, batch.bits, take)?;
        }
        self.rows_before += batch.rows.len() as u64;
        Ok(())
    }

    #[inline]
    fn row(&mut self, met: &Met, mut row: Row) -> Result<(), JourneyError> {
        let before = self.cursor.customer();
        if let Step::New(_) = self.cursor.advance(met.row, met.customer, row.ts)? {
            self.end_customer(before)?;
        }
        row.position += self.rows_before;
        row.bits &= self.known_bits;
        self.touch(&row);
        match &mut self.whole {
            None => self.machine.row(&row),
            Some(whole) => whole.row(row)?,
        }
        Ok(())
    }

    #[inline]
    fn touch(&mut self, row: &Row) {
        if row.by == MISSING || row.bits & self.step_bits == 0 {
            return;
        }
        match self.breakdown {
            Some(Attribution::First) if self.touched == MISSING => self.touched = row.by,
            Some(Attribution::Last) => self.touched = row.by,
            _ => {}
        }
    }

    fn end_customer(&mut self, customer: Option<u32>) -> Result<(), JourneyError> {
        if let Some(customer) = customer {
            match &mut self.whole {
                None => self.cells.add(customer, self.touched, self.machine.end())?,
                Some(whole) => {
                    let found = |code, reached: &_| self.cells.add(customer, code, reached);
                    whole.end(&mut self.machine, self.touched, found)?;
                }
            }
            check_ties(&self.machine)?;
        }
        self.touched = MISSING;
        self.machine.reset();
        self.whole.iter_mut().for_each(Whole::reset);
        Ok(())
    }

    fn end_stream(&mut self) -> Result<(), JourneyError> {
        self.end_customer(self.cursor.customer())?;
        self.cursor = Cursor::default();
        Ok(())
    }

    /// Joins a funnel of the same settings over other customers.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn merge(&mut self, mut other: Self) -> Result<(), JourneyError> {
        self.end_stream()?;
        other.end_stream()?;
        self.cells.merge(other.cells)
    }

    /// After the last batch.
    ///
    /// # Errors
    /// When a bound is reached.
    pub fn finish(mut self) -> Result<Funnel, JourneyError> {
        self.end_stream()?;
        self.cells.finish(self.breakdown.is_some())
    }
}

fn check_ties(machine: &Machine) -> Result<(), JourneyError> {
    if !machine.overflown() {
        return Ok(());
    }
    let advice = "share rows between steps, or make times finer";
    Err(JourneyError::TooMany {
        what: "different rows of a customer at one instant",
        limit: ties::TIED_ROWS_MAX,
        advice,
    })
}

fn column<'a, M>(
    batch: &FunnelRows<'a, M>,
    name: &'static str,
    given: Option<&'a [u32]>,
    needed: bool,
) -> Result<Option<&'a [u32]>, JourneyError> {
    match given.filter(|_| needed) {
        Some(codes) => batch.rows.matches(name, codes).map(|()| Some(codes)),
        None if needed => Err(JourneyError::Lengths { column: name, values: 0, rows: batch.rows.len() }),
        None => Ok(None),
    }
}
