//! What a funnel finds: for each value of the breakdown, who came how far, and how long it took.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::{FunnelSettings, reached::Reached};
use crate::{Durations, JourneyError, MISSING, Period, Zone, durations::DurationsBuilder, sets::AscendingSet};

/// Values that one breakdown may have.
pub const BREAKDOWN_VALUES_MAX: usize = 10_000;

/// The answer to a funnel's question.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// How many steps it has.
    pub steps: usize,
    /// One without a breakdown (`code` is `None`); with one, those that any customer has, by code, customers without a value
    /// last.
    pub values: Vec<FunnelValue>,
}

/// Customers of one value of the breakdown. Counts are lengths of the sets, so a number always opens to its customers.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelValue {
    /// The value; `None` for customers without one, and when there is no breakdown.
    pub code: Option<u32>,
    /// At index `i`, the customers whose furthest step is step `i`.
    pub furthest: Vec<RoaringBitmap>,
    /// Customers whom an exclusion removed; they are in no other set.
    pub excluded: RoaringBitmap,
    /// At index `i`, how long step `i` took (index 0 is empty).
    pub times: Vec<StepTimes>,
    /// Periods of entry, earliest first; empty unless the trend was asked for.
    pub trend: Vec<TrendPeriod>,
}

/// How long customers took to a step, of those who reached it; microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepTimes {
    /// From the step before.
    pub from_previous: Durations,
    /// From the first step.
    pub from_first: Durations,
}

/// Customers who entered in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPeriod {
    /// Its number (see [`Period::of_day`]).
    pub period: i32,
    /// At index `i`, the customers whose furthest step is step `i`.
    pub furthest: Vec<RoaringBitmap>,
}

/// Those of `furthest` who came to a step or beyond it.
fn at_least(furthest: &[RoaringBitmap], step: usize) -> RoaringBitmap {
    furthest.iter().skip(step).fold(RoaringBitmap::new(), |all, set| all | set)
}

impl FunnelValue {
    /// The customers who reached a step (from 0).
    #[must_use]
    pub fn reached(&self, step: usize) -> RoaringBitmap {
        at_least(&self.furthest, step)
    }

    /// How many customers reached each step.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        counts(&self.furthest)
    }

    /// The customers who reached the step before a step and not the step itself.
    #[must_use]
    pub fn dropped(&self, step: usize) -> RoaringBitmap {
        step.checked_sub(1).and_then(|before| self.furthest.get(before)).cloned().unwrap_or_default()
    }
}

impl TrendPeriod {
    /// The customers who entered in the period and reached a step (from 0).
    #[must_use]
    pub fn reached(&self, step: usize) -> RoaringBitmap {
        at_least(&self.furthest, step)
    }

    /// How many of them reached each step.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        counts(&self.furthest)
    }
}

/// Sets of furthest steps do not overlap: counts add up from the last step.
fn counts(furthest: &[RoaringBitmap]) -> Vec<u64> {
    let mut counts: Vec<u64> = furthest.iter().map(RoaringBitmap::len).collect();
    for step in (1..counts.len()).rev() {
        counts[step - 1] += counts[step];
    }
    counts
}

/// Values whose times are counted the fast way, which takes more room.
const DENSE_VALUES: usize = 16;

/// What is being counted for one value.
#[derive(Debug, Clone)]
struct Cell {
    furthest: Vec<AscendingSet>,
    excluded: AscendingSet,
    times: Vec<StepClock>,
    trend: BTreeMap<i32, Vec<AscendingSet>>,
}

#[derive(Debug, Clone)]
struct StepClock {
    from_previous: DurationsBuilder,
    from_first: DurationsBuilder,
}

fn empty(steps: usize) -> Vec<AscendingSet> {
    vec![AscendingSet::default(); steps]
}

impl Cell {
    fn new(steps: usize, dense: bool) -> Self {
        let new = || DurationsBuilder::new(dense);
        Self {
            furthest: empty(steps),
            excluded: AscendingSet::default(),
            times: (0..steps).map(|_| StepClock { from_previous: new(), from_first: new() }).collect(),
            trend: BTreeMap::new(),
        }
    }

    fn add_times(&mut self, times: &[i64]) {
        let Some(first) = times.first() else { return };
        for (clock, pair) in self.times.iter_mut().skip(1).zip(times.windows(2)) {
            clock.from_previous.add(pair[1].saturating_sub(pair[0]));
            clock.from_first.add(pair[1].saturating_sub(*first));
        }
    }

    fn merge(&mut self, other: Self) {
        self.excluded.merge(other.excluded);
        unite(&mut self.furthest, other.furthest);
        for (mine, theirs) in self.times.iter_mut().zip(other.times) {
            mine.from_previous.merge(theirs.from_previous);
            mine.from_first.merge(theirs.from_first);
        }
        for (period, sets) in other.trend {
            let steps = sets.len();
            unite(self.trend.entry(period).or_insert_with(|| empty(steps)), sets);
        }
    }

    fn finish(self, code: u32) -> FunnelValue {
        let finish = |sets: Vec<AscendingSet>| sets.into_iter().map(AscendingSet::finish).collect();
        let trend = self.trend.into_iter().map(|(period, sets)| TrendPeriod { period, furthest: finish(sets) });
        let trend: Vec<TrendPeriod> = trend.collect();
        let mut furthest: Vec<RoaringBitmap> = finish(self.furthest);
        for period in &trend {
            furthest.iter_mut().zip(&period.furthest).for_each(|(all, entered)| *all |= entered);
        }
        let times = self.times.into_iter().map(|clock| StepTimes {
            from_previous: clock.from_previous.finish(),
            from_first: clock.from_first.finish(),
        });
        let code = (code != MISSING).then_some(code);
        FunnelValue { code, furthest, excluded: self.excluded.finish(), times: times.collect(), trend }
    }
}

fn unite(into: &mut [AscendingSet], from: Vec<AscendingSet>) {
    into.iter_mut().zip(from).for_each(|(mine, theirs)| mine.merge(theirs));
}

/// Counts customers as their rows end.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    steps: usize,
    trend: Option<(Period, Zone)>,
    cells: FxHashMap<u32, Cell>,
}

impl Cells {
    pub(super) fn new(settings: &FunnelSettings) -> Self {
        let trend = settings.trend.map(|period| (period, settings.zone.clone()));
        Self { steps: settings.steps, trend, cells: FxHashMap::default() }
    }

    /// One customer under one value.
    pub(super) fn add(&mut self, customer: u32, code: u32, reached: &Reached) -> Result<(), JourneyError> {
        let Some(furthest) = reached.level.checked_sub(1) else { return Ok(()) };
        let period = self.trend.as_mut().map(|(period, zone)| period.of_day(zone.day(reached.entry())));
        let cell = self.cell(code)?;
        if reached.excluded {
            cell.excluded.insert(customer);
            return Ok(());
        }
        let steps = cell.furthest.len();
        let sets = match period {
            None => &mut cell.furthest,
            Some(period) => cell.trend.entry(period).or_insert_with(|| empty(steps)),
        };
        if let Some(set) = sets.get_mut(furthest) {
            set.insert(customer);
        }
        cell.add_times(reached.times());
        Ok(())
    }

    fn cell(&mut self, code: u32) -> Result<&mut Cell, JourneyError> {
        // One more for customers without a value.
        if self.cells.len() > BREAKDOWN_VALUES_MAX && !self.cells.contains_key(&code) {
            let advice = "break down by something coarser";
            return Err(JourneyError::TooMany { what: "values in a breakdown", limit: BREAKDOWN_VALUES_MAX, advice });
        }
        let (steps, dense) = (self.steps, self.cells.len() < DENSE_VALUES);
        Ok(self.cells.entry(code).or_insert_with(|| Cell::new(steps, dense)))
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<(), JourneyError> {
        for (code, cell) in other.cells {
            self.cell(code)?.merge(cell);
        }
        Ok(())
    }

    pub(super) fn finish(mut self, breakdown: bool) -> Result<Funnel, JourneyError> {
        if !breakdown {
            self.cell(MISSING)?;
        }
        let mut cells: Vec<(u32, Cell)> = self.cells.into_iter().collect();
        cells.sort_unstable_by_key(|(code, _)| *code);
        Ok(Funnel { steps: self.steps, values: cells.into_iter().map(|(code, cell)| cell.finish(code)).collect() })
    }
}
