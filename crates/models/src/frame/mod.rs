//! Columns to learn from: numbers and categories with gaps, a label, weights.
//!
//! A [`Frame`] holds features only. A [`DataSet`] adds what is to be learnt. Both are checked when they are made, so that a learner
//! never meets a column of another length, an infinite number or a label that nothing can be learnt from.

mod arrow_columns;
mod label;
mod schema;

use std::collections::BTreeSet;

pub use label::{DataSet, Label};
pub(crate) use schema::{Aligned, Cells};
pub use schema::{ColumnKind, Schema};

use crate::{
    error::{ModelError, Result, same_length},
    names,
};

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// What a column holds, one value a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Numbers; NaN where there is none.
    Number(Vec<f64>),
    /// Categories: positions in `levels`, [`MISSING`] where there is none.
    Category {
        /// One a row.
        codes: Vec<u32>,
        /// What the codes stand for.
        levels: Vec<String>,
    },
}

impl Values {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row has no value.
    #[must_use]
    pub fn missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values.get(row).is_none_or(|v| v.is_nan()),
            Self::Category { codes, .. } => codes.get(row).is_none_or(|&code| code == MISSING),
        }
    }

    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => Self::Number(rows.iter().map(|&row| values[row]).collect()),
            Self::Category { codes, levels } => {
                Self::Category { codes: rows.iter().map(|&row| codes[row]).collect(), levels: levels.clone() }
            }
        }
    }
}

/// A feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

impl Column {
    /// A column of numbers; NaN is a gap.
    #[must_use]
    pub fn number(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Number(values) }
    }

    /// A column of categories; levels are sorted, so that the order of rows does not matter.
    #[must_use]
    pub fn category<T: AsRef<str>>(name: impl Into<String>, values: &[Option<T>]) -> Self {
        let known: BTreeSet<&str> = values.iter().flatten().map(AsRef::as_ref).collect();
        let levels: Vec<String> = known.into_iter().map(str::to_owned).collect();
        let code = |value: &Option<T>| {
            let found =
                value.as_ref().and_then(|v| levels.binary_search_by(|level| level.as_str().cmp(v.as_ref())).ok());
            found.map_or(MISSING, |at| at as u32)
        };
        let codes = values.iter().map(code).collect();
        Self { name: name.into(), values: Values::Category { codes, levels } }
    }
}

/// Features of the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    columns: Vec<Column>,
    rows: usize,
}

impl Frame {
    /// Checks that columns have one length each and names of their own, that no number is infinite, and that codes have levels.
    ///
    /// # Errors
    /// What is wrong with which column.
    pub fn new(columns: Vec<Column>) -> Result<Self> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        let mut names = BTreeSet::new();
        for column in &columns {
            same_length(&column.name, column.values.len(), rows)?;
            if !names.insert(column.name.as_str()) {
                return Err(ModelError::TwiceTheColumn { name: column.name.clone() });
            }
            check(column)?;
        }
        Ok(Self { columns, rows })
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// One column.
    ///
    /// # Errors
    /// When there is none of that name, with the nearest one.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> ModelError {
        let help = names::advice(name, "columns", self.columns.iter().map(|column| column.name.as_str()));
        ModelError::UnknownColumn { name: name.to_owned(), help }
    }

    /// These rows, in this order; a row may come twice.
    ///
    /// # Errors
    /// When a row is out of bounds.
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|&&row| row >= self.rows) {
            return Err(crate::error::argument("a row", row, "choose among those there are"));
        }
        let column = |column: &Column| Column { name: column.name.clone(), values: column.values.select(rows) };
        Ok(Self { columns: self.columns.iter().map(column).collect(), rows: rows.len() })
    }

    /// All columns but these.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn without(&self, names: &[&str]) -> Result<Self> {
        names.iter().try_for_each(|name| self.column(name).map(drop))?;
        let kept = self.columns.iter().filter(|column| !names.contains(&column.name.as_str())).cloned().collect();
        Ok(Self { columns: kept, rows: self.rows })
    }

    /// The same rows with one column put in the place of the one of that name, or behind the others.
    ///
    /// # Errors
    /// When it has another length, or does not pass the checks of [`Frame::new`].
    pub fn with(&self, column: Column) -> Result<Self> {
        same_length(&column.name, column.values.len(), self.rows)?;
        check(&column)?;
        let mut columns = self.columns.clone();
        match columns.iter_mut().find(|known| known.name == column.name) {
            Some(known) => *known = column,
            None => columns.push(column),
        }
        Ok(Self { columns, rows: self.rows })
    }
}

fn check(column: &Column) -> Result<()> {
    match &column.values {
        Values::Number(values) => match values.iter().position(|v| v.is_infinite()) {
            None => Ok(()),
            Some(row) => Err(ModelError::Value {
                name: column.name.clone(),
                row,
                found: "an infinite number".to_owned(),
                help: "leave it empty, or say what it should be",
            }),
        },
        Values::Category { codes, levels } => {
            match codes.iter().position(|&code| code != MISSING && code as usize >= levels.len()) {
                None => Ok(()),
                Some(row) => Err(ModelError::Value {
                    name: column.name.clone(),
                    row,
                    found: format!("the code {} of {} levels", codes[row], levels.len()),
                    help: "hand in a level for every code",
                }),
            }
        }
    }
}
