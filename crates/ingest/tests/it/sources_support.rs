//! What the tests of sources share: definitions in a line, files in a folder, and what came out of them.

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    sync::Mutex,
};

use arrow::{
    array::{Array, ArrayRef},
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_ingest::{
    definition::{InputDef, SourceDef},
    sources::{Chunk, FileReport, ReadError, ReadOptions, Reject, SourceError, read_file},
};
use jiff::tz::TimeZone;

/// An input from settings (lines of TOML) and columns (`name = "type"`, one a line).
pub(crate) fn input(settings: &str, columns: &str) -> InputDef {
    let text = format!("[input]\nfiles = [\"*\"]\n{settings}\n[input.columns]\n{columns}\n");
    toml::from_str::<SourceDef>(&text).unwrap_or_else(|e| panic!("{e}\n{text}")).input
}

/// Delimited text with further settings.
pub(crate) fn delimited(settings: &str, columns: &str) -> InputDef {
    input(&format!("format = \"delimited\"\n{settings}"), columns)
}

pub(crate) fn options() -> ReadOptions<'static> {
    ReadOptions { workers: 2, time_zone: TimeZone::get("Europe/Prague").unwrap(), on_bytes: &|_| () }
}

/// A file in a folder of its own, which goes when this does.
pub(crate) struct TestFile {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> TestFile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    TestFile { path, _folder: folder }
}

/// All that came out of a file, in its order.
pub(crate) struct Read {
    /// One row a line: values between ` | `, nothing for a missing one.
    pub(crate) rows: Vec<String>,
    pub(crate) row_numbers: Vec<u64>,
    pub(crate) raw: Vec<String>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) report: FileReport,
}

impl Read {
    /// Row number and reason of each reject.
    pub(crate) fn reasons(&self) -> Vec<(u64, String)> {
        self.rejects.iter().map(|reject| (reject.row_number, reject.reason.to_string())).collect()
    }
}

/// Values of a chunk's rows, as text.
pub(crate) fn shown(chunk: &Chunk) -> Vec<String> {
    let options = FormatOptions::default();
    let value = |column: &ArrayRef, row| {
        if column.is_null(row) {
            return String::new();
        }
        ArrayFormatter::try_new(column, &options).unwrap().value(row).to_string()
    };
    let row = |row| chunk.rows.columns().iter().map(|column| value(column, row)).collect::<Vec<_>>().join(" | ");
    (0..chunk.rows.num_rows()).map(row).collect()
}

pub(crate) fn try_read(input: &InputDef, path: &Path) -> Result<Read, SourceError> {
    let chunks = Mutex::new(Vec::new());
    let each = |chunk| {
        chunks.lock().unwrap().push(chunk);
        Ok::<_, std::convert::Infallible>(())
    };
    let report = read_file(input, path, &options(), &each).map_err(|e| match e {
        ReadError::Source(error) => error,
        ReadError::Each(never) => match never {},
    })?;
    let mut chunks: Vec<Chunk> = chunks.into_inner().unwrap();
    chunks.sort_by_key(first_number);
    let mut read = Read { rows: vec![], row_numbers: vec![], raw: vec![], rejects: vec![], report };
    for chunk in &chunks {
        check_schema(input, chunk);
        read.rows.extend(shown(chunk));
        read.row_numbers.extend(&chunk.row_numbers);
        read.raw.extend((0..chunk.rows.num_rows()).map(|row| String::from_utf8_lossy(&chunk.raw(row)).into_owned()));
        read.rejects.extend(chunk.rejects.iter().cloned());
    }
    check_accounts(&read);
    Ok(read)
}

fn first_number(chunk: &Chunk) -> u64 {
    let rejects = chunk.rejects.iter().map(|reject| reject.row_number);
    chunk.row_numbers.iter().copied().chain(rejects).min().unwrap_or(0)
}

fn check_schema(input: &InputDef, chunk: &Chunk) {
    let schema = chunk.rows.schema();
    assert_eq!(schema.fields().len(), input.columns.0.len());
    for (field, column) in schema.fields().iter().zip(&input.columns.0) {
        assert_eq!((field.name(), field.data_type()), (&column.name, &column.spec.ty.arrow()));
    }
}

/// Every record is a row or a reject, once.
fn check_accounts(read: &Read) {
    let rejected = read.rejects.iter().map(|reject| reject.row_number);
    let mut numbers: Vec<u64> = read.row_numbers.iter().copied().chain(rejected).collect();
    assert!(read.row_numbers.is_sorted());
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=read.report.records).collect::<Vec<_>>());
    assert_eq!(read.report.rejected, read.rejects.len() as u64);
}

pub(crate) fn read(input: &InputDef, path: &Path) -> Read {
    try_read(input, path).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads a text as a file of its own.
pub(crate) fn read_text(input: &InputDef, content: impl AsRef<[u8]>) -> Read {
    read(input, &file("a.csv", content).path)
}

/// What a file is refused with.
pub(crate) fn refusal(input: &InputDef, path: &Path) -> SourceError {
    match try_read(input, path) {
        Ok(read) => panic!("was read: {:?}", read.report),
        Err(error) => error,
    }
}

pub(crate) fn reasons<const N: usize>(expected: [(u64, &str); N]) -> Vec<(u64, String)> {
    expected.iter().map(|(number, reason)| (*number, (*reason).to_owned())).collect()
}

/// Whether a text is nowhere in what a person may see of a value.
pub(crate) fn never_shows(thing: &impl Debug, secret: &str) -> bool {
    !format!("{thing:?}").contains(secret)
}
