//! Files that grow part by part, and count their records.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::rows::Rows;
use crate::{SimulationError, dirt::Flaw, truth::Truth};

/// Fast rather than small: a level more costs a third of the speed and saves a tenth of the bytes.
const GZIP_LEVEL: u32 = 1;
/// Text that waits in memory to be compressed or written.
pub(crate) const TEXT_BYTES_MAX: usize = 4 << 20;

/// A part of a file, ready to be written.
pub(crate) struct Part {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) flaws: Vec<Flaw>,
}

impl From<Rows> for Part {
    fn from(rows: Rows) -> Self {
        Self { bytes: rows.bytes, rows: rows.rows, flaws: rows.flaws }
    }
}

/// A part that is compressed while it is written.
pub(crate) struct Zipped(GzEncoder<Vec<u8>>);

impl Zipped {
    pub(crate) fn new() -> Self {
        Self(GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(GZIP_LEVEL)))
    }

    /// Compresses the text so far, and forgets it.
    pub(crate) fn take(&mut self, rows: &mut Rows) {
        // Writing to memory cannot fail.
        let _ = self.0.write_all(&rows.bytes);
        rows.clear_text();
    }

    /// The part, as a whole gzip member; members that follow one another are one gzip file.
    pub(crate) fn finish(mut self, mut rows: Rows) -> Part {
        self.take(&mut rows);
        Part { bytes: self.0.finish().unwrap_or_default(), ..rows.take() }
    }
}

/// A file that is written part by part.
pub(crate) struct PartFile {
    system: &'static str,
    /// From the folder of exports.
    name: String,
    path: PathBuf,
    writer: BufWriter<File>,
    rows: u64,
}

impl PartFile {
    /// Makes `folder/name`, and the folders it needs.
    pub(crate) fn create(folder: &Path, system: &'static str, name: &str) -> Result<Self, SimulationError> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(SimulationError::file("make", parent))?;
        }
        let file = File::create(&path).map_err(SimulationError::file("write", &path))?;
        Ok(Self { system, name: name.to_owned(), path, writer: BufWriter::new(file), rows: 0 })
    }

    /// Appends a part, and writes down its flaws.
    pub(crate) fn append(&mut self, part: &Part, truth: &mut Truth) -> Result<(), SimulationError> {
        self.writer.write_all(&part.bytes).map_err(SimulationError::file("write", &self.path))?;
        for flaw in &part.flaws {
            truth.flaw(self.system, &self.name, self.rows, flaw)?;
        }
        self.rows += part.rows;
        Ok(())
    }

    /// Appends what was written so far if it is much.
    pub(crate) fn relieve(&mut self, rows: &mut Rows, truth: &mut Truth) -> Result<(), SimulationError> {
        if rows.bytes.len() >= TEXT_BYTES_MAX { self.append(&rows.take(), truth) } else { Ok(()) }
    }

    /// Appends the rest, and says how many records there are.
    pub(crate) fn finish(mut self, rows: Rows, truth: &mut Truth) -> Result<u64, SimulationError> {
        self.append(&Part::from(rows), truth)?;
        self.close()
    }

    pub(crate) fn close(mut self) -> Result<u64, SimulationError> {
        self.writer.flush().map_err(SimulationError::file("write", &self.path))?;
        Ok(self.rows)
    }
}

/// Writes a whole file at once.
pub(crate) fn write_all(
    folder: &Path,
    system: &'static str,
    name: &str,
    rows: Rows,
    truth: &mut Truth,
) -> Result<u64, SimulationError> {
    PartFile::create(folder, system, name)?.finish(rows, truth)
}
