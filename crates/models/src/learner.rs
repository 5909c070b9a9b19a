//! What every learner and every model can do.

use florin_measurement::calibration::Repair;
use serde::{Deserialize, Serialize};

use crate::{
    calibrated::{CalibratedModel, SavedCalibrated},
    error::{ModelError, Result, saved},
    frame::{DataSet, Frame, Schema},
    isolation::IsolationForest,
    linear::LogisticModel,
    onnx::{OnnxModel, SavedOnnx},
    scorecard::Scorecard,
    survival::{CoxModel, DiscreteModel, SavedDiscrete, SavedSurvival, SurvivalModel},
    trees::BoostedModel,
    uplift::{SavedUplift, UpliftModel},
};

/// What a saved model starts with. The number changes when older bytes can no longer be read.
const MAGIC: &[u8] = b"florin-model 1\n";

/// Learns from rows.
pub trait Learner: Send + Sync {
    /// Fits a model. Early stopping and choices between settings look at `watched` where there is one; nothing else does.
    ///
    /// # Errors
    /// When the label is not one that this learner learns, or settings do not hold up.
    fn fit(&self, train: &DataSet, watched: Option<&DataSet>) -> Result<Box<dyn Model>>;
}

/// What was learnt. The same bytes for the same rows, settings and seed, on any number of threads.
pub trait Model: Send + Sync {
    /// What kind of model, in a word or two.
    fn kind(&self) -> &'static str;

    /// The features, in the order of contributions.
    fn schema(&self) -> &Schema;

    /// One number a row on the scale on which contributions add up: log-odds of a question of yes and no, the value itself
    /// of a number, the log of the relative hazard of a time.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>>;

    /// One number a row: a probability, a value, or a relative hazard.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    fn predict(&self, frame: &Frame) -> Result<Vec<f64>>;

    /// What each feature added to each row's margin.
    ///
    /// # Errors
    /// When a feature is not there, or the model cannot say.
    fn contributions(&self, frame: &Frame) -> Result<Contributions>;

    /// What mends its probabilities; it is in what [`Model::predict`] says.
    fn repair(&self) -> &Repair {
        &Repair::None
    }

    /// What [`Model::predict`] would say without the repair.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    fn unrepaired(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.predict(frame)
    }

    /// The model itself, where it foretells times and so more than one number a row.
    fn as_survival(&self) -> Option<&SurvivalModel> {
        None
    }

    /// The model as data.
    fn to_saved(&self) -> Saved;

    /// The model as bytes, which [`from_bytes`] reads.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = MAGIC.to_vec();
        serde_json::to_writer(&mut bytes, &self.to_saved()).map_err(|error| saved("model", error))?;
        Ok(bytes)
    }
}

/// Reads a saved model.
///
/// # Errors
/// When the bytes are not those of a model, or do not hold together.
pub fn from_bytes(bytes: &[u8]) -> Result<Box<dyn Model>> {
    Saved::from_bytes(bytes)?.into_model()
}

/// A model as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Saved {
    /// Boosted trees.
    Trees(Box<BoostedModel>),
    /// A logistic regression.
    Logistic(Box<LogisticModel>),
    /// A scorecard.
    Scorecard(Box<Scorecard>),
    /// An isolation forest.
    Isolation(Box<IsolationForest>),
    /// A proportional-hazards model.
    Cox(Box<CoxModel>),
    /// Survival by periods.
    Discrete(Box<SavedDiscrete>),
    /// Relative hazards with a baseline and a horizon.
    Survival(Box<SavedSurvival>),
    /// Effects of a treatment.
    Uplift(Box<SavedUplift>),
    /// A model of others, in ONNX.
    Onnx(Box<SavedOnnx>),
    /// A model with what mends its probabilities.
    Calibrated(Box<SavedCalibrated>),
}

impl Saved {
    /// What bytes hold; the parts are checked when it becomes a model.
    ///
    /// # Errors
    /// When the bytes are not those of a model.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let Some(json) = bytes.strip_prefix(MAGIC) else {
            return Err(saved("model", "it does not start as models of this version do; train it anew"));
        };
        serde_json::from_slice(json).map_err(|error| saved("model", error))
    }

    /// The model.
    ///
    /// # Errors
    /// When its parts do not hold together.
    pub fn into_model(self) -> Result<Box<dyn Model>> {
        Ok(match self {
            Self::Trees(model) => Box::new(model.checked()?),
            Self::Logistic(model) => Box::new(model.checked()?),
            Self::Scorecard(model) => Box::new(model.checked()?),
            Self::Isolation(model) => Box::new(model.checked()?),
            Self::Cox(model) => Box::new(model.checked()?),
            Self::Discrete(read) => Box::new(DiscreteModel::of(*read)?),
            Self::Survival(read) => Box::new(SurvivalModel::read(*read)?),
            Self::Uplift(read) => Box::new(UpliftModel::of(*read)?),
            Self::Onnx(read) => Box::new(OnnxModel::of(*read)?),
            Self::Calibrated(read) => Box::new(CalibratedModel::of(*read)?),
        })
    }
}

/// What each feature added to each row's margin: `base` and a row's values add up to its margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// The margin of a row of which nothing is known.
    pub base: f64,
    /// By row, then by feature of the model's schema.
    pub values: Vec<f64>,
    /// How many features.
    pub features: usize,
}

impl Contributions {
    /// Those of one row, by feature.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        self.values.get(row * self.features..(row + 1) * self.features).unwrap_or(&[])
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// The mean size of each feature's contributions, by feature: how much the model leans on it.
    #[must_use]
    pub fn importance(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.features];
        for row in self.values.chunks_exact(self.features.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value.abs());
        }
        let rows = self.rows().max(1) as f64;
        sums.into_iter().map(|sum| sum / rows).collect()
    }
}

/// The probability of log-odds.
#[must_use]
pub fn logistic(margin: f64) -> f64 {
    match margin >= 0.0 {
        true => 1.0 / (1.0 + (-margin).exp()),
        false => margin.exp() / (1.0 + margin.exp()),
    }
}

pub(crate) fn not_offered(model: &'static str, what: &'static str, help: &'static str) -> ModelError {
    ModelError::NotOffered { model, what, help }
}
