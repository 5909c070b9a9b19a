//! How times are learnt: `kind = "survival"`.

use serde::{Deserialize, Serialize};

use super::TreesDef;
use crate::{learner::Learner, survival::CoxRegression, trees::BoostedTrees};

/// How relative hazards are learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SurvivalMethod {
    /// Boosted trees under Cox's partial likelihood.
    #[default]
    Trees,
    /// Cox's regression.
    Cox,
}

/// How long until something happens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurvivalDef {
    /// Which way.
    pub method: SurvivalMethod,
    /// Of the regression: a penalty on standardised coefficients; 1 when absent.
    pub ridge: Option<f64>,
    /// Settings of the trees; few shallow ones when absent.
    pub trees: TreesDef,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// Traits say much the same of a customer: without a penalty, coefficients of such columns would not settle.
const RIDGE: f64 = 1.0;
/// Few customers leave within a horizon: shallow trees, as those of effects are.
const ROUNDS: usize = 150;
const LEAVES: usize = 7;

impl SurvivalDef {
    /// The learner of relative hazards.
    #[must_use]
    pub fn learner(&self) -> Box<dyn Learner> {
        match self.method {
            SurvivalMethod::Cox => Box::new(CoxRegression { ridge: self.ridge.unwrap_or(RIDGE) }),
            SurvivalMethod::Trees => Box::new(BoostedTrees {
                rounds: self.trees.rounds.unwrap_or(ROUNDS),
                leaves_max: self.trees.leaves_max.unwrap_or(LEAVES),
                seed: self.trees.seed ^ self.seed,
                ..self.trees.learner()
            }),
        }
    }
}
