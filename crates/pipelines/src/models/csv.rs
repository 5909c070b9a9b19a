//! CSV files of the bank directory that a model learns from: every column as text, since what looks like a number may be a label.

use std::{io::Cursor, sync::Arc};

use arrow::{
    array::{Array as _, AsArray, RecordBatch},
    csv::{ReaderBuilder, reader::Format},
    datatypes::{DataType, Field, Schema},
};

use super::wrong;
use crate::{FlowError, House};

/// The longest file.
const BYTES_MAX: u64 = 256 << 20;

/// A file that was read.
pub(super) struct CsvFile<'a> {
    model: &'a str,
    path: &'a str,
    batches: Vec<RecordBatch>,
}

impl<'a> CsvFile<'a> {
    /// Reads a file, by its path as seen from the bank directory. `model` is what errors name.
    pub(super) fn read(house: &House, model: &'a str, path: &'a str) -> Result<Self, FlowError> {
        let whole = house.bank.path(path);
        let wrong = |what: String| wrong(model, format!("`{path}`: {what}"));
        let size = std::fs::metadata(&whole).map_err(|e| FlowError::file(&whole, e))?.len();
        if size > BYTES_MAX {
            return Err(wrong(format!("it has {size} bytes; {BYTES_MAX} are the most")));
        }
        let bytes = std::fs::read(&whole).map_err(|e| FlowError::file(&whole, e))?;
        let unreadable = |e: arrow::error::ArrowError| wrong(format!("it is no CSV in UTF-8 with a header: {e}"));
        let format = Format::default().with_header(true);
        let (header, _) = format.infer_schema(Cursor::new(&bytes), Some(1)).map_err(unreadable)?;
        let fields: Vec<Field> =
            header.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true)).collect();
        let reader = ReaderBuilder::new(Arc::new(Schema::new(fields))).with_format(format).build(Cursor::new(&bytes));
        let batches = reader.map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(Self { model, path, batches })
    }

    /// What is wrong with it, as an error that names it.
    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> FlowError {
        wrong(self.model, format!("`{}`: {what}", self.path))
    }

    /// The values of two columns, trimmed, of the rows in which both are there.
    pub(super) fn pairs(&self, one: &str, other: &str) -> Result<Vec<(&str, &str)>, FlowError> {
        let mut pairs = Vec::new();
        for batch in &self.batches {
            let (ones, others) = (self.column(batch, one)?, self.column(batch, other)?);
            let rows = (0..batch.num_rows()).filter(|&row| ones.is_valid(row) && others.is_valid(row));
            pairs.extend(rows.map(|row| (ones.value(row).trim(), others.value(row).trim())));
        }
        Ok(pairs)
    }

    fn column<'b>(&self, batch: &'b RecordBatch, name: &str) -> Result<&'b arrow::array::StringArray, FlowError> {
        let found = batch.column_by_name(name).map(AsArray::as_string::<i32>);
        found.ok_or_else(|| {
            let schema = batch.schema();
            let there = schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
            self.wrong(format!("it has no column `{name}`; there are: {there}"))
        })
    }
}
