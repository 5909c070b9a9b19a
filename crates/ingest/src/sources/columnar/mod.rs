//! Files that know their types: Parquet and Arrow IPC.
//!
//! Declared columns are converted exactly, or the record is rejected: integers widen, decimals change their scale only
//! without loss, texts are read as in text files, times become UTC microseconds (a time without a zone is in the
//! column's). Columns whose type can never become the declared one refuse the file.

mod cast;
pub(super) mod ipc;
pub(super) mod parquet;

use std::path::Path;

use arrow::{
    array::{ArrayRef, RecordBatch, new_null_array},
    datatypes::{DataType, Schema},
    error::ArrowError,
};

use super::{
    Chunk, SourceError,
    chunk::RawRows,
    plan::{Layout, Plan},
    rows::Rows,
};
use crate::definition::InputDef;

/// Rows of one chunk, at most.
const CHUNK_ROWS: usize = 1 << 16;

fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// Where the declared columns are, if all can be what is declared.
fn layout(input: &InputDef, plan: &Plan, path: &Path, schema: &Schema) -> Result<Layout, SourceError> {
    let layout = Layout::by_name(input, plan, path, &names(schema))?;
    for (column, field) in plan.columns.iter().zip(&layout.fields) {
        let Some(field) = field.map(|at| schema.field(at)) else { continue };
        if !cast::is_readable(field.data_type(), column.ty) {
            return Err(SourceError::ColumnType {
                path: path.to_owned(),
                column: column.name.to_string(),
                found: field.data_type().to_string(),
                wanted: column.ty.name(),
            });
        }
    }
    Ok(layout)
}

/// The fields of the file that are declared, ascending.
fn projection(layout: &Layout) -> Vec<usize> {
    let mut fields: Vec<usize> = layout.fields.iter().flatten().copied().collect();
    fields.sort_unstable();
    fields
}

/// Rows of a batch that holds the projected columns; `first` is the number of its first record.
fn chunk_of(
    plan: &Plan,
    layout: &Layout,
    projected: &[usize],
    batch: RecordBatch,
    first: u64,
) -> Result<Chunk, ArrowError> {
    let count = batch.num_rows();
    let mut rows = Rows::new(plan, count);
    for (at, field) in layout.fields.iter().enumerate() {
        let place = field.and_then(|field| projected.iter().position(|p| *p == field));
        let array: ArrayRef = match place {
            Some(place) => cast::simplified(batch.column(place))?,
            None => new_null_array(&DataType::Null, count),
        };
        rows.read_array(at, |column, failed| cast::read(column, &array, failed));
    }
    rows.len = count;
    let numbers: Vec<u64> = (first..).take(count).collect();
    let raw = RawRows::Arrays { batch, rows: (0..count).collect() };
    Ok(Chunk::of_filled(rows.finish()?, &numbers, raw, Vec::new()))
}
