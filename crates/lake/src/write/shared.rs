//! Columns that several files have in common, encoded once.
//!
//! Sixty traits of the same customers are sixty files in which nine columns of eleven are the same: whose rows they are, when they were made, of
//! what. Parquet lets an encoded column be put into another file as it is.

use std::{
    collections::HashMap,
    fs::File,
    io::BufWriter,
    sync::{Arc, OnceLock},
};

use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    datatypes::{DataType, FieldRef, Schema, SchemaRef},
};
use bytes::Bytes;
use florin_domain::TableDef;
use parquet::{
    arrow::{
        ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata,
        arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves},
    },
    column::writer::ColumnCloseResult,
    errors::ParquetError,
    file::{
        metadata::{PageIndexPolicy, ParquetMetaDataReader},
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
};

use super::SortedRows;
use crate::{LakeError, layout};

/// The same values under the same name: where they lie in memory, piece by piece. The rows they are of are kept while files are made of them, so no
/// other values come to lie there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Same {
    name: String,
    ty: DataType,
    written: (bool, bool),
    pieces: Vec<Piece>,
}

/// Where values lie, which of them are there, the first, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Piece {
    values: Vec<usize>,
    nulls: Option<usize>,
    first: usize,
    len: usize,
}

/// A column as it stands in a file, and what the file says of it.
struct Encoded {
    bytes: Bytes,
    close: ColumnCloseResult,
}

/// The columns that more than one file has.
pub(super) struct SharedColumns {
    columns: HashMap<Same, OnceLock<Result<Arc<Encoded>, String>>>,
}

impl SharedColumns {
    /// Of files that are to be made of these rows.
    pub(super) fn among(tables: &[SortedRows<'_>]) -> Self {
        let mut counts: HashMap<Same, usize> = HashMap::new();
        for table in tables.iter().filter(|table| is_one_group(&table.rows)) {
            for column in 0..table.sink.table.schema().fields().len() {
                *counts.entry(Same::of(table, column)).or_default() += 1;
            }
        }
        let shared = counts.into_iter().filter(|(_, count)| *count > 1);
        Self { columns: shared.map(|(same, _)| (same, OnceLock::new())).collect() }
    }

    /// Whether a file has any of them.
    pub(super) fn are_in(&self, table: &SortedRows<'_>) -> bool {
        let mut columns = 0..table.sink.table.schema().fields().len();
        is_one_group(&table.rows) && columns.any(|column| self.columns.contains_key(&Same::of(table, column)))
    }

    /// Writes the rows of a table into a file: what it shares as it was encoded once, by whoever needed it first.
    pub(super) fn write(&self, table: &SortedRows<'_>, file: BufWriter<File>) -> Result<BufWriter<File>, LakeError> {
        let schema = table.sink.table.schema();
        let mut writer = writer(file, &schema, layout::writer_properties(table.sink.table))?;
        let own = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema)).create_column_writers(0)?;
        let mut group = writer.next_row_group()?;
        for ((at, field), column) in schema.fields().iter().enumerate().zip(own) {
            match self.columns.get(&Same::of(table, at)) {
                Some(shared) => {
                    let encoded = shared.get_or_init(|| encoded(table, at).map(Arc::new).map_err(|e| e.to_string()));
                    let encoded = encoded.as_ref().map_err(|e| ParquetError::General(e.clone()))?;
                    group.append_column(&encoded.bytes, encoded.close.clone())?;
                }
                None => append(&mut group, column, field, table.rows.iter().map(|rows| rows.column(at)))?,
            }
        }
        group.close()?;
        Ok(writer.into_inner()?)
    }
}

/// All rows fit in one row group, as all files that share columns have one.
fn is_one_group(rows: &[RecordBatch]) -> bool {
    let count: usize = rows.iter().map(RecordBatch::num_rows).sum();
    (1..=layout::ROW_GROUP_ROWS).contains(&count)
}

impl Same {
    fn of(table: &SortedRows<'_>, column: usize) -> Self {
        let schema = table.sink.table.schema();
        let field = schema.field(column);
        let piece = |rows: &RecordBatch| {
            let data = rows.column(column).to_data();
            Piece {
                values: data.buffers().iter().map(|buffer| buffer.as_ptr() as usize).collect(),
                nulls: data.nulls().map(|nulls| nulls.validity().as_ptr() as usize),
                first: data.offset(),
                len: data.len(),
            }
        };
        Self {
            name: field.name().clone(),
            ty: field.data_type().clone(),
            written: layout::how(table.sink.table, field.name()),
            pieces: table.rows.iter().map(piece).collect(),
        }
    }
}

fn writer<W: std::io::Write + Send>(
    into: W,
    schema: &SchemaRef,
    mut properties: WriterProperties,
) -> Result<SerializedFileWriter<W>, ParquetError> {
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    let columns = ArrowSchemaConverter::new().convert(schema)?;
    SerializedFileWriter::new(into, columns.root_schema_ptr(), Arc::new(properties))
}

fn append<'a, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    mut column: ArrowColumnWriter,
    field: &FieldRef,
    pieces: impl Iterator<Item = &'a ArrayRef>,
) -> Result<(), ParquetError> {
    for piece in pieces {
        for leaf in compute_leaves(field, piece)? {
            column.write(&leaf)?;
        }
    }
    column.close()?.append_to_row_group(group)
}

/// A column in a file of its own, in memory.
fn encoded(table: &SortedRows<'_>, at: usize) -> Result<Encoded, ParquetError> {
    let def: &TableDef = table.sink.table;
    let whole = def.schema();
    let field = Arc::clone(&whole.fields()[at]);
    let schema: SchemaRef = Arc::new(Schema::new(vec![Arc::clone(&field)]));
    let mut writer = writer(Vec::new(), &schema, layout::writer_properties(def))?;
    let own = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema)).create_column_writers(0)?;
    let mut group = writer.next_row_group()?;
    for column in own {
        append(&mut group, column, &field, table.rows.iter().map(|rows| rows.column(at)))?;
    }
    group.close()?;
    let bytes = Bytes::from(writer.into_inner()?);
    let metadata =
        ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(&bytes)?;
    let group = metadata.row_group(0);
    let column = group.column(0).clone();
    let close = ColumnCloseResult {
        bytes_written: column.compressed_size().cast_unsigned(),
        rows_written: group.num_rows().cast_unsigned(),
        bloom_filter: None,
        column_index: metadata.column_index().and_then(|all| all.first()?.first().cloned()),
        offset_index: metadata.offset_index().and_then(|all| all.first()?.first().cloned()),
        metadata: column,
    };
    Ok(Encoded { bytes, close })
}
