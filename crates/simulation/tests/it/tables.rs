//! Reading Parquet files as columns of texts and numbers.

use std::{fs::File, path::Path};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::{cast, concat_batches},
    datatypes::{DataType, Float64Type},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub(crate) struct Columns(arrow::array::RecordBatch);

pub(crate) fn read(path: &Path) -> Columns {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    Columns(concat_batches(&schema, &batches).unwrap())
}

impl Columns {
    pub(crate) fn rows(&self) -> usize {
        self.0.num_rows()
    }

    fn column(&self, name: &str, ty: &DataType) -> ArrayRef {
        cast(self.0.column_by_name(name).unwrap(), ty).unwrap()
    }

    /// Texts; missing is empty.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.column(name, &DataType::Utf8)
            .as_string::<i32>()
            .iter()
            .map(|text| text.unwrap_or_default().to_owned())
            .collect()
    }

    /// Numbers, days, truth values; missing is not a number.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        let column = self.0.column_by_name(name).unwrap();
        let whole = match column.data_type() {
            DataType::Date32 => cast(column, &DataType::Int32).unwrap(),
            DataType::Timestamp(..) => cast(column, &DataType::Int64).unwrap(),
            _ => ArrayRef::clone(column),
        };
        let numbers = cast(&whole, &DataType::Float64).unwrap();
        let numbers = numbers.as_primitive::<Float64Type>();
        (0..numbers.len()).map(|row| if numbers.is_valid(row) { numbers.value(row) } else { f64::NAN }).collect()
    }
}
