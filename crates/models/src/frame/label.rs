//! What is to be learnt, and how much each row weighs.

use arrow::array::ArrayRef;

use super::{Column, Frame, Values};
use crate::error::{ModelError, Result, argument, same_length};

/// What is to be learnt, one value a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// Whether something happened: 0 or 1.
    Binary(Vec<f64>),
    /// How much.
    Number(Vec<f64>),
    /// How long until something happened, or until we stopped looking.
    Event {
        /// In any unit, above 0.
        times: Vec<f64>,
        /// Whether it happened then; otherwise nothing more is known.
        happened: Vec<bool>,
    },
}

impl Label {
    /// A column as a label: booleans and numbers that are 0 or 1 as [`Label::Binary`], other numbers as [`Label::Number`].
    ///
    /// # Errors
    /// When it is a text, or a row has none.
    pub fn from_arrow(array: &ArrayRef) -> Result<Self> {
        let values = match Column::from_arrow("label", array)?.values {
            Values::Number(values) => values,
            Values::Category { levels, .. } => {
                let some = levels.iter().take(3).map(|level| format!("`{level}`")).collect::<Vec<_>>().join(", ");
                return Err(ModelError::Label {
                    found: format!("is a text ({some})"),
                    help: "make it 0 and 1, or a number",
                });
            }
        };
        let label = match values.iter().all(|v| *v == 0.0 || *v == 1.0) {
            true => Self::Binary(values),
            false => Self::Number(values),
        };
        label.check()?;
        Ok(label)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Binary(values) | Self::Number(values) => values.len(),
            Self::Event { times, .. } => times.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        match self {
            Self::Binary(values) => Self::Binary(pick(values)),
            Self::Number(values) => Self::Number(pick(values)),
            Self::Event { times, happened } => {
                Self::Event { times: pick(times), happened: rows.iter().map(|&row| happened[row]).collect() }
            }
        }
    }

    fn check(&self) -> Result<()> {
        let wrong = |found: String, help| Err(ModelError::Label { found, help });
        let (Self::Binary(values) | Self::Number(values) | Self::Event { times: values, .. }) = self;
        if let Some(row) = values.iter().position(|v| !v.is_finite()) {
            return wrong(
                format!("of row {row} is {}", if values[row].is_nan() { "missing" } else { "infinite" }),
                "leave such rows out, or say what it was: a gap is not a no",
            );
        }
        match self {
            Self::Binary(values) => {
                if let Some(value) = values.iter().find(|v| **v != 0.0 && **v != 1.0) {
                    return wrong(format!("holds {value}"), "whether something happened is 0 or 1");
                }
            }
            Self::Number(_) => {}
            Self::Event { times, happened } => {
                same_length("happened", happened.len(), times.len())?;
                if let Some(row) = times.iter().position(|time| *time <= 0.0) {
                    return wrong(format!("of row {row} has the time {}", times[row]), "times are above 0");
                }
                if !happened.contains(&true) {
                    return wrong("never happened".to_owned(), "look longer, or at more customers");
                }
            }
        }
        Ok(())
    }

    /// Refuses a label that has one value only: nothing can be learnt from it.
    fn varies(&self) -> Result<()> {
        let (Self::Binary(values) | Self::Number(values)) = self else { return Ok(()) };
        match values.iter().all(|v| *v == values[0]) {
            true => Err(ModelError::Label {
                found: format!("is {} in all {} rows", values[0], values.len()),
                help: "take a longer horizon or more customers, so that both outcomes are there",
            }),
            false => Ok(()),
        }
    }
}

/// Features with what is to be learnt of them.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    frame: Frame,
    label: Label,
    weights: Option<Vec<f64>>,
}

impl DataSet {
    /// Checks that lengths agree, that the label can be learnt, and that weights are finite, not negative and not all zero.
    ///
    /// # Errors
    /// What is wrong.
    pub fn new(frame: Frame, label: Label, weights: Option<Vec<f64>>) -> Result<Self> {
        let rows = frame.rows();
        if rows == 0 || frame.columns().is_empty() {
            return Err(ModelError::TooLittle { what: "rows and columns to learn from", found: 0, needed: 1 });
        }
        same_length("label", label.len(), rows)?;
        label.check()?;
        label.varies()?;
        if let Some(weights) = &weights {
            same_length("weights", weights.len(), rows)?;
            if let Some(weight) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
                return Err(argument("a weight", weight, "weights are finite and not negative"));
            }
            if weights.iter().sum::<f64>() <= 0.0 {
                return Err(argument("the sum of weights", 0, "let some row weigh something"));
            }
        }
        Ok(Self { frame, label, weights })
    }

    /// The features.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// What is to be learnt.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// What each row weighs; all the same when absent.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// What a row weighs.
    #[must_use]
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().and_then(|weights| weights.get(row)).copied().unwrap_or(1.0)
    }

    /// The labels of a question of yes and no.
    ///
    /// # Errors
    /// When it is another question.
    pub fn binary(&self) -> Result<&[f64]> {
        match &self.label {
            Label::Binary(values) => Ok(values),
            _ => Err(ModelError::Label {
                found: "is not 0 or 1".to_owned(),
                help: "this learner learns whether something happens",
            }),
        }
    }

    /// These rows, in this order.
    ///
    /// # Errors
    /// When a row is out of bounds, or the label does not vary among them.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        let weights = self.weights.as_ref().map(|w| rows.iter().filter_map(|&row| w.get(row).copied()).collect());
        Self::new(self.frame.select(rows)?, self.label.select(rows), weights)
    }

    /// The same rows with other features.
    ///
    /// # Errors
    /// When it has other rows.
    pub fn with_frame(&self, frame: Frame) -> Result<Self> {
        Self::new(frame, self.label.clone(), self.weights.clone())
    }
}
