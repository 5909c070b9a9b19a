//! Kinds of rows: a number for the values of a few columns of text together.

use std::collections::HashMap;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::cast,
    datatypes::DataType,
};

use crate::LakeError;

/// Kinds that a projection tells apart, at most.
pub(super) const KINDS_MAX: usize = 4096;

/// Numbers kinds as they come.
#[derive(Debug)]
pub(super) struct Kinds {
    columns: Vec<Values>,
    numbers: HashMap<Vec<u16>, u16>,
}

/// The values of one column; 0 is none.
#[derive(Debug, Default)]
struct Values {
    numbers: HashMap<String, u16>,
    values: Vec<String>,
}

impl Kinds {
    pub(super) fn new(columns: usize) -> Self {
        Self { columns: (0..columns).map(|_| Values::default()).collect(), numbers: HashMap::new() }
    }

    /// The kind of each row; `None` when there are too many kinds.
    pub(super) fn of_rows(&mut self, columns: &[ArrayRef]) -> Result<Option<Vec<u16>>, LakeError> {
        let mut values = Vec::new();
        for (known, column) in self.columns.iter_mut().zip(columns) {
            let Some(numbers) = known.of_rows(column)? else { return Ok(None) };
            values.push(numbers);
        }
        let rows = columns.first().map_or(0, Array::len);
        let (mut kinds, mut before, mut key) = (Vec::with_capacity(rows), None, Vec::new());
        for row in 0..rows {
            key.clear();
            key.extend(values.iter().map(|numbers| numbers[row]));
            let kind = match &before {
                Some((last, kind)) if *last == key => *kind,
                _ => {
                    let Some(kind) = self.number(&key) else { return Ok(None) };
                    before = Some((key.clone(), kind));
                    kind
                }
            };
            kinds.push(kind);
        }
        Ok(Some(kinds))
    }

    fn number(&mut self, key: &[u16]) -> Option<u16> {
        if let Some(kind) = self.numbers.get(key) {
            return Some(*kind);
        }
        let kind = u16::try_from(self.numbers.len()).ok().filter(|kind| usize::from(*kind) < KINDS_MAX)?;
        self.numbers.insert(key.to_vec(), kind);
        Some(kind)
    }

    /// The values of each kind, in order of their numbers.
    pub(super) fn finish(self) -> Vec<Vec<Option<String>>> {
        let mut kinds = vec![Vec::new(); self.numbers.len()];
        for (key, kind) in self.numbers {
            let values = self.columns.iter().zip(&key).map(|(column, value)| column.value(*value));
            kinds[usize::from(kind)] = values.collect();
        }
        kinds
    }
}

impl Values {
    fn of_rows(&mut self, column: &ArrayRef) -> Result<Option<Vec<u16>>, LakeError> {
        let column = cast(column, &DataType::Utf8View)?;
        let texts = column.as_string_view();
        let (mut numbers, mut before) = (Vec::with_capacity(texts.len()), None);
        for row in 0..texts.len() {
            if texts.is_null(row) {
                numbers.push(0);
                continue;
            }
            let text = texts.value(row);
            let number = match before {
                Some((last, number)) if last == text => number,
                _ => {
                    let Some(number) = self.number(text) else { return Ok(None) };
                    before = Some((text, number));
                    number
                }
            };
            numbers.push(number);
        }
        Ok(Some(numbers))
    }

    fn number(&mut self, text: &str) -> Option<u16> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        if self.values.len() == KINDS_MAX {
            return None;
        }
        self.values.push(text.to_owned());
        let number = u16::try_from(self.values.len()).ok()?;
        self.numbers.insert(text.to_owned(), number);
        Some(number)
    }

    fn value(&self, number: u16) -> Option<String> {
        let place = usize::from(number).checked_sub(1)?;
        self.values.get(place).cloned()
    }
}
