//! Sparse rows: a text is the columns that are not zero, in order.

use std::ops::Range;

/// Rows of numbers of which few are not zero (compressed sparse rows). Columns of a row ascend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    width: usize,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'r> {
    /// Which columns are not zero, ascending.
    pub columns: &'r [u32],
    /// What they hold.
    pub values: &'r [f32],
}

impl Row<'_> {
    /// Column and value, in order of columns.
    pub fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        self.columns.iter().zip(self.values).map(|(&column, &value)| (column as usize, value))
    }

    /// The sum of squares.
    #[must_use]
    pub fn square(&self) -> f64 {
        self.values.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
    }
}

impl Rows {
    /// No rows yet, of so many columns.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new(), width }
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

    /// How many columns there are.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// A row; one without entries when it is not there.
    #[must_use]
    pub fn row(&self, row: usize) -> Row<'_> {
        let entries = self.entries_of(row);
        Row { columns: &self.columns[entries.clone()], values: &self.values[entries] }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// The same rows with each value multiplied by its column's factor.
    pub(crate) fn scaled(&self, factors: &[f32]) -> Self {
        let scale = |(&column, &value): (&u32, &f32)| value * factors.get(column as usize).copied().unwrap_or(1.0);
        let values = self.columns.iter().zip(&self.values).map(scale).collect();
        Self { starts: self.starts.clone(), columns: self.columns.clone(), values, width: self.width }
    }

    fn entries_of(&self, row: usize) -> Range<usize> {
        let end = self.starts.get(row + 1).copied().unwrap_or(0);
        self.starts.get(row).copied().unwrap_or(end).min(end)..end
    }
}
