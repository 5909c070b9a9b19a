//! What was done to some customers and not to others: `[treatment]`, for models of effects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::LearnerDef;
use crate::{
    trees::BoostedTrees,
    uplift::{Method, Propensity, Uplift},
};

/// Who was treated, and how that was chosen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreatmentDef {
    /// A query that gives `customer_id` and `treated` (1 and 0, or true and false), over a session as of the end of the horizon; `as_of()` is
    /// the date. Whoever it does not give could not have been treated and is left out. A column `chance` is how likely each was to be
    /// treated; all others are features of the treatment, known when it is chosen.
    pub sql: Spanned<String>,
    /// How likely everybody was to be treated, where that was drawn: between 0 and 1.
    #[serde(default)]
    pub chance: Option<Spanned<f64>>,
    /// Learn from the features how likely each was to be treated: where nobody drew lots. What was not seen of the customers then stays in the effect.
    #[serde(default)]
    pub learn_chance: bool,
    /// What scores take the features of the treatment to be.
    #[serde(default)]
    pub scored_as: BTreeMap<Spanned<String>, toml::Value>,
}

/// A treatment that holds up.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// The query.
    pub sql: String,
    /// How the treated were chosen.
    pub chosen: Chosen,
    /// Features of the treatment, as its query calls them.
    pub features: Vec<String>,
    /// What scores take the features of the treatment to be: numbers and texts.
    pub scored_as: BTreeMap<String, Assumed>,
}

/// How the treated were chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Chosen {
    /// By lot, all with the same chance.
    Known(f64),
    /// By lot, each with the chance that the query gives.
    Given,
    /// By what is in the features, from which the chance is learnt.
    Learnt,
}

/// A value of a feature of the treatment.
#[derive(Debug, Clone, PartialEq)]
pub enum Assumed {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Assumed {
    /// The value, when it is a number or a text.
    pub(super) fn of(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::Integer(number) => Some(Self::Number(*number as f64)),
            toml::Value::Float(number) => Some(Self::Number(*number)),
            toml::Value::Boolean(yes) => Some(Self::Number(f64::from(u8::from(*yes)))),
            toml::Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

/// Which way effects are learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodDef {
    /// A model of each arm.
    TwoModels,
    /// The X-learner.
    X,
    /// Doubly robust scores.
    #[default]
    DoublyRobust,
}

/// How effects are learnt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpliftDef {
    /// Which way.
    pub method: MethodDef,
    /// Parts of the rows, each scored by models of the others (doubly robust); 5 when absent.
    pub folds: Option<usize>,
    /// Learns what happens in either arm; small boosted trees when absent.
    pub outcome: Option<Box<LearnerDef>>,
    /// Learns how large the effect is; few small boosted trees when absent.
    pub effect: super::TreesDef,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// Parts of the rows when the definition does not say how many.
const FOLDS: usize = 5;
/// Effects are small beside the noise around them: few shallow trees, each of many rows.
const EFFECT_ROUNDS: usize = 60;
const EFFECT_LEAVES: usize = 4;
const OUTCOME_ROUNDS: usize = 100;
const OUTCOME_LEAVES: usize = 6;
const LEARNING_RATE: f64 = 0.05;

impl UpliftDef {
    /// Hands the learner of effects to `with`. `chances` are those of the rows, where they are given.
    pub fn with<T>(&self, chosen: Chosen, chances: Option<&[f64]>, with: impl FnOnce(&Uplift<'_>) -> T) -> T {
        let outcome = match &self.outcome {
            Some(of) => of.learner(),
            None => Box::new(BoostedTrees {
                rounds: OUTCOME_ROUNDS,
                leaves_max: OUTCOME_LEAVES,
                learning_rate: LEARNING_RATE,
                seed: self.seed,
                ..BoostedTrees::default()
            }),
        };
        let own = self.effect.learner();
        let effect = BoostedTrees {
            rounds: self.effect.rounds.unwrap_or(EFFECT_ROUNDS),
            leaves_max: self.effect.leaves_max.unwrap_or(EFFECT_LEAVES),
            learning_rate: self.effect.learning_rate.unwrap_or(LEARNING_RATE),
            seed: self.effect.seed ^ self.seed,
            ..own
        };
        let logistic = crate::linear::LogisticRegression::default();
        let propensity = match (chosen, chances) {
            (Chosen::Known(chance), _) => Propensity::Known(chance),
            (Chosen::Given, Some(chances)) => Propensity::Given(chances),
            (Chosen::Given | Chosen::Learnt, _) => Propensity::Learnt(&logistic),
        };
        let method = match self.method {
            MethodDef::TwoModels => Method::TwoModels,
            MethodDef::X => Method::X,
            MethodDef::DoublyRobust => Method::DoublyRobust { folds: self.folds.unwrap_or(FOLDS) },
        };
        with(&Uplift { method, outcome: outcome.as_ref(), effect: &effect, propensity, seed: self.seed })
    }
}
