//! What a funnel finds: for each value of the breakdown, who came how far, and how long it took.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::{FunnelSettings, reached::Reached};
use crate::{Durations, JourneyError, MISSING, Period, Zone};

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

/// What is being counted for one value.
#[derive(Debug, Clone)]
struct Cell {
    furthest: Vec<RoaringBitmap>,
    excluded: RoaringBitmap,
    times: Vec<StepTimes>,
    trend: BTreeMap<i32, Vec<RoaringBitmap>>,
}

impl Cell {
    fn new(steps: usize) -> Self {
        let empty = || vec![RoaringBitmap::new(); steps];
        Self {
            furthest: empty(),
            excluded: RoaringBitmap::new(),
            times: vec![StepTimes::default(); steps],
            trend: BTreeMap::new(),
        }
    }

    fn add_times(&mut self, times: &[i64]) {
        let Some(first) = times.first() else { return };
        for ((cell, pair), at) in self.times.iter_mut().skip(1).zip(times.windows(2)).zip(times.iter().skip(1)) {
            cell.from_previous.add(pair[1] - pair[0]);
            cell.from_first.add(at - first);
        }
    }

    fn merge(&mut self, other: Self) {
        self.excluded |= other.excluded;
        unite(&mut self.furthest, other.furthest);
        for (mine, theirs) in self.times.iter_mut().zip(&other.times) {
            mine.from_previous.merge(&theirs.from_previous);
            mine.from_first.merge(&theirs.from_first);
        }
        for (period, sets) in other.trend {
            match self.trend.get_mut(&period) {
                Some(mine) => unite(mine, sets),
                None => drop(self.trend.insert(period, sets)),
            }
        }
    }

    fn finish(mut self, code: u32) -> FunnelValue {
        for sets in self.trend.values() {
            unite(&mut self.furthest, sets.clone());
        }
        let trend = self.trend.into_iter().map(|(period, furthest)| TrendPeriod { period, furthest }).collect();
        let code = (code != MISSING).then_some(code);
        FunnelValue { code, furthest: self.furthest, excluded: self.excluded, times: self.times, trend }
    }
}

fn unite(into: &mut [RoaringBitmap], from: Vec<RoaringBitmap>) {
    into.iter_mut().zip(from).for_each(|(mine, theirs)| *mine |= theirs);
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
            Some(period) => cell.trend.entry(period).or_insert_with(|| vec![RoaringBitmap::new(); steps]),
        };
        if let Some(set) = sets.get_mut(furthest) {
            set.insert(customer);
        }
        cell.add_times(reached.times());
        Ok(())
    }

    fn cell(&mut self, code: u32) -> Result<&mut Cell, JourneyError> {
        if self.cells.len() > BREAKDOWN_VALUES_MAX {
            let advice = "break down by something coarser";
            return Err(JourneyError::TooMany { what: "values in a breakdown", limit: BREAKDOWN_VALUES_MAX, advice });
        }
        let steps = self.steps;
        Ok(self.cells.entry(code).or_insert_with(|| Cell::new(steps)))
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
