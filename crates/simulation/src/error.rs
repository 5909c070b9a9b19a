//! What can go wrong while a bank is made.

use std::{io, path::PathBuf};

/// Why a bank could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// The settings ask for something that cannot be.
    #[error("`{setting}` is {found}; {allowed}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it was.
        found: u64,
        /// What may be.
        allowed: &'static str,
    },
    /// A file could not be written or read.
    #[error("cannot {verb} `{path}`")]
    File {
        /// `write`, `read` or `make`.
        verb: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A Parquet file could not be written or read.
    #[error("cannot encode or decode a Parquet file")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Arrow refused a batch.
    #[error("cannot build a batch of rows")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A workbook could not be written.
    #[error("cannot write a workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The folder has something in it already.
    #[error("`{path}` is not empty")]
    NotEmpty {
        /// Which folder.
        path: PathBuf,
    },
}

impl SimulationError {
    /// For `map_err`: a failure with a file.
    pub(crate) fn file(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { verb, path, source }
    }
}
