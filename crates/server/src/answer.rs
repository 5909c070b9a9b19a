//! Rows as JSON.

use std::time::Instant;

use arrow::{
    array::{Array, ArrayRef, AsArray as _, RecordBatch},
    datatypes::{
        DataType, Float32Type, Float64Type, Int64Type, SchemaRef, TimeUnit, TimestampMicrosecondType, UInt64Type,
    },
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_api::{AnswerColumn, Rows};
use florin_lake::QueryOutput;
use futures::TryStreamExt as _;
use serde_json::Value;

use crate::failure::Failure;

/// The largest integer that a program which reads JSON numbers as doubles holds exactly.
const EXACT_MAX: u64 = 1 << 53;

/// The first rows of an answer, at most `rows_max`, and whether there are more.
pub(crate) async fn rows(output: QueryOutput, rows_max: usize, began: Instant) -> Result<Rows, Failure> {
    let QueryOutput { schema, mut batches } = output;
    let (mut rows, mut more) = (Vec::new(), false);
    while let Some(batch) = batches.try_next().await? {
        let room = rows_max - rows.len();
        more = batch.num_rows() > room;
        push(&batch.slice(0, batch.num_rows().min(room)), &mut rows)?;
        if more {
            break;
        }
    }
    Ok(Rows { columns: columns(&schema), rows, more, took_ms: took_ms(began) })
}

/// All rows of some batches.
pub(crate) fn all_rows(batches: &[RecordBatch]) -> Result<Rows, Failure> {
    let mut rows = Vec::new();
    batches.iter().try_for_each(|batch| push(batch, &mut rows))?;
    let columns = batches.first().map(|batch| columns(&batch.schema())).unwrap_or_default();
    Ok(Rows { columns, rows, more: false, took_ms: 0.0 })
}

/// Milliseconds since then.
pub(crate) fn took_ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

fn columns(schema: &SchemaRef) -> Vec<AnswerColumn> {
    let column = |field: &arrow::datatypes::FieldRef| AnswerColumn {
        name: field.name().clone(),
        kind: kind(field.data_type()).to_owned(),
    };
    schema.fields().iter().map(column).collect()
}

fn kind(of: &DataType) -> &'static str {
    match of {
        DataType::Boolean => "bool",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "time",
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::Struct(_) => "list",
        other if other.is_numeric() => "number",
        DataType::Dictionary(_, of) => kind(of),
        _ => "text",
    }
}

fn push(batch: &RecordBatch, into: &mut Vec<Vec<Value>>) -> Result<(), Failure> {
    let columns = batch.columns().iter().map(cells).collect::<Result<Vec<_>, Failure>>()?;
    let first = into.len();
    into.resize_with(first + batch.num_rows(), || Vec::with_capacity(columns.len()));
    for column in columns {
        into[first..].iter_mut().zip(column).for_each(|(row, cell)| row.push(cell));
    }
    Ok(())
}

fn cells(column: &ArrayRef) -> Result<Vec<Value>, Failure> {
    Ok(match column.data_type() {
        DataType::Boolean => column.as_boolean().iter().map(|v| v.map_or(Value::Null, Value::from)).collect(),
        DataType::Float64 => {
            column.as_primitive::<Float64Type>().iter().map(|v| v.map_or(Value::Null, Value::from)).collect()
        }
        DataType::Float32 => column
            .as_primitive::<Float32Type>()
            .iter()
            .map(|v| v.map_or(Value::Null, |v| f64::from(v).into()))
            .collect(),
        DataType::UInt64 => {
            column.as_primitive::<UInt64Type>().iter().map(|v| v.map_or(Value::Null, unsigned)).collect()
        }
        DataType::Timestamp(..) => {
            let micros = arrow::compute::cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            micros
                .as_primitive::<TimestampMicrosecondType>()
                .iter()
                .map(|v| v.map_or(Value::Null, Value::from))
                .collect()
        }
        of if of.is_integer() => {
            let wide = arrow::compute::cast(column, &DataType::Int64)?;
            wide.as_primitive::<Int64Type>().iter().map(|v| v.map_or(Value::Null, signed)).collect()
        }
        _ => shown(column)?,
    })
}

fn signed(value: i64) -> Value {
    if value.unsigned_abs() <= EXACT_MAX { value.into() } else { value.to_string().into() }
}

fn unsigned(value: u64) -> Value {
    if value <= EXACT_MAX { value.into() } else { value.to_string().into() }
}

/// Everything else, as people write it: decimals exactly, dates as `2026-01-31`.
fn shown(column: &ArrayRef) -> Result<Vec<Value>, Failure> {
    let options = FormatOptions::default();
    let shown = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let cell = |row| if column.is_null(row) { Value::Null } else { Value::from(shown.value(row).to_string()) };
    Ok((0..column.len()).map(cell).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_json_cannot_hold_exactly_is_text() {
        let money = Decimal128Array::from(vec![Some(125_000), None, Some(-1)]).with_precision_and_scale(18, 4).unwrap();
        let batch = RecordBatch::try_from_iter([
            ("n", Arc::new(Int64Array::from(vec![Some(1), Some(i64::MAX), None])) as ArrayRef),
            ("f", Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None])) as ArrayRef),
            ("m", Arc::new(money) as ArrayRef),
            ("t", Arc::new(StringArray::from(vec![Some("a"), None, Some("")])) as ArrayRef),
        ])
        .unwrap();
        let rows = all_rows(&[batch]).unwrap();
        assert_eq!(rows.rows[0], [json!(1), json!(0.5), json!("12.5000"), json!("a")]);
        assert_eq!(rows.rows[1], [json!("9223372036854775807"), json!(null), json!(null), json!(null)]);
        assert_eq!(rows.rows[2], [json!(null), json!(null), json!("-0.0001"), json!("")]);
        let kinds: Vec<&str> = rows.columns.iter().map(|c| c.kind.as_str()).collect();
        assert_eq!(kinds, ["number", "number", "number", "text"]);
    }
}
