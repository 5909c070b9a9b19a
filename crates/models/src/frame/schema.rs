//! What a model expects of a frame, and a frame as a model sees it.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::{Column, Frame, MISSING, Values};
use crate::error::{ModelError, Result, same_length};

/// What a feature is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Numbers.
    Number,
    /// Categories, by the levels that were there when the model was fitted.
    Category(Vec<String>),
}

/// The features of a model, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Their names.
    pub names: Vec<String>,
    /// What they are.
    pub kinds: Vec<ColumnKind>,
}

/// One feature of a frame as a model sees it.
pub(crate) enum Cells<'a> {
    /// NaN is a gap.
    Numbers(&'a [f64]),
    /// Codes by the model's levels; a level that the model does not know is a gap.
    Codes { codes: &'a [u32], to_model: Option<Vec<u32>> },
}

impl Cells<'_> {
    /// The model's code of a row; [`MISSING`] for a gap, a new level and a number.
    pub(crate) fn code(&self, row: usize) -> u32 {
        match self {
            Self::Numbers(_) => MISSING,
            Self::Codes { codes, to_model } => match (codes[row], to_model) {
                (MISSING, _) => MISSING,
                (code, None) => code,
                (code, Some(map)) => map[code as usize],
            },
        }
    }

    /// The number of a row; a category's code as a number.
    pub(crate) fn number(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(values) => values[row],
            Self::Codes { .. } => match self.code(row) {
                MISSING => f64::NAN,
                code => f64::from(code),
            },
        }
    }
}

/// A frame as a model sees it: its features, in its order.
pub(crate) struct Aligned<'a> {
    pub(crate) rows: usize,
    pub(crate) cells: Vec<Cells<'a>>,
}

impl Schema {
    /// What a frame holds.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        let kind = |column: &Column| match &column.values {
            Values::Number(_) => ColumnKind::Number,
            Values::Category { levels, .. } => ColumnKind::Category(levels.clone()),
        };
        Self {
            names: frame.columns().iter().map(|column| column.name.clone()).collect(),
            kinds: frame.columns().iter().map(kind).collect(),
        }
    }

    /// How many features.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The position of a feature.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn position(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|known| known == name).ok_or_else(|| ModelError::UnknownColumn {
            name: name.to_owned(),
            help: crate::names::advice(name, "features", self.names.iter().map(String::as_str)),
        })
    }

    /// The same features under other names, in the same order.
    pub(crate) fn renamed(self, names: Vec<String>) -> Result<Self> {
        same_length("names of features", names.len(), self.kinds.len())?;
        let mut seen = FxHashSet::default();
        if let Some(name) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(ModelError::TwiceTheColumn { name: name.clone() });
        }
        Ok(Self { names, kinds: self.kinds })
    }

    pub(crate) fn align<'a>(&self, frame: &'a Frame) -> Result<Aligned<'a>> {
        let cells = self.names.iter().zip(&self.kinds).enumerate();
        let cells = cells.map(|(at, (name, kind))| {
            // Frames mostly come in the model's order.
            let column = match frame.columns().get(at).filter(|column| column.name == *name) {
                Some(column) => column,
                None => frame.column(name)?,
            };
            one(column, kind)
        });
        Ok(Aligned { rows: frame.rows(), cells: cells.collect::<Result<Vec<_>>>()? })
    }
}

fn one<'a>(column: &'a Column, kind: &ColumnKind) -> Result<Cells<'a>> {
    match (&column.values, kind) {
        (Values::Number(values), ColumnKind::Number) => Ok(Cells::Numbers(values)),
        (Values::Category { codes, levels }, ColumnKind::Category(known)) => {
            Ok(Cells::Codes { codes, to_model: translation(levels, known) })
        }
        // A column without a single value has no type of its own.
        (Values::Category { codes, levels }, ColumnKind::Number) if levels.is_empty() => {
            Ok(Cells::Codes { codes, to_model: None })
        }
        (found, expected) => Err(ModelError::ColumnType {
            name: column.name.clone(),
            found: format!("of {}", if matches!(found, Values::Number(_)) { "numbers" } else { "categories" }),
            help: match expected {
                ColumnKind::Number => "the model was fitted with numbers there",
                ColumnKind::Category(_) => "the model was fitted with categories there",
            },
        }),
    }
}

/// The model's code of each level of a frame; nothing, when they are the same.
fn translation(levels: &[String], known: &[String]) -> Option<Vec<u32>> {
    if levels == known {
        return None;
    }
    // Of a frame with few levels (a single customer has one), looking them up one by one beats a table.
    if levels.len() <= 4 {
        let find = |level: &String| known.iter().position(|k| k == level).map_or(MISSING, |at| at as u32);
        return Some(levels.iter().map(find).collect());
    }
    let table: FxHashMap<&str, u32> = known.iter().enumerate().map(|(at, level)| (level.as_str(), at as u32)).collect();
    Some(levels.iter().map(|level| table.get(level.as_str()).copied().unwrap_or(MISSING)).collect())
}
