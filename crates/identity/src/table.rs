//! The records that are compared: a column of numbers a field, and each distinct value once.

use florin_domain::CustomerId;
use hashbrown::HashTable;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use std::hash::Hasher as _;

use crate::{
    compare::Letters,
    error::{IdentityError, Result, setting},
    field::{Field, FieldKind},
    normalise::{Form, form, normalise},
};

/// Columns that records may have.
pub const FIELDS_MAX: usize = 32;
/// Systems that records may come from.
pub const SYSTEMS_MAX: usize = 64;
/// Records that are brought into columns at a time.
const BATCH_RECORDS: usize = 1 << 14;
/// The number of a missing value.
pub(crate) const MISSING: u32 = 0;
/// The number of a value that no record of the table has.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// Which record: the number of its system and its (keyed) key there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRef {
    /// Its place in the list of systems.
    pub system: u16,
    /// Its key in that system.
    pub key: u64,
}

/// Records, sorted by system and key, so that results do not depend on the order in which they came.
#[derive(Clone)]
pub struct Records {
    fields: Vec<Field>,
    refs: Vec<RecordRef>,
    columns: Vec<Column>,
    /// Rows of records that came after the start.
    added: FxHashMap<RecordRef, u32>,
    /// How many there were at the start: those are sorted.
    sorted: usize,
    /// Rows of records that were taken out. They have no values any more.
    gone: FxHashSet<u32>,
}

/// The values of one field, by row.
#[derive(Clone)]
pub(crate) struct Column {
    /// The number of each row's value in the dictionary.
    pub(crate) values: Vec<u32>,
    pub(crate) dictionary: Dictionary,
}

/// The distinct values of a field, numbered from 1: texts end to end, forms and how many rows have each.
#[derive(Clone)]
pub(crate) struct Dictionary {
    kind: FieldKind,
    text: String,
    ends: Vec<usize>,
    letters: Vec<Letters>,
    forms: Vec<Form>,
    counts: Vec<u32>,
    numbers: HashTable<u32>,
}

/// A value as tests see it. What a test does not ask for is not read: in a large table each part is a miss of the cache.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// One of a dictionary.
    Stored { dictionary: &'a Dictionary, number: u32 },
    /// One on its own.
    Free { text: &'a str, letters: Letters, form: &'a Form },
}

impl<'a> Value<'a> {
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Stored { dictionary, number } => dictionary.text_of(number),
            Self::Free { text, .. } => text,
        }
    }

    pub(crate) fn letters(self) -> Letters {
        match self {
            Self::Stored { dictionary, number } => dictionary.letters[number as usize - 1],
            Self::Free { letters, .. } => letters,
        }
    }

    pub(crate) fn form(self) -> &'a Form {
        match self {
            Self::Stored { dictionary, number } => &dictionary.forms[number as usize - 1],
            Self::Free { form, .. } => form,
        }
    }
}

/// One side of a pair.
pub(crate) trait Row {
    /// The number of the value in the table's dictionary, [`MISSING`] or [`UNKNOWN`].
    fn number(&self, column: usize) -> u32;
    /// The value. Only for columns whose value is not missing.
    fn value(&self, column: usize) -> Value<'_>;
    /// The number of its system.
    fn system(&self) -> u16;
}

impl Records {
    /// Records of these fields, given one after the other as (system and key, raw values in the order of the fields).
    ///
    /// # Errors
    /// [`IdentityError`] when a record has another number of values, is there twice, or there are too many of anything.
    pub fn build<V, T>(fields: Vec<Field>, rows: impl IntoIterator<Item = (RecordRef, V)>) -> Result<Self>
    where
        V: IntoIterator<Item = Option<T>>,
        T: AsRef<str> + Sync,
    {
        check_fields(&fields)?;
        let columns = fields.iter().map(|field| Column::new(field.kind)).collect();
        let (refs, added, gone) = Default::default();
        let mut records = Self { fields, refs, columns, added, sorted: 0, gone };
        let mut rows = rows.into_iter().map(|(id, values)| (id, values.into_iter().collect())).peekable();
        while rows.peek().is_some() {
            records.extend(rows.by_ref().take(BATCH_RECORDS).collect())?;
        }
        records.sort()?;
        records.sorted = records.refs.len();
        Ok(records)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.refs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }

    /// Which record a row is.
    #[must_use]
    pub fn id(&self, row: u32) -> RecordRef {
        self.refs[row as usize]
    }

    /// The row of a record.
    #[must_use]
    pub fn row(&self, id: RecordRef) -> Option<u32> {
        let at_start = || self.refs[..self.sorted].binary_search(&id).ok().map(|row| row as u32);
        self.added.get(&id).copied().or_else(at_start).filter(|row| self.is_there(*row))
    }

    /// Whether the record of a row was not taken out.
    pub(crate) fn is_there(&self, row: u32) -> bool {
        self.gone.is_empty() || !self.gone.contains(&row)
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// How many different values a column has.
    #[must_use]
    pub fn distinct(&self, column: usize) -> usize {
        self.columns[column].dictionary.forms.len()
    }

    pub(crate) fn column_named(&self, name: &str, place: &str) -> Result<usize> {
        self.fields.iter().position(|field| field.name == name).ok_or_else(|| IdentityError::UnknownColumn {
            place: place.to_owned(),
            column: name.to_owned(),
            known: self.fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", "),
        })
    }

    /// Refuses a column of another kind than those.
    pub(crate) fn check_kind(&self, column: usize, kinds: &[FieldKind], place: &str) -> Result<()> {
        let field = &self.fields[column];
        if kinds.contains(&field.kind) {
            return Ok(());
        }
        let problem = format!("asks of `{}` what only {kinds:?} has; it is {:?}", field.name, field.kind);
        Err(setting(place, problem))
    }

    pub(crate) fn column(&self, column: usize) -> &Column {
        &self.columns[column]
    }

    pub(crate) fn stored(&self, row: u32) -> Stored<'_> {
        Stored { records: self, row: row as usize }
    }

    /// The share of records that have the value (at least one record's worth), for the frequency of a term.
    pub(crate) fn share(&self, column: usize, number: u32) -> f64 {
        let count = if number == UNKNOWN { 1 } else { self.columns[column].dictionary.counts[number as usize - 1] };
        f64::from(count.max(1)) / (self.refs.len() - self.gone.len()).max(1) as f64
    }

    /// Adds a record behind the others and says its row.
    pub(crate) fn push<T: AsRef<str> + Sync>(&mut self, id: RecordRef, values: Vec<Option<T>>) -> Result<u32> {
        if self.row(id).is_some() {
            return Err(IdentityError::Repeated { system: id.system, key: id.key });
        }
        let row = self.refs.len() as u32;
        self.extend(vec![(id, values)])?;
        self.added.insert(id, row);
        Ok(row)
    }

    /// Takes a record out and says which row it had.
    pub(crate) fn remove(&mut self, id: RecordRef) -> Option<u32> {
        let row = self.row(id)?;
        self.columns.iter_mut().for_each(|column| column.forget(row as usize));
        self.gone.insert(row);
        Some(row)
    }

    /// Adds records, all columns at a time.
    fn extend<T: AsRef<str> + Sync>(&mut self, rows: Vec<(RecordRef, Vec<Option<T>>)>) -> Result<()> {
        let expected = self.fields.len();
        if self.refs.len() + rows.len() >= UNKNOWN as usize {
            return Err(IdentityError::TooMany(u64::from(UNKNOWN), "records"));
        }
        if rows.iter().any(|(id, _)| usize::from(id.system) >= SYSTEMS_MAX) {
            return Err(IdentityError::TooMany(SYSTEMS_MAX as u64, "systems"));
        }
        if let Some((_, values)) = rows.iter().find(|(_, values)| values.len() != expected) {
            return Err(IdentityError::Width { found: values.len(), expected });
        }
        self.columns.par_iter_mut().enumerate().for_each(|(at, column)| {
            rows.iter().for_each(|(_, values)| column.push(values[at].as_ref().map(AsRef::as_ref)));
        });
        self.refs.extend(rows.into_iter().map(|(id, _)| id));
        Ok(())
    }

    fn sort(&mut self) -> Result<()> {
        if !self.refs.is_sorted() {
            let mut order: Vec<u32> = (0..self.refs.len() as u32).collect();
            order.sort_unstable_by_key(|row| self.refs[*row as usize]);
            self.refs = order.iter().map(|row| self.refs[*row as usize]).collect();
            for column in &mut self.columns {
                column.values = order.iter().map(|row| column.values[*row as usize]).collect();
            }
        }
        match self.refs.windows(2).find(|two| two[0] == two[1]) {
            Some(two) => Err(IdentityError::Repeated { system: two[0].system, key: two[0].key }),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Records {
    /// No values: they identify people, and what is printed ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Records({} records of {} fields, …)", self.len(), self.fields.len())
    }
}

fn check_fields(fields: &[Field]) -> Result<()> {
    if fields.is_empty() || fields.len() > FIELDS_MAX {
        return Err(setting("fields", format!("are {}; there may be 1 to {FIELDS_MAX}", fields.len())));
    }
    Ok(())
}

impl Column {
    fn new(kind: FieldKind) -> Self {
        Self { values: Vec::new(), dictionary: Dictionary::new(kind) }
    }

    fn push(&mut self, raw: Option<&str>) {
        let number = match raw.and_then(|raw| normalise(self.dictionary.kind, raw)) {
            Some(value) => self.dictionary.count(&value),
            None => MISSING,
        };
        self.values.push(number);
    }
}

impl Column {
    /// Leaves a row without a value.
    fn forget(&mut self, row: usize) {
        if let Some(at) = std::mem::replace(&mut self.values[row], MISSING).checked_sub(1) {
            self.dictionary.counts[at as usize] -= 1;
        }
    }
}

impl Dictionary {
    fn new(kind: FieldKind) -> Self {
        let (text, ends, letters, forms, counts) = Default::default();
        Self { kind, text, ends, letters, forms, counts, numbers: HashTable::new() }
    }

    /// The number of a canonical value, or [`UNKNOWN`].
    pub(crate) fn number(&self, value: &str) -> u32 {
        self.numbers.find(hash(value), |number| self.text_of(*number) == value).copied().unwrap_or(UNKNOWN)
    }

    /// Numbers of all values.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value<'_>> {
        (1..=self.forms.len() as u32).map(|number| self.value(number))
    }

    pub(crate) fn value(&self, number: u32) -> Value<'_> {
        Value::Stored { dictionary: self, number }
    }

    fn text_of(&self, number: u32) -> &str {
        let at = number as usize - 1;
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[begin..self.ends[at]]
    }

    fn count(&mut self, value: &str) -> u32 {
        let known = self.number(value);
        if known != UNKNOWN {
            self.counts[known as usize - 1] += 1;
            return known;
        }
        self.text.push_str(value);
        self.ends.push(self.text.len());
        self.letters.push(Letters::of(value));
        self.forms.push(form(self.kind, value));
        self.counts.push(1);
        let number = self.forms.len() as u32;
        let (text, ends) = (&self.text, &self.ends);
        let rehash = |number: &u32| {
            let at = *number as usize - 1;
            hash(&text[if at == 0 { 0 } else { ends[at - 1] }..ends[at]])
        };
        self.numbers.insert_unique(hash(value), number, rehash);
        number
    }
}

fn hash(value: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(value.as_bytes());
    hasher.finish()
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    records: &'a Records,
    row: usize,
}

impl Row for Stored<'_> {
    fn number(&self, column: usize) -> u32 {
        self.records.columns[column].values[self.row]
    }

    fn value(&self, column: usize) -> Value<'_> {
        let column = &self.records.columns[column];
        column.dictionary.value(column.values[self.row])
    }

    fn system(&self) -> u16 {
        self.records.refs[self.row].system
    }
}

/// A record that is not in the table (yet), in the table's terms.
#[derive(Clone)]
pub(crate) struct Probe {
    system: u16,
    cells: Vec<(u32, String, Form)>,
}

impl Probe {
    /// The record of those raw values.
    pub(crate) fn new<T: AsRef<str>>(records: &Records, system: u16, values: &[Option<T>]) -> Result<Self> {
        if values.len() != records.fields.len() {
            return Err(IdentityError::Width { found: values.len(), expected: records.fields.len() });
        }
        let cells = records.columns.iter().zip(values);
        let cells = cells.map(|(column, raw)| cell(&column.dictionary, raw.as_ref().map(AsRef::as_ref)));
        Ok(Self { system, cells: cells.collect() })
    }
}

fn cell(dictionary: &Dictionary, raw: Option<&str>) -> (u32, String, Form) {
    match raw.and_then(|raw| normalise(dictionary.kind, raw)) {
        Some(value) => (dictionary.number(&value), value.clone(), form(dictionary.kind, &value)),
        None => (MISSING, String::new(), Form::Plain),
    }
}

impl Row for Probe {
    fn number(&self, column: usize) -> u32 {
        self.cells[column].0
    }

    fn value(&self, column: usize) -> Value<'_> {
        let (_, text, form) = &self.cells[column];
        Value::Free { text, letters: Letters::of(text), form }
    }

    fn system(&self) -> u16 {
        self.system
    }
}

/// A record and the customer it was given when it was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Born {
    /// Which record.
    pub record: RecordRef,
    /// Its own customer number.
    pub customer: CustomerId,
}
