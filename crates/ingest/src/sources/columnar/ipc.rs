//! Arrow IPC: the file format and the stream format, told apart by their first bytes.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use arrow::{
    array::RecordBatch,
    datatypes::SchemaRef,
    error::ArrowError,
    ipc::reader::{FileReader, StreamReader},
};

use super::{CHUNK_ROWS, chunk_of, layout, names, projection};
use crate::{
    definition::InputDef,
    sources::{
        Chunk, FileReport, ReadError, ReadOptions, SourceError,
        bytes::plain_only,
        content_id,
        files::Watched,
        plan::Plan,
        typed_report,
        workers::{self, Jobs},
    },
};

const WHAT: &str = "an Arrow file";
const FILE_MAGIC: [u8; 6] = *b"ARROW1";
/// What a stream ends with. Without it the stream may be cut between two batches, which nothing else would show.
const STREAM_END: [u8; 8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

/// Rows to convert, and the number of the first.
struct Batch {
    rows: RecordBatch,
    first: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Stream,
}

fn open(input: &InputDef, path: &Path) -> Result<(Watched, Kind), SourceError> {
    plain_only(input, path, "Arrow")?;
    let mut watched = Watched::open(path)?;
    let len = watched.seen.len;
    let kind = kind(&mut watched.file, len).map_err(|e| SourceError::io(path, e))?;
    let kind = kind.ok_or_else(|| SourceError::Truncated { path: path.to_owned(), what: "Arrow data" })?;
    Ok((watched, kind))
}

/// Which of the two formats; `None` when its end is missing.
fn kind(file: &mut File, len: u64) -> std::io::Result<Option<Kind>> {
    let (mut head, mut tail) = ([0; 6], [0; 8]);
    if len < 8 {
        return Ok(None);
    }
    file.read_exact(&mut head)?;
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut tail)?;
    file.rewind()?;
    let (kind, whole) = if head == FILE_MAGIC {
        (Kind::File, tail.ends_with(&FILE_MAGIC) && len > 16)
    } else {
        (Kind::Stream, tail == STREAM_END)
    };
    Ok(whole.then_some(kind))
}

/// The schema of the whole file, and its batches with only the projected columns.
type Opened = (SchemaRef, Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>);

fn batches(file: &File, kind: Kind, projected: Option<Vec<usize>>) -> Result<Opened, ArrowError> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    let file = BufReader::new(file);
    Ok(match kind {
        Kind::File => {
            let reader = FileReader::try_new(file, projected)?;
            (reader.schema(), Box::new(reader))
        }
        Kind::Stream => {
            let reader = StreamReader::try_new(file, projected)?;
            (reader.schema(), Box::new(reader))
        }
    })
}

pub(in crate::sources) fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    let (watched, kind) = open(input, path)?;
    let (schema, _) = batches(&watched.file, kind, None).map_err(|e| SourceError::damaged(path, WHAT, e))?;
    Ok(names(&schema))
}

pub(in crate::sources) fn read<E: Send>(
    input: &InputDef,
    plan: &Plan,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let damaged = |e: ArrowError| SourceError::damaged(path, WHAT, e);
    let (watched, kind) = open(input, path)?;
    let (schema, _) = batches(&watched.file, kind, None).map_err(damaged)?;
    let layout = layout(input, plan, path, &schema)?;
    let content = content_id(path, options.on_bytes)?;
    let projected = projection(&layout);
    let totals = workers::run(
        options.workers,
        each,
        |jobs| {
            let (_, batches) = batches(&watched.file, kind, Some(projected.clone())).map_err(damaged)?;
            send_all(batches, jobs).map_err(damaged)
        },
        &|batch: Batch, hand_out| {
            hand_out(chunk_of(plan, &layout, &projected, batch.rows, batch.first).map_err(damaged)?)
        },
    )?;
    Ok(typed_report(&watched.seen, content, totals, layout)?)
}

fn send_all(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    jobs: &Jobs<'_, Batch>,
) -> Result<(), ArrowError> {
    let mut first = 1;
    for batch in batches {
        let batch = batch?;
        for start in (0..batch.num_rows()).step_by(CHUNK_ROWS) {
            let rows = batch.slice(start, CHUNK_ROWS.min(batch.num_rows() - start));
            if !jobs.send(Batch { rows, first: first + start as u64 }) {
                return Ok(());
            }
        }
        first += batch.num_rows() as u64;
    }
    Ok(())
}
