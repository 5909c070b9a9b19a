//! What training has found out: the prior, and m and u of every level; and how that is kept for later runs.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    compare::Comparison,
    error::{IdentityError, Result, setting},
    settings::Settings,
    table::Records,
};

/// The parameters of the match weights. They hold no value of any record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// λ: the share of matches among all pairs.
    pub prior: f64,
    /// One a comparison, in the order of the settings.
    pub comparisons: Vec<ComparisonModel>,
}

/// The parameters of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonModel {
    /// The comparison's name.
    pub name: String,
    /// One a level, "anything else" last.
    pub levels: Vec<LevelModel>,
    /// Whether some training block told m. Otherwise m is the guess that training began with.
    pub trained: bool,
}

/// The parameters of one level. Over the levels of a comparison, m adds up to 1, and so does u.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelModel {
    /// The level's name.
    pub name: String,
    /// How often pairs of one person are at this level.
    pub m: f64,
    /// How often pairs of two persons are at this level.
    pub u: f64,
}

/// A model as it is kept between runs, with what it was made of. It holds no value of any record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptModel {
    #[serde(deserialize_with = "this_version")]
    version: u32,
    /// How many records it was trained on.
    records: u64,
    /// What it weighs.
    comparisons: Vec<Comparison>,
    model: Model,
}

/// Counts up whenever a kept model would mean something else: another spelling of values, another measure, other fields here.
const KEPT_VERSION: u32 = 1;
/// How many times as many, or as few, records there may be as when a model was trained.
const GROWTH_MAX: u64 = 4;

fn this_version<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        KEPT_VERSION => Ok(KEPT_VERSION),
        other => Err(D::Error::custom(format!("the model is of version {other}, not {KEPT_VERSION}; train again"))),
    }
}

impl KeptModel {
    /// A model, to be kept.
    #[must_use]
    pub fn new(model: Model, settings: &Settings, records: &Records) -> Self {
        let (records, comparisons) = (records.len() as u64, settings.comparisons.clone());
        Self { version: KEPT_VERSION, records, comparisons, model }
    }

    /// The model, if it can still be used for such settings and records.
    ///
    /// # Errors
    /// [`IdentityError::Outdated`] when the comparisons are not those that it was trained with, or there are four times as many records
    /// or a quarter: the prior, the share of matches among all pairs, falls as records are added.
    pub fn for_run(&self, settings: &Settings, records: &Records) -> Result<&Model> {
        let (then, now) = (self.records.max(1), (records.len() as u64).max(1));
        if self.comparisons != settings.comparisons {
            return Err(IdentityError::Outdated("was trained with other comparisons".to_owned()));
        }
        if now > then.saturating_mul(GROWTH_MAX) || then > now.saturating_mul(GROWTH_MAX) {
            return Err(IdentityError::Outdated(format!("was trained on {then} records, and there are {now}")));
        }
        self.model.check(&settings.comparisons)?;
        Ok(&self.model)
    }
}

/// What the last level is called.
pub(crate) const ANYTHING_ELSE: &str = "anything else";
/// m of the first level before training.
const FIRST_M: f64 = 0.9;

impl LevelModel {
    /// log₂(m / u): how much being at this level speaks for one person.
    #[must_use]
    pub fn weight(&self) -> f64 {
        (self.m / self.u).log2()
    }
}

impl Model {
    /// log₂(λ / (1 − λ)), where weights start from.
    #[must_use]
    pub fn prior_weight(&self) -> f64 {
        (self.prior / (1.0 - self.prior)).log2()
    }

    /// The guess that training begins with.
    pub(crate) fn guess(comparisons: &[Comparison], prior: f64) -> Self {
        Self { prior, comparisons: comparisons.iter().map(guess).collect() }
    }

    /// Whether the parameters are probabilities and belong to these comparisons.
    pub(crate) fn check(&self, comparisons: &[Comparison]) -> Result<()> {
        let fits = self.comparisons.len() == comparisons.len()
            && self.comparisons.iter().zip(comparisons).all(|(model, of)| fits(model, of));
        let sound = self.comparisons.iter().flat_map(|model| &model.levels).all(|level| open(level.m) && open(level.u));
        match (fits, sound && open(self.prior)) {
            (true, true) => Ok(()),
            (false, _) => Err(setting("model", "is of other comparisons than the settings; train again")),
            (true, false) => Err(setting("model", "has a prior, m or u that is not between 0 and 1")),
        }
    }
}

fn fits(model: &ComparisonModel, of: &Comparison) -> bool {
    let names = of.levels.iter().map(|level| level.name.as_str()).chain([ANYTHING_ELSE]);
    model.name == of.name && names.eq(model.levels.iter().map(|level| level.name.as_str()))
}

fn open(probability: f64) -> bool {
    probability > 0.0 && probability < 1.0
}

fn guess(comparison: &Comparison) -> ComparisonModel {
    let names = comparison.levels.iter().map(|level| level.name.as_str()).chain([ANYTHING_ELSE]);
    let rest = (1.0 - FIRST_M) / comparison.levels.len() as f64;
    let even = 1.0 / (comparison.levels.len() + 1) as f64;
    let level = |(at, name): (usize, &str)| LevelModel {
        name: name.to_owned(),
        m: if at == 0 { FIRST_M } else { rest },
        u: even,
    };
    ComparisonModel { name: comparison.name.clone(), levels: names.enumerate().map(level).collect(), trained: false }
}

/// The probability that belongs to a weight: 1 / (1 + 2^−w).
#[must_use]
pub fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

/// The weight that belongs to a probability: log₂(p / (1 − p)).
#[must_use]
pub fn weight(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}
