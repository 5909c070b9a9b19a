//! Opens files of every format and hands out typed rows in chunks, with every record accounted for.
//!
//! ```text
//! files → bytes (hash, decompress) → encoding (to UTF-8) → delimited::records → delimited::fields → value → rows → Chunk
//!                                                        ↘ json_lines ↗                              ↗
//!         columnar (Parquet, Arrow) · excel ─────────────────────────────────────────────────────────
//! ```
//!
//! One thread reads, hashes and cuts a file into blocks of whole records; `workers` others read the fields of a block
//! straight into Arrow arrays and hand the [`Chunk`] out. Blocks wait in a short queue, so memory is bounded by
//! (`workers` + 3) blocks, whatever the size of the file.
//!
//! What becomes of a record: it is a row of [`Chunk::rows`], or it is in [`Chunk::rejects`] with its number, the reason
//! and its raw text. Empty lines (and rows of a sheet without any cell) are not records. What is wrong with a file as a
//! whole (it is cut, it changed, a column is gone) is a [`SourceError`]; chunks may have been handed out before it is
//! noticed, and whoever took them throws them away.

mod bytes;
mod chunk;
mod columnar;
mod delimited;
mod encoding;
mod error;
mod excel;
mod files;
mod json_lines;
mod plan;
mod reject;
mod retry;
mod rows;
mod text;
mod value;
mod workers;

use std::{fmt, path::Path};

use jiff::tz::TimeZone;

use crate::definition::{Format, InputDef};
use delimited::records::Sizes;

pub use chunk::Chunk;
pub use encoding::EncodingFound;
pub use error::{MissingColumn, ReadError, SourceError};
pub use files::{content_id, list_files};
pub use reject::{Problem, Reject, RejectReason};
pub use retry::reread;

/// How files are read.
#[derive(Clone)]
pub struct ReadOptions<'a> {
    /// Threads that turn text into rows, beside the one that reads the file.
    pub workers: usize,
    /// The bank's time zone, for times without an offset in columns without a zone of their own.
    pub time_zone: TimeZone,
    /// Progress: called with how many more bytes of the file, as it is on disk, have been read. They add up to its size.
    pub on_bytes: &'a (dyn Fn(u64) + Sync),
}

impl fmt::Debug for ReadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("workers", &self.workers)
            .field("time_zone", &self.time_zone)
            .finish_non_exhaustive()
    }
}

/// What a file was, once all of it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// Records in the file.
    pub records: u64,
    /// Records that did not become rows.
    pub rejected: u64,
    /// Size on disk.
    pub bytes: u64,
    /// BLAKE3 of the bytes on disk, the same as [`content_id`].
    pub content: [u8; 32],
    /// The encoding of a text format.
    pub encoding: Option<EncodingFound>,
    /// The columns as the file has them; for [`reread`].
    pub header: Vec<String>,
    /// Columns of the file that are not declared. For JSON lines the first 100 in alphabetical order of those that came
    /// up.
    pub extra_columns: Vec<String>,
}

/// Reads one file. `each` is called from worker threads, once a chunk and in any order: row numbers say where a chunk
/// belongs. An error of `each` stops the reading.
///
/// # Errors
/// What is wrong with the file or the definition, or what `each` returned. Chunks may have been handed out before.
pub fn read_file<E: Send>(
    input: &InputDef,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    read_in(Sizes::DEFAULT, input, path, options, each)
}

fn read_in<E: Send>(
    sizes: Sizes,
    input: &InputDef,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let plan = plan::Plan::compile(input, &options.time_zone)?;
    match input.format {
        Format::Delimited => text::read_delimited(sizes, input, &plan, path, options, each),
        Format::JsonLines => json_lines::read(sizes, input, &plan, path, options, each),
        Format::Parquet => columnar::parquet::read(input, &plan, path, options, each),
        Format::Arrow => columnar::ipc::read(input, &plan, path, options, each),
        Format::Excel => excel::read(input, &plan, path, options, each),
    }
}

/// The report of a file that knows its types, if it is still the one that was opened.
fn typed_report(
    seen: &files::Seen,
    content: [u8; 32],
    totals: workers::Totals,
    layout: plan::Layout,
) -> Result<FileReport, SourceError> {
    seen.check(seen.len)?;
    Ok(FileReport {
        records: totals.records,
        rejected: totals.rejected,
        bytes: seen.len,
        content,
        encoding: None,
        header: layout.header,
        extra_columns: layout.extra,
    })
}

/// The columns of a file, in its order, without reading its records: the header, the fields of a Parquet or Arrow file,
/// or the keys of the first JSON object. For files without a header, the declared columns.
///
/// # Errors
/// A file that cannot be opened or has no header.
pub fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    match input.format {
        Format::Delimited if input.header => text::header(input, path),
        Format::Excel if input.header => excel::header(input, path),
        Format::Delimited | Format::Excel => Ok(input.columns.0.iter().map(|c| c.name.clone()).collect()),
        Format::JsonLines => json_lines::header(input, path),
        Format::Parquet => columnar::parquet::header(input, path),
        Format::Arrow => columnar::ipc::header(input, path),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests;
