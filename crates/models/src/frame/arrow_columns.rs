//! Arrow arrays as columns.

use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    compute::cast,
    datatypes::DataType,
};

use super::{Column, Frame, Values};
use crate::error::{ModelError, Result, library};

impl Frame {
    /// The columns of a batch as features: numbers, decimals and booleans (0, 1) as numbers, texts as categories, dates as days since
    /// 1970. `features` says which and in which order.
    ///
    /// # Errors
    /// When a column is not there, or of a type that says nothing to a learner (times, lists, structures, bytes).
    pub fn from_arrow(batch: &RecordBatch, features: &[&str]) -> Result<Self> {
        let names: Vec<&str> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        let column = |name: &&str| match batch.column_by_name(name) {
            Some(array) => Column::from_arrow(name, array),
            None => Err(ModelError::UnknownColumn {
                name: (*name).to_owned(),
                help: crate::names::advice(name, "columns", names.iter().copied()),
            }),
        };
        Self::new(features.iter().map(column).collect::<Result<Vec<_>>>()?)
    }
}

impl Column {
    /// An Arrow array as a feature; see [`Frame::from_arrow`].
    ///
    /// # Errors
    /// When its type says nothing to a learner.
    pub fn from_arrow(name: &str, array: &ArrayRef) -> Result<Self> {
        let values = match array.data_type() {
            ty if ty.is_numeric() => numbers(name, array)?,
            DataType::Boolean => numbers(name, array)?,
            DataType::Date32 => numbers(name, &converted(array, &DataType::Int32)?)?,
            DataType::Null => Values::Number(vec![f64::NAN; array.len()]),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return texts(name, array),
            DataType::Dictionary(_, of) if matches!(**of, DataType::Utf8 | DataType::LargeUtf8) => {
                return texts(name, array);
            }
            other => return Err(untaken(name, other)),
        };
        Ok(Self { name: name.to_owned(), values })
    }
}

fn untaken(name: &str, ty: &DataType) -> ModelError {
    ModelError::ColumnType {
        name: name.to_owned(),
        found: format!("a {ty}"),
        help: "a feature is a number, a boolean, a date or a text; turn a time into days or hours before the date it is as of",
    }
}

fn converted(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    cast(array, ty).map_err(|error| library("reading a column", error))
}

fn numbers(name: &str, array: &ArrayRef) -> Result<Values> {
    let array = converted(array, &DataType::Float64)?;
    let array = array.as_any().downcast_ref::<arrow::array::Float64Array>();
    let array = array.ok_or_else(|| untaken(name, &DataType::Float64))?;
    Ok(Values::Number(array.iter().map(|value| value.unwrap_or(f64::NAN)).collect()))
}

fn texts(name: &str, array: &ArrayRef) -> Result<Column> {
    let array = converted(array, &DataType::Utf8)?;
    let array = array.as_any().downcast_ref::<arrow::array::StringArray>();
    let array = array.ok_or_else(|| untaken(name, &DataType::Utf8))?;
    Ok(Column::category(name, &array.iter().collect::<Vec<_>>()))
}
