//! Files of JSON lines: one object a line, a declared column a key.
//!
//! Numbers and strings are both read as the column's type says, a number by its own digits (never through a float).
//! `null` is missing, and so is an absent key of an `optional` column; any other absent key rejects the record, since a
//! key that was renamed must not turn into missing values in silence. Nested values become their JSON text in a text
//! column.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::error::ArrowError;
use florin_domain::ColumnType;
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    Chunk, FileReport, ReadError, ReadOptions, SourceError,
    chunk::RawRows,
    delimited::{
        parse::sort_out,
        records::{Block, Rules, Sizes, Splitter},
    },
    plan::{ColumnPlan, Plan, record_bytes_max},
    reject::{Problem, RejectReason},
    rows::{Column, Rows},
    text,
    value::number::{NumberStyle, parse_decimal, parse_int},
    workers,
};
use crate::definition::{ExtraColumns, InputDef};

/// Records that are looked at for one that says what keys there are.
const LOOKED_AT_MAX: usize = 100;
/// Keys that are not declared, as many as a report lists.
const EXTRA_KEYS_MAX: usize = 100;

fn rules(input: &InputDef) -> Rules {
    Rules { delimiter: b",".to_vec(), quote: None, record_bytes_max: record_bytes_max(input) }
}

pub(super) fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    let mut splitter = Splitter::new(text::open(input, path, &|_| ())?, rules(input), Sizes::DEFAULT);
    let mut broken = false;
    // A record that is no object is quarantined when it is loaded; that it is the first must not keep the others out.
    for _ in 0..LOOKED_AT_MAX {
        match splitter.header()? {
            Some(record) => match keys(&record) {
                Some(keys) => return Ok(keys),
                None => broken = true,
            },
            None if broken => break,
            None => return Ok(Vec::new()),
        }
    }
    Err(SourceError::Header { path: path.to_owned(), reason: RejectReason::Json { byte: None } })
}

fn keys(record: &[u8]) -> Option<Vec<String>> {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
            let mut keys = Vec::new();
            while let Some((key, IgnoredAny)) = map.next_entry()? {
                keys.push(key);
            }
            Ok(keys)
        }
    }
    serde_json::Deserializer::from_slice(record).deserialize_map(Keys).ok()
}

pub(super) fn read<E: Send>(
    sizes: Sizes,
    input: &InputDef,
    plan: &Plan,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let source = text::open(input, path, options.on_bytes)?;
    let parser = Parser::new(plan, text::encoding_name(&source), false);
    let mut splitter = Splitter::new(source, rules(input), sizes);
    let damaged = |e| SourceError::damaged(path, "JSON lines", e);
    let totals = workers::run(options.workers, each, |jobs| text::split(&mut splitter, jobs), &|block, hand_out| {
        hand_out(parser.parse(&block).map_err(damaged)?)
    })?;
    let extra = parser.extra_keys();
    if input.extra_columns == ExtraColumns::Refuse && !extra.is_empty() {
        return Err(SourceError::ExtraColumns { path: path.to_owned(), columns: extra }.into());
    }
    let header = plan.columns.iter().map(|c| c.name.to_string()).collect();
    Ok(text::report(splitter.into_source(), totals, header, extra)?)
}

/// Makes rows of JSON objects.
pub(super) struct Parser<'p> {
    plan: &'p Plan,
    places: BTreeMap<&'p str, usize>,
    encoding: &'static str,
    /// Whether the objects were written by Florin, of records of a typed format.
    typed: bool,
    extra: Mutex<BTreeSet<String>>,
}

impl<'p> Parser<'p> {
    pub(super) fn new(plan: &'p Plan, encoding: &'static str, typed: bool) -> Self {
        let places = plan.columns.iter().enumerate().map(|(at, column)| (&*column.name, at)).collect();
        Self { plan, places, encoding, typed, extra: Mutex::default() }
    }

    fn extra_keys(&self) -> Vec<String> {
        self.extra.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn parse(&self, block: &Block) -> Result<Chunk, ArrowError> {
        let sorted = sort_out(block, self.encoding);
        let mut rows = Rows::new(self.plan, sorted.spans.len());
        let mut extra = BTreeSet::new();
        for span in &sorted.spans {
            match self.object(span.of(&block.text), &mut extra) {
                Ok(values) => rows.push_row(|at, column| self.put(&self.plan.columns[at], values[at], column)),
                Err(reason) => rows.push_hole(&reason),
            }
        }
        self.remember(extra);
        let raw = RawRows::Text { buffer: Arc::clone(&block.text), spans: sorted.spans };
        Ok(Chunk::of_filled(rows.finish()?, &sorted.numbers, raw, sorted.rejects))
    }

    fn remember(&self, keys: BTreeSet<String>) {
        if keys.is_empty() {
            return;
        }
        let mut extra = self.extra.lock().unwrap_or_else(PoisonError::into_inner);
        extra.extend(keys);
        while extra.len() > EXTRA_KEYS_MAX {
            extra.pop_last();
        }
    }

    /// The declared values of an object, in the order of the definition.
    fn object<'t>(
        &self,
        record: &'t [u8],
        extra: &mut BTreeSet<String>,
    ) -> Result<Vec<Option<&'t RawValue>>, RejectReason> {
        let mut found = Found { parser: self, values: vec![None; self.places.len()], extra, twice: None };
        let mut deserializer = serde_json::Deserializer::from_slice(record);
        let read = (&mut found).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        if let Err(error) = read {
            return Err(RejectReason::Json { byte: Some(error.column()).filter(|byte| *byte > 0) });
        }
        match found.twice {
            Some(column) => Err(RejectReason::DuplicateKey { column: Arc::clone(&self.plan.columns[column].name) }),
            None => Ok(found.values),
        }
    }

    fn put(&self, plan: &ColumnPlan, value: Option<&RawValue>, column: &mut Column<'_>) -> Result<(), RejectReason> {
        let Some(value) = value else {
            column.null();
            let column = Arc::clone(&plan.name);
            return if plan.optional { Ok(()) } else { Err(RejectReason::MissingKey { column }) };
        };
        self.put_value(plan, value.get(), column).map_err(|problem| problem.of(&plan.name))
    }

    fn put_value(&self, plan: &ColumnPlan, json: &str, column: &mut Column<'_>) -> Result<(), Problem> {
        match json.as_bytes() {
            [b'"', ..] => match serde_json::from_str::<Borrowed<'_>>(json) {
                Ok(text) => column.text(text.0.as_bytes()),
                Err(_) => column.hole(Problem::NotUtf8),
            },
            [b'n', ..] => {
                column.null();
                Ok(())
            }
            [b't', ..] => column.bool(true),
            [b'f', ..] => column.bool(false),
            [b'{' | b'[', ..] if plan.ty == ColumnType::Text && !self.typed => column.text(json.as_bytes()),
            [b'{' | b'[', ..] => column.hole(Problem::Nested),
            number if self.typed => typed_number(plan.ty, number, column),
            number => column.plain_number(number),
        }
    }
}

/// A number that a typed file held, perhaps as floating point: then whole numbers have a point, and decimals the digits
/// of binary arithmetic.
fn typed_number(ty: ColumnType, number: &[u8], column: &mut Column<'_>) -> Result<(), Problem> {
    let inexact = match ty {
        ColumnType::Int => parse_int(number, NumberStyle::PLAIN) == Err(Problem::NotInt),
        ColumnType::Decimal => parse_decimal(number, NumberStyle::PLAIN) == Err(Problem::TooManyDecimals),
        _ => false,
    };
    let float = std::str::from_utf8(number).ok().and_then(|text| text.parse().ok()).filter(|_| inexact);
    match float {
        Some(value) => column.float(value),
        None => column.plain_number(number),
    }
}

/// A string that is borrowed when it has no escapes.
#[derive(Deserialize)]
struct Borrowed<'t>(#[serde(borrow)] Cow<'t, str>);

/// Collects the declared values of one object.
struct Found<'s, 'p, 't> {
    parser: &'s Parser<'p>,
    values: Vec<Option<&'t RawValue>>,
    extra: &'s mut BTreeSet<String>,
    twice: Option<usize>,
}

impl<'t> DeserializeSeed<'t> for &mut Found<'_, '_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for &mut Found<'_, '_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Borrowed<'t>>()? {
            let value = map.next_value::<&'t RawValue>()?;
            match self.parser.places.get(&*key.0) {
                Some(&at) if self.values[at].is_some() => self.twice = Some(at),
                Some(&at) => self.values[at] = Some(value),
                None if self.extra.len() < EXTRA_KEYS_MAX && !self.extra.contains(&*key.0) => {
                    self.extra.insert(key.0.into_owned());
                }
                None => {}
            }
        }
        Ok(())
    }
}
