//! Times as a bank asks of them: the chance that it happens by a horizon, the curve to there, and the median.
//!
//! A learner of relative hazards orders rows; how fast it happens to a row of margin 0 comes from Breslow's baseline. Trees rank their own rows too well, and a
//! baseline of margins that are too far apart says chances that are too far apart. So training rows are scored out of fold, Cox's regression of time on
//! those margins says by how much they are to be shrunk (the slope), and the baseline is that of the shrunk margins. The test is never looked at.
//! Margins and contributions are those of the shrunk model, so that what features add is what the chance rests on.

use serde::{Deserialize, Serialize};

use super::{CoxRegression, hazard::baseline};
use crate::{
    calibrated::{FOLDS, folds, refit},
    definition::LearnerDef,
    error::{ModelError, Result, argument, same_length, saved},
    exact,
    frame::{Column, DataSet, Frame, Label, Schema},
    learner::{Contributions, Model, Saved},
};

/// Rows to which it happened that a fold needs for margins to be looked at out of fold.
const EVENTS_MIN: usize = 20;
/// Bounds of the slope: margins keep their order, and are not drawn far apart on the word of few rows.
const SLOPE: (f64, f64) = (0.05, 1.5);

/// Relative hazards with a baseline and a horizon.
pub struct SurvivalModel {
    risk: Box<dyn Model>,
    base: Baseline,
}

/// How fast it happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Baseline {
    /// By how much margins are shrunk, and from where.
    #[serde(with = "exact")]
    slope: f64,
    #[serde(with = "exact")]
    middle: f64,
    /// Times at which it happened, and the summed hazard of a row of margin 0 up to each.
    #[serde(with = "exact::many")]
    times: Vec<f64>,
    #[serde(with = "exact::many")]
    hazard: Vec<f64>,
    #[serde(with = "exact")]
    horizon: f64,
}

/// The same as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSurvival {
    risk: Saved,
    base: Baseline,
}

impl SurvivalModel {
    /// Of a fitted model of relative hazards, and the rows it learnt from. `customers` says whose each row is, so that no customer is in two folds; each row is its
    /// own when absent. The horizon is in the unit of times.
    ///
    /// # Errors
    /// When the label is no time, the horizon is not above 0, lengths differ, or the learner refuses to learn without a fold.
    pub fn of(
        learner: &LearnerDef,
        risk: Box<dyn Model>,
        train: &DataSet,
        customers: Option<&[i64]>,
        horizon: f64,
        seed: u64,
    ) -> Result<Self> {
        let Label::Event { times, happened } = train.label() else {
            return Err(ModelError::Label {
                found: "is no time".to_owned(),
                help: "hazards are learnt from times and whether it happened",
            });
        };
        if !(horizon > 0.0 && horizon.is_finite()) {
            return Err(argument("the horizon", horizon, "it is above 0"));
        }
        if let Some(customers) = customers {
            same_length("customers", customers.len(), times.len())?;
        }
        let own = risk.margins(train.frame())?;
        // Only differences of margins mean something: those of the model itself start from a place of their own too.
        let middle = own.iter().sum::<f64>() / own.len().max(1) as f64;
        let (held, looked_at) = match out_of_fold(learner, train, happened, customers, seed)? {
            Some(held) => (held, true),
            None => {
                let margins = own.iter().map(|margin| margin - middle).collect();
                (Held { margins, rows: (0..times.len()).collect() }, false)
            }
        };
        let pick = |values: &[f64]| held.rows.iter().map(|&row| values[row]).collect::<Vec<_>>();
        let (times, happened): (Vec<f64>, Vec<bool>) =
            (pick(times), held.rows.iter().map(|&row| happened[row]).collect());
        let weights: Vec<f64> = held.rows.iter().map(|&row| train.weight(row)).collect();
        let slope = if looked_at { slope(&held.margins, &times, &happened).clamp(SLOPE.0, SLOPE.1) } else { 1.0 };
        let shrunk: Vec<f64> = held.margins.iter().map(|margin| slope * margin).collect();
        let (times, hazard) = baseline(&times, &happened, &weights, &shrunk);
        Ok(Self { risk, base: Baseline { slope, middle, times, hazard, horizon } })
    }

    pub(crate) fn read(read: SavedSurvival) -> Result<Self> {
        let base = read.base;
        let rising = |values: &[f64]| values.windows(2).all(|pair| pair[0] <= pair[1]);
        let fits = base.times.len() == base.hazard.len()
            && rising(&base.times)
            && rising(&base.hazard)
            && base.slope.is_finite()
            && base.middle.is_finite()
            && base.horizon > 0.0;
        match (&read.risk, fits) {
            (Saved::Survival(_), _) => Err(saved("model of times", "it holds another of its kind")),
            (_, false) => Err(saved("model of times", "its baseline does not hold together")),
            (_, true) => Ok(Self { risk: read.risk.into_model()?, base }),
        }
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not those of a model of times, or do not hold together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match Saved::from_bytes(bytes)? {
            Saved::Survival(read) => Self::read(*read),
            _ => Err(saved("model of times", "the bytes are those of another kind of model")),
        }
    }

    /// The time up to which chances are said, in the unit of the label.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.base.horizon
    }

    /// By how much margins out of fold were shrunk; 1 is not at all.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.base.slope
    }

    /// The chance of each row that it has happened by a time.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn by(&self, frame: &Frame, time: f64) -> Result<Vec<f64>> {
        let hazard = self.base.up_to(time);
        Ok(self.margins(frame)?.into_iter().map(|margin| chance(hazard, margin)).collect())
    }

    /// The chances of each row that it has happened by each of these times, by row, then by time.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn curves(&self, frame: &Frame, times: &[f64]) -> Result<Vec<Vec<f64>>> {
        let hazards: Vec<f64> = times.iter().map(|time| self.base.up_to(*time)).collect();
        let curve = |margin: f64| hazards.iter().map(|hazard| chance(*hazard, margin)).collect();
        Ok(self.margins(frame)?.into_iter().map(curve).collect())
    }

    /// The time of each row by which it has happened to half of such rows; nothing where that lies beyond the horizon.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn medians(&self, frame: &Frame) -> Result<Vec<Option<f64>>> {
        let median = |margin: f64| {
            let wanted = std::f64::consts::LN_2 / margin.exp();
            let at = self.base.hazard.partition_point(|hazard| *hazard < wanted);
            self.base.times.get(at).copied().filter(|time| *time <= self.base.horizon)
        };
        Ok(self.margins(frame)?.into_iter().map(median).collect())
    }
}

fn chance(hazard: f64, margin: f64) -> f64 {
    -(-hazard * margin.exp()).exp_m1()
}

impl Baseline {
    fn up_to(&self, time: f64) -> f64 {
        let steps = self.times.partition_point(|known| *known <= time);
        steps.checked_sub(1).map_or(0.0, |last| self.hazard[last])
    }

    fn shrunk(&self, margin: f64) -> f64 {
        self.slope * (margin - self.middle)
    }
}

/// Margins of rows by models that had not seen them.
struct Held {
    /// Above their mean.
    margins: Vec<f64>,
    rows: Vec<usize>,
}

/// Nothing where it happened to too few.
fn out_of_fold(
    learner: &LearnerDef,
    train: &DataSet,
    happened: &[bool],
    customers: Option<&[i64]>,
    seed: u64,
) -> Result<Option<Held>> {
    let folds = folds(happened.len(), customers, seed);
    let events = |fold: usize| folds.iter().zip(happened).filter(|(of, happened)| **of == fold && **happened).count();
    if (0..FOLDS).any(|fold| events(fold) < EVENTS_MIN) {
        return Ok(None);
    }
    let mut held = Held { margins: Vec::new(), rows: Vec::new() };
    for fold in 0..FOLDS {
        let part = |inside: bool| {
            (0..folds.len()).filter(|&row| folds[row] < FOLDS && (folds[row] == fold) == inside).collect::<Vec<_>>()
        };
        let left_out = part(true);
        let fitted = refit(learner, &train.select(&part(false))?, seed)?;
        let margins = fitted.margins(&train.frame().select(&left_out)?)?;
        // Each fold's margins start from a place of their own.
        let middle = margins.iter().sum::<f64>() / margins.len().max(1) as f64;
        held.margins.extend(margins.into_iter().map(|margin| margin - middle));
        held.rows.extend(left_out);
    }
    Ok(Some(held))
}

/// Cox's regression of time on margins; 1 where they do not vary or nothing can be said.
fn slope(margins: &[f64], times: &[f64], happened: &[bool]) -> f64 {
    const MARGIN: &str = "margin";
    let regress = || {
        let frame = Frame::new(vec![Column::number(MARGIN, margins.to_vec())])?;
        let label = Label::Event { times: times.to_vec(), happened: happened.to_vec() };
        CoxRegression::default().regress(&DataSet::new(frame, label, None)?)
    };
    let found: Result<_> = regress();
    found.ok().and_then(|model| model.coefficients().first().map(|(_, slope, _)| *slope)).unwrap_or(1.0)
}

impl Model for SurvivalModel {
    fn kind(&self) -> &'static str {
        match self.risk.kind() {
            "boosted trees" => "time by boosted hazards",
            _ => "time by proportional hazards",
        }
    }

    fn schema(&self) -> &Schema {
        self.risk.schema()
    }

    /// Logs of hazards against that of a usual row.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.risk.margins(frame)?.into_iter().map(|margin| self.base.shrunk(margin)).collect())
    }

    /// The chance of each row that it happens by the horizon.
    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        self.by(frame, self.base.horizon)
    }

    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let mut found = self.risk.contributions(frame)?;
        found.base = self.base.shrunk(found.base);
        found.values.iter_mut().for_each(|value| *value *= self.base.slope);
        Ok(found)
    }

    fn as_survival(&self) -> Option<&SurvivalModel> {
        Some(self)
    }

    fn to_saved(&self) -> Saved {
        Saved::Survival(Box::new(SavedSurvival { risk: self.risk.to_saved(), base: self.base.clone() }))
    }
}
