//! Arguments of a call: their types before there are values, and those that must be constants.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, IntervalUnit, Schema, TimeUnit},
};
use datafusion::{
    common::{Result, ScalarValue, exec_err, plan_err},
    logical_expr::ColumnarValue,
    physical_expr::PhysicalExpr,
};

use crate::within;

const MICROS_A_SECOND: u64 = 1_000_000;
const MICROS_A_DAY: u64 = 86_400 * MICROS_A_SECOND;
/// Conditions a function takes: as many as ClickHouse's, and as steps of a funnel.
pub(super) const CONDITIONS_MAX: usize = 32;

/// What a span of time is handed in as.
pub(super) fn span_type(function: &str, what: &str, ty: &DataType) -> Result<DataType> {
    match ty {
        ty if ty.is_integer() => Ok(DataType::Int64),
        DataType::Interval(_) => Ok(DataType::Interval(IntervalUnit::MonthDayNano)),
        ty if is_text(ty) => Ok(DataType::Utf8),
        _ => plan_err!(
            "{function}: the {what} is a {ty}; write `interval '30 minutes'`, a text like '14 days', or a whole number of seconds"
        ),
    }
}

/// What times are handed in as: microseconds, or whole numbers that have no unit.
pub(super) fn time_type(function: &str, ty: &DataType) -> Result<DataType> {
    match ty {
        DataType::Timestamp(_, zone) => Ok(DataType::Timestamp(TimeUnit::Microsecond, zone.clone())),
        DataType::Date32 | DataType::Date64 => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
        ty if ty.is_integer() => Ok(DataType::Int64),
        _ => plan_err!("{function}: the time is a {ty}; it must be a timestamp, a date or a whole number"),
    }
}

/// What conditions are handed in as.
pub(super) fn condition_types(function: &str, types: &[DataType]) -> Result<Vec<DataType>> {
    if types.is_empty() || types.len() > CONDITIONS_MAX {
        return plan_err!("{function}: {} conditions are given; it takes 1 to {CONDITIONS_MAX}", types.len());
    }
    let wrong = types.iter().position(|ty| !matches!(ty, DataType::Boolean | DataType::Null));
    if let Some(wrong) = wrong {
        let (number, ty) = (wrong + 1, &types[wrong]);
        return plan_err!(
            "{function}: condition {number} is a {ty}; it must be true or false, such as `name = 'login'`"
        );
    }
    Ok(vec![DataType::Boolean; types.len()])
}

pub(super) fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The value of an argument that is the same for all rows.
pub(super) fn constant(function: &str, what: &str, argument: &Arc<dyn PhysicalExpr>) -> Result<ScalarValue> {
    let no_rows = RecordBatch::new_empty(Arc::new(Schema::empty()));
    match argument.evaluate(&no_rows) {
        Ok(ColumnarValue::Scalar(value)) => Ok(value),
        _ => exec_err!("{function}: the {what} must be a constant, not `{argument}`"),
    }
}

/// A constant text.
pub(super) fn text(function: &str, what: &str, argument: &Arc<dyn PhysicalExpr>) -> Result<String> {
    match constant(function, what, argument)?.try_as_str() {
        Some(Some(text)) => Ok(text.to_owned()),
        _ => exec_err!("{function}: the {what} must be a text, not `{argument}`"),
    }
}

/// A constant span of time, in the unit of `time`: microseconds for timestamps.
pub(super) fn span(function: &str, what: &str, argument: &Arc<dyn PhysicalExpr>, time: &DataType) -> Result<u64> {
    let value = constant(function, what, argument)?;
    let has_unit = time != &DataType::Int64;
    let micros = match &value {
        ScalarValue::Int64(Some(number)) => {
            u64::try_from(*number).ok().and_then(|n| n.checked_mul(if has_unit { MICROS_A_SECOND } else { 1 }))
        }
        ScalarValue::IntervalMonthDayNano(Some(span)) if has_unit && span.months == 0 => {
            let days = u64::try_from(span.days).ok().and_then(|days| days.checked_mul(MICROS_A_DAY));
            days.zip(u64::try_from(span.nanoseconds / 1000).ok()).and_then(|(days, rest)| days.checked_add(rest))
        }
        ScalarValue::Utf8(Some(text)) if has_unit => within::micros(text).ok(),
        _ => None,
    };
    match micros {
        Some(micros) => Ok(micros),
        None if has_unit => exec_err!(
            "{function}: `{value}` is no {what}; give seconds, or a span of seconds to weeks such as `interval '14 days'`: a month has no length of its own"
        ),
        None => exec_err!("{function}: times are numbers here, so the {what} must be one too, not `{value}`"),
    }
}
