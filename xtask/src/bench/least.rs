//! The least that a question must read: the bytes of its columns in the table's files, copied from memory and not looked at.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::workbench::Workbench;
use crate::house;

/// What `least_read.py` prints.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Least {
    /// Bytes of the columns, as they lie in the files.
    pub(super) bytes: u64,
    /// The median time to read them, on as many threads as the sides have.
    pub(super) seconds: f64,
}

impl Least {
    /// Of a table of a lake, some columns.
    ///
    /// # Errors
    /// When the table's files cannot be read.
    pub(super) fn of(bench: &Workbench, table: &Path, columns: &[&str]) -> Result<Self> {
        let mut command = bench.script("least_read.py");
        command.arg(table).arg(bench.threads.to_string()).arg(columns.join(","));
        serde_json::from_str(house::output(&mut command)?.trim()).context("least_read.py wrote no result")
    }
}
