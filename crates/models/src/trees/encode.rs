//! Categories as numbers that trees can split.
//!
//! A category of few levels is split natively, by sets of levels. One of many levels is replaced by an ordered target statistic (Prokhorenkova and others,
//! "CatBoost: unbiased boosting with categorical features", 2018): while training, a row sees the mean label of the rows of its level that come before
//! it in an order of chance, so that its own label never leaks into its own feature. Afterwards a level is the mean over all training rows.

use hessboost::data::{DMatrix, FeatureType};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, library},
    exact,
    frame::{Aligned, ColumnKind, DataSet, MISSING, Schema},
    random::Random,
};

/// Rows that the prior of a target statistic weighs.
const PRIOR_WEIGHT: f64 = 10.0;

/// How one feature becomes a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    /// As it is.
    Number,
    /// A category by its code, split by sets.
    Native,
    /// A category by a statistic of the label.
    Statistic {
        /// By code.
        #[serde(with = "exact::many")]
        levels: Vec<f64>,
    },
}

impl Encoding {
    pub(super) fn feature_type(&self) -> FeatureType {
        match self {
            Self::Native => FeatureType::Categorical,
            Self::Number | Self::Statistic { .. } => FeatureType::Numerical,
        }
    }
}

/// Which encoding each feature gets, when categories of more than `native_max` levels become statistics.
pub(super) fn fit(train: &DataSet, schema: &Schema, label: &[f64], native_max: usize) -> Result<Vec<Encoding>> {
    let aligned = schema.align(train.frame())?;
    let encoding = |(at, kind): (usize, &ColumnKind)| match kind {
        ColumnKind::Number => Encoding::Number,
        ColumnKind::Category(levels) if levels.len() <= native_max => Encoding::Native,
        ColumnKind::Category(levels) => {
            let mut sums = Sums::new(levels.len(), train, label);
            for (row, label) in label.iter().enumerate() {
                sums.add(aligned.cells[at].code(row), train.weight(row), *label);
            }
            Encoding::Statistic { levels: (0..levels.len()).map(|code| sums.mean(code as u32)).collect() }
        }
    };
    Ok(schema.kinds.iter().enumerate().map(encoding).collect())
}

/// Running sums of labels by level.
struct Sums {
    weights: Vec<f64>,
    labels: Vec<f64>,
    prior: f64,
}

impl Sums {
    fn new(levels: usize, train: &DataSet, label: &[f64]) -> Self {
        let weight: f64 = (0..label.len()).map(|row| train.weight(row)).sum();
        let sum: f64 = label.iter().enumerate().map(|(row, label)| train.weight(row) * label).sum();
        Self { weights: vec![0.0; levels], labels: vec![0.0; levels], prior: sum / weight }
    }

    fn add(&mut self, code: u32, weight: f64, label: f64) {
        if code != MISSING {
            self.weights[code as usize] += weight;
            self.labels[code as usize] += weight * label;
        }
    }

    fn mean(&self, code: u32) -> f64 {
        match code {
            MISSING => f64::NAN,
            code => {
                let code = code as usize;
                (self.labels[code] + PRIOR_WEIGHT * self.prior) / (self.weights[code] + PRIOR_WEIGHT)
            }
        }
    }
}

/// The rows of a data set as a matrix to train with: statistics are those of the rows before, in an order that the seed draws.
pub(super) fn training(
    train: &DataSet,
    schema: &Schema,
    encodings: &[Encoding],
    label: &[f64],
    seed: u64,
) -> Result<DMatrix> {
    let aligned = schema.align(train.frame())?;
    let features = encodings.len();
    let mut cells = vec![0.0_f32; aligned.rows * features];
    fill(&aligned, encodings, 0, aligned.rows, &mut cells);
    let order = match encodings.iter().any(|encoding| matches!(encoding, Encoding::Statistic { .. })) {
        true => Random::new(seed).permutation(aligned.rows),
        false => Vec::new(),
    };
    for (at, encoding) in encodings.iter().enumerate() {
        let Encoding::Statistic { levels } = encoding else { continue };
        let mut sums = Sums::new(levels.len(), train, label);
        for &row in &order {
            let code = aligned.cells[at].code(row);
            cells[row * features + at] = sums.mean(code) as f32;
            sums.add(code, train.weight(row), label[row]);
        }
    }
    matrix(cells, aligned.rows, encodings)
}

/// The rows of a data set as a matrix to watch.
pub(super) fn watching(watched: &DataSet, schema: &Schema, encodings: &[Encoding]) -> Result<DMatrix> {
    let aligned = schema.align(watched.frame())?;
    let mut cells = vec![0.0_f32; aligned.rows * encodings.len()];
    fill(&aligned, encodings, 0, aligned.rows, &mut cells);
    matrix(cells, aligned.rows, encodings)
}

fn matrix(cells: Vec<f32>, rows: usize, encodings: &[Encoding]) -> Result<DMatrix> {
    let types: Vec<FeatureType> = encodings.iter().map(Encoding::feature_type).collect();
    let made =
        DMatrix::from_dense_vec(cells, rows, encodings.len()).and_then(|matrix| matrix.with_feature_types(&types));
    made.map_err(|error| library("a matrix of features", error))
}

/// Writes rows from `first` on, by row.
pub(super) fn fill(aligned: &Aligned<'_>, encodings: &[Encoding], first: usize, rows: usize, out: &mut [f32]) {
    let features = encodings.len();
    for (at, (cells, encoding)) in aligned.cells.iter().zip(encodings).enumerate() {
        match encoding {
            Encoding::Number | Encoding::Native => {
                if let crate::frame::Cells::Numbers(values) = cells {
                    let values = &values[first..first + rows];
                    values.iter().zip(out.iter_mut().skip(at).step_by(features)).for_each(|(v, o)| *o = *v as f32);
                } else {
                    (0..rows).for_each(|row| out[row * features + at] = cells.number(first + row) as f32);
                }
            }
            Encoding::Statistic { levels } => {
                for row in 0..rows {
                    let code = cells.code(first + row) as usize;
                    out[row * features + at] = levels.get(code).copied().unwrap_or(f64::NAN) as f32;
                }
            }
        }
    }
}
