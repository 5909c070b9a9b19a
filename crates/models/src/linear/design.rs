//! Features as the columns of a regression: numbers with their gaps marked, categories as one column a level, all standardised.

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    exact,
    frame::{Aligned, ColumnKind, DataSet, MISSING, Schema},
};

/// What a column of the regression holds of its feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The number; the mean where there is none.
    Number,
    /// Whether there is no value.
    Gap,
    /// Whether it is this level, by the schema's code.
    Level(u32),
}

/// One column of the regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The feature's position.
    pub feature: usize,
    /// What it holds of it.
    pub part: Part,
    /// The weighted mean over training rows, which also fills gaps of numbers.
    #[serde(with = "exact")]
    pub mean: f64,
    /// The weighted standard deviation over training rows (of the population, not the sample).
    #[serde(with = "exact")]
    pub deviation: f64,
}

impl Term {
    /// The value of a row, before it is standardised.
    pub(crate) fn value(&self, aligned: &Aligned<'_>, row: usize) -> f64 {
        let cells = &aligned.cells[self.feature];
        match self.part {
            Part::Number => match cells.number(row) {
                gap if gap.is_nan() => self.mean,
                value => value,
            },
            Part::Gap => f64::from(u8::from(cells.number(row).is_nan())),
            Part::Level(code) => f64::from(u8::from(cells.code(row) == code)),
        }
    }

    pub(crate) fn standardised(&self, aligned: &Aligned<'_>, row: usize) -> f64 {
        (self.value(aligned, row) - self.mean) / self.deviation
    }

    /// What people call it.
    pub(crate) fn name(&self, schema: &Schema) -> String {
        let feature = &schema.names[self.feature];
        match (&self.part, &schema.kinds[self.feature]) {
            (Part::Number, _) => feature.clone(),
            (Part::Gap, _) => format!("{feature} missing"),
            (Part::Level(code), ColumnKind::Category(levels)) => {
                format!("{feature} = {}", levels.get(*code as usize).map_or("?", String::as_str))
            }
            (Part::Level(code), ColumnKind::Number) => format!("{feature} = {code}"),
        }
    }
}

/// The columns that a data set gives. The commonest level of a category has none: the others are told against it. What does not vary has none.
pub(crate) fn terms(train: &DataSet, schema: &Schema) -> Result<Vec<Term>> {
    let aligned = schema.align(train.frame())?;
    let mut terms = Vec::new();
    for (feature, kind) in schema.kinds.iter().enumerate() {
        let mut parts = match kind {
            ColumnKind::Number => vec![Part::Number],
            ColumnKind::Category(levels) => levels_but_commonest(train, &aligned, feature, levels.len()),
        };
        parts.push(Part::Gap);
        terms.extend(parts.into_iter().filter_map(|part| term(train, &aligned, feature, part)));
    }
    Ok(terms)
}

fn levels_but_commonest(train: &DataSet, aligned: &Aligned<'_>, feature: usize, levels: usize) -> Vec<Part> {
    let mut weights = vec![0.0; levels];
    for row in 0..aligned.rows {
        let code = aligned.cells[feature].code(row);
        if code != MISSING {
            weights[code as usize] += train.weight(row);
        }
    }
    let commonest = (0..levels).max_by(|&a, &b| weights[a].total_cmp(&weights[b]).then(b.cmp(&a)));
    (0..levels).filter(|&code| Some(code) != commonest).map(|code| Part::Level(code as u32)).collect()
}

fn term(train: &DataSet, aligned: &Aligned<'_>, feature: usize, part: Part) -> Option<Term> {
    let mut term = Term { feature, part, mean: f64::NAN, deviation: 1.0 };
    let (mut weight, mut sum) = (0.0, 0.0);
    for row in 0..aligned.rows {
        let value = term.value(aligned, row);
        if !value.is_nan() {
            weight += train.weight(row);
            sum += train.weight(row) * value;
        }
    }
    if weight <= 0.0 {
        return None;
    }
    term.mean = sum / weight;
    let (mut all, mut squares) = (0.0, 0.0);
    for row in 0..aligned.rows {
        all += train.weight(row);
        squares += train.weight(row) * (term.value(aligned, row) - term.mean).powi(2);
    }
    term.deviation = (squares / all).sqrt();
    // A column of one value has a deviation of rounding errors only.
    (term.deviation > 1e-12 * term.mean.abs().max(1.0)).then_some(term)
}
