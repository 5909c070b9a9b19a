//! Traits on one scale, so that none counts for more because its unit is small.
//!
//! A value becomes (value − median) / spread, where the spread is the interquartile range / 1.349 (that of a normal distribution of
//! standard deviation 1). When half of all values are equal, the range is 0 and the standard deviation stands in. Beyond ± 5
//! values count as 5: the richest customer is rich, not a cluster. A missing value counts as the median.

use serde::Serialize;

use crate::error::{FeatureError, Result, argument, same_length};

/// The interquartile range of a normal distribution of standard deviation 1.
const NORMAL_QUARTILES: f64 = 1.348_979_500_392_163_4;
/// Beyond this, scaled values are cut.
pub const SCALED_MAX: f64 = 5.0;
/// The largest share of missing values that a trait may have.
pub const MISSING_SHARE_MAX: f64 = 0.5;

/// Rows of numbers, one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// From rows one after another, each of `columns` finite numbers.
    ///
    /// # Errors
    /// Numbers that do not fill whole rows, or are not finite.
    pub fn new(columns: usize, values: Vec<f64>) -> Result<Self> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(argument("numbers", values.len(), "whole rows of at least one column are needed"));
        }
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(argument("a number", value, "numbers are finite; scale and fill first")),
            None => Ok(Self { columns, values }),
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row; empty when there is none.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        self.values.get(row * self.columns..(row + 1) * self.columns).unwrap_or_default()
    }

    /// Some of the rows, in the order given.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { columns: self.columns, values }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// Squared Euclidean distance.
#[inline]
pub(super) fn distance_squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// How one trait is scaled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnScale {
    /// The trait.
    pub name: String,
    /// What becomes 0.
    pub median: f64,
    /// What becomes 1 beyond it; 1 for a trait that is the same for everybody.
    pub spread: f64,
    /// The share of customers without a value, 0 to 1.
    pub missing: f64,
    /// Whether it is the same for everybody, so that it says nothing.
    pub constant: bool,
}

/// How traits are scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaler {
    columns: Vec<ColumnScale>,
}

impl Scaler {
    /// Learns medians and spreads.
    ///
    /// # Errors
    /// A trait that is missing for more than [`MISSING_SHARE_MAX`] of the customers.
    pub fn learn(names: &[String], columns: &[Vec<Option<f64>>]) -> Result<Self> {
        let scales = names.iter().zip(columns).map(|(name, column)| learn(name, column)).collect::<Result<_>>()?;
        Ok(Self { columns: scales })
    }

    /// How each trait is scaled.
    #[must_use]
    pub fn columns(&self) -> &[ColumnScale] {
        &self.columns
    }

    /// Scales columns of the same traits.
    ///
    /// # Errors
    /// Another number of columns, or columns of different lengths.
    pub fn apply(&self, columns: &[Vec<Option<f64>>]) -> Result<Matrix> {
        same_length("columns", columns.len(), self.columns.len())?;
        let rows = columns.first().map_or(0, Vec::len);
        for (scale, column) in self.columns.iter().zip(columns) {
            same_length(&scale.name, column.len(), rows)?;
        }
        let mut values = Vec::with_capacity(rows * columns.len());
        for row in 0..rows {
            values.extend(self.columns.iter().zip(columns).map(|(scale, column)| scale.scaled(column[row])));
        }
        Matrix::new(columns.len(), values)
    }
}

impl ColumnScale {
    fn scaled(&self, value: Option<f64>) -> f64 {
        match value.filter(|v| !v.is_nan()) {
            Some(value) => ((value - self.median) / self.spread).clamp(-SCALED_MAX, SCALED_MAX),
            None => 0.0,
        }
    }
}

fn learn(name: &str, column: &[Option<f64>]) -> Result<ColumnScale> {
    let mut values: Vec<f64> = column.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    let missing = 1.0 - values.len() as f64 / column.len().max(1) as f64;
    if values.is_empty() || missing > MISSING_SHARE_MAX {
        return Err(FeatureError::Argument {
            what: "the share of missing values",
            found: format!("{missing:.2} for `{name}`"),
            allowed: "at most half may be missing: fill the trait, or leave it out",
        });
    }
    values.sort_unstable_by(f64::total_cmp);
    let median = quantile(&values, 0.5);
    let quartiles = (quantile(&values, 0.75) - quantile(&values, 0.25)) / NORMAL_QUARTILES;
    let spread = if quartiles > 0.0 { quartiles } else { deviation(&values) };
    let constant = spread <= 0.0;
    Ok(ColumnScale { name: name.to_owned(), median, spread: if constant { 1.0 } else { spread }, missing, constant })
}

/// By linear interpolation between neighbours (Hyndman & Fan 1996, definition 7). The values are sorted and not empty.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64).sqrt()
}
