//! Sorted files in, one sorted file out.

use std::{path::Path, sync::Arc};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::{cast, filter_record_batch},
    datatypes::{Int64Type, SchemaRef},
};
use datafusion::{
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
    },
    execution::SendableRecordBatchStream,
    physical_plan::{ExecutionPlan, execute_stream, sorts::sort_preserving_merge::SortPreservingMergeExec},
};
use deltalake_core::kernel::Add;
use florin_domain::catalogue::CUSTOMER_ID;
use futures::StreamExt as _;

use crate::{
    Lake, LakeError, LakeTable, LiveFile,
    read::{CustomerSet, Visitors, file_order, store_url_of},
    session::engine,
    write::BucketFile,
};

/// What a rewriting needs beside the table.
pub struct Rewriting<'a> {
    /// The lake.
    pub lake: &'a Lake,
    /// A directory of its own.
    pub scratch: &'a Path,
    /// Unique among all writings, ever: part of the files' names.
    pub name: &'a str,
    /// Milliseconds since the epoch.
    pub now_millis: i64,
    /// Threads.
    pub threads: usize,
    /// Told how many rows were written.
    pub on_rows: &'a (dyn Fn(u64) + Sync),
}

/// A file that takes the place of others.
pub(super) struct Rewritten {
    /// `None` when no row was left.
    pub(super) add: Option<Add>,
    pub(super) read: u64,
    pub(super) written: u64,
}

/// Whose rows stay.
pub(super) struct Keep {
    pub(super) customers: Arc<CustomerSet>,
    /// Rows without a customer are those of the visitor's, where they are known.
    pub(super) visitors: Arc<Visitors>,
}

/// Merges files of one bucket into one, in order, leaving out rows that do not stay.
pub(super) async fn rewrite(
    table: &LakeTable,
    files: &[LiveFile],
    keep: Option<&Keep>,
    part: usize,
    with: &Rewriting<'_>,
) -> Result<Rewritten, LakeError> {
    let bucket = files.first().map_or(0, |f| f.bucket);
    let schema = table.def().schema();
    let mut rows = merged(table, files, &schema, with)?;
    let name = format!("{}-{part:05}", with.name);
    let mut file: Option<BucketFile> = None;
    let (mut read, mut written) = (0, 0);
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        read += batch.num_rows() as u64;
        let batch = kept(&stored(&batch, &schema)?, keep)?;
        if batch.num_rows() == 0 {
            continue;
        }
        let file = match &mut file {
            Some(file) => file,
            none => none.insert(BucketFile::create(table.location(), table.def(), bucket, &name, with.scratch)?),
        };
        file.write(&batch)?;
        written += batch.num_rows() as u64;
        (with.on_rows)(batch.num_rows() as u64);
    }
    let add = match file {
        Some(file) => {
            let written = file.finish(with.now_millis)?;
            written.sync()?;
            Some(written.deliver(table.location(), &table.def().name).await?)
        }
        None => None,
    };
    Ok(Rewritten { add, read, written })
}

fn merged(
    table: &LakeTable,
    files: &[LiveFile],
    schema: &SchemaRef,
    with: &Rewriting<'_>,
) -> Result<SendableRecordBatchStream, LakeError> {
    let mut groups = Vec::new();
    for file in files {
        let path = table.object_path(&file.path)?;
        let mut part = PartitionedFile::new(path.as_ref(), file.size);
        part.object_meta.location = path;
        groups.push(FileGroup::new(vec![part]));
    }
    let source = Arc::new(ParquetSource::new(Arc::clone(schema)));
    let order = file_order(table.def(), schema)?;
    let config = FileScanConfigBuilder::new(store_url_of(table.location())?, source)
        .with_file_groups(groups)
        .with_output_ordering(order.iter().cloned().collect())
        .build();
    let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
    let plan: Arc<dyn ExecutionPlan> = match order {
        Some(order) => Arc::new(SortPreservingMergeExec::new(order, scan)),
        None => scan,
    };
    Ok(execute_stream(plan, engine(with.lake, with.threads)?.task_ctx())?)
}

/// The batch with the stored types, whatever the engine read it as.
fn stored(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
    let columns: Result<Vec<_>, _> =
        batch.columns().iter().zip(schema.fields()).map(|(c, f)| cast(c, f.data_type())).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns?)?)
}

fn kept(batch: &RecordBatch, keep: Option<&Keep>) -> Result<RecordBatch, LakeError> {
    let (Some(keep), Some(ids)) = (keep, batch.column_by_name(CUSTOMER_ID)) else { return Ok(batch.clone()) };
    let ids =
        if keep.visitors.is_empty() { None } else { keep.visitors.of_stored(batch)? }.unwrap_or_else(|| ids.clone());
    let (ids, customers) = (ids.as_primitive::<Int64Type>(), &keep.customers);
    let seen: BooleanArray = (0..ids.len())
        .map(|i| Some(if ids.is_valid(i) { customers.sees(ids.value(i)) } else { customers.sees_nobody() }))
        .collect();
    Ok(filter_record_batch(batch, &seen)?)
}
