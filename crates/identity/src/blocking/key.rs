//! Keys of blocking rules: columns, whole or in part, as one number a record.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use super::soundex::soundex;
use crate::{
    compare::{Test, compile_test},
    error::{Result, setting},
    field::FieldKind,
    normalise::Form,
    table::{MISSING, Records, Row, Value},
};

/// The key of a record that has none under a rule.
pub(crate) const NO_KEY: u64 = 0;

/// A rule: records whose keys agree in every part, and who pass every test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called in reports and explanations.
    pub name: String,
    /// What must be equal. A record lacking one of the parts has no key.
    pub keys: Vec<KeyPart>,
    /// What a pair must fulfil besides.
    #[serde(default)]
    pub tests: Vec<Test>,
}

/// A part of a key: a column, whole or what it is changed into.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "key", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum KeyPart {
    /// The whole value.
    Whole { column: String },
    /// The whole value, if it is well formed: a national id with the right checksum, a mobile number.
    Valid { column: String },
    /// Its first characters.
    Prefix { column: String, letters: usize },
    /// Its last characters.
    Suffix { column: String, letters: usize },
    /// The year of a date.
    Year { column: String },
    /// Month and day of a date.
    MonthDay { column: String },
    /// How a name is read: pinyin without tones, run together.
    Sound { column: String },
    /// How the first word of a name is read: the surname, when it is written in Chinese characters.
    FirstWord { column: String },
    /// Soundex of a Latin name or of the pinyin of a Chinese one.
    Soundex { column: String },
    /// What stands before the `@`.
    User { column: String },
    /// The values of two columns, whichever is in which.
    Unordered { columns: [String; 2] },
}

impl Rule {
    /// A rule of those parts, named after them.
    #[must_use]
    pub fn new(keys: Vec<KeyPart>) -> Self {
        let name = keys.iter().map(KeyPart::describe).collect::<Vec<_>>().join(" + ");
        Self { name, keys, tests: Vec::new() }
    }

    /// A rule of whole columns.
    #[must_use]
    pub fn whole(columns: &[&str]) -> Self {
        Self::new(columns.iter().map(|column| KeyPart::Whole { column: (*column).to_owned() }).collect())
    }

    /// The same rule for pairs that also pass a test.
    #[must_use]
    pub fn and(mut self, test: Test) -> Self {
        self.tests.push(test);
        self
    }
}

impl KeyPart {
    fn columns(&self) -> Vec<&str> {
        match self {
            Self::Unordered { columns } => columns.iter().map(String::as_str).collect(),
            Self::Whole { column }
            | Self::Valid { column }
            | Self::Prefix { column, .. }
            | Self::Suffix { column, .. }
            | Self::Year { column }
            | Self::MonthDay { column }
            | Self::Sound { column }
            | Self::FirstWord { column }
            | Self::Soundex { column }
            | Self::User { column } => vec![column],
        }
    }

    /// The kinds of column that it can be made of, if not all.
    fn kinds(&self) -> Option<&'static [FieldKind]> {
        match self {
            Self::Valid { .. } => Some(&[FieldKind::NationalId, FieldKind::Phone]),
            Self::Year { .. } | Self::MonthDay { .. } => Some(&[FieldKind::Date]),
            Self::Sound { .. } | Self::FirstWord { .. } => Some(&[FieldKind::Name]),
            Self::User { .. } => Some(&[FieldKind::Email]),
            _ => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Whole { column } => column.clone(),
            Self::Valid { column } => format!("valid {column}"),
            Self::Prefix { column, letters } => format!("first {letters} of {column}"),
            Self::Suffix { column, letters } => format!("last {letters} of {column}"),
            Self::Year { column } => format!("year of {column}"),
            Self::MonthDay { column } => format!("month and day of {column}"),
            Self::Sound { column } => format!("sound of {column}"),
            Self::FirstWord { column } => format!("first word of {column}"),
            Self::Soundex { column } => format!("soundex of {column}"),
            Self::User { column } => format!("user of {column}"),
            Self::Unordered { columns } => format!("{} and {} in any order", columns[0], columns[1]),
        }
    }

    /// The number of what a value is changed into; [`NO_KEY`] when that is nothing.
    fn hash(&self, value: Value<'_>) -> u64 {
        match (self, value.form()) {
            (Self::Whole { .. } | Self::Unordered { .. }, _) | (Self::Valid { .. }, Form::Valid(true)) => {
                text(value.text())
            }
            (Self::Prefix { letters, .. }, _) => text(prefix(value.text(), *letters)),
            (Self::Suffix { letters, .. }, _) => text(suffix(value.text(), *letters)),
            (Self::Year { .. }, Form::Date(Some(day))) => text(&day.year.to_string()),
            (Self::MonthDay { .. }, Form::Date(Some(day))) => text(&format!("{}-{}", day.month, day.day)),
            (Self::Sound { .. }, Form::Name(name)) => text(&name.sound),
            (Self::FirstWord { .. }, Form::Name(name)) => text(name.first_word()),
            (Self::Soundex { .. }, Form::Name(name)) => text(&soundex(name.first_word())),
            (Self::Soundex { .. }, _) => text(&soundex(value.text())),
            (Self::User { .. }, Form::Email(at)) => text(&value.text()[..*at]),
            _ => NO_KEY,
        }
    }
}

fn prefix(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or(text, |(end, _)| &text[..end])
}

fn suffix(text: &str, letters: usize) -> &str {
    let skipped = text.chars().count().saturating_sub(letters);
    text.char_indices().nth(skipped).map_or(text, |(begin, _)| &text[begin..])
}

fn text(text: &str) -> u64 {
    if text.is_empty() {
        return NO_KEY;
    }
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish().max(1)
}

/// A part with its columns found.
#[derive(Debug, Clone)]
pub(crate) struct CompiledPart {
    part: KeyPart,
    columns: Vec<usize>,
}

/// A rule with its columns found.
#[derive(Debug, Clone)]
pub(crate) struct CompiledRule {
    pub(crate) parts: Vec<CompiledPart>,
    pub(crate) tests: Vec<Test<usize>>,
    /// The columns of its key.
    pub(crate) columns: Vec<usize>,
}

pub(crate) fn compile_part(records: &Records, place: &str, part: &KeyPart) -> Result<CompiledPart> {
    let columns = part.columns().into_iter().map(|column| records.column_named(column, place));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    if let Some(kinds) = part.kinds() {
        columns.iter().try_for_each(|column| records.check_kind(*column, kinds, place))?;
    }
    Ok(CompiledPart { part: part.clone(), columns })
}

pub(crate) fn compile_rules(records: &Records, rules: &[Rule]) -> Result<Vec<CompiledRule>> {
    rules.iter().map(|rule| compile_rule(records, rule)).collect()
}

fn compile_rule(records: &Records, rule: &Rule) -> Result<CompiledRule> {
    if rule.keys.is_empty() {
        return Err(setting(&rule.name, "has no keys, and would compare everything with everything"));
    }
    let parts = rule.keys.iter().map(|part| compile_part(records, &rule.name, part)).collect::<Result<Vec<_>>>()?;
    let tests = rule.tests.iter().map(|test| compile_test(records, &rule.name, test, &mut Vec::new()));
    let tests = tests.collect::<Result<_>>()?;
    let columns = parts.iter().flat_map(|part| part.columns.iter().copied()).collect();
    Ok(CompiledRule { parts, tests, columns })
}

impl CompiledPart {
    /// The key of one record.
    pub(crate) fn key(&self, row: &impl Row) -> u64 {
        if self.columns.iter().any(|column| row.number(*column) == MISSING) {
            return NO_KEY;
        }
        let hashes = self.columns.iter().map(|column| self.part.hash(row.value(*column)));
        hashes.reduce(both).unwrap_or(NO_KEY)
    }
}

impl CompiledRule {
    /// The key of one record.
    pub(crate) fn key(&self, row: &impl Row) -> u64 {
        self.parts.iter().map(|part| part.key(row)).reduce(combine).unwrap_or(NO_KEY)
    }

    /// The keys of all records: each distinct value is changed once.
    pub(crate) fn keys(&self, records: &Records) -> Keys {
        let mut parts = self.parts.iter().map(|part| part.keys(records));
        let mut keys = parts.next().unwrap_or_default();
        for part in parts {
            keys.iter_mut().zip(part).for_each(|(key, part)| *key = combine(*key, part));
        }
        keys
    }
}

/// The key of each row.
pub(crate) type Keys = Vec<u64>;

impl CompiledPart {
    pub(crate) fn keys(&self, records: &Records) -> Keys {
        let hashes: Vec<Vec<u64>> = self.columns.iter().map(|column| self.hashes(records, *column)).collect();
        let rows = 0..records.len();
        let of = |row: usize, at: usize| hashes[at][records.column(self.columns[at]).values[row] as usize];
        match hashes.len() {
            1 => rows.map(|row| of(row, 0)).collect(),
            _ => rows.map(|row| both(of(row, 0), of(row, 1))).collect(),
        }
    }

    /// The hash of each value by its number; a missing one has none.
    fn hashes(&self, records: &Records, column: usize) -> Vec<u64> {
        let values = records.column(column).dictionary.values();
        std::iter::once(NO_KEY).chain(values.map(|value| self.part.hash(value))).collect()
    }
}

fn both(a: u64, b: u64) -> u64 {
    if a == NO_KEY || b == NO_KEY { NO_KEY } else { a.wrapping_add(b).max(1) }
}

fn combine(a: u64, b: u64) -> u64 {
    if a == NO_KEY || b == NO_KEY {
        return NO_KEY;
    }
    (a.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b).max(1)
}
