//! Probabilities that hold: a model with a map over its scores, learnt on rows that it had not seen.
//!
//! [`calibrate`] scores training rows out of fold (the learner fits anew without them), fits Platt's sigmoid and an isotonic line to those scores, and keeps
//! whichever has the smaller log loss on folds it was not fitted on; nothing, when neither is better by enough. The test is never looked at. Margins, and so
//! contributions, stay those of the model: a repair changes what a score is called, not why it is so.

use florin_measurement::{
    Sample,
    calibration::{Isotonic, Platt, Repair, Scale},
};
use serde::{Deserialize, Serialize};

use crate::{
    definition::LearnerDef,
    error::{Result, library, same_length, saved},
    frame::{DataSet, Frame, Label, Schema},
    learner::{Contributions, Model, Saved},
    random::Random,
};

/// Parts of the training rows, each scored by a model of the others.
pub(crate) const FOLDS: usize = 3;
/// Rows that are scored out of fold at most.
const ROWS_MAX: usize = 100_000;
/// Rows of each outcome that a repair needs.
const KIND_MIN: usize = 50;
/// Rows of each outcome that an isotonic line needs: it has as many steps as rows allow.
const ISOTONIC_KIND_MIN: usize = 500;
/// How much smaller the log loss must be for a repair to be worth it.
const GAIN_MIN: f64 = 0.001;
/// The share of rows that are watched where a learner stops early.
const WATCHED: usize = 5;

/// A model with what mends its probabilities.
pub struct CalibratedModel {
    model: Box<dyn Model>,
    repair: Repair,
}

/// The same as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedCalibrated {
    model: Saved,
    repair: Repair,
}

impl CalibratedModel {
    /// A model of yes and no with a repair of its probabilities.
    #[must_use]
    pub fn new(model: Box<dyn Model>, repair: Repair) -> Self {
        Self { model, repair }
    }

    pub(crate) fn of(read: SavedCalibrated) -> Result<Self> {
        if matches!(read.model, Saved::Calibrated(_)) {
            return Err(saved("calibrated model", "it is calibrated twice"));
        }
        Ok(Self { model: read.model.into_model()?, repair: read.repair })
    }
}

impl Model for CalibratedModel {
    fn kind(&self) -> &'static str {
        self.model.kind()
    }

    fn schema(&self) -> &Schema {
        self.model.schema()
    }

    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.model.margins(frame)
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.model.predict(frame)?.into_iter().map(|score| self.repair.apply(score)).collect())
    }

    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        self.model.contributions(frame)
    }

    fn repair(&self) -> &Repair {
        &self.repair
    }

    fn unrepaired(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.model.predict(frame)
    }

    fn to_saved(&self) -> Saved {
        Saved::Calibrated(Box::new(SavedCalibrated { model: self.model.to_saved(), repair: self.repair.clone() }))
    }
}

/// Mends the probabilities of a fitted model of yes and no where that is worth it; other models stay as they are. `customers` says whose each
/// training row is, so that no customer is in two folds; each row is its own when absent.
///
/// # Errors
/// When lengths differ, or the learner refuses to learn without a fold.
pub fn calibrate(
    learner: &LearnerDef,
    model: Box<dyn Model>,
    train: &DataSet,
    customers: Option<&[i64]>,
    seed: u64,
) -> Result<Box<dyn Model>> {
    let Label::Binary(label) = train.label() else { return Ok(model) };
    if let Some(customers) = customers {
        same_length("customers", customers.len(), label.len())?;
    }
    let folds = folds(label.len(), customers, seed);
    let rows: Vec<usize> = (0..label.len()).filter(|&row| folds[row] < FOLDS).collect();
    let kind = |of: f64, fold: usize| rows.iter().filter(|&&row| folds[row] == fold && label[row] == of).count();
    if (0..FOLDS).any(|fold| [0.0, 1.0].into_iter().any(|of| kind(of, fold) * FOLDS < KIND_MIN)) {
        return Ok(model);
    }
    let mut held = Held { scores: Vec::new(), labels: Vec::new(), weights: Vec::new(), folds: Vec::new() };
    for fold in 0..FOLDS {
        let part =
            |inside: bool| rows.iter().copied().filter(|&row| (folds[row] == fold) == inside).collect::<Vec<_>>();
        let left_out = part(true);
        let fitted = refit(learner, &train.select(&part(false))?, seed)?;
        held.scores.extend(fitted.predict(&train.frame().select(&left_out)?)?);
        held.labels.extend(left_out.iter().map(|&row| label[row] == 1.0));
        held.weights.extend(left_out.iter().map(|&row| train.weight(row)));
        held.folds.extend(left_out.iter().map(|_| fold));
    }
    match held.best()? {
        Repair::None => Ok(model),
        repair => Ok(Box::new(CalibratedModel::new(model, repair))),
    }
}

/// The fold of each row; [`FOLDS`] for rows beyond those that are scored.
pub(crate) fn folds(rows: usize, customers: Option<&[i64]>, seed: u64) -> Vec<usize> {
    let kept = (ROWS_MAX as f64 / rows.max(1) as f64).min(1.0);
    let fold = |row: usize| {
        let whose = customers.map_or(row as u64, |customers| customers[row].cast_unsigned());
        let mut random = Random::new(seed ^ whose.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let of = random.below(FOLDS);
        if random.unit() < kept { of } else { FOLDS }
    };
    (0..rows).map(fold).collect()
}

/// Fits a definition's learner anew. Where it watches rows to stop early or to choose, every fifth of an order of chance is watched.
pub(crate) fn refit(learner: &LearnerDef, train: &DataSet, seed: u64) -> Result<Box<dyn Model>> {
    let fits = learner.learner();
    if !learner.watches() {
        return fits.fit(train, None);
    }
    let order = Random::new(seed).permutation(train.frame().rows());
    let part = |watched: bool| {
        let chosen = order.iter().enumerate().filter(|(at, _)| (at % WATCHED == 0) == watched);
        let mut rows: Vec<usize> = chosen.map(|(_, row)| *row).collect();
        rows.sort_unstable();
        train.select(&rows)
    };
    fits.fit(&part(false)?, Some(&part(true)?))
}

/// Rows with scores of models that had not seen them.
struct Held {
    scores: Vec<f64>,
    labels: Vec<bool>,
    weights: Vec<f64>,
    folds: Vec<usize>,
}

impl Held {
    fn part(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.scores.len()).filter(|&row| keep(row)).collect();
        Self {
            scores: rows.iter().map(|&row| self.scores[row]).collect(),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
            folds: rows.iter().map(|&row| self.folds[row]).collect(),
        }
    }

    fn fit(&self, way: Way) -> Result<Repair> {
        let wrong = |error| library("mending probabilities", error);
        let sample = Sample::new(&self.scores, &self.labels).and_then(|s| s.weighted(&self.weights)).map_err(wrong)?;
        Ok(match way {
            Way::None => Repair::None,
            Way::Platt => Repair::Platt(Platt::fit(&sample, Scale::LogOdds).map_err(wrong)?),
            Way::Isotonic => Repair::Isotonic(Isotonic::fit(&sample).map_err(wrong)?),
        })
    }

    fn loss(&self, repair: &Repair) -> f64 {
        // As log loss is measured: an isotonic line that is sure and wrong pays for it.
        const FROM_CERTAIN: f64 = f64::EPSILON;
        let one = |row: usize| {
            let p = repair.apply(self.scores[row]).clamp(FROM_CERTAIN, 1.0 - FROM_CERTAIN);
            -self.weights[row] * if self.labels[row] { p.ln() } else { (1.0 - p).ln() }
        };
        (0..self.scores.len()).map(one).sum()
    }

    /// The sum of losses over folds, each mended by what the others say.
    fn loss_across(&self, way: Way) -> Result<f64> {
        let one = |fold: usize| {
            let repair = self.part(|row| self.folds[row] != fold).fit(way)?;
            Ok(self.part(|row| self.folds[row] == fold).loss(&repair))
        };
        (0..FOLDS).map(one).sum()
    }

    fn best(&self) -> Result<Repair> {
        let plain = self.loss_across(Way::None)?;
        let positives = self.labels.iter().filter(|label| **label).count();
        let many = positives.min(self.labels.len() - positives) >= ISOTONIC_KIND_MIN;
        let (mut chosen, mut least) = (Way::None, plain);
        for way in [Way::Platt, Way::Isotonic].into_iter().filter(|way| *way == Way::Platt || many) {
            // Scores that separate the labels perfectly have no likeliest sigmoid.
            let Ok(loss) = self.loss_across(way) else { continue };
            if loss < least - GAIN_MIN * plain {
                (chosen, least) = (way, loss);
            }
        }
        self.fit(chosen)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    None,
    Platt,
    Isotonic,
}
