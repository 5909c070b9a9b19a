//! Files that are handed out: written beside the lake, sent, removed.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use florin_api::FileFormat;
use florin_pipelines::{House, segments::ExportFormat};

use crate::failure::Failure;

/// Where files lie until they are sent.
const FOLDER: &str = "outgoing";

/// A file that is removed when dropped, sent or not.
pub(super) struct Outgoing {
    path: PathBuf,
    format: FileFormat,
}

impl Outgoing {
    pub(super) fn new(house: &House, format: FileFormat) -> Result<Self, Failure> {
        let name = format!("{}.{}", house.fresh_id(), ending(format));
        Ok(Self { path: house.folder(FOLDER)?.join(name), format })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file as an answer, to be saved under that name.
    pub(super) async fn sent(self, name: &str) -> Result<Response, Failure> {
        let bytes = tokio::fs::read(&self.path).await.map_err(Failure::inside)?;
        let mut answer = Response::new(Body::from(bytes));
        let kept = format!("attachment; filename=\"{name}.{}\"", ending(self.format));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(self.format)));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&kept).map_err(Failure::inside)?);
        Ok(answer)
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // It may never have been written.
        let _ = std::fs::remove_file(&self.path);
    }
}

pub(super) fn format(of: FileFormat) -> ExportFormat {
    match of {
        FileFormat::Csv => ExportFormat::Csv,
        FileFormat::Xlsx => ExportFormat::Xlsx,
        FileFormat::Parquet => ExportFormat::Parquet,
    }
}

fn ending(of: FileFormat) -> &'static str {
    match of {
        FileFormat::Csv => "csv",
        FileFormat::Xlsx => "xlsx",
        FileFormat::Parquet => "parquet",
    }
}

fn kind(of: FileFormat) -> &'static str {
    match of {
        FileFormat::Csv => "text/csv; charset=utf-8",
        FileFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FileFormat::Parquet => "application/vnd.apache.parquet",
    }
}
