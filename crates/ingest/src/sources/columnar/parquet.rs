//! Parquet files: each worker reads whole row groups, a batch at a time.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use arrow::array::RecordBatch;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};

use super::{CHUNK_ROWS, chunk_of, layout, names, projection};
use crate::{
    definition::InputDef,
    sources::{
        Chunk, FileReport, ReadError, ReadOptions, SourceError,
        bytes::plain_only,
        content_id,
        files::Watched,
        plan::{Layout, Plan},
        typed_report, workers,
    },
};

const WHAT: &str = "a Parquet file";
const MAGIC: [u8; 4] = *b"PAR1";

/// A row group to read.
struct Group {
    index: usize,
    /// Number of its first record.
    first: u64,
}

fn open(input: &InputDef, path: &Path) -> Result<(Watched, ArrowReaderMetadata), SourceError> {
    plain_only(input, path, "Parquet")?;
    let mut watched = Watched::open(path)?;
    check_ends(path, &mut watched.file, watched.seen.len)?;
    let metadata = ArrowReaderMetadata::load(&watched.file, ArrowReaderOptions::new())
        .map_err(|e| SourceError::damaged(path, WHAT, e))?;
    Ok((watched, metadata))
}

/// A Parquet file begins and ends with the same four bytes; one that is cut only begins with them.
fn check_ends(path: &Path, file: &mut File, len: u64) -> Result<(), SourceError> {
    let mut ends = [[0; 4]; 2];
    if len >= 4 {
        file.read_exact(&mut ends[0])
            .and_then(|()| file.seek(SeekFrom::End(-4)))
            .and_then(|_| file.read_exact(&mut ends[1]))
            .map_err(|e| SourceError::io(path, e))?;
    }
    match ends {
        [MAGIC, MAGIC] if len >= 12 => Ok(()),
        [MAGIC, _] => Err(SourceError::Truncated { path: path.to_owned(), what: "Parquet data" }),
        _ if len == 0 => Err(SourceError::Truncated { path: path.to_owned(), what: "Parquet data" }),
        _ => Err(SourceError::damaged(path, WHAT, "it does not begin as one")),
    }
}

pub(in crate::sources) fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    Ok(names(open(input, path)?.1.schema()))
}

pub(in crate::sources) fn read<E: Send>(
    input: &InputDef,
    plan: &Plan,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let (watched, metadata) = open(input, path)?;
    let layout = layout(input, plan, path, metadata.schema())?;
    let content = content_id(path, options.on_bytes)?;
    let projected = projection(&layout);
    let totals = workers::run(
        options.workers,
        each,
        |jobs| {
            for group in groups(&metadata) {
                if !jobs.send(group) {
                    break;
                }
            }
            Ok(())
        },
        &|group: Group, hand_out| {
            let mut first = group.first;
            for batch in batches(path, &metadata, &projected, &group)? {
                let batch: RecordBatch = batch.map_err(|e| SourceError::damaged(path, WHAT, e))?;
                let count = batch.num_rows() as u64;
                hand_out(chunk(plan, &layout, &projected, batch, first, path)?)?;
                first += count;
            }
            Ok(())
        },
    )?;
    Ok(typed_report(&watched.seen, content, totals, layout)?)
}

fn groups(metadata: &ArrowReaderMetadata) -> Vec<Group> {
    let mut first = 1;
    let groups = metadata.metadata().row_groups().iter().enumerate();
    groups
        .map(|(index, group)| {
            let rows = u64::try_from(group.num_rows()).unwrap_or_default();
            let this = Group { index, first };
            first += rows;
            this
        })
        .collect()
}

fn batches(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    projected: &[usize],
    group: &Group,
) -> Result<impl Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>> + use<>, SourceError> {
    // A handle of its own: threads that share one would also share its position.
    let file = File::open(path).map_err(|e| SourceError::io(path, e))?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), projected.iter().copied());
    ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_projection(mask)
        .with_row_groups(vec![group.index])
        .with_batch_size(CHUNK_ROWS)
        .build()
        .map_err(|e| SourceError::damaged(path, WHAT, e))
}

fn chunk(
    plan: &Plan,
    layout: &Layout,
    projected: &[usize],
    batch: RecordBatch,
    first: u64,
    path: &Path,
) -> Result<Chunk, SourceError> {
    chunk_of(plan, layout, projected, batch, first).map_err(|e| SourceError::damaged(path, WHAT, e))
}
