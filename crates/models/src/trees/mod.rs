//! Gradient-boosted trees: grown by `hessboost`, walked and explained here.
//!
//! [`BoostedTrees`] are the settings and the learner, [`BoostedModel`] is what is learnt. The library grows trees from histograms of 32-bit
//! features; their leaves are added up here in 64 bits, so that a single customer's score, a batch's and the sum of an
//! explanation agree to the last few bits.

mod encode;
mod forest;
pub(crate) mod given;
mod import;
pub(crate) mod shap;

use std::num::NonZeroUsize;

use hessboost::{
    config::{GrowPolicy, Monotone, TrainingParams, TreeMethod},
    metric::EvalMetric,
    objective::{Objective, RegLoss},
    training::Trainer,
};
use serde::{Deserialize, Serialize};

pub use import::{from_lightgbm, from_xgboost};

use crate::{
    error::{ModelError, Result, argument, library, saved},
    frame::{Aligned, ColumnKind, DataSet, Frame, Label, Schema},
    learner::{Contributions, Learner, Model, Saved, logistic},
    survival::partial_loss,
};
use encode::Encoding;
use forest::{Forest, SavedForest};

/// Which way a score may go with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Never down, as the feature goes up.
    Up,
    /// Never up, as the feature goes up.
    Down,
}

/// What becomes of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Categories {
    /// Those of at most so many levels are split by sets of levels, the others by an ordered statistic of the label.
    NativeUpTo(usize),
    /// Both ways are fitted, and the one with the smaller loss on the watched rows stays.
    ByValidation,
}

/// Settings of boosted trees. The defaults are those of the figures in `docs/concepts/models.md`.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostedTrees {
    /// The most trees.
    pub rounds: usize,
    /// How far each tree goes.
    pub learning_rate: f64,
    /// The most leaves of a tree.
    pub leaves_max: usize,
    /// The most splits on a path; no bound when absent.
    pub depth_max: Option<usize>,
    /// The least that a leaf's rows weigh together (the sum of p (1 − p) of a yes or no).
    pub leaf_weight_min: f64,
    /// Penalty on squared leaf values.
    pub l2: f64,
    /// The most bins of a feature.
    pub bins_max: usize,
    /// The share of rows that each tree sees.
    pub rows_share: f64,
    /// The share of features that each tree sees.
    pub features_share: f64,
    /// Stop after so many rounds without a better loss on the watched rows.
    pub patience: Option<usize>,
    /// Lets both outcomes weigh the same in all while trees grow; then all scores are shifted so that their mean over training rows is the
    /// true rate.
    pub balanced: bool,
    /// Features with a direction.
    pub monotone: Vec<(String, Direction)>,
    /// What becomes of categories.
    pub categories: Categories,
    /// Draws rows, features and the order of statistics.
    pub seed: u64,
    /// Threads that grow; those of rayon's pool when absent. The model does not depend on it.
    pub threads: Option<usize>,
}

/// The most levels of a category that is split natively, unless settings say otherwise.
pub const NATIVE_LEVELS_MAX: usize = 16;
/// The most trees that may be asked for.
const ROUNDS_MAX: usize = 100_000;

impl Default for BoostedTrees {
    fn default() -> Self {
        Self {
            rounds: 200,
            learning_rate: 0.05,
            leaves_max: 31,
            depth_max: None,
            leaf_weight_min: 3.0,
            l2: 1.0,
            bins_max: 255,
            rows_share: 1.0,
            features_share: 1.0,
            patience: None,
            balanced: false,
            monotone: Vec::new(),
            categories: Categories::NativeUpTo(NATIVE_LEVELS_MAX),
            seed: 0,
            threads: None,
        }
    }
}

impl BoostedTrees {
    /// Fits; see [`Learner::fit`].
    ///
    /// # Errors
    /// When settings do not hold up, or a choice is to be made and no rows are watched.
    pub fn grow(&self, train: &DataSet, watched: Option<&DataSet>) -> Result<BoostedModel> {
        match self.categories {
            Categories::NativeUpTo(levels) => self.grow_with(levels, train, watched),
            Categories::ByValidation => self.chosen(train, watched),
        }
    }

    fn chosen(&self, train: &DataSet, watched: Option<&DataSet>) -> Result<BoostedModel> {
        let Some(watched) = watched else {
            return Err(argument("the watched rows", "none", "a choice by validation needs rows to look at"));
        };
        let native = self.grow_with(usize::MAX, train, Some(watched))?;
        if !native.encodings.contains(&Encoding::Native) {
            return Ok(native);
        }
        let statistic = self.grow_with(0, train, Some(watched))?;
        let losses = [&native, &statistic].map(|model| loss(model, watched));
        let [native_loss, statistic_loss] = losses;
        Ok(if statistic_loss? < native_loss? { statistic } else { native })
    }

    fn grow_with(&self, native_max: usize, train: &DataSet, watched: Option<&DataSet>) -> Result<BoostedModel> {
        let schema = Schema::of(train.frame());
        let target = Target::of(train)?;
        let encodings = encode::fit(train, &schema, target.rates(), native_max)?;
        let wrong = |error| library("boosted trees", error);
        let mut matrix = encode::training(train, &schema, &encodings, target.rates(), self.seed)?;
        matrix = labelled(matrix, train, &target.labels())?;
        let odds = if self.balanced { target.odds_against(train) } else { 1.0 };
        let params = self.params(&schema, &encodings, &target, odds)?;
        let watched = watched.map(|set| self.watched(set, &schema, &encodings)).transpose()?;
        let mut trainer = Trainer::new(&params, &matrix, self.rounds);
        if let Some(watched) = &watched {
            trainer = trainer.eval(watched, "watched");
            if let Some(patience) = self.patience.and_then(NonZeroUsize::new) {
                trainer = trainer.early_stopping_rounds(patience);
            }
        } else if self.patience.is_some() {
            return Err(argument("the watched rows", "none", "early stopping needs rows to look at"));
        }
        let grown = trainer.train().map_err(wrong)?.model;
        let rounds = grown.best_iteration().map_or(grown.num_boost_rounds(), |best| best + 1);
        let forest = Forest::of(&grown, rounds)?;
        let mut model = BoostedModel { schema, encodings, output: target.output(), forest };
        if let Target::Binary(label) = &target
            && self.balanced
        {
            let by = shift(&model.margins(train.frame())?, label, train);
            model.forest = model.forest.shifted(by)?;
        }
        Ok(model)
    }

    fn watched(&self, set: &DataSet, schema: &Schema, encodings: &[Encoding]) -> Result<hessboost::data::DMatrix> {
        let target = Target::of(set)?;
        labelled(encode::watching(set, schema, encodings)?, set, &target.labels())
    }

    fn params(
        &self,
        schema: &Schema,
        encodings: &[Encoding],
        target: &Target<'_>,
        odds: f64,
    ) -> Result<TrainingParams> {
        if !(1..=ROUNDS_MAX).contains(&self.rounds) {
            return Err(argument("the number of rounds", self.rounds, "1 to 100000 trees are grown"));
        }
        let wrong = |error| library("settings of boosted trees", error);
        let loss = RegLoss::new(odds).map_err(wrong)?;
        let (objective, metric) = match target {
            Target::Binary(_) => (Objective::BinaryLogistic(loss), EvalMetric::LogLoss),
            Target::Number(_) => (Objective::SquaredError(loss), EvalMetric::Rmse),
            Target::Time { .. } => (Objective::Cox, EvalMetric::CoxNLogLik),
        };
        let mut params = TrainingParams::builder()
            .objective(objective)
            .eval_metric(metric)
            .tree_method(TreeMethod::Hist)
            .grow_policy(GrowPolicy::LossGuide)
            .max_leaves(self.leaves_max)
            .max_bin(self.bins_max)
            .eta(self.learning_rate)
            .lambda(self.l2)
            .min_child_weight(self.leaf_weight_min)
            .subsample(self.rows_share)
            .colsample_bytree(self.features_share)
            .seed(self.seed)
            .monotone_constraints(self.directions(schema, encodings)?);
        params = match self.depth_max {
            Some(depth) => params.max_depth(depth),
            None => params.unlimited_depth(),
        };
        if let Some(threads) = self.threads {
            params = params.nthread(threads);
        }
        params.build().map_err(wrong)
    }

    fn directions(&self, schema: &Schema, encodings: &[Encoding]) -> Result<Vec<Monotone>> {
        if self.monotone.is_empty() {
            return Ok(Vec::new());
        }
        let mut directions = vec![Monotone::None; schema.len()];
        for (name, direction) in &self.monotone {
            let at = schema.position(name)?;
            if encodings[at] != Encoding::Number {
                return Err(ModelError::ColumnType {
                    name: name.clone(),
                    found: "of categories".to_owned(),
                    help: "only numbers go up and down; take its direction away",
                });
            }
            directions[at] = match direction {
                Direction::Up => Monotone::Increasing,
                Direction::Down => Monotone::Decreasing,
            };
        }
        Ok(directions)
    }
}

impl Learner for BoostedTrees {
    fn fit(&self, train: &DataSet, watched: Option<&DataSet>) -> Result<Box<dyn Model>> {
        Ok(Box::new(self.grow(train, watched)?))
    }
}

fn labelled(matrix: hessboost::data::DMatrix, set: &DataSet, label: &[f64]) -> Result<hessboost::data::DMatrix> {
    let narrow = |values: &[f64]| values.iter().map(|v| *v as f32).collect::<Vec<f32>>();
    let wrong = |error| library("labels and weights", error);
    let matrix = matrix.with_labels(&narrow(label)).map_err(wrong)?;
    match set.weights() {
        Some(weights) => matrix.with_weights(&narrow(weights)).map_err(wrong),
        None => Ok(matrix),
    }
}

/// What trees are grown for.
enum Target<'a> {
    Binary(&'a [f64]),
    Number(&'a [f64]),
    /// How long until it happened; trees learn the log of the relative hazard by Cox's partial likelihood.
    Time {
        times: &'a [f64],
        happened: &'a [bool],
        /// The same as 0 and 1, of which categories become rates.
        rates: Vec<f64>,
    },
}

impl<'a> Target<'a> {
    fn of(set: &'a DataSet) -> Result<Self> {
        match set.label() {
            Label::Binary(values) => Ok(Self::Binary(values)),
            Label::Number(values) => Ok(Self::Number(values)),
            Label::Event { times, happened } => {
                let rates = happened.iter().map(|happened| f64::from(u8::from(*happened))).collect();
                Ok(Self::Time { times, happened, rates })
            }
        }
    }

    /// What categories become rates of.
    fn rates(&self) -> &[f64] {
        match self {
            Self::Binary(values) | Self::Number(values) => values,
            Self::Time { rates, .. } => rates,
        }
    }

    /// As the library takes them: times of rows to which it did not happen are below 0.
    fn labels(&self) -> Vec<f64> {
        match self {
            Self::Binary(values) | Self::Number(values) => values.to_vec(),
            Self::Time { times, happened, .. } => {
                times.iter().zip(*happened).map(|(time, happened)| if *happened { *time } else { -time }).collect()
            }
        }
    }

    fn output(&self) -> Output {
        match self {
            Self::Binary(_) => Output::Probability,
            Self::Number(_) => Output::Value,
            Self::Time { .. } => Output::Hazard,
        }
    }

    /// How much the noes weigh for every yes; 1 for numbers.
    fn odds_against(&self, set: &DataSet) -> f64 {
        let Self::Binary(values) = self else { return 1.0 };
        let weighed =
            |of: f64| values.iter().enumerate().filter(|(_, v)| **v == of).map(|(row, _)| set.weight(row)).sum::<f64>();
        let (yes, no) = (weighed(1.0), weighed(0.0));
        if yes > 0.0 && no > 0.0 { no / yes } else { 1.0 }
    }
}

/// What must be added to margins so that the mean probability is the rate of yeses, by bisection.
fn shift(margins: &[f64], label: &[f64], set: &DataSet) -> f64 {
    /// Log-odds beyond which there is no rate of any number of rows.
    const BOUND: f64 = 40.0;
    let yes: f64 = label.iter().enumerate().map(|(row, y)| set.weight(row) * y).sum();
    let mean = |by: f64| margins.iter().enumerate().map(|(row, m)| set.weight(row) * logistic(m + by)).sum::<f64>();
    let (mut low, mut high) = (-BOUND, BOUND);
    // Sixty halvings leave nothing of the width but rounding.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if mean(middle) < yes { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The mean loss of predictions: log loss or squared error; of times, the negative log partial likelihood.
fn loss(model: &BoostedModel, set: &DataSet) -> Result<f64> {
    let margins = model.margins(set.frame())?;
    let target = Target::of(set)?;
    let labels = match &target {
        Target::Binary(values) | Target::Number(values) => *values,
        Target::Time { times, happened, .. } => return Ok(partial_loss(times, happened, &margins)),
    };
    let one = |(row, margin): (usize, &f64)| {
        let label = labels[row];
        let loss = match target {
            // ln(1 + e^m) − y·m, kept from overflowing.
            Target::Binary(_) => margin.max(0.0) + (-margin.abs()).exp().ln_1p() - label * margin,
            Target::Number(_) | Target::Time { .. } => (label - margin).powi(2),
        };
        set.weight(row) * loss
    };
    let weight: f64 = (0..margins.len()).map(|row| set.weight(row)).sum();
    Ok(margins.iter().enumerate().map(one).sum::<f64>() / weight)
}

/// What a margin means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Output {
    /// Log-odds.
    Probability,
    /// The value itself.
    Value,
    /// The log of the relative hazard of a time.
    Hazard,
}

/// Boosted trees that were grown or read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "SavedTrees", try_from = "SavedTrees")]
pub struct BoostedModel {
    schema: Schema,
    encodings: Vec<Encoding>,
    output: Output,
    forest: Forest,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedTrees {
    schema: Schema,
    encodings: Vec<Encoding>,
    output: Output,
    forest: SavedForest,
}

impl From<BoostedModel> for SavedTrees {
    fn from(model: BoostedModel) -> Self {
        let forest = model.forest.saved().clone();
        Self { schema: model.schema, encodings: model.encodings, output: model.output, forest }
    }
}

impl TryFrom<SavedTrees> for BoostedModel {
    type Error = ModelError;

    fn try_from(read: SavedTrees) -> Result<Self> {
        let forest = Forest::checked(read.forest)?;
        Self { schema: read.schema, encodings: read.encodings, output: read.output, forest }.checked()
    }
}

impl BoostedModel {
    /// How many trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.forest.trees()
    }

    /// How much splits on each feature gained in all, by feature of the schema.
    #[must_use]
    pub fn gains(&self) -> Vec<f64> {
        self.forest.gains(self.schema.len())
    }

    /// The same with other names of features, in the same order.
    ///
    /// # Errors
    /// When there are not as many, or one comes twice.
    pub fn renamed(self, names: Vec<String>) -> Result<Self> {
        Ok(Self { schema: self.schema.renamed(names)?, ..self })
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let features = self.schema.len();
        let fits = self.schema.kinds.len() == features
            && self.encodings.len() == features
            && self.forest.features() == features
            && self.schema.kinds.iter().zip(&self.encodings).all(|(kind, encoding)| match (kind, encoding) {
                (ColumnKind::Category(levels), Encoding::Statistic { levels: values }) => levels.len() == values.len(),
                (ColumnKind::Category(_), Encoding::Native) | (ColumnKind::Number, _) => true,
                (ColumnKind::Category(_), Encoding::Number) => false,
            });
        match fits {
            true => Ok(self),
            false => Err(saved("model of trees", "its features and its trees do not fit together")),
        }
    }

    fn encoded(&self, aligned: &Aligned<'_>, first: usize, rows: usize, out: &mut [f32]) {
        encode::fill(aligned, &self.encodings, first, rows, out);
    }
}

impl Model for BoostedModel {
    fn kind(&self) -> &'static str {
        "boosted trees"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        Ok(self.forest.margins(aligned.rows, &|first, rows, out| self.encoded(&aligned, first, rows, out)))
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        let margins = self.margins(frame)?;
        Ok(match self.output {
            Output::Probability => margins.into_iter().map(logistic).collect(),
            Output::Value => margins,
            Output::Hazard => margins.into_iter().map(f64::exp).collect(),
        })
    }

    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let aligned = self.schema.align(frame)?;
        Ok(self.forest.contributions(aligned.rows, &|first, rows, out| self.encoded(&aligned, first, rows, out)))
    }

    fn to_saved(&self) -> Saved {
        Saved::Trees(Box::new(self.clone()))
    }
}
