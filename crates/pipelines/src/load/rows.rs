//! One chunk of records on its way to the spill: mapped, checked, scrubbed, each with an outcome.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray},
    buffer::BooleanBuffer,
    datatypes::{DataType, Int64Type, SchemaRef},
};
use florin_domain::{DataClass, catalogue::CUSTOMER_ID};
use florin_ingest::{
    deduplicate::KeySpill,
    scrub::{Found, Scrubber, normalise},
    sources::Chunk,
};
use florin_lake::{
    mapping::{BoundMapping, MapFailure, Mapped},
    write::Spill,
};
use florin_store::NewQuarantined;
use roaring::RoaringBitmap;

use super::{
    consent,
    fill::{Origin, fill, kept, unchecked_schema},
    known::keys_of,
    sealing::{Identifying, Sealer},
};
use crate::{FlowError, bank::CompiledMap};

/// Bits of an ordinal that hold the row number; the rest hold the file.
pub(super) const ROW_BITS: u32 = 40;

/// Everything that chunks of one mapping need, shared by the threads that work on them.
pub(super) struct Workshop<'a> {
    pub(super) map: &'a CompiledMap,
    pub(super) bound: BoundMapping,
    pub(super) references: Vec<HashSet<Key>>,
    pub(super) withdrawn: Option<RoaringBitmap>,
    pub(super) spill: Spill,
    /// Until duplicates are resolved.
    pub(super) keys: Option<KeySpill>,
    pub(super) unique: Vec<KeySpill>,
    pub(super) seeds: florin_ingest::deduplicate::KeySeeds,
    pub(super) scrubber: Scrubber,
    pub(super) sealer: Sealer<'a>,
    pub(super) schema: SchemaRef,
    pub(super) warned: Mutex<BTreeMap<usize, u64>>,
    /// Customers whose rows can be stored, where customers are loaded: only they keep a new number.
    pub(super) customers: Option<Mutex<RoaringBitmap>>,
}

/// A value that other rows refer to.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key {
    Int(i64),
    Text(Box<str>),
}

/// What became of the records of one file so far.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) quarantined: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) spilled: AtomicU64,
}

/// Why one record goes to the quarantine.
struct Quarantine {
    code: String,
    column: Option<String>,
    reason: String,
}

impl<'a> Workshop<'a> {
    pub(super) fn schema_of(map: &CompiledMap) -> SchemaRef {
        unchecked_schema(&map.table)
    }

    /// Takes one chunk of file number `file` to its outcomes.
    pub(super) fn process(
        &self,
        chunk: &Chunk,
        file: u64,
        origin: &Origin<'_>,
        tally: &Tally,
    ) -> Result<(), FlowError> {
        let mut quarantined = self.rejected(chunk, origin)?;
        for (row, why) in self.accept(chunk, file, origin, tally)? {
            quarantined.push(self.quarantine(chunk.row_numbers[row], &why, &chunk.raw(row), origin)?);
        }
        tally.quarantined.fetch_add(quarantined.len() as u64, Ordering::Relaxed);
        self.sealer.add_quarantined(quarantined)
    }

    /// The same for records of the quarantine: those that fail again stay there, and their numbers are returned.
    pub(super) fn process_again(
        &self,
        chunk: &Chunk,
        file: u64,
        origin: &Origin<'_>,
        tally: &Tally,
    ) -> Result<HashSet<u64>, FlowError> {
        let mut failed: HashSet<u64> = chunk.rejects.iter().map(|r| r.row_number).collect();
        failed.extend(self.accept(chunk, file, origin, tally)?.into_keys().map(|row| chunk.row_numbers[row]));
        tally.quarantined.fetch_add(failed.len() as u64, Ordering::Relaxed);
        Ok(failed)
    }

    /// Spills the rows of a chunk that can be stored; returns why the others cannot, by row.
    fn accept(
        &self,
        chunk: &Chunk,
        file: u64,
        origin: &Origin<'_>,
        tally: &Tally,
    ) -> Result<BTreeMap<usize, Quarantine>, FlowError> {
        let mapped = self.bound.apply(&chunk.rows)?;
        let rows = fill(&mapped.rows, &self.schema, origin, &chunk.row_numbers)?;
        let reasons = self.check(&rows, &mapped, origin)?;
        let refused = self.refused(&rows, &reasons);
        tally.refused.fetch_add(refused.len() as u64, Ordering::Relaxed);
        let keep = keep(rows.num_rows(), &reasons, &refused);
        let rows = self.scrub(&rows, keep.as_ref(), origin)?;
        if self.is_consent() {
            self.sealer.add_consent(consent::words(&rows, keep.as_ref(), origin.batch))?;
        }
        self.spill(&rows, chunk, file, keep, tally)?;
        Ok(reasons)
    }

    fn rejected(&self, chunk: &Chunk, origin: &Origin<'_>) -> Result<Vec<NewQuarantined>, FlowError> {
        let reject = |r: &florin_ingest::sources::Reject| {
            let why = Quarantine {
                code: r.reason.code().to_owned(),
                column: r.reason.column().map(str::to_owned),
                reason: r.reason.to_string(),
            };
            self.quarantine(r.row_number, &why, &r.raw, origin)
        };
        chunk.rejects.iter().map(reject).collect()
    }

    fn quarantine(
        &self,
        row_number: u64,
        why: &Quarantine,
        raw: &[u8],
        origin: &Origin<'_>,
    ) -> Result<NewQuarantined, FlowError> {
        Ok(NewQuarantined {
            batch: origin.batch,
            row_number,
            code: why.code.clone(),
            column: why.column.clone(),
            reason: why.reason.clone(),
            raw: self.sealer.seal_raw(origin.batch, row_number, raw)?,
        })
    }

    /// Why rows cannot be stored, by row.
    fn check(
        &self,
        rows: &RecordBatch,
        mapped: &Mapped,
        origin: &Origin<'_>,
    ) -> Result<BTreeMap<usize, Quarantine>, FlowError> {
        let checks = &self.map.checks;
        let mut failures = checks.failures(rows.num_rows());
        checks.apply(rows, origin.received_at, &mut failures)?;
        for (check, sql) in checks.needs_sql().iter().zip(&self.map.sql) {
            failures.add_mask(check.index, &sql.passes(rows)?)?;
        }
        for (reference, known) in checks.references().iter().zip(&self.references) {
            if let Some(column) = rows.column_by_name(&reference.column) {
                failures.add_mask(reference.index, &exists(column, known))?;
            }
        }
        self.count_warnings(failures.warned());
        let mut reasons: BTreeMap<usize, Quarantine> = BTreeMap::new();
        for (row, reason) in failures.quarantined_rows() {
            let why = Quarantine {
                code: reason.code().to_owned(),
                column: reason.column().map(str::to_owned),
                reason: reason.to_string(),
            };
            reasons.insert(row, why);
        }
        if self.is_consent() {
            for unknown in consent::unknown(rows) {
                reasons.entry(unknown.row).or_insert_with(|| not_a_word(&unknown));
            }
        }
        // What could not be computed says more than that it is missing.
        reasons.extend(mapped.failures.iter().map(|(row, failure)| (*row, not_mapped(failure))));
        Ok(reasons)
    }

    /// Whether the rows are customers' words, which sessions have to obey.
    fn is_consent(&self) -> bool {
        self.map.table.name == consent::CONSENT
    }

    fn count_warnings(&self, warned: &[u64]) {
        if warned.iter().any(|&n| n > 0) {
            let mut counts = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
            for (check, &n) in warned.iter().enumerate().filter(|(_, n)| **n > 0) {
                *counts.entry(check).or_default() += n;
            }
        }
    }

    /// Rows of customers who withdrew from the mapping's purpose.
    fn refused(&self, rows: &RecordBatch, reasons: &BTreeMap<usize, Quarantine>) -> HashSet<usize> {
        let (Some(withdrawn), Some(ids)) = (&self.withdrawn, rows.column_by_name(CUSTOMER_ID)) else {
            return HashSet::new();
        };
        let ids = ids.as_primitive::<Int64Type>();
        let is_refused =
            |row: &usize| ids.is_valid(*row) && u32::try_from(ids.value(*row)).is_ok_and(|id| withdrawn.contains(id));
        (0..rows.num_rows()).filter(|row| !reasons.contains_key(row)).filter(is_refused).collect()
    }

    /// Puts tokens in the place of identifying values. Only kept rows are looked at: what is quarantined is sealed whole.
    fn scrub(
        &self,
        rows: &RecordBatch,
        keep: Option<&BooleanBuffer>,
        origin: &Origin<'_>,
    ) -> Result<RecordBatch, FlowError> {
        let mut columns = rows.columns().to_vec();
        let mut found = Vec::new();
        for (index, def) in self.map.table.columns.iter().enumerate() {
            let is_kept = |row: usize| keep.is_none_or(|k| k.value(row));
            if def.class == DataClass::Identifying {
                columns[index] = self.tokens(rows, index, &is_kept, &mut found);
            } else if def.ty == florin_domain::ColumnType::Text {
                columns[index] = self.scrubbed(rows, index, &is_kept, &mut found)?;
            }
        }
        if found.is_empty() {
            return Ok(RecordBatch::try_new(rows.schema(), columns)?);
        }
        self.sealer.add_identifying(found, origin.batch)?;
        Ok(RecordBatch::try_new(rows.schema(), columns)?)
    }

    /// A column of identifying values as tokens.
    fn tokens(
        &self,
        rows: &RecordBatch,
        index: usize,
        is_kept: &dyn Fn(usize) -> bool,
        found: &mut Vec<Identifying>,
    ) -> ArrayRef {
        let name = &self.map.table.columns[index].name;
        // Only there does `kind` say what the value is; elsewhere the column does.
        let kinds = rows.column_by_name("kind").filter(|_| self.map.table.name == "identifier");
        let kinds = kinds.map(AsArray::as_string::<i32>);
        let values = rows.column(index).as_string::<i32>();
        let token = |row: usize| {
            if values.is_null(row) || !is_kept(row) {
                return None;
            }
            let kind = kinds.filter(|k| k.is_valid(row)).map_or(name.as_str(), |k| k.value(row));
            let value = normalised(kind, values.value(row));
            let token = self.sealer.token(kind, &value);
            found.push(Identifying {
                customer: customer_of(rows, row),
                kind: kind.to_owned(),
                value,
                token: token.clone(),
            });
            Some(token)
        };
        Arc::new((0..rows.num_rows()).map(token).collect::<StringArray>())
    }

    /// A column of text without what recognises a person.
    fn scrubbed(
        &self,
        rows: &RecordBatch,
        index: usize,
        is_kept: &dyn Fn(usize) -> bool,
        found: &mut Vec<Identifying>,
    ) -> Result<ArrayRef, FlowError> {
        let column = rows.column(index);
        let mut token = |row: usize, kind: Found, text: &str| {
            if !is_kept(row) {
                return String::new();
            }
            let value = normalise(kind, text);
            let token = self.sealer.token(kind.name(), &value);
            let shown = format!("[{}:{token}]", kind.name());
            found.push(Identifying { customer: customer_of(rows, row), kind: kind.name().to_owned(), value, token });
            shown
        };
        let scrubbed = self.scrubber.scrub(column.as_string::<i32>(), &mut token)?;
        Ok(scrubbed.map_or_else(|| Arc::clone(column), |s| Arc::new(s) as ArrayRef))
    }

    fn spill(
        &self,
        rows: &RecordBatch,
        chunk: &Chunk,
        file: u64,
        keep: Option<BooleanBuffer>,
        tally: &Tally,
    ) -> Result<(), FlowError> {
        let ordinals: Vec<u64> = chunk.row_numbers.iter().map(|n| file << ROW_BITS | n).collect();
        let rows = kept(rows, ordinals, keep, self.spill_schema())?;
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let ordinals =
            rows.column(rows.num_columns() - 1).as_primitive::<arrow::datatypes::UInt64Type>().values().to_vec();
        let failed = |e: std::io::Error| FlowError::Internal(e.to_string());
        if let Some(keys) = &self.keys {
            keys.add(&self.keys_of(&rows, &self.map.table.key)?, &ordinals).map_err(failed)?;
        }
        for (check, spill) in self.map.checks.unique().iter().zip(&self.unique) {
            spill.add(&self.keys_of(&rows, &check.columns)?, &ordinals).map_err(failed)?;
        }
        if let (Some(customers), Some(ids)) = (&self.customers, rows.column_by_name(CUSTOMER_ID)) {
            let ids = ids.as_primitive::<Int64Type>().iter().flatten().filter_map(|id| u32::try_from(id).ok());
            customers.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
        }
        tally.spilled.fetch_add(rows.num_rows() as u64, Ordering::Relaxed);
        Ok(self.spill.add(&rows)?)
    }

    fn keys_of(&self, rows: &RecordBatch, columns: &[String]) -> Result<Vec<u64>, FlowError> {
        let columns: Vec<ArrayRef> = columns.iter().filter_map(|c| rows.column_by_name(c).cloned()).collect();
        keys_of(&columns, &self.seeds)
    }

    fn spill_schema(&self) -> &SchemaRef {
        self.spill.schema()
    }
}

/// A word on no purpose, or neither yes nor no: nobody could obey it.
fn not_a_word(unknown: &consent::Unknown) -> Quarantine {
    let consent::Unknown { column, allowed, .. } = unknown;
    Quarantine {
        code: "allowed".to_owned(),
        column: Some((*column).to_owned()),
        reason: format!("`{column}` is not one of: {allowed}"),
    }
}

fn not_mapped(failure: &MapFailure) -> Quarantine {
    match failure {
        MapFailure::ManyMatches { input } => Quarantine {
            code: "many_matches".to_owned(),
            column: None,
            reason: format!("more than one record of `{input}` matches where one was looked up"),
        },
        MapFailure::Computation { column } => Quarantine {
            code: "computation".to_owned(),
            column: Some(column.clone()),
            reason: format!("`{column}` could not be computed from the record"),
        },
    }
}

fn keep(rows: usize, reasons: &BTreeMap<usize, Quarantine>, refused: &HashSet<usize>) -> Option<BooleanBuffer> {
    let all = reasons.is_empty() && refused.is_empty();
    (!all).then(|| BooleanBuffer::collect_bool(rows, |row| !reasons.contains_key(&row) && !refused.contains(&row)))
}

fn exists(column: &ArrayRef, known: &HashSet<Key>) -> BooleanArray {
    match column.data_type() {
        DataType::Int64 => {
            column.as_primitive::<Int64Type>().iter().map(|id| id.map(|id| known.contains(&Key::Int(id)))).collect()
        }
        DataType::Utf8 => {
            column.as_string::<i32>().iter().map(|t| t.map(|t| known.contains(&Key::Text(t.into())))).collect()
        }
        _ => BooleanArray::new_null(column.len()),
    }
}

/// One way of writing a value, so that the same phone written twice has one token.
pub(crate) fn normalised(kind: &str, value: &str) -> String {
    let known = Found::ALL.into_iter().find(|found| found.name() == kind);
    known.map_or_else(|| value.trim().to_owned(), |found| normalise(found, value))
}

fn customer_of(rows: &RecordBatch, row: usize) -> Option<u32> {
    let ids = rows.column_by_name(CUSTOMER_ID)?.as_primitive::<Int64Type>();
    if ids.is_null(row) { None } else { u32::try_from(ids.value(row)).ok() }
}
