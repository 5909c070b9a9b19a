//! Small Parquet files, row by row: the truth, and some exports.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
        TimestampMicrosecondBuilder,
    },
    datatypes::{DataType, Field, Schema, TimeUnit},
};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    file::properties::{WriterProperties, WriterVersion},
};

use crate::SimulationError;

/// Rows that are kept before they are written.
const ROWS_MAX: usize = 1 << 16;
const UTC: &str = "UTC";

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Text,
    Int,
    Float,
    Bool,
    Date,
    /// A moment in UTC.
    Time,
}

/// A value of a row. `None` fits every column.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01, UTC.
    Time(i64),
    None,
}

enum Column {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Time(TimestampMicrosecondBuilder),
}

/// A Parquet file that is being written.
pub(crate) struct Table {
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    pub(crate) fn create(path: &Path, columns: &[(&str, Type)]) -> Result<Self, SimulationError> {
        let fields: Vec<Field> = columns.iter().map(|(name, ty)| Field::new(*name, data_type(*ty), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let file = File::create(path).map_err(SimulationError::file("write", path))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties()))?;
        Ok(Self { writer, schema, columns: columns.iter().map(|(_, ty)| Column::new(*ty)).collect(), rows: 0 })
    }

    /// Appends a row: a cell for each column, of its type or `None`.
    pub(crate) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), SimulationError> {
        for (at, column) in self.columns.iter_mut().enumerate() {
            column.push(cells.get(at).copied().unwrap_or(Cell::None));
        }
        self.rows += 1;
        if self.rows >= ROWS_MAX { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SimulationError> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        self.rows = 0;
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        Ok(())
    }

    pub(crate) fn close(mut self) -> Result<(), SimulationError> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }
}

/// How all Parquet files of the bank are written. Nothing in them names a clock.
pub(crate) fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("florin-simulation".to_owned())
        .build()
}

fn data_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
        Type::Int => DataType::Int64,
        Type::Float => DataType::Float64,
        Type::Bool => DataType::Boolean,
        Type::Date => DataType::Date32,
        Type::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    }
}

impl Column {
    fn new(ty: Type) -> Self {
        match ty {
            Type::Text => Self::Text(StringBuilder::new()),
            Type::Int => Self::Int(Int64Builder::new()),
            Type::Float => Self::Float(Float64Builder::new()),
            Type::Bool => Self::Bool(BooleanBuilder::new()),
            Type::Date => Self::Date(Date32Builder::new()),
            Type::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(b), Cell::Text(text)) => b.append_value(text),
            (Self::Int(b), Cell::Int(value)) => b.append_value(value),
            (Self::Float(b), Cell::Float(value)) => b.append_value(value),
            (Self::Bool(b), Cell::Bool(value)) => b.append_value(value),
            (Self::Date(b), Cell::Date(day)) => b.append_value(day),
            (Self::Time(b), Cell::Time(ms)) => b.append_value(ms * 1000),
            (Self::Text(b), _) => b.append_null(),
            (Self::Int(b), _) => b.append_null(),
            (Self::Float(b), _) => b.append_null(),
            (Self::Bool(b), _) => b.append_null(),
            (Self::Date(b), _) => b.append_null(),
            (Self::Time(b), _) => b.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(b) => Arc::new(b.finish()),
            Self::Int(b) => Arc::new(b.finish()),
            Self::Float(b) => Arc::new(b.finish()),
            Self::Bool(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Time(b) => Arc::new(b.finish()),
        }
    }
}
