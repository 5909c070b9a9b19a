//! Several small tables written side by side and made durable together.
//!
//! Each table keeps a log of its own, and a crash leaves each of them as it was or as it should be. But a disk that is asked to sync
//! sixty files one after the other waits sixty times for what it could do at once.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use arrow::array::RecordBatch;
use futures::{StreamExt as _, TryStreamExt as _};

use super::{
    FileSink, Written,
    file::{BucketFile, StartedFile, WrittenFile},
    files::sync_together,
    shared::SharedColumns,
};
use crate::{LakeError, LakeTable};

/// Commits under way at once.
const COMMITS_MAX: usize = 8;

/// Rows of a small table that Florin makes itself, which has one bucket: sorted by [`florin_domain::TableDef::sort_columns`].
pub struct SortedRows<'a> {
    /// The rows.
    pub rows: Vec<RecordBatch>,
    /// Where their file goes.
    pub sink: FileSink<'a>,
}

/// What takes the place of all rows of a table.
pub struct Overwrite {
    /// The table.
    pub table: LakeTable,
    /// Files that are in place.
    pub files: Written,
    /// What its log says of it.
    pub info: serde_json::Value,
}

/// Writes one file a table, on `workers` threads, and makes them durable. The files are not part of the tables until they are committed.
///
/// # Errors
/// When the disk or the storage fails. Files that were written are then left for `vacuum`.
pub async fn write_sorted(tables: &[SortedRows<'_>], workers: usize) -> Result<Vec<Written>, LakeError> {
    let files = tokio::task::block_in_place(|| {
        let files = encode(tables, workers)?;
        sync_together(&files, WrittenFile::sync)?;
        Ok::<_, LakeError>(files)
    })?;
    let mut written = Vec::new();
    for (file, SortedRows { sink, .. }) in files.into_iter().zip(tables) {
        let rows = file.rows();
        (sink.on_rows)(rows);
        written.push(Written::new(vec![file.deliver(sink.location, &sink.table.name).await?], rows));
    }
    Ok(written)
}

/// Puts rows in the place of what each table has, one commit a table, and returns once all are durable.
///
/// # Errors
/// When the storage fails or another writer was in the way. Tables that were committed before stay so.
pub async fn overwrite_together(changes: Vec<Overwrite>, now_millis: i64) -> Result<(), LakeError> {
    let commits = changes.into_iter().map(|Overwrite { table, files, info }| async move {
        let commit =
            async move { table.overwrite_unsynced(files, now_millis, info).await.map(|version| (table, version)) };
        tokio::spawn(commit).await.map_err(|_| LakeError::Worker)?
    });
    let done: Vec<_> = futures::stream::iter(commits).buffer_unordered(COMMITS_MAX).collect().await;
    let (done, failed): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    let done: Vec<_> = done.into_iter().flatten().collect();
    tokio::task::block_in_place(|| sync_together(&done, |(table, version)| table.sync_log(*version)))?;
    failed.into_iter().try_for_each(|failed| failed.map(|_| ()))
}

/// Opens tables side by side, in the order of their names; makes those that are not there.
///
/// # Errors
/// As [`crate::Lake::table_for_writing`].
pub async fn open_together(lake: &crate::Lake, names: Vec<String>) -> Result<Vec<LakeTable>, LakeError> {
    let opened = names.into_iter().map(|name| {
        let lake = lake.clone();
        async move {
            let opened = tokio::spawn(async move { lake.table_for_writing(&name).await });
            opened.await.map_err(|_| LakeError::Worker)?
        }
    });
    futures::stream::iter(opened).buffered(COMMITS_MAX).try_collect().await
}

fn encode(tables: &[SortedRows<'_>], workers: usize) -> Result<Vec<WrittenFile>, LakeError> {
    let (next, shared) = (AtomicUsize::new(0), SharedColumns::among(tables));
    let written = Mutex::new(Vec::new());
    let work = || -> Result<(), LakeError> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(table) = tables.get(at) else { return Ok(()) };
            let SortedRows { rows, sink } = table;
            let file = if shared.are_in(table) {
                let started = StartedFile::create(sink.location, sink.table, 0, sink.name, sink.scratch)?;
                started.filled(rows, sink.now_millis, |file| shared.write(table, file))?
            } else {
                let mut file = BucketFile::create(sink.location, sink.table, 0, sink.name, sink.scratch)?;
                rows.iter().try_for_each(|batch| file.write(batch))?;
                file.finish(sink.now_millis)?
            };
            written.lock().unwrap_or_else(PoisonError::into_inner).push((at, file));
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers.clamp(1, tables.len().max(1))).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| LakeError::Worker)?)
    })?;
    let mut written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
    written.sort_by_key(|(at, _)| *at);
    Ok(written.into_iter().map(|(_, file)| file).collect())
}
