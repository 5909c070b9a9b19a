//! The learner of a definition, with its settings.

use serde::{Deserialize, Serialize};

use super::{ForecastDef, IsolationDef, SurvivalDef, SurvivalMethod, Task, TextDef, UpliftDef};
use crate::{
    error::Result,
    frame::DataSet,
    learner::{Learner, Model, not_offered},
    linear::LogisticRegression,
    scorecard::{ScorecardSettings, Trend},
    trees::{BoostedTrees, Categories, Direction},
};

/// Which learner, with what of its settings is not the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum LearnerDef {
    /// Boosted trees.
    Trees(TreesDef),
    /// Logistic regression.
    Logistic {
        /// Of the penalty; 1 when absent.
        #[serde(default)]
        strength: Option<f64>,
        /// From 0 (ridge) to 1 (lasso); 0 when absent.
        #[serde(default)]
        l1_share: Option<f64>,
    },
    /// A scorecard.
    Scorecard {
        /// The most bins of a feature.
        #[serde(default)]
        bins_max: Option<usize>,
        /// The least share of rows in a bin.
        #[serde(default)]
        share_min: Option<f64>,
        /// Points that double the odds.
        #[serde(default)]
        to_double: Option<f64>,
        /// What `odds` are worth.
        #[serde(default)]
        points: Option<f64>,
        /// Odds of no to yes.
        #[serde(default)]
        odds: Option<f64>,
        /// Trends of features.
        #[serde(default)]
        trends: std::collections::BTreeMap<String, Trend>,
    },
    /// How long until something happens.
    Survival(SurvivalDef),
    /// The odd ones out.
    Isolation(IsolationDef),
    /// Effects of a treatment.
    Uplift(UpliftDef),
    /// What texts are about.
    Text(TextDef),
    /// The days to come of a series.
    Forecast(ForecastDef),
    /// None: the model was trained elsewhere.
    Foreign(ForeignDef),
}

/// A model that was trained elsewhere. It is read, checked on sample rows, and then judged, guarded and released like our own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignDef {
    /// Its file, from the bank directory: LightGBM's text, XGBoost's JSON or ONNX.
    pub file: String,
    /// A CSV file from the bank directory, with a header: rows with all features, and in the column `expected` what the program that trained
    /// the model says of each.
    pub samples: String,
    /// How far the model may be from what is expected; 0.0001 when absent.
    #[serde(default)]
    pub within: Option<f64>,
    /// The model's name of a feature, where it is another.
    #[serde(default)]
    pub renamed: std::collections::BTreeMap<String, String>,
    /// Of ONNX: which output.
    #[serde(default)]
    pub output: Option<String>,
    /// Of ONNX: which column of it.
    #[serde(default)]
    pub column: Option<usize>,
}

/// Settings of trees that a definition may name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TreesDef {
    /// The most trees.
    pub rounds: Option<usize>,
    /// How far each goes.
    pub learning_rate: Option<f64>,
    /// The most leaves of a tree.
    pub leaves_max: Option<usize>,
    /// Rounds without a better loss before it stops.
    pub patience: Option<usize>,
    /// Whether outcomes weigh the same in all.
    pub balanced: bool,
    /// Features with a direction.
    pub monotone: std::collections::BTreeMap<String, Direction>,
    /// What becomes of categories.
    pub categories: Option<Categories>,
    /// Of everything that is drawn.
    pub seed: u64,
}

impl TreesDef {
    fn watches(&self) -> bool {
        self.patience.is_some() || self.categories == Some(Categories::ByValidation)
    }

    /// The learner.
    #[must_use]
    pub fn learner(&self) -> BoostedTrees {
        let standard = BoostedTrees::default();
        BoostedTrees {
            rounds: self.rounds.unwrap_or(standard.rounds),
            learning_rate: self.learning_rate.unwrap_or(standard.learning_rate),
            leaves_max: self.leaves_max.unwrap_or(standard.leaves_max),
            patience: self.patience,
            balanced: self.balanced,
            monotone: self.monotone.iter().map(|(name, way)| (name.clone(), *way)).collect(),
            categories: self.categories.unwrap_or(standard.categories),
            seed: self.seed,
            ..standard
        }
    }
}

impl LearnerDef {
    /// The learner.
    #[must_use]
    pub fn learner(&self) -> Box<dyn Learner> {
        match self {
            Self::Trees(trees) => Box::new(trees.learner()),
            Self::Logistic { strength, l1_share } => {
                let standard = LogisticRegression::default();
                Box::new(LogisticRegression {
                    strength: strength.unwrap_or(standard.strength),
                    l1_share: l1_share.unwrap_or(standard.l1_share),
                })
            }
            Self::Scorecard { bins_max, share_min, to_double, points, odds, trends } => {
                let standard = ScorecardSettings::default();
                Box::new(ScorecardSettings {
                    bins_max: bins_max.unwrap_or(standard.bins_max),
                    share_min: share_min.unwrap_or(standard.share_min),
                    to_double: to_double.unwrap_or(standard.to_double),
                    points: points.unwrap_or(standard.points),
                    odds: odds.unwrap_or(standard.odds),
                    trends: trends.iter().map(|(name, trend)| (name.clone(), *trend)).collect(),
                    ..standard
                })
            }
            Self::Survival(survival) => survival.learner(),
            Self::Isolation(_) => Box::new(NotLearnt("the odd ones are told from features alone")),
            Self::Uplift(_) => Box::new(NotLearnt("effects are learnt from rows with who was treated")),
            Self::Text(_) => Box::new(NotLearnt("texts are learnt from words, not from features")),
            Self::Forecast(_) => Box::new(NotLearnt("a series is learnt from its own past, not from features")),
            Self::Foreign(_) => Box::new(NotLearnt("the model was trained elsewhere; read its file")),
        }
    }

    /// Whether it needs rows to watch beside those it learns from: to stop early, or to choose between settings.
    #[must_use]
    pub fn watches(&self) -> bool {
        match self {
            Self::Trees(trees) => trees.watches(),
            Self::Survival(survival) => survival.method == SurvivalMethod::Trees && survival.trees.watches(),
            _ => false,
        }
    }

    /// What it foretells.
    #[must_use]
    pub fn task(&self) -> Task {
        match self {
            Self::Trees(_) | Self::Logistic { .. } | Self::Scorecard { .. } | Self::Foreign(_) => Task::Chance,
            Self::Survival(_) => Task::Time,
            Self::Uplift(_) => Task::Effect,
            Self::Text(_) => Task::Text,
            Self::Forecast(_) => Task::Series,
            Self::Isolation(_) => Task::Odd,
        }
    }

    /// Features that its settings name.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        match self {
            Self::Trees(trees) => trees.monotone.keys().map(String::as_str).collect(),
            Self::Scorecard { trends, .. } => trends.keys().map(String::as_str).collect(),
            Self::Uplift(uplift) => {
                let outcome = uplift.outcome.iter().flat_map(|of| of.named());
                outcome.chain(uplift.effect.monotone.keys().map(String::as_str)).collect()
            }
            Self::Foreign(foreign) => foreign.renamed.keys().map(String::as_str).collect(),
            Self::Survival(survival) => survival.trees.monotone.keys().map(String::as_str).collect(),
            Self::Logistic { .. } | Self::Isolation(_) | Self::Text(_) | Self::Forecast(_) => Vec::new(),
        }
    }

    /// What everything that is drawn is drawn from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        match self {
            Self::Trees(trees) => trees.seed,
            Self::Uplift(uplift) => uplift.seed,
            Self::Survival(survival) => survival.seed,
            Self::Text(text) => text.seed,
            Self::Isolation(isolation) => isolation.seed,
            Self::Logistic { .. } | Self::Scorecard { .. } | Self::Forecast(_) | Self::Foreign(_) => 0,
        }
    }
}

/// What does not come of features and outcomes alone, and why.
struct NotLearnt(&'static str);

impl Learner for NotLearnt {
    fn fit(&self, _: &DataSet, _: Option<&DataSet>) -> Result<Box<dyn Model>> {
        Err(not_offered("this model", "learn from features and outcomes alone", self.0))
    }
}
