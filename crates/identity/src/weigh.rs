//! Match weights of pairs.

use crate::{
    compare::{Ladder, compile},
    error::Result,
    model::Model,
    settings::Settings,
    table::{Records, Row},
};

/// For how many times as many records the bounds hold before they are worked out anew.
const GROWTH_MAX: usize = 16;

/// A model ready to weigh pairs of records.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    pub(crate) prior: f64,
    pub(crate) ladders: Vec<Ladder>,
    /// By comparison and level (0 missing, then the levels, then anything else): the weight without frequencies.
    weights: Vec<Vec<f64>>,
    /// By comparison and level (from 0): log₂ u of the level that stands for the average frequency.
    base_u: Vec<Vec<f64>>,
    /// By comparison: the most that it and those behind it can add.
    rest_max: Vec<f64>,
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
        let mut scale =
            Self { prior: model.prior_weight(), ladders, weights, base_u, rest_max: Vec::new(), records_max: 0 };
        scale.fit(records.len());
        Ok(scale)
    }

    /// Holds for so many records: the rarer a value can be, the more it can add.
    pub(crate) fn fit(&mut self, records: usize) {
        if records >= self.records_max {
            self.records_max = records.max(1).saturating_mul(GROWTH_MAX);
            self.rest_max = self.bounds(self.records_max);
        }
    }

    /// The match weight of a pair, if it reaches `least`. What cannot reach it any more is not compared to the end.
    pub(crate) fn weigh_above(&self, records: &Records, a: &impl Row, b: &impl Row, least: f64) -> Option<f64> {
        let mut weight = self.prior;
        for at in 0..self.ladders.len() {
            if weight + self.rest_max[at] < least {
                return None;
            }
            let level = self.ladders[at].level(a, b);
            weight += self.weights[at][usize::from(level)] + self.by_frequency(records, at, level, a, b);
        }
        (weight >= least).then_some(weight)
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

    fn bounds(&self, records: usize) -> Vec<f64> {
        let rarest = (records as f64).log2();
        let most = |at: usize| {
            let rungs = self.ladders[at].rungs.iter().enumerate();
            let with_frequency = rungs.map(|(level, rung)| {
                let rise = if rung.frequency.is_some() { self.base_u[at][level] + rarest } else { 0.0 };
                self.weights[at][level + 1] + rise.max(0.0)
            });
            with_frequency.chain(self.weights[at].iter().copied()).fold(0.0, f64::max)
        };
        let mut rest = vec![0.0; self.ladders.len() + 1];
        for at in (0..self.ladders.len()).rev() {
            rest[at] = rest[at + 1] + most(at);
        }
        rest
    }
}
