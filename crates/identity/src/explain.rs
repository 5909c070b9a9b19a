//! Why two records are held for one or not: the waterfall of weights, without any value.

use serde::{Deserialize, Serialize};

use crate::{
    blocking::{CompiledRule, NO_KEY, compile_rules},
    compare::fulfils,
    error::Result,
    model::{Model, probability},
    settings::Settings,
    table::{Records, Row},
    weigh::Scale,
};

/// What a comparison says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The comparison.
    pub comparison: String,
    /// The level the pair is at; `missing` when a side has no value.
    pub level: String,
    /// How often pairs of one person are at this level. None when missing.
    pub m: Option<f64>,
    /// How often pairs of two persons are. None when missing.
    pub u: Option<f64>,
    /// What the frequency of the value adds, in bits: above 0 for rare values.
    pub frequency_weight: f64,
    /// log₂(m / u) with what the frequency adds, in bits.
    pub weight: f64,
    /// The sum so far, in bits.
    pub total: f64,
}

/// From the prior to the probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waterfall {
    /// The first certain rule that the pair fulfils. It decides, whatever the weights.
    pub certain_rule: Option<String>,
    /// log₂(λ / (1 − λ)), in bits.
    pub prior_weight: f64,
    /// One a comparison, in the order of the settings.
    pub steps: Vec<Step>,
    /// The match weight: the prior and all steps, in bits.
    pub weight: f64,
    /// 1 / (1 + 2^−weight).
    pub probability: f64,
}

/// What the level of a comparison without values is called.
const MISSING_LEVEL: &str = "missing";

/// Explains pairs under one model.
pub struct Explainer<'a> {
    records: &'a Records,
    settings: &'a Settings,
    model: &'a Model,
    scale: Scale,
    certain: Vec<CompiledRule>,
}

impl<'a> Explainer<'a> {
    /// An explainer of the records' pairs.
    ///
    /// # Errors
    /// When the settings name columns that are not there or are out of bounds, or the model is of other comparisons.
    pub fn new(records: &'a Records, settings: &'a Settings, model: &'a Model) -> Result<Self> {
        let scale = Scale::new(records, settings, model)?;
        let certain = compile_rules(records, &settings.certain)?;
        Ok(Self { records, settings, model, scale, certain })
    }

    /// The waterfall of two rows.
    #[must_use]
    pub fn explain(&self, left: u32, right: u32) -> Waterfall {
        let (a, b) = (self.records.stored(left.min(right)), self.records.stored(left.max(right)));
        let rule = self.certain.iter().position(|rule| rule.joins(&a, &b));
        let rule = rule.map(|at| self.settings.certain[at].name.clone());
        Steps { records: self.records, model: self.model, scale: &self.scale }.waterfall(rule, &a, &b)
    }
}

/// What the steps of a waterfall are made of.
pub(crate) struct Steps<'a> {
    pub(crate) records: &'a Records,
    pub(crate) model: &'a Model,
    pub(crate) scale: &'a Scale,
}

impl Steps<'_> {
    pub(crate) fn waterfall(&self, certain_rule: Option<String>, a: &impl Row, b: &impl Row) -> Waterfall {
        let prior_weight = self.scale.prior;
        let mut total = prior_weight;
        let steps = (0..self.scale.ladders.len()).map(|at| self.step(at, a, b, &mut total)).collect();
        Waterfall { certain_rule, prior_weight, steps, weight: total, probability: probability(total) }
    }

    fn step(&self, at: usize, a: &impl Row, b: &impl Row, total: &mut f64) -> Step {
        let level = self.scale.ladders[at].level(a, b);
        let frequency_weight = self.scale.by_frequency(self.records, at, level, a, b);
        let weight = self.scale.plain(at, level) + frequency_weight;
        *total += weight;
        let comparison = &self.model.comparisons[at];
        let of = usize::from(level).checked_sub(1).map(|at_level| &comparison.levels[at_level]);
        Step {
            comparison: comparison.name.clone(),
            level: of.map_or(MISSING_LEVEL, |level| &level.name).to_owned(),
            m: of.map(|level| level.m),
            u: of.map(|level| level.u),
            frequency_weight,
            weight,
            total: *total,
        }
    }
}

impl CompiledRule {
    /// Whether the rule holds for two records.
    pub(crate) fn joins(&self, a: &impl Row, b: &impl Row) -> bool {
        let key = self.key(a);
        key != NO_KEY && key == self.key(b) && self.tests.iter().all(|test| fulfils(test, a, b))
    }
}
