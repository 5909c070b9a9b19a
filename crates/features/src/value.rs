//! One value of a trait, exact.

use std::{cmp::Ordering, fmt};

use arrow::{
    array::{Array, AsArray},
    datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::{
    ColumnType,
    catalogue::{DECIMAL_PRECISION, DECIMAL_SCALE},
};
use serde::Serialize;

use crate::definition::Literal;

/// Ten thousandths of a unit in one.
pub const DECIMAL_ONE: i128 = 10_000;
/// In a second.
const MICROS_PER_SECOND: i64 = 1_000_000;

/// A value of a trait.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Value {
    /// An integer.
    Int(i64),
    /// Ten thousandths: 12.5 is 125,000. Money never goes through a float.
    Decimal(i128),
    /// A measurement.
    Float(f64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
}

impl Value {
    /// Its type.
    #[must_use]
    pub fn ty(&self) -> ColumnType {
        match self {
            Self::Int(_) => ColumnType::Int,
            Self::Decimal(_) => ColumnType::Decimal,
            Self::Float(_) => ColumnType::Float,
            Self::Text(_) => ColumnType::Text,
            Self::Bool(_) => ColumnType::Bool,
            Self::Date(_) => ColumnType::Date,
            Self::Timestamp(_) => ColumnType::Timestamp,
        }
    }

    /// Row `row` of a column of type [`ColumnType::arrow`]; `None` for a gap, NaN, or a column of another type.
    #[must_use]
    pub fn of_row(column: &dyn Array, row: usize) -> Option<Self> {
        if row >= column.len() || column.is_null(row) {
            return None;
        }
        match column.data_type() {
            DataType::Int64 => Some(Self::Int(column.as_primitive::<Int64Type>().value(row))),
            DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE) => {
                Some(Self::Decimal(column.as_primitive::<Decimal128Type>().value(row)))
            }
            DataType::Float64 => {
                Some(column.as_primitive::<Float64Type>().value(row)).filter(|v| !v.is_nan()).map(Self::Float)
            }
            DataType::Utf8 => Some(Self::Text(column.as_string::<i32>().value(row).to_owned())),
            DataType::Boolean => Some(Self::Bool(column.as_boolean().value(row))),
            DataType::Date32 => Some(Self::Date(column.as_primitive::<Date32Type>().value(row))),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Some(Self::Timestamp(column.as_primitive::<TimestampMicrosecondType>().value(row)))
            }
            _ => None,
        }
    }

    /// A value of the type, from what is written in a definition.
    ///
    /// # Errors
    /// What to write instead.
    pub fn from_literal(literal: &Literal, ty: ColumnType) -> Result<Self, String> {
        match (ty, literal) {
            (ColumnType::Int, Literal::Int(v)) => Ok(Self::Int(*v)),
            (ColumnType::Int, _) => Err("write a whole number".to_owned()),
            (ColumnType::Decimal, Literal::Int(v)) => Ok(Self::Decimal(i128::from(*v) * DECIMAL_ONE)),
            (ColumnType::Decimal, Literal::Text(text)) => decimal(text).map(Self::Decimal),
            (ColumnType::Decimal, _) => {
                Err("write a whole number, or a text as \"12.50\": money never goes through a float".to_owned())
            }
            (ColumnType::Float, Literal::Int(v)) => Ok(Self::Float(*v as f64)),
            (ColumnType::Float, Literal::Float(v)) if v.is_finite() => Ok(Self::Float(*v)),
            (ColumnType::Float, _) => Err("write a number".to_owned()),
            (ColumnType::Text, Literal::Text(text)) => Ok(Self::Text(text.clone())),
            (ColumnType::Text, _) => Err("write a text in quotes".to_owned()),
            (ColumnType::Bool, Literal::Bool(v)) => Ok(Self::Bool(*v)),
            (ColumnType::Bool, _) => Err("write true or false".to_owned()),
            (ColumnType::Date, Literal::Text(text)) => date(text).map(Self::Date),
            (ColumnType::Timestamp, Literal::Text(text)) => timestamp(text).map(Self::Timestamp),
            (ColumnType::Date, _) => Err("write a day as \"2024-01-31\"".to_owned()),
            (ColumnType::Timestamp, _) => Err("write a time as \"2024-01-31T00:00:00Z\"".to_owned()),
        }
    }

    /// Before, equal or after a value of the same type; `None` for another type.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) | (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.cmp(b)),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// As a number for statistics; `None` for a text. Money becomes a measurement here and never comes back.
    #[must_use]
    pub fn measure(&self) -> Option<f64> {
        match self {
            Self::Int(v) | Self::Timestamp(v) => Some(*v as f64),
            Self::Decimal(v) => Some(*v as f64 / DECIMAL_ONE as f64),
            Self::Float(v) => Some(*v),
            Self::Bool(v) => Some(f64::from(u8::from(*v))),
            Self::Date(v) => Some(f64::from(*v)),
            Self::Text(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(v) => v.fmt(f),
            Self::Timestamp(v) => match jiff::Timestamp::from_microsecond(*v) {
                Ok(at) => at.fmt(f),
                Err(_) => v.fmt(f),
            },
            Self::Decimal(v) => {
                let sign = if *v < 0 { "-" } else { "" };
                write!(f, "{sign}{}.{:04}", v.unsigned_abs() / 10_000, v.unsigned_abs() % 10_000)
            }
            Self::Float(v) => v.fmt(f),
            Self::Text(v) => v.fmt(f),
            Self::Bool(v) => v.fmt(f),
            Self::Date(v) => {
                let since = jiff::Span::new().try_days(*v);
                match since.and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days)) {
                    Ok(day) => day.fmt(f),
                    Err(_) => v.fmt(f),
                }
            }
        }
    }
}

/// `12.5` as ten thousandths, exactly.
fn decimal(text: &str) -> Result<i128, String> {
    let help = || "write a decimal with at most 14 digits before and 4 after the point, as \"12.50\"".to_owned();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = |t: &str, most: usize| t.len() <= most && t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !sound(whole, 14) || !sound(part, 4) {
        return Err(help());
    }
    let scaled: i128 = format!("{whole}{part:0<4}").parse().map_err(|_| help())?;
    Ok(if negative { -scaled } else { scaled })
}

fn date(text: &str) -> Result<i32, String> {
    let day: jiff::civil::Date = text.parse().map_err(|_| "write a day as \"2024-01-31\"".to_owned())?;
    let since = day.since(jiff::civil::date(1970, 1, 1)).map_err(|_| "write a day as \"2024-01-31\"".to_owned())?;
    Ok(since.get_days())
}

fn timestamp(text: &str) -> Result<i64, String> {
    let at: jiff::Timestamp = text.parse().map_err(|_| "write a time as \"2024-01-31T00:00:00Z\"".to_owned())?;
    Ok(at.as_second() * MICROS_PER_SECOND + i64::from(at.subsec_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        let read = |text: &str| Value::from_literal(&Literal::Text(text.into()), ColumnType::Decimal);
        assert_eq!(read("12.5"), Ok(Value::Decimal(125_000)));
        assert_eq!(read("-0.0001"), Ok(Value::Decimal(-1)));
        for wrong in ["", ".5", "1e3", "1.23456", "123456789012345", "--1", "1,5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(Value::from_literal(&Literal::Float(0.1), ColumnType::Decimal).is_err());
        assert_eq!(Value::Decimal(-125_000).to_string(), "-12.5000");
    }

    #[test]
    fn days_and_times_count_from_1970() {
        let read = |text: &str, ty| Value::from_literal(&Literal::Text(text.into()), ty);
        assert_eq!(read("1970-01-02", ColumnType::Date), Ok(Value::Date(1)));
        assert_eq!(read("1969-12-31", ColumnType::Date), Ok(Value::Date(-1)));
        assert_eq!(read("1970-01-01T00:00:01Z", ColumnType::Timestamp), Ok(Value::Timestamp(1_000_000)));
        assert_eq!(Value::Date(-1).to_string(), "1969-12-31");
        assert_eq!(Value::Date(i32::MAX).to_string(), i32::MAX.to_string(), "no day of the calendar");
    }
}
