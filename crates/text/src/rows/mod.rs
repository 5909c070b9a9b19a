//! Sparse rows: a text is the columns that are not zero, in order. Behind them there may be columns that are all kept: a text's meaning.

mod dense;

use std::{ops::Range, sync::Arc};

/// Rows of numbers of which few are not zero (compressed sparse rows). Columns of a row ascend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    /// How many columns are sparse.
    width: usize,
    /// `dense_width` numbers a row.
    dense: Arc<Vec<f32>>,
    dense_width: usize,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'r> {
    /// Which columns are not zero, ascending.
    pub columns: &'r [u32],
    /// What they hold.
    pub values: &'r [f32],
    /// What the columns behind all sparse ones hold.
    pub dense: &'r [f32],
    /// The first column of those.
    pub dense_from: usize,
}

impl Row<'_> {
    /// Column and value of the sparse columns, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        self.columns.iter().zip(self.values).map(|(&column, &value)| (column as usize, value))
    }

    /// The sum of squares.
    #[must_use]
    pub fn square(&self) -> f64 {
        self.values.iter().chain(self.dense).map(|&value| f64::from(value) * f64::from(value)).sum()
    }

    /// The sum of products with weights, one a column.
    pub(crate) fn dot(&self, weights: &[f64]) -> f64 {
        let sparse: f64 = self.entries().map(|(column, value)| weights[column] * f64::from(value)).sum();
        let weights = weights.get(self.dense_from..).unwrap_or_default();
        if self.dense.is_empty() { sparse } else { sparse + dense::dot(weights, self.dense) }
    }

    /// Adds the row so many times to weights, one a column.
    pub(crate) fn add_to(&self, weights: &mut [f64], times: f64) {
        self.entries().for_each(|(column, value)| weights[column] += times * f64::from(value));
        let weights = weights.get_mut(self.dense_from..).unwrap_or_default();
        if !self.dense.is_empty() {
            dense::add(weights, self.dense, times);
        }
    }
}

impl Rows {
    /// No rows yet, of so many columns.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { starts: vec![0], width, ..Self::default() }
    }

    /// The same rows with so many dense columns behind the sparse ones; there are as many numbers as rows times columns.
    pub(crate) fn with_dense(self, dense: Vec<f32>, dense_width: usize) -> Self {
        Self { dense: Arc::new(dense), dense_width, ..self }
    }

    /// Appends a row. Entries come in ascending order of columns, all below the width.
    pub(crate) fn push(&mut self, entries: &[(u32, f32)]) {
        self.columns.extend(entries.iter().map(|entry| entry.0));
        self.values.extend(entries.iter().map(|entry| entry.1));
        self.starts.push(self.columns.len());
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many columns there are, sparse and dense.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width + self.dense_width
    }

    /// How many of the columns are sparse.
    pub(crate) fn sparse_width(&self) -> usize {
        self.width
    }

    /// A row; one without entries when it is not there.
    #[must_use]
    pub fn row(&self, row: usize) -> Row<'_> {
        let entries = self.entries_of(row);
        let dense = self.dense.get(row * self.dense_width..(row + 1) * self.dense_width).unwrap_or_default();
        let (columns, values) = (&self.columns[entries.clone()], &self.values[entries]);
        Row { columns, values, dense, dense_from: self.width }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// The same rows with each value of a sparse column multiplied by the column's factor.
    pub(crate) fn scaled(&self, factors: &[f32]) -> Self {
        let scale = |(&column, &value): (&u32, &f32)| value * factors.get(column as usize).copied().unwrap_or(1.0);
        let values = self.columns.iter().zip(&self.values).map(scale).collect();
        Self { values, ..self.clone() }
    }

    fn entries_of(&self, row: usize) -> Range<usize> {
        let end = self.starts.get(row + 1).copied().unwrap_or(0);
        self.starts.get(row).copied().unwrap_or(end).min(end)..end
    }
}
