//! Match weights of pairs.

use crate::{
    compare::{AtSight, COMPARISONS_MAX, Ladder, Rung, compile},
    error::Result,
    model::Model,
    settings::Settings,
    table::{Records, Row},
};

/// For how many times as many records the bounds hold before they are worked out anew.
const GROWTH_MAX: usize = 16;
/// Bits that sums in different orders may differ by.
const ROUNDING: f64 = 1e-6;

/// A model ready to weigh pairs of records.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    pub(crate) prior: f64,
    pub(crate) ladders: Vec<Ladder>,
    /// By comparison and level (0 missing, then the levels, then anything else): the weight without frequencies.
    weights: Vec<Vec<f64>>,
    /// By comparison and level (from 0): log₂ u of the level that stands for the average frequency.
    base_u: Vec<Vec<f64>>,
    /// By comparison: the most that it can add when the values are not the same.
    most_apart: Vec<f64>,
    /// The comparisons, those first that cost least.
    cheapest_first: Vec<usize>,
    /// Up to how many records that holds.
    records_max: usize,
}

impl Scale {
    pub(crate) fn new(records: &Records, settings: &Settings, model: &Model) -> Result<Self> {
        model.check(&settings.comparisons)?;
        let ladders = compile(records, &settings.comparisons)?;
        let weights: Vec<Vec<f64>> = model
            .comparisons
            .iter()
            .map(|of| std::iter::once(0.0).chain(of.levels.iter().map(super::model::LevelModel::weight)).collect())
            .collect();
        let base_u = ladders.iter().zip(&model.comparisons);
        let base_u = base_u
            .map(|(ladder, of)| ladder.rungs.iter().map(|rung| of.levels[rung.frequency_base].u.log2()).collect())
            .collect();
        let mut cheapest_first: Vec<usize> = (0..ladders.len()).collect();
        cheapest_first.sort_by_key(|at| ladders[*at].cost());
        let (prior, most_apart) = (model.prior_weight(), Vec::new());
        let mut scale = Self { prior, ladders, weights, base_u, most_apart, cheapest_first, records_max: 0 };
        scale.fit(records.len());
        Ok(scale)
    }

    /// Holds for so many records: the rarer a value can be, the more it can add.
    pub(crate) fn fit(&mut self, records: usize) {
        if records >= self.records_max {
            self.records_max = records.max(1).saturating_mul(GROWTH_MAX);
            self.most_apart = self.bounds(self.records_max);
        }
    }

    /// The match weight of a pair, if it reaches `least`. What cannot reach it any more is not compared to the end: most
    /// pairs of a block are told apart by their cheapest comparisons.
    pub(crate) fn weigh_above(&self, records: &Records, a: &impl Row, b: &impl Row, least: f64) -> Option<f64> {
        let (mut weights, open) = self.at_sight(records, a, b);
        let weights = &mut weights[..self.ladders.len()];
        let mut most = self.prior + weights.iter().sum::<f64>();
        for at in self.cheapest_first.iter().copied().filter(|at| open >> at & 1 == 1) {
            if most < least - ROUNDING {
                return None;
            }
            let weight = self.weight(records, at, a, b);
            most += weight - std::mem::replace(&mut weights[at], weight);
        }
        // In the order of the settings, as the waterfall adds them.
        let weight = weights.iter().fold(self.prior, |sum, weight| sum + weight);
        (weight >= least).then_some(weight)
    }

    /// By comparison: its weight where the numbers of the values tell it, else the most that it can be; and which those are, as bits.
    fn at_sight(&self, records: &Records, a: &impl Row, b: &impl Row) -> ([f64; COMPARISONS_MAX], u32) {
        let (mut weights, mut open) = ([0.0; COMPARISONS_MAX], 0);
        for (at, ladder) in self.ladders.iter().enumerate() {
            weights[at] = match ladder.at_sight(a, b) {
                AtSight::Missing => 0.0,
                AtSight::Same => self.weight(records, at, a, b),
                AtSight::Different | AtSight::Unclear => {
                    open |= 1 << at;
                    self.most_apart[at]
                }
            };
        }
        (weights, open)
    }

    fn weight(&self, records: &Records, at: usize, a: &impl Row, b: &impl Row) -> f64 {
        let level = self.ladders[at].level(a, b);
        self.weights[at][usize::from(level)] + self.by_frequency(records, at, level, a, b)
    }

    /// The weight of a level without its frequency.
    pub(crate) fn plain(&self, comparison: usize, level: u8) -> f64 {
        self.weights[comparison][usize::from(level)]
    }

    /// log₂(u / f): f is the share of records that have the value, of the more frequent one when the two differ.
    pub(crate) fn by_frequency(
        &self,
        records: &Records,
        comparison: usize,
        level: u8,
        a: &impl Row,
        b: &impl Row,
    ) -> f64 {
        let Some(rung) = usize::from(level).checked_sub(1).and_then(|at| self.ladders[comparison].rungs.get(at)) else {
            return 0.0;
        };
        let Some(column) = rung.frequency else { return 0.0 };
        let share = |row: u32| if row == crate::table::MISSING { None } else { Some(records.share(column, row)) };
        match (share(a.number(column)), share(b.number(column))) {
            (Some(a), Some(b)) => self.base_u[comparison][usize::from(level) - 1] - a.max(b).log2(),
            _ => 0.0,
        }
    }

    /// By comparison: the most that two values can weigh that are not the same.
    fn bounds(&self, records: usize) -> Vec<f64> {
        let rarest = (records as f64).log2();
        let most = |at: usize| {
            let ladder = &self.ladders[at];
            let possible = |rung: &Rung| ladder.columns.len() > 1 || !rung.is_exact();
            let rungs = ladder.rungs.iter().enumerate().filter(|(_, rung)| possible(rung));
            let rungs = rungs.map(|(level, rung)| {
                let rise = if rung.frequency.is_some() { self.base_u[at][level] + rarest } else { 0.0 };
                self.weights[at][level + 1] + rise.max(0.0)
            });
            rungs.chain(self.weights[at].last().copied()).fold(f64::NEG_INFINITY, f64::max)
        };
        (0..self.ladders.len()).map(most).collect()
    }
}
