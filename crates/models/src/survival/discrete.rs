//! Discrete time: each period that a row was seen in is a row of its own, with the question whether it happened then (Singer and
//! Willett, "It's about time", 1993). Any learner of yes and no answers it, and hazards may change with time.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, Result, argument, saved},
    exact,
    frame::{Column, DataSet, Frame, Label, Schema},
    learner::{Contributions, Learner, Model, Saved, not_offered},
};

/// The feature that says which period it is.
const PERIOD: &str = "period";
/// The most rows that periods may make.
const ROWS_MAX: usize = 100_000_000;

/// Survival by periods.
pub struct DiscreteTime<'a> {
    /// Ends of periods, rising; later times count as not yet happened at the last end.
    pub ends: Vec<f64>,
    /// Learns whether it happens in a period.
    pub learner: &'a dyn Learner,
}

/// Hazards by period. As a [`Model`] it says how likely it has happened by the last end.
pub struct DiscreteModel {
    ends: Vec<f64>,
    model: Box<dyn Model>,
    /// Features without the period.
    schema: Schema,
}

/// Hazards by period as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedDiscrete {
    #[serde(with = "exact::many")]
    ends: Vec<f64>,
    hazards: Saved,
}

impl DiscreteTime<'_> {
    /// Fits hazards.
    ///
    /// # Errors
    /// When the label is no time, periods do not rise, or the learner refuses.
    pub fn fit(&self, train: &DataSet) -> Result<DiscreteModel> {
        if !rising(&self.ends) {
            return Err(argument("the ends of periods", format!("{:?}", self.ends), "they rise, from above 0"));
        }
        let Label::Event { times, happened } = train.label() else {
            return Err(ModelError::Label {
                found: "is no time".to_owned(),
                help: "hazards are learnt from times and whether it happened",
            });
        };
        let (mut rows, mut periods, mut label) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..times.len() {
            for (period, &end) in self.ends.iter().enumerate() {
                let start = if period == 0 { 0.0 } else { self.ends[period - 1] };
                let over = times[row] <= end;
                // Whoever was seen for a part of a period only says nothing about it.
                if times[row] <= start || (over && !happened[row] && times[row] < end) {
                    break;
                }
                rows.push(row);
                periods.push(period as f64);
                label.push(f64::from(u8::from(over && happened[row])));
            }
            if rows.len() > ROWS_MAX {
                return Err(argument(
                    "the number of rows by period",
                    rows.len(),
                    "take fewer periods; a hundred million rows are the most",
                ));
            }
        }
        let frame = train.frame().select(&rows)?.with(Column::number(PERIOD, periods))?;
        let weights = train.weights().map(|weights| rows.iter().map(|&row| weights[row]).collect());
        let model = self.learner.fit(&DataSet::new(frame, Label::Binary(label), weights)?, None)?;
        DiscreteModel::with(self.ends.clone(), model)
    }
}

/// Whether ends can be those of periods.
fn rising(ends: &[f64]) -> bool {
    ends.windows(2).all(|pair| pair[0] < pair[1]) && ends.first().is_some_and(|end| *end > 0.0)
}

impl DiscreteModel {
    fn with(ends: Vec<f64>, model: Box<dyn Model>) -> Result<Self> {
        let of_hazards = model.schema();
        let period = of_hazards.position(PERIOD)?;
        let mut schema = of_hazards.clone();
        schema.names.remove(period);
        schema.kinds.remove(period);
        Ok(Self { ends, model, schema })
    }

    pub(crate) fn of(read: SavedDiscrete) -> Result<Self> {
        match rising(&read.ends) {
            true => Self::with(read.ends, read.hazards.into_model()?),
            false => Err(saved("survival by periods", "the ends of its periods do not rise")),
        }
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not those of survival by periods, or do not hold together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match Saved::from_bytes(bytes)? {
            Saved::Discrete(read) => Self::of(*read),
            _ => Err(saved("survival by periods", "the bytes are those of another kind of model")),
        }
    }

    /// The chance of each row that it has not happened by the end of each period, by row, then by period.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn survival(&self, frame: &Frame) -> Result<Vec<Vec<f64>>> {
        let mut left = vec![1.0; frame.rows()];
        let mut curves = vec![Vec::with_capacity(self.ends.len()); frame.rows()];
        for period in 0..self.ends.len() {
            let asked = frame.with(Column::number(PERIOD, vec![period as f64; frame.rows()]))?;
            for (row, hazard) in self.model.predict(&asked)?.into_iter().enumerate() {
                left[row] *= 1.0 - hazard;
                curves[row].push(left[row]);
            }
        }
        Ok(curves)
    }

    /// The model of hazards; its feature `period` counts from 0.
    #[must_use]
    pub fn hazards(&self) -> &dyn Model {
        self.model.as_ref()
    }
}

impl Model for DiscreteModel {
    fn kind(&self) -> &'static str {
        "survival by periods"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Log-odds that it has happened by the last end.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.predict(frame)?.into_iter().map(|chance| (chance / (1.0 - chance)).ln()).collect())
    }

    /// The chance of each row that it has happened by the last end.
    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        let left = |curve: Vec<f64>| curve.last().copied().unwrap_or(1.0);
        Ok(self.survival(frame)?.into_iter().map(|curve| 1.0 - left(curve)).collect())
    }

    fn contributions(&self, _frame: &Frame) -> Result<Contributions> {
        let help = "explain its hazards, one period at a time";
        Err(not_offered("survival by periods", "say what each feature contributes over all periods", help))
    }

    fn to_saved(&self) -> Saved {
        Saved::Discrete(Box::new(SavedDiscrete { ends: self.ends.clone(), hazards: self.model.to_saved() }))
    }
}
