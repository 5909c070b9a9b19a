//! Rows on their way into the lake, kept on disk by bucket and range.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array},
    compute::{concat_batches, take_record_batch},
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef},
    ipc::{reader::StreamReader, writer::StreamWriter},
};
use florin_domain::TableDef;

use crate::{LakeError, layout};

/// The last column of every spilled row: where it stood in the input. Lower comes first; duplicates lose by it.
pub const ORDINAL: &str = "__ordinal";

/// Rows all partitions together gather in memory before each writes a run.
const GATHERED_ROWS: usize = 1 << 18;
/// Rows of a run at least and at most.
const RUN_ROWS: std::ops::RangeInclusive<usize> = 512..=8192;
/// Partitions that are open at once, at most: each has a file handle.
const PARTITIONS_MAX: usize = 384;
/// Bytes of raw input one partition should stand for.
const PARTITION_BYTES: u64 = 24 << 20;

/// How a load is cut up.
#[derive(Debug, Clone)]
pub struct SpillPlan {
    buckets: usize,
    ranges: usize,
    /// Largest value of the bucket column that ranges are cut for; larger ones go into the last range.
    id_max: i64,
    bucket_column: Option<usize>,
    schema: SchemaRef,
}

impl SpillPlan {
    /// A plan for about `input_bytes` of raw input into a table with `buckets`. `id_max` is the largest value of the
    /// bucket column: the number of customers where that is what it holds.
    #[must_use]
    pub fn new(table: &TableDef, buckets: usize, input_bytes: u64, id_max: i64) -> Self {
        let buckets = layout::buckets_of(table, buckets);
        let wanted = input_bytes.div_ceil(PARTITION_BYTES * buckets as u64);
        let ranges = usize::try_from(wanted).unwrap_or(usize::MAX).clamp(1, (PARTITIONS_MAX / buckets).max(1));
        let schema = table.schema();
        let bucket_column = table.bucket_column().and_then(|name| schema.index_of(name).ok());
        let ordinal = Arc::new(Field::new(ORDINAL, DataType::UInt64, false));
        let fields: Vec<_> = schema.fields().iter().cloned().chain([ordinal]).collect();
        let ranges = if bucket_column.is_some() { ranges } else { 1 };
        Self { buckets, ranges, id_max: id_max.max(1), bucket_column, schema: Arc::new(Schema::new(fields)) }
    }

    /// The columns of spilled rows: the table's stored columns, then [`ORDINAL`].
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn buckets(&self) -> usize {
        self.buckets
    }

    pub(crate) fn ranges(&self) -> usize {
        self.ranges
    }

    fn partitions(&self) -> usize {
        self.buckets * self.ranges
    }

    fn partition_of(&self, id: i64) -> usize {
        let position = i128::from(id.clamp(0, self.id_max)) * self.ranges as i128 / (i128::from(self.id_max) + 1);
        let range = usize::try_from(position).unwrap_or_default();
        layout::bucket_of(id, self.buckets) * self.ranges + range
    }

    /// The partition of each row.
    fn partitions_of(&self, batch: &RecordBatch) -> Vec<usize> {
        let Some(column) = self.bucket_column else { return vec![0; batch.num_rows()] };
        let ids: &Int64Array = batch.column(column).as_primitive::<Int64Type>();
        if ids.null_count() == 0 {
            return ids.values().iter().map(|&id| self.partition_of(id)).collect();
        }
        ids.iter().map(|id| self.partition_of(id.unwrap_or(layout::NO_ID))).collect()
    }
}

/// Rows of one load, on disk. Threads add at once; the directory is the caller's to remove.
pub struct Spill {
    plan: SpillPlan,
    partitions: Vec<Mutex<Partition>>,
    run_rows: usize,
}

struct Partition {
    path: PathBuf,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    writer: Option<StreamWriter<BufWriter<File>>>,
}

impl Spill {
    /// An empty spill in `dir`, which must exist.
    #[must_use]
    pub fn new(plan: SpillPlan, dir: &Path) -> Self {
        let partition = |i| {
            let path = dir.join(format!("rows-{i:04}.arrow"));
            Mutex::new(Partition { path, pending: Vec::new(), pending_rows: 0, writer: None })
        };
        let partitions = (0..plan.partitions()).map(partition).collect();
        let run_rows = (GATHERED_ROWS / plan.partitions()).clamp(*RUN_ROWS.start(), *RUN_ROWS.end());
        Self { plan, partitions, run_rows }
    }

    /// Adds rows, with the columns of [`SpillPlan::schema`].
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn add(&self, batch: &RecordBatch) -> Result<(), LakeError> {
        let partition_of_row = self.plan.partitions_of(batch);
        let (sorted, starts) = by_partition(&partition_of_row, self.partitions.len());
        let rows = take_record_batch(batch, &UInt32Array::from(sorted))?;
        for (partition, bounds) in self.partitions.iter().zip(starts.windows(2)) {
            let (start, end) = (bounds[0], bounds[1]);
            if end > start {
                let mut partition = partition.lock().unwrap_or_else(PoisonError::into_inner);
                partition.add(rows.slice(start, end - start), &self.plan.schema, self.run_rows)?;
            }
        }
        Ok(())
    }

    /// The columns of the rows it takes.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        self.plan.schema()
    }

    pub(crate) fn plan(&self) -> &SpillPlan {
        &self.plan
    }

    /// All rows of one partition, in no order, and nothing of it kept in memory.
    pub(crate) fn read(&self, bucket: usize, range: usize) -> Result<Option<RecordBatch>, LakeError> {
        let partition = &self.partitions[bucket * self.plan.ranges + range];
        let mut partition = partition.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batches = partition.finish()?;
        batches.append(&mut partition.pending);
        if batches.is_empty() {
            return Ok(None);
        }
        Ok(Some(concat_batches(&self.plan.schema, &batches)?))
    }
}

impl Partition {
    fn add(&mut self, rows: RecordBatch, schema: &SchemaRef, run_rows: usize) -> Result<(), LakeError> {
        self.pending_rows += rows.num_rows();
        self.pending.push(rows);
        if self.pending_rows < run_rows {
            return Ok(());
        }
        let run = concat_batches(schema, &self.pending)?;
        self.pending.clear();
        self.pending_rows = 0;
        self.writer(schema)?.write(&run)?;
        Ok(())
    }

    fn writer(&mut self, schema: &SchemaRef) -> Result<&mut StreamWriter<BufWriter<File>>, LakeError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => {
                let file = File::create(&self.path).map_err(|e| LakeError::file(&self.path, e))?;
                StreamWriter::try_new(BufWriter::new(file), schema)?
            }
        };
        Ok(self.writer.insert(writer))
    }

    /// Closes the file and reads it back.
    fn finish(&mut self) -> Result<Vec<RecordBatch>, LakeError> {
        let Some(mut writer) = self.writer.take() else { return Ok(Vec::new()) };
        writer.finish()?;
        drop(writer);
        let file = File::open(&self.path).map_err(|e| LakeError::file(&self.path, e))?;
        let batches: Result<Vec<_>, _> = StreamReader::try_new(BufReader::new(file), None)?.collect();
        std::fs::remove_file(&self.path).map_err(|e| LakeError::file(&self.path, e))?;
        Ok(batches?)
    }
}

/// Row indices grouped by partition (a counting sort), and where each group starts; one more start than partitions.
fn by_partition(partition_of_row: &[usize], partitions: usize) -> (Vec<u32>, Vec<usize>) {
    let mut starts = vec![0usize; partitions + 1];
    for &p in partition_of_row {
        starts[p + 1] += 1;
    }
    for p in 0..partitions {
        starts[p + 1] += starts[p];
    }
    let mut next = starts.clone();
    let mut sorted = vec![0u32; partition_of_row.len()];
    for (row, &p) in (0u32..).zip(partition_of_row) {
        sorted[next[p]] = row;
        next[p] += 1;
    }
    (sorted, starts)
}

/// A column of a batch by name.
pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, LakeError> {
    batch.column_by_name(name).ok_or_else(|| LakeError::Setting(format!("a batch has no column `{name}`")))
}
