//! Columns of answers, by name, as what they are needed as.

use arrow::{
    array::{ArrayRef, AsArray as _, BooleanArray, Float64Array, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::EventTime;

use crate::FlowError;

/// A column, which must be there; `what` is what its query is called.
pub(super) fn column<'b>(batch: &'b RecordBatch, name: &str, what: &str) -> Result<&'b ArrayRef, FlowError> {
    batch.column_by_name(name).ok_or_else(|| FlowError::Offer(format!("{what} gives no column `{name}`")))
}

/// As texts.
pub(super) fn texts(column: &ArrayRef) -> Result<StringArray, FlowError> {
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// As numbers.
pub(super) fn numbers(column: &ArrayRef) -> Result<Float64Array, FlowError> {
    Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// As yes and no.
pub(super) fn flags(column: &ArrayRef) -> Result<BooleanArray, FlowError> {
    Ok(cast(column, &DataType::Boolean)?.as_boolean().clone())
}

/// As moments. A day is its first moment in UTC.
pub(super) fn moments(column: &ArrayRef) -> Result<Vec<Option<EventTime>>, FlowError> {
    let plain = cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    Ok(plain.as_primitive::<TimestampMicrosecondType>().iter().map(|at| at.map(EventTime)).collect())
}
