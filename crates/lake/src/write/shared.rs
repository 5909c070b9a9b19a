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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow::{
        array::{BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray},
        compute::concat_batches,
    };
    use florin_domain::{ColumnDef, ColumnType, DataClass};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::{Location, write::FileSink};

    const ROWS: usize = 50_000;

    fn table(name: &str) -> Arc<TableDef> {
        let column = |name: &str, ty, required| ColumnDef {
            name: name.to_owned(),
            ty,
            class: DataClass::C1,
            required,
            about: String::new(),
        };
        Arc::new(TableDef {
            name: format!("traits.{name}"),
            about: String::new(),
            key: vec!["customer_id".to_owned(), "valid_from".to_owned()],
            versions_of: vec!["customer_id".to_owned()],
            order: vec!["valid_from".to_owned()],
            purposes: Vec::new(),
            columns: vec![
                column("customer_id", ColumnType::Int, true),
                column("value", ColumnType::Float, false),
                column("filled", ColumnType::Bool, false),
                column("valid_from", ColumnType::Timestamp, true),
            ],
        })
    }

    /// Rows whose values go by `seed`; all else is the same array in every table.
    fn rows(table: &TableDef, common: &HashMap<&str, ArrayRef>, seed: i64) -> Vec<RecordBatch> {
        let schema = table.schema();
        let column = |field: &FieldRef| -> ArrayRef {
            match field.name().as_str() {
                "value" => Arc::new((0..ROWS as i64).map(|n| Some((n * seed) as f64 / 7.0)).collect::<Float64Array>()),
                "filled" => Arc::new((0..ROWS as i64).map(|n| Some(n % seed == 0)).collect::<BooleanArray>()),
                name => Arc::clone(common.get(name).unwrap_or(&common["anything"])),
            }
        };
        let all = RecordBatch::try_new(Arc::clone(&schema), schema.fields().iter().map(column).collect()).unwrap();
        (0..ROWS).step_by(20_000).map(|from| all.slice(from, 20_000.min(ROWS - from))).collect()
    }

    #[test]
    fn files_with_columns_in_common_read_as_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::local(dir.path()).unwrap();
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![77; ROWS]).with_timezone("UTC"));
        let numbers: ArrayRef = Arc::new((0..ROWS as i64).collect::<Int64Array>());
        let source: ArrayRef = Arc::new(StringArray::from(vec!["florin run"; ROWS]));
        let of_times = ["valid_from", "known_at", "received_at"].map(|name| (name, Arc::clone(&times)));
        let mut common: HashMap<&str, ArrayRef> = HashMap::from(of_times);
        common.extend([("source", source), ("anything", numbers)]);
        let tables = [table("one"), table("other")];
        let sorted: Vec<SortedRows<'_>> = (2..)
            .zip(&tables)
            .map(|(seed, table)| SortedRows {
                rows: rows(table, &common, seed),
                sink: FileSink {
                    location: &location,
                    table,
                    scratch: dir.path(),
                    name: "x",
                    now_millis: 0,
                    workers: 1,
                    on_rows: &|_| {},
                },
            })
            .collect();
        let shared = SharedColumns::among(&sorted);
        let own = sorted[0].rows[0].num_columns() - shared.columns.len();
        assert_eq!(own, 2, "all but values and whether they are filled is in both files");
        for (at, table) in sorted.iter().enumerate() {
            assert!(shared.are_in(table));
            let path = dir.path().join(format!("{at}.parquet"));
            drop(shared.write(table, BufWriter::new(File::create(&path).unwrap())).unwrap().into_inner().unwrap());
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
            let statistics = reader.metadata().row_group(0).column(0).statistics().cloned();
            assert!(statistics.is_some(), "what is pruned by is there");
            let read: Vec<RecordBatch> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
            let schema = table.sink.table.schema();
            let read = concat_batches(&read[0].schema(), &read).unwrap();
            let written = concat_batches(&schema, &table.rows).unwrap();
            assert_eq!(read.columns(), written.columns(), "table {at}");
        }
        // Values that are equal and lie elsewhere are not the same.
        let alone = SharedColumns::among(&sorted[..1]);
        assert!(!alone.are_in(&sorted[0]));
    }
}
