//! Retention: of the customers who started in a period, who came back how many periods later?
//!
//! Periods are days, weeks or months of a zone. A row may be a *start*, a *return*, or both.
//!
//! - **Recurring**: a customer is in the cohort of every period of the table with a start of theirs. **First time**: only in
//!   that of their first start of all; if it lies outside the table, in none. So the rows must go back as far as "first" is
//!   to mean.
//! - The cell *k* periods after the cohort's, `k ≥ 1`, holds those of the cohort with a return in exactly that period
//!   (**on**), or in it or a later period of the table (**on or after**). The cell of `k = 0` is the cohort itself (as in PostHog).
//! - A cell is *complete* when all periods it looks at had ended at `as_of`: for *on*, its own; for *on or after*, the last of the
//!   table.
//!
//! Two sets a period are all that is kept, of who started and who returned; a cell is the overlap of two of them. So it does not
//! matter how customers are spread over buckets, and a cell opens to its customers.

use roaring::RoaringBitmap;

use crate::{
    Bits, JourneyError, Period, Rows, Zone,
    error::settings,
    rows::{Cursor, Met, Step, for_each_met},
    sets::{SetBuilder, merge_each},
};

/// Periods a table may have.
pub const PERIODS_MAX: usize = 400;
/// The bit of a row that starts.
pub const START: u64 = 1;
/// The bit of a row that returns.
pub const RETURN: u64 = 2;

/// Which starts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cohorts {
    /// The first of a customer.
    FirstTime,
    /// Every one.
    Recurring,
}

/// Which returns count for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// In its period.
    On,
    /// In its period or a later one of the table.
    OnOrAfter,
}

/// A retention's question.
#[derive(Debug, Clone)]
pub struct RetentionSettings {
    /// Which starts count.
    pub cohorts: Cohorts,
    /// Which returns count.
    pub returns: Return,
    /// How long a period is.
    pub period: Period,
    /// The number of the table's first period (see [`Period::of_day`]).
    pub first: i32,
    /// How many periods the table has.
    pub periods: usize,
    /// Whose days.
    pub zone: Zone,
    /// Until when rows are complete, microseconds UTC.
    pub as_of: i64,
}

/// Retention over a stream of batches.
#[derive(Debug, Clone)]
pub struct RetentionKernel {
    settings: RetentionSettings,
    cursor: Cursor,
    /// Whether the customer at hand has started before.
    started: bool,
    starts: Vec<SetBuilder>,
    returns: Vec<SetBuilder>,
}

impl RetentionKernel {
    /// A table before any row.
    ///
    /// # Errors
    /// When it has no period, or too many.
    pub fn new(settings: &RetentionSettings) -> Result<Self, JourneyError> {
        let periods = settings.periods;
        check_periods(periods)?;
        let empty = vec![SetBuilder::default(); periods];
        let (starts, returns) = (empty.clone(), empty);
        Ok(Self { settings: settings.clone(), cursor: Cursor::default(), started: false, starts, returns })
    }

    /// The next batch; `bits` holds [`START`] and [`RETURN`].
    ///
    /// # Errors
    /// When the column is of another length or rows with a bit are out of order.
    pub fn push<M: Bits>(&mut self, rows: Rows<'_>, bits: &[M]) -> Result<(), JourneyError> {
        rows.matches("bits", bits)?;
        for_each_met(rows, bits, |met| self.row(met))
    }

    #[inline]
    fn row(&mut self, met: &Met) -> Result<(), JourneyError> {
        let Met { row, customer, ts, bits } = *met;
        if let Step::New(_) = self.cursor.advance(row, customer, ts)? {
            self.started = false;
        }
        let customer = customer as u32;
        let number = self.settings.period.of_day(self.settings.zone.day(ts));
        let place = i64::from(number) - i64::from(self.settings.first);
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        if bits & START != 0 {
            let counts = self.settings.cohorts == Cohorts::Recurring || !self.started;
            self.started = true;
            if let Some(set) = self.starts.get_mut(place).filter(|_| counts) {
                set.insert(customer);
            }
        }
        if let Some(set) = self.returns.get_mut(place).filter(|_| bits & RETURN != 0) {
            set.insert(customer);
        }
        Ok(())
    }

    /// Joins a table of the same settings over other customers.
    pub fn merge(&mut self, other: Self) {
        merge_each(&mut self.starts, other.starts);
        merge_each(&mut self.returns, other.returns);
    }

    /// After the last batch.
    #[must_use]
    pub fn finish(mut self) -> Retention {
        let cohorts: Vec<RoaringBitmap> = self.starts.into_iter().map(SetBuilder::finish).collect();
        let mut returned: Vec<RoaringBitmap> = self.returns.into_iter().map(SetBuilder::finish).collect();
        let settings = &mut self.settings;
        if settings.returns == Return::OnOrAfter {
            let mut later = RoaringBitmap::new();
            for set in returned.iter_mut().rev() {
                *set |= &later;
                later.clone_from(set);
            }
        }
        let numbers = (0..settings.periods as i32).map(|n| settings.first.saturating_add(n));
        let ended = numbers.map(|n| {
            let end = settings.period.first_day(n.saturating_add(1));
            settings.zone.day_start(end) <= settings.as_of
        });
        Retention { first: settings.first, ended: ended.collect(), returns: settings.returns, cohorts, returned }
    }
}

fn check_periods(periods: usize) -> Result<(), JourneyError> {
    if (1..=PERIODS_MAX).contains(&periods) {
        return Ok(());
    }
    Err(settings(format!("a table has 1 to {PERIODS_MAX} periods, not {periods}")))
}

/// A table of retention.
#[derive(Debug, Clone, PartialEq)]
pub struct Retention {
    /// The number of the first period.
    pub first: i32,
    returns: Return,
    ended: Vec<bool>,
    cohorts: Vec<RoaringBitmap>,
    returned: Vec<RoaringBitmap>,
}

impl Retention {
    /// How many cohorts (and periods).
    #[must_use]
    pub fn periods(&self) -> usize {
        self.cohorts.len()
    }

    /// Who started in a period (from 0).
    #[must_use]
    pub fn cohort(&self, cohort: usize) -> Option<&RoaringBitmap> {
        self.cohorts.get(cohort)
    }

    /// Who of a cohort came back `after` periods; `None` outside the table.
    #[must_use]
    pub fn cell(&self, cohort: usize, after: usize) -> Option<RoaringBitmap> {
        let started = self.cohorts.get(cohort)?;
        if after == 0 {
            return Some(started.clone());
        }
        self.returned.get(cohort.saturating_add(after)).map(|returned| started & returned)
    }

    /// How many customers [`Retention::cell`] has.
    #[must_use]
    pub fn count(&self, cohort: usize, after: usize) -> Option<u64> {
        let started = self.cohorts.get(cohort)?;
        if after == 0 {
            return Some(started.len());
        }
        self.returned.get(cohort.saturating_add(after)).map(|returned| started.intersection_len(returned))
    }

    /// Whether no row still to come can change a cell.
    #[must_use]
    pub fn complete(&self, cohort: usize, after: usize) -> bool {
        let last = match self.returns {
            Return::OnOrAfter if after > 0 => self.ended.len().saturating_sub(1),
            _ => cohort.saturating_add(after),
        };
        cohort.saturating_add(after) < self.ended.len() && self.ended.get(last).copied().unwrap_or(false)
    }

    /// The share of customers who came back `after` periods, over all cohorts whose cell is complete (each customer of each
    /// cohort counts once); `None` when there is none.
    #[must_use]
    pub fn mean(&self, after: usize) -> Option<f64> {
        let complete = (0..self.periods()).filter(|cohort| self.complete(*cohort, after));
        let (back, all) = complete.fold((0, 0), |(back, all), cohort| {
            (back + self.count(cohort, after).unwrap_or(0), all + self.count(cohort, 0).unwrap_or(0))
        });
        (all > 0).then(|| back as f64 / all as f64)
    }
}

/// ClickHouse's `retention(c₁, …, cₙ)`: for each `i`, the customers with a row that meets the first condition and a row that meets
/// condition `i`, whenever they happen.
#[derive(Debug, Clone)]
pub struct ConditionsKernel {
    conditions: usize,
    cursor: Cursor,
    met: u64,
    sets: Vec<SetBuilder>,
}

/// Conditions that [`ConditionsKernel`] takes, as many as ClickHouse.
pub const CONDITIONS_MAX: usize = 32;

impl ConditionsKernel {
    /// Bits `0..conditions` of a row are the conditions.
    ///
    /// # Errors
    /// When there is none, or there are too many.
    pub fn new(conditions: usize) -> Result<Self, JourneyError> {
        if !(1..=CONDITIONS_MAX).contains(&conditions) {
            return Err(settings(format!("1 to {CONDITIONS_MAX} conditions, not {conditions}")));
        }
        Ok(Self { conditions, cursor: Cursor::default(), met: 0, sets: vec![SetBuilder::default(); conditions] })
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the column is of another length or rows with a bit are out of order.
    pub fn push<M: Bits>(&mut self, rows: Rows<'_>, bits: &[M]) -> Result<(), JourneyError> {
        rows.matches("bits", bits)?;
        for_each_met(rows, bits, |met| {
            let before = self.cursor.customer();
            if let Step::New(_) = self.cursor.advance(met.row, met.customer, met.ts)? {
                self.end_customer(before);
            }
            self.met |= met.bits;
            Ok(())
        })
    }

    fn end_customer(&mut self, customer: Option<u32>) {
        if let Some(customer) = customer.filter(|_| self.met & 1 == 1) {
            let met = self.sets.iter_mut().enumerate().filter(|(i, _)| self.met >> i & 1 == 1);
            met.for_each(|(_, set)| set.insert(customer));
        }
        self.met = 0;
    }

    /// Joins one over other customers.
    pub fn merge(&mut self, mut other: Self) {
        self.end_customer(self.cursor.customer());
        other.end_customer(other.cursor.customer());
        self.cursor = Cursor::default();
        merge_each(&mut self.sets, other.sets);
    }

    /// After the last batch: a set for each condition.
    #[must_use]
    pub fn finish(mut self) -> Vec<RoaringBitmap> {
        self.end_customer(self.cursor.customer());
        self.sets.truncate(self.conditions);
        self.sets.into_iter().map(SetBuilder::finish).collect()
    }
}
