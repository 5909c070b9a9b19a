//! Stickiness: on how many days (or in how many weeks) of a period is a customer active?
//!
//! A row belongs to the larger period that its local day lies in; a customer's active days are the different local days with
//! a row in that period. Weeks are counted where they are seen: one that spans two months counts in both if rows lie in both.

use roaring::RoaringBitmap;

use crate::{
    Bits, JourneyError, Period, Rows, Zone,
    error::settings,
    retention::PERIODS_MAX,
    rows::{Cursor, Step, for_each_met},
    sets::{SetBuilder, merge_each},
};

/// Days of the longest period, a month.
const ACTIVE_MAX: usize = 31;

/// What is counted, and in what.
#[derive(Debug, Clone)]
pub struct StickinessSettings {
    /// What is counted: active days, or weeks.
    pub active: Period,
    /// In which periods.
    pub within: Period,
    /// The number of the first such period (see [`Period::of_day`]).
    pub first: i32,
    /// How many such periods.
    pub periods: usize,
    /// Whose days.
    pub zone: Zone,
}

/// Stickiness over a stream of batches.
#[derive(Debug, Clone)]
pub struct StickinessKernel {
    settings: StickinessSettings,
    cursor: Cursor,
    /// The period of the customer's rows at hand, its last active day, and how many so far.
    period: i32,
    last: i32,
    active: usize,
    /// Period by period, a set for each number of active days from 1.
    sets: Vec<SetBuilder>,
}

impl StickinessKernel {
    /// Before any row.
    ///
    /// # Errors
    /// When there is no period or too many, or what is counted is not shorter than what it is counted in.
    pub fn new(asked: &StickinessSettings) -> Result<Self, JourneyError> {
        if asked.active >= asked.within {
            return Err(settings("stickiness counts shorter periods in longer ones: days in weeks, say"));
        }
        if !(1..=PERIODS_MAX).contains(&asked.periods) {
            return Err(settings(format!("1 to {PERIODS_MAX} periods, not {}", asked.periods)));
        }
        let sets = vec![SetBuilder::default(); asked.periods * ACTIVE_MAX];
        Ok(Self { settings: asked.clone(), cursor: Cursor::default(), period: 0, last: 0, active: 0, sets })
    }

    /// The next batch; rows with a bit count.
    ///
    /// # Errors
    /// When the column is of another length or rows with a bit are out of order.
    pub fn push<M: Bits>(&mut self, rows: Rows<'_>, bits: &[M]) -> Result<(), JourneyError> {
        rows.matches("bits", bits)?;
        for_each_met(rows, bits, |met| self.row(met.row, met.customer, met.ts))
    }

    fn row(&mut self, i: usize, customer: i64, ts: i64) -> Result<(), JourneyError> {
        let before = self.cursor.customer();
        let step = self.cursor.advance(i, customer, ts)?;
        let day = self.settings.zone.day(ts);
        let (period, active) = (self.settings.within.of_day(day), self.settings.active.of_day(day));
        if step != Step::Same || period != self.period {
            self.end_period(before);
            (self.period, self.last, self.active) = (period, active, 1);
        } else if active != self.last {
            (self.last, self.active) = (active, self.active + 1);
        }
        Ok(())
    }

    fn end_period(&mut self, customer: Option<u32>) {
        let place = usize::try_from(i64::from(self.period) - i64::from(self.settings.first)).unwrap_or(usize::MAX);
        let (Some(customer), true) = (customer, place < self.settings.periods) else { return };
        if let Some(set) = self.active.checked_sub(1).and_then(|n| self.sets.get_mut(place * ACTIVE_MAX + n)) {
            set.insert(customer);
        }
        self.active = 0;
    }

    fn end_stream(&mut self) {
        self.end_period(self.cursor.customer());
        self.active = 0;
        self.cursor = Cursor::default();
    }

    /// Joins one of the same settings over other customers.
    pub fn merge(&mut self, mut other: Self) {
        self.end_stream();
        other.end_stream();
        merge_each(&mut self.sets, other.sets);
    }

    /// After the last batch.
    #[must_use]
    pub fn finish(mut self) -> Stickiness {
        self.end_stream();
        let sets = self.sets.into_iter().map(SetBuilder::finish).collect();
        Stickiness { first: self.settings.first, periods: self.settings.periods, sets }
    }
}

/// Who was active how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Stickiness {
    /// The number of the first period.
    pub first: i32,
    /// How many periods.
    pub periods: usize,
    sets: Vec<RoaringBitmap>,
}

impl Stickiness {
    /// Who was active exactly so often (1 to 31) in a period (from 0).
    #[must_use]
    pub fn exactly(&self, period: usize, active: usize) -> RoaringBitmap {
        let inside = period < self.periods && active <= ACTIVE_MAX;
        let place = active.checked_sub(1).filter(|_| inside).map(|n| period * ACTIVE_MAX + n);
        place.and_then(|place| self.sets.get(place)).cloned().unwrap_or_default()
    }

    /// Who was active at least so often in a period.
    #[must_use]
    pub fn at_least(&self, period: usize, active: usize) -> RoaringBitmap {
        (active.max(1)..=ACTIVE_MAX).fold(RoaringBitmap::new(), |all, n| all | self.exactly(period, n))
    }
}
