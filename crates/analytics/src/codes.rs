//! Numbers for names: kernels tell values apart by a code.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, UInt16Type},
};
use florin_journeys::MISSING;
use florin_lake::Session;
use futures::TryStreamExt as _;

use crate::{AnalyticsError, error::setting, rows::Source};

/// Values whose codes a part remembers; beyond, all parts share one list.
const REMEMBERED_MAX: usize = 1 << 16;

/// The values of one column, in the order of their codes. Parts that are read side by side share it.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    codes: HashMap<String, u32>,
    names: Vec<String>,
}

impl Codes {
    /// All values that an expression has, in the order of their text, so that codes are the same in every run.
    pub(crate) async fn sorted(
        session: &Session,
        source: &Source,
        expression: &str,
        most: usize,
    ) -> Result<Self, AnalyticsError> {
        let sql = format!(
            "select distinct cast(({expression}) as varchar) as name from {} where ({expression}) is not null limit {}",
            source.sql(),
            most + 1
        );
        let mut found = Vec::new();
        let mut rows = session.sql(&sql).await?.batches;
        while let Some(batch) = rows.try_next().await? {
            let names = batch.column(0).as_string::<i32>();
            found.extend((0..names.len()).map(|row| names.value(row).to_owned()));
        }
        if found.len() > most {
            return Err(setting(
                "name",
                format!("`{expression}` has more than {most} values; join rare ones into one"),
            ));
        }
        // Here and not in SQL: the engine would keep the smallest texts of all rows.
        found.sort_unstable();
        let codes = Self::default();
        for name in &found {
            codes.code(name);
        }
        Ok(codes)
    }

    pub(crate) fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).names.len()
    }

    /// The code of a value, a new one for one that is new.
    pub(crate) fn code(&self, name: &str) -> u32 {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = known.codes.get(name) {
            return *code;
        }
        let code = u32::try_from(known.names.len()).unwrap_or(MISSING);
        known.names.push(name.to_owned());
        known.codes.insert(name.to_owned(), code);
        code
    }

    /// The code of a value that is known.
    pub(crate) fn known(&self, name: &str) -> Option<u32> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).codes.get(name).copied()
    }

    /// The value of a code.
    pub(crate) fn name(&self, code: u32) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).names.get(code as usize).cloned()
    }
}

/// What one part knows of the codes that all parts share.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    codes: HashMap<String, u32>,
    /// Of the dictionary that came last.
    dictionary: Option<Dictionary>,
}

/// The codes of a dictionary's values, as far as rows had them: a value that no row has must not count.
#[derive(Debug)]
struct Dictionary {
    values: ArrayRef,
    codes: Vec<u32>,
}

/// In a [`Dictionary`]: no row had the value yet.
const NOT_YET: u32 = MISSING - 1;

impl Remembered {
    /// The codes of a column of text, [`MISSING`] where there is none.
    pub(crate) fn codes(&mut self, shared: &Codes, column: &ArrayRef) -> Result<Vec<u32>, AnalyticsError> {
        if let Some(column) = column.as_dictionary_opt::<UInt16Type>().filter(|column| column.keys().null_count() == 0)
        {
            return self.of_dictionary(shared, column);
        }
        let column = cast(column, &DataType::Utf8View)?;
        let names = column.as_string_view();
        let mut before: Option<(&str, u32)> = None;
        let mut code = |row: usize| {
            if names.is_null(row) {
                return MISSING;
            }
            let name = names.value(row);
            match before {
                Some((last, code)) if last == name => code,
                _ => {
                    let code = self.code(shared, name);
                    before = Some((name, code));
                    code
                }
            }
        };
        Ok((0..names.len()).map(&mut code).collect())
    }

    /// The keys of a column whose dictionary is the one that came last, and the codes of its values as far as they are known:
    /// numbers too large for a code stand for all others.
    pub(crate) fn keys<'a>(&'a self, column: &'a ArrayRef) -> Option<(&'a [u16], &'a [u32])> {
        let column = column.as_dictionary_opt::<UInt16Type>().filter(|column| column.keys().null_count() == 0)?;
        let known = self.dictionary.as_ref().filter(|known| Arc::ptr_eq(&known.values, column.values()))?;
        Some((column.keys().values(), &known.codes))
    }

    /// The same, looking at each value once.
    fn of_dictionary(
        &mut self,
        shared: &Codes,
        column: &DictionaryArray<UInt16Type>,
    ) -> Result<Vec<u32>, AnalyticsError> {
        let same = |known: &Dictionary| Arc::ptr_eq(&known.values, column.values());
        let fresh = || Dictionary { values: Arc::clone(column.values()), codes: vec![NOT_YET; column.values().len()] };
        let mut dictionary = self.dictionary.take().filter(same).unwrap_or_else(fresh);
        let keys = column.keys().values();
        let known = |codes: &[u32]| -> Vec<u32> {
            keys.iter().map(|key| codes.get(usize::from(*key)).copied().unwrap_or(MISSING)).collect()
        };
        let mut codes = known(&dictionary.codes);
        if codes.contains(&NOT_YET) {
            let values = cast(column.values(), &DataType::Utf8View)?;
            let values = values.as_string_view();
            for key in keys.iter().map(|key| usize::from(*key)) {
                if dictionary.codes[key] == NOT_YET {
                    let value = (!values.is_null(key)).then(|| values.value(key));
                    dictionary.codes[key] = value.map_or(MISSING, |value| self.code(shared, value));
                }
            }
            codes = known(&dictionary.codes);
        }
        self.dictionary = Some(dictionary);
        Ok(codes)
    }

    fn code(&mut self, shared: &Codes, name: &str) -> u32 {
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        let code = shared.code(name);
        if self.codes.len() < REMEMBERED_MAX {
            self.codes.insert(name.to_owned(), code);
        }
        code
    }
}

/// A column of a batch, by name.
pub(crate) fn named<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<&'a ArrayRef, AnalyticsError> {
    batch.column_by_name(name).ok_or_else(|| setting("rows", format!("column `{name}` is not there")))
}
