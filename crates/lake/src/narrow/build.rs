//! From a table's rows to its narrow projection.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    num::TryFromIntError,
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array, Int64Array, RecordBatch},
    datatypes::{Decimal128Type, Int64Type, TimestampMicrosecondType},
};
use datafusion::{
    execution::SendableRecordBatchStream, logical_expr::col, physical_plan::ExecutionPlanProperties as _,
};
use florin_domain::catalogue::{CUSTOMER_ID, KNOWN_AT, TS};
use florin_governance::Permit;
use futures::StreamExt as _;
use tokio::sync::mpsc::{Receiver, channel};

use super::{
    columns_of,
    kinds::Kinds,
    manifest::{self, Manifest, Part},
    measures_of,
    segment::{SEGMENT_ROWS, SegmentRows},
};
use crate::{
    LakeError, LakeTable, Persons,
    care::Rewriting,
    read::{GovernedTable, TableView, Whose, has_visitors, visitors},
    runs::in_runs,
    session::engine,
};

/// Batches of a part that wait to be written.
const WAITING_MAX: usize = 2;
/// The customer of rows of nobody.
const NOBODY: u32 = 0;
/// Rows of one customer, at most: they are numbered in 32 bits.
const ROWS_OF_CUSTOMER_MAX: usize = (u32::MAX >> 1) as usize;

/// What became of a narrow projection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Narrowed {
    /// Rows that were written.
    pub rows: u64,
    /// The bytes they take.
    pub bytes: u64,
}

/// Brings the narrow projection of a table up to its latest version, for sessions in which customers are these persons. Does
/// nothing when it is so already, and where a table has none: it is not about customers in time, or the lake is not on a local disk.
///
/// # Errors
/// When the storage fails. The projection is then not used, as before.
pub async fn narrow(
    _permit: &Permit,
    table: &LakeTable,
    persons: &Arc<Persons>,
    with: &Rewriting<'_>,
) -> Result<Narrowed, LakeError> {
    let Some(folder) = manifest::folder(table) else { return Ok(Narrowed::default()) };
    let mut columns = columns_of(table.def());
    if columns.is_empty() || table.is_empty()? {
        manifest::remove_all_but(table, None, false)?;
        return Ok(Narrowed::default());
    }
    let whose = whose(table, persons, with).await?;
    let identity = whose.fingerprint();
    if let Some(now) = manifest::current(table)
        && now.identity == identity
        && now.covers(table)?
    {
        // Who was killed once it was in place left what it replaced.
        manifest::remove_all_but(table, Some(&now), false)?;
        return Ok(Narrowed::default());
    }
    let mut measures = measures_of(table.def());
    while !columns.is_empty() {
        let manifest = Manifest::new(table, identity.clone(), columns.clone(), measures.clone())?;
        match Building::new(table, &folder, manifest, with)?.build(&whose).await? {
            Ok((manifest, done)) => {
                manifest.publish(&folder)?;
                manifest::remove_all_but(table, Some(&manifest), false)?;
                return Ok(done);
            }
            Err(NotHeld::Measure(place)) => drop(measures.remove(place)),
            // Too many kinds: the column that tells least comes last.
            Err(NotHeld::Rows) => drop(columns.pop()),
        }
    }
    manifest::remove_all_but(table, None, false)?;
    Ok(Narrowed::default())
}

async fn whose(table: &LakeTable, persons: &Arc<Persons>, with: &Rewriting<'_>) -> Result<Whose, LakeError> {
    let visitors = match has_visitors(table.def()) {
        true => Some(visitors(with.lake, None, &engine(with.lake, with.threads)?).await?),
        false => None,
    };
    let visitors = visitors.filter(|known| !known.is_empty());
    Ok(Whose { persons: (!persons.is_empty()).then(|| Arc::clone(persons)), visitors })
}

/// A projection while it is written.
struct Building<'a> {
    table: &'a LakeTable,
    folder: &'a Path,
    with: &'a Rewriting<'a>,
    manifest: Manifest,
    kinds: Kinds,
    done: Narrowed,
}

/// Whose rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Somebody,
    Nobody,
}

/// What a projection cannot hold: it is not made of these columns.
enum NotHeld {
    /// Rows of too many kinds, out of order, or too many of one customer.
    Rows,
    /// Too large a number in the column of this place.
    Measure(usize),
}

impl<'a> Building<'a> {
    fn new(
        table: &'a LakeTable,
        folder: &'a Path,
        manifest: Manifest,
        with: &'a Rewriting<'a>,
    ) -> Result<Self, LakeError> {
        std::fs::create_dir_all(folder).map_err(|e| LakeError::file(folder, e))?;
        let kinds = Kinds::new(manifest.columns.len());
        Ok(Self { table, folder, with, manifest, kinds, done: Narrowed::default() })
    }

    async fn build(mut self, whose: &Whose) -> Result<Result<(Manifest, Narrowed), NotHeld>, LakeError> {
        let optional = |name: &str| self.table.def().column(name).is_some_and(|column| !column.required);
        let whoses = if optional(CUSTOMER_ID) { &[Of::Somebody, Of::Nobody][..] } else { &[Of::Somebody] };
        for of in whoses {
            let mut waiting = Vec::new();
            for rows in self.runs(whose, *of).await? {
                waiting.push(read_ahead(rows));
            }
            for (number, rows) in waiting.into_iter().enumerate() {
                match self.part(number, rows, *of).await? {
                    Err(not_held) => return Ok(Err(not_held)),
                    Ok(part) if *of == Of::Somebody => self.manifest.parts.push(part),
                    Ok(part) => self.manifest.nobodys.push(part),
                }
            }
        }
        self.manifest.kinds = self.kinds.finish();
        Ok(Ok((self.manifest, self.done)))
    }

    /// All rows that are somebody's, customer by customer; or all others.
    async fn runs(&self, whose: &Whose, of: Of) -> Result<Vec<SendableRecordBatchStream>, LakeError> {
        let view = TableView {
            masked: Default::default(),
            as_of: None,
            now: i64::MAX,
            customers: None,
            all_versions: true,
            time_zone: Arc::clone(self.with.lake.time_zone()),
            whose: whose.clone(),
        };
        let context = engine(self.with.lake, self.with.threads)?;
        let table = context.read_table(Arc::new(GovernedTable::new(self.table.clone(), view)?))?;
        let columns = self.manifest.columns.iter().chain(&self.manifest.measures).map(String::as_str);
        let names = [CUSTOMER_ID, TS, KNOWN_AT].into_iter().chain(columns);
        let customer = col(CUSTOMER_ID);
        let theirs = if of == Of::Somebody { customer.is_not_null() } else { customer.is_null() };
        let rows = table.filter(theirs.and(col(TS).is_not_null()))?.select(names.map(col))?;
        let state = context.state();
        let plan = match of {
            Of::Somebody => in_runs(rows.logical_plan(), &state).await?,
            Of::Nobody => state.create_physical_plan(rows.logical_plan()).await?,
        };
        let partitions = 0..plan.output_partitioning().partition_count();
        Ok(partitions.map(|partition| plan.execute(partition, state.task_ctx())).collect::<Result<_, _>>()?)
    }

    async fn part(
        &mut self,
        number: usize,
        mut rows: Receiver<Result<RecordBatch, LakeError>>,
        of: Of,
    ) -> Result<Result<Part, NotHeld>, LakeError> {
        // Of other columns, other files: those of an attempt that failed may still lie there.
        let columns = self.manifest.columns.len() + self.manifest.measures.len();
        let whose = if of == Of::Somebody { "" } else { "-nobody" };
        let file = format!("{}-{columns}-{number:05}{whose}.rows", self.with.name);
        let path = self.folder.join(&file);
        let failed = |e| LakeError::file(&path, e);
        let mut writer = BufWriter::new(File::create_new(&path).map_err(failed)?);
        let mut part = Part { file, segments: Vec::new() };
        let (mut bytes, mut written) = (Vec::new(), 0u64);
        let mut segment = SegmentRows::with_measures(self.manifest.measures.len());
        let mut close = |segment: &mut SegmentRows| -> Result<(), LakeError> {
            bytes.clear();
            part.segments.push(segment.finish(written, &mut bytes));
            written += bytes.len() as u64;
            writer.write_all(&bytes).map_err(failed)
        };
        while let Some(batch) = rows.recv().await {
            if let Err(not_held) = self.push(&batch?, of, &mut segment, &mut close)? {
                return Ok(Err(not_held));
            }
        }
        if segment.len() > 0 {
            close(&mut segment)?;
        }
        self.done.bytes += written;
        let file = writer.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(Ok(part))
    }

    fn push(
        &mut self,
        batch: &RecordBatch,
        of: Of,
        segment: &mut SegmentRows,
        close: &mut impl FnMut(&mut SegmentRows) -> Result<(), LakeError>,
    ) -> Result<Result<(), NotHeld>, LakeError> {
        let customers = batch.column(0).as_primitive::<Int64Type>();
        let times = batch.column(1).as_primitive::<TimestampMicrosecondType>();
        let known = batch.column(2).as_primitive::<TimestampMicrosecondType>();
        let known_by = if known.null_count() > 0 { Some(i64::MAX) } else { arrow::compute::max(known) };
        self.manifest.known_by = self.manifest.known_by.max(known_by.unwrap_or(i64::MIN));
        let (columns, measures) = batch.columns()[3..].split_at(self.manifest.columns.len());
        let Some(kinds) = self.kinds.of_rows(columns)? else { return Ok(Err(NotHeld::Rows)) };
        let measures: Vec<Numbers<'_>> = measures.iter().filter_map(Numbers::of).collect();
        for (row, kind) in kinds.into_iter().enumerate() {
            let customer = if of == Of::Somebody { u32::try_from(customers.value(row)) } else { Ok(NOBODY) };
            let Ok(customer) = customer else { return Ok(Err(NotHeld::Rows)) };
            // Nobody's rows may be cut anywhere.
            let full = of == Of::Nobody && segment.len() >= SEGMENT_ROWS;
            if full || segment.is_full_before(customer) {
                close(segment)?;
            }
            if !segment.takes(customer) || segment.len() == ROWS_OF_CUSTOMER_MAX {
                return Ok(Err(NotHeld::Rows));
            }
            segment.push(customer, times.value(row), kind);
            for (place, numbers) in measures.iter().enumerate() {
                match numbers.value(row) {
                    Some(Ok(value)) => segment.measure(place, value),
                    Some(Err(_)) => return Ok(Err(NotHeld::Measure(place))),
                    None => {}
                }
            }
        }
        self.done.rows += batch.num_rows() as u64;
        (self.with.on_rows)(batch.num_rows() as u64);
        Ok(Ok(()))
    }
}

/// A column of numbers.
enum Numbers<'a> {
    Whole(&'a Int64Array),
    Decimal(&'a Decimal128Array),
}

impl<'a> Numbers<'a> {
    fn of(column: &'a ArrayRef) -> Option<Self> {
        let whole = column.as_primitive_opt::<Int64Type>().map(Self::Whole);
        whole.or_else(|| column.as_primitive_opt::<Decimal128Type>().map(Self::Decimal))
    }

    /// A row's, if it has one; of a decimal its digits.
    fn value(&self, row: usize) -> Option<Result<i64, TryFromIntError>> {
        match self {
            Self::Whole(numbers) => numbers.is_valid(row).then(|| Ok(numbers.value(row))),
            Self::Decimal(numbers) => numbers.is_valid(row).then(|| i64::try_from(numbers.value(row))),
        }
    }
}

/// Reads in a task of its own: where rows are put in order first, all parts must be read at once.
fn read_ahead(mut rows: SendableRecordBatchStream) -> Receiver<Result<RecordBatch, LakeError>> {
    let (send, receive) = channel(WAITING_MAX);
    tokio::spawn(async move {
        while let Some(batch) = rows.next().await {
            // Nobody listens any more: the build was given up.
            if send.send(batch.map_err(LakeError::from)).await.is_err() {
                return;
            }
        }
    });
    receive
}
