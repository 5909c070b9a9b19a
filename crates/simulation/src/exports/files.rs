//! Files that grow part by part, and count their records.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};

use super::rows::Rows;
use crate::{SimulationError, dirt::Flaw, truth::Truth};

/// Fast rather than small: a level more costs a third of the speed and saves a tenth of the bytes.
const GZIP_LEVEL: u32 = 1;

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

impl Part {
    /// Compressed as a whole gzip member; members that follow one another are one gzip file.
    pub(crate) fn gzipped(self) -> Self {
        let mut encoder =
            GzBuilder::new().mtime(0).write(Vec::with_capacity(self.bytes.len() / 6), Compression::new(GZIP_LEVEL));
        // Writing to memory cannot fail.
        let bytes = encoder.write_all(&self.bytes).and_then(|()| encoder.finish()).unwrap_or_default();
        Self { bytes, ..self }
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
    let mut file = PartFile::create(folder, system, name)?;
    file.append(&Part::from(rows), truth)?;
    file.close()
}
