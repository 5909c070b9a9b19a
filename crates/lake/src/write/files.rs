//! From a spill to sorted files, bucket after bucket, on several threads.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::{
    array::{AsArray, BooleanArray, RecordBatch, UInt32Array},
    compute::{filter_record_batch, take_record_batch},
    datatypes::UInt64Type,
};
use deltalake_core::kernel::Add;
use florin_domain::TableDef;
use roaring::RoaringTreemap;

use super::{
    file::{BucketFile, WrittenFile},
    sort::sorted_rows,
    spill::{ORDINAL, Spill, column},
};
use crate::{LakeError, Location};

/// Rows handed to the Parquet writer at a time.
const WRITE_ROWS: usize = 64 * 1024;
/// Files synced at once.
const SYNCS_MAX: usize = 32;

/// Where files go, and what they are called.
pub struct FileSink<'a> {
    /// The lake.
    pub location: &'a Location,
    /// The table.
    pub table: &'a Arc<TableDef>,
    /// A directory of the load's own.
    pub scratch: &'a Path,
    /// Unique among all loads, ever: part of the files' names.
    pub name: &'a str,
    /// Milliseconds since the epoch.
    pub now_millis: i64,
    /// Threads.
    pub workers: usize,
    /// Told how many rows were written.
    pub on_rows: &'a (dyn Fn(u64) + Sync),
}

/// Files that are in place, and that no version of the table has yet.
pub struct Written {
    files: Vec<Add>,
    rows: u64,
}

impl Written {
    /// How many rows they hold.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn new(files: Vec<Add>, rows: u64) -> Self {
        Self { files, rows }
    }

    pub(crate) fn into_files(self) -> Vec<Add> {
        self.files
    }
}

/// Sorts and writes all rows of a spill but those whose ordinal is in `losing`, one file a bucket. The files are not
/// part of the table until they are committed.
///
/// # Errors
/// When the disk or the storage fails. Files that were written are then left for `vacuum`.
pub async fn write_files(spill: &Spill, losing: &RoaringTreemap, sink: &FileSink<'_>) -> Result<Written, LakeError> {
    let written = tokio::task::block_in_place(|| write_all_buckets(spill, losing, sink))?;
    let rows = written.iter().map(WrittenFile::rows).sum();
    let mut files = Vec::new();
    for file in written {
        files.push(file.deliver(sink.location, &sink.table.name).await?);
    }
    Ok(Written { files, rows })
}

fn write_all_buckets(
    spill: &Spill,
    losing: &RoaringTreemap,
    sink: &FileSink<'_>,
) -> Result<Vec<WrittenFile>, LakeError> {
    let next = AtomicUsize::new(0);
    let written = Mutex::new(Vec::new());
    let work = || -> Result<(), LakeError> {
        loop {
            let bucket = next.fetch_add(1, Ordering::Relaxed);
            if bucket >= spill.plan().buckets() {
                return Ok(());
            }
            if let Some(file) = write_bucket(spill, losing, sink, bucket)? {
                written.lock().unwrap_or_else(PoisonError::into_inner).push((bucket, file));
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..sink.workers.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| LakeError::Worker)?)
    })?;
    let mut written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
    written.sort_by_key(|(bucket, _)| *bucket);
    sync_together(&written, |(_, file)| file.sync())?;
    Ok(written.into_iter().map(|(_, file)| file).collect())
}

/// Syncs at once what one after the other would wait for a disk that takes them together.
pub(super) fn sync_together<T: Sync>(
    written: &[T],
    sync: impl Fn(&T) -> Result<(), LakeError> + Sync,
) -> Result<(), LakeError> {
    let sync = &sync;
    std::thread::scope(|scope| {
        let share = written.len().div_ceil(SYNCS_MAX).max(1);
        let syncs: Vec<_> =
            written.chunks(share).map(|files| scope.spawn(move || files.iter().try_for_each(sync))).collect();
        syncs.into_iter().try_for_each(|s| s.join().map_err(|_| LakeError::Worker)?)
    })
}

fn write_bucket(
    spill: &Spill,
    losing: &RoaringTreemap,
    sink: &FileSink<'_>,
    bucket: usize,
) -> Result<Option<WrittenFile>, LakeError> {
    let mut file = None;
    for range in 0..spill.plan().ranges() {
        let Some(rows) = spill.read(bucket, range)? else { continue };
        let rows = without(&rows, losing)?;
        if rows.num_rows() == 0 {
            continue;
        }
        let file = match &mut file {
            Some(file) => file,
            empty => empty.insert(BucketFile::create(sink.location, sink.table, bucket, sink.name, sink.scratch)?),
        };
        write_sorted(&rows, sink, file)?;
    }
    file.map(|f| f.finish(sink.now_millis)).transpose()
}

fn without(rows: &RecordBatch, losing: &RoaringTreemap) -> Result<RecordBatch, LakeError> {
    if losing.is_empty() {
        return Ok(rows.clone());
    }
    let ordinals = column(rows, ORDINAL)?.as_primitive::<UInt64Type>();
    let keep: BooleanArray = ordinals.values().iter().map(|&o| Some(!losing.contains(o))).collect();
    Ok(filter_record_batch(rows, &keep)?)
}

fn write_sorted(rows: &RecordBatch, sink: &FileSink<'_>, file: &mut BucketFile) -> Result<(), LakeError> {
    let names = sink.table.sort_columns();
    let columns = names.iter().map(|n| column(rows, n).cloned()).collect::<Result<Vec<_>, _>>()?;
    let ordinals = column(rows, ORDINAL)?.as_primitive::<UInt64Type>();
    let order = sorted_rows(&columns, ordinals.values())?;
    let stored: Vec<usize> = (0..rows.num_columns() - 1).collect();
    let rows = rows.project(&stored)?;
    let mut start = 0;
    while start < order.len() {
        let length = WRITE_ROWS.min(order.len() - start);
        let slice: UInt32Array = order.slice(start, length);
        file.write(&take_record_batch(&rows, &slice)?)?;
        (sink.on_rows)(length as u64);
        start += length;
    }
    Ok(())
}
