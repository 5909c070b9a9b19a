//! Arrow's columns as PostgreSQL's: their types, and rows as the wire takes them.

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
        Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray, ListArray, RecordBatch, StringArray,
        Time64MicrosecondArray, TimestampMicrosecondArray,
    },
    compute::{CastOptions, cast_with_options},
    datatypes::{DataType, Field, IntervalUnit, TimeUnit},
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};
use jiff::tz::TimeZone;

use crate::{
    catalogue::{
        types::{self, Oid},
        value::quoted_element,
    },
    parameters::{EPOCH_DAYS, EPOCH_MICROS},
    text,
};

/// A column as a client is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: Oid,
    pub(crate) modifier: i32,
}

/// What a column of an answer is to a client.
pub(crate) fn column(field: &Field) -> Column {
    let modifier = match field.data_type() {
        DataType::Decimal128(precision, scale) if *scale >= 0 => {
            ((i32::from(*precision) << 16) | i32::from(*scale)) + 4
        }
        _ => -1,
    };
    Column { name: field.name().clone(), ty: type_of(field.data_type()), modifier }
}

/// PostgreSQL's type for one of Arrow's. What it has none for is told as a text.
pub(crate) fn type_of(ty: &DataType) -> Oid {
    match ty {
        DataType::Boolean => types::BOOL,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => types::INT2,
        DataType::Int32 | DataType::UInt16 => types::INT4,
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => types::INT8,
        DataType::Float16 | DataType::Float32 => types::FLOAT4,
        DataType::Float64 => types::FLOAT8,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            types::NUMERIC
        }
        DataType::Date32 | DataType::Date64 => types::DATE,
        DataType::Time32(_) | DataType::Time64(_) => types::TIME,
        DataType::Timestamp(_, None) => types::TIMESTAMP,
        DataType::Timestamp(_, Some(_)) => types::TIMESTAMPTZ,
        DataType::Interval(_) | DataType::Duration(_) => types::INTERVAL,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => types::BYTEA,
        DataType::Dictionary(_, values) => type_of(values),
        DataType::List(of) | DataType::LargeList(of) | DataType::FixedSizeList(of, _)
            if !of.data_type().is_nested() =>
        {
            types::list_of(type_of(of.data_type()))
        }
        _ => types::TEXT,
    }
}

/// The type that a column is brought to before its rows are written; `None` when it has no other way than as a text.
fn plain_type(ty: &DataType) -> Option<DataType> {
    Some(match type_of(ty) {
        types::BOOL => DataType::Boolean,
        types::INT2 => DataType::Int16,
        types::INT4 => DataType::Int32,
        types::INT8 => DataType::Int64,
        types::FLOAT4 => DataType::Float32,
        types::FLOAT8 => DataType::Float64,
        types::NUMERIC => match ty {
            DataType::Decimal128(..) => ty.clone(),
            DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
                DataType::Decimal128(*precision, *scale)
            }
            DataType::Decimal256(_, scale) => DataType::Decimal128(38, *scale),
            DataType::Dictionary(_, values) => return plain_type(values),
            _ => return None,
        },
        types::DATE => DataType::Date32,
        types::TIME => DataType::Time64(TimeUnit::Microsecond),
        types::TIMESTAMP => DataType::Timestamp(TimeUnit::Microsecond, None),
        types::TIMESTAMPTZ => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        types::INTERVAL => DataType::Interval(IntervalUnit::MonthDayNano),
        types::BYTEA => DataType::Binary,
        types::TEXT => match ty {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8,
            DataType::Dictionary(_, values) => return plain_type(values),
            _ => return None,
        },
        _ => match ty {
            DataType::List(of) | DataType::LargeList(of) | DataType::FixedSizeList(of, _) => {
                DataType::List(std::sync::Arc::new(Field::new("item", plain_type(of.data_type())?, true)))
            }
            _ => return None,
        },
    })
}

/// Cells of a column of a batch.
#[derive(Debug)]
enum Cells {
    Bool(BooleanArray),
    Int16(Int16Array),
    Int32(Int32Array),
    Int64(Int64Array),
    Float32(Float32Array),
    Float64(Float64Array),
    Decimal(Decimal128Array, usize),
    Text(StringArray),
    Date(Date32Array),
    Time(Time64MicrosecondArray),
    Timestamp(TimestampMicrosecondArray, bool),
    Interval(IntervalMonthDayNanoArray),
    Bytes(BinaryArray),
    List(ListArray, Oid),
}

/// A batch whose rows can be written.
#[derive(Debug)]
pub(crate) struct Rows {
    cells: Vec<Cells>,
    binary: Vec<bool>,
    zone: TimeZone,
    count: usize,
}

impl Rows {
    /// Of a batch; `binary` says which columns are written so.
    pub(crate) fn new(batch: &RecordBatch, binary: Vec<bool>, zone: &TimeZone) -> Result<Self, ArrowError> {
        let cells = batch.columns().iter().map(cells).collect::<Result<_, _>>()?;
        Ok(Self { cells, binary, zone: zone.clone(), count: batch.num_rows() })
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn set_binary(&mut self, binary: Vec<bool>) {
        self.binary = binary;
    }

    /// Writes a row as one message.
    pub(crate) fn write(&self, row: usize, out: &mut Vec<u8>) {
        out.push(b'D');
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&(self.cells.len() as u16).to_be_bytes());
        for (cells, binary) in self.cells.iter().zip(&self.binary) {
            if cells.is_null(row) {
                out.extend_from_slice(&(-1_i32).to_be_bytes());
            } else if *binary {
                cells.write_binary(row, out);
            } else {
                sized(out, |out| cells.write_text(row, &self.zone, out));
            }
        }
        let length = (out.len() - start) as i32;
        if let Some(place) = out.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

/// Writes something with its length before it.
pub(crate) fn sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = (out.len() - start - 4) as i32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn cells(column: &ArrayRef) -> Result<Cells, ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let ty = column.data_type();
    let plain = match plain_type(ty) {
        Some(plain) if plain == *ty => std::sync::Arc::clone(column),
        Some(plain) => cast_with_options(column, &plain, &options)?,
        None => std::sync::Arc::new(shown(column)?),
    };
    Ok(match plain.data_type() {
        DataType::Boolean => Cells::Bool(plain.as_boolean().clone()),
        DataType::Int16 => Cells::Int16(plain.as_primitive().clone()),
        DataType::Int32 => Cells::Int32(plain.as_primitive().clone()),
        DataType::Int64 => Cells::Int64(plain.as_primitive().clone()),
        DataType::Float32 => Cells::Float32(plain.as_primitive().clone()),
        DataType::Float64 => Cells::Float64(plain.as_primitive().clone()),
        DataType::Decimal128(_, scale) => {
            Cells::Decimal(plain.as_primitive().clone(), usize::try_from(*scale).unwrap_or_default())
        }
        DataType::Date32 => Cells::Date(plain.as_primitive().clone()),
        DataType::Time64(_) => Cells::Time(plain.as_primitive().clone()),
        DataType::Timestamp(_, zone) => Cells::Timestamp(plain.as_primitive().clone(), zone.is_some()),
        DataType::Interval(_) => Cells::Interval(plain.as_primitive().clone()),
        DataType::Binary => Cells::Bytes(plain.as_binary().clone()),
        DataType::List(of) => Cells::List(plain.as_list().clone(), type_of(of.data_type())),
        DataType::Utf8 => Cells::Text(plain.as_string().clone()),
        _ => Cells::Text(shown(&plain)?),
    })
}

/// What has no type of PostgreSQL's, as people read it.
fn shown(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let one = |row: usize| (!column.is_null(row)).then(|| formatter.value(row).try_to_string()).transpose();
    (0..column.len()).map(one).collect()
}

impl Cells {
    fn array(&self) -> &dyn Array {
        match self {
            Self::Bool(of) => of,
            Self::Int16(of) => of,
            Self::Int32(of) => of,
            Self::Int64(of) => of,
            Self::Float32(of) => of,
            Self::Float64(of) => of,
            Self::Decimal(of, _) => of,
            Self::Text(of) => of,
            Self::Date(of) => of,
            Self::Time(of) => of,
            Self::Timestamp(of, _) => of,
            Self::Interval(of) => of,
            Self::Bytes(of) => of,
            Self::List(of, _) => of,
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    fn write_binary(&self, row: usize, out: &mut Vec<u8>) {
        let mut put = |bytes: &[u8]| {
            out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        match self {
            Self::Bool(of) => put(&[u8::from(of.value(row))]),
            Self::Int16(of) => put(&of.value(row).to_be_bytes()),
            Self::Int32(of) => put(&of.value(row).to_be_bytes()),
            Self::Int64(of) => put(&of.value(row).to_be_bytes()),
            Self::Float32(of) => put(&of.value(row).to_be_bytes()),
            Self::Float64(of) => put(&of.value(row).to_be_bytes()),
            Self::Text(of) => put(of.value(row).as_bytes()),
            Self::Bytes(of) => put(of.value(row)),
            Self::Date(of) => put(&(of.value(row).saturating_sub(EPOCH_DAYS)).to_be_bytes()),
            Self::Time(of) => put(&of.value(row).to_be_bytes()),
            Self::Timestamp(of, _) => put(&of.value(row).saturating_sub(EPOCH_MICROS).to_be_bytes()),
            Self::Interval(of) => {
                let value = of.value(row);
                put(&[
                    (value.nanoseconds / 1000).to_be_bytes().as_slice(),
                    &value.days.to_be_bytes(),
                    &value.months.to_be_bytes(),
                ]
                .concat());
            }
            Self::Decimal(of, scale) => sized(out, |out| write_numeric(of.value(row), *scale, out)),
            Self::List(of, element) => sized(out, |out| write_list(&of.value(row), *element, out)),
        }
    }

    fn write_text(&self, row: usize, zone: &TimeZone, out: &mut Vec<u8>) {
        let mut number = itoa::Buffer::new();
        let shown = match self {
            Self::Bool(of) => return out.push(if of.value(row) { b't' } else { b'f' }),
            Self::Int16(of) => return out.extend_from_slice(number.format(of.value(row)).as_bytes()),
            Self::Int32(of) => return out.extend_from_slice(number.format(of.value(row)).as_bytes()),
            Self::Int64(of) => return out.extend_from_slice(number.format(of.value(row)).as_bytes()),
            Self::Text(of) => return out.extend_from_slice(of.value(row).as_bytes()),
            Self::Float32(of) => text::float4(of.value(row)),
            Self::Float64(of) => text::float8(of.value(row)),
            Self::Decimal(of, scale) => text::decimal(of.value(row), *scale),
            Self::Date(of) => text::date(i64::from(of.value(row))),
            Self::Time(of) => text::time(of.value(row)),
            Self::Timestamp(of, zoned) => text::timestamp_in(of.value(row), zoned.then_some(zone)),
            Self::Interval(of) => {
                let value = of.value(row);
                text::interval(value.months, value.days, value.nanoseconds / 1000)
            }
            Self::Bytes(of) => text::bytea(of.value(row)),
            Self::List(of, _) => list_text(&of.value(row), zone),
        };
        out.extend_from_slice(shown.as_bytes());
    }
}

/// Powers of ten up to four digits' worth.
const TENS: [u128; 4] = [1, 10, 100, 1000];

/// A decimal number in groups of four digits, as PostgreSQL keeps them.
fn write_numeric(number: i128, scale: usize, out: &mut Vec<u8>) {
    let fraction_groups = scale.div_ceil(4);
    let mut rest = number.unsigned_abs() * TENS.get(fraction_groups * 4 - scale).copied().unwrap_or(1);
    // The last group first: 39 digits are ten groups, and one for what was put behind them.
    let mut groups = [0_u16; 12];
    let mut count = 0;
    while rest > 0 && count < groups.len() {
        let (more, group) = match u64::try_from(rest) {
            Ok(small) => (u128::from(small / 10_000), small % 10_000),
            Err(_) => (rest / 10_000, (rest % 10_000) as u64),
        };
        groups[count] = group as u16;
        (rest, count) = (more, count + 1);
    }
    let zeros = groups.iter().take(count).take_while(|group| **group == 0).count();
    let told = count - zeros;
    let weight = if told == 0 { 0 } else { count as i16 - 1 - fraction_groups as i16 };
    let sign: u16 = if number < 0 { 0x4000 } else { 0 };
    for word in [told as u16, weight.cast_unsigned(), sign, scale as u16] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    for group in groups.iter().take(count).skip(zeros).rev() {
        out.extend_from_slice(&group.to_be_bytes());
    }
}

fn write_list(values: &ArrayRef, element: Oid, out: &mut Vec<u8>) {
    let has_nulls = i32::from(values.null_count() > 0);
    let dimensions = i32::from(!values.is_empty());
    for word in [dimensions, has_nulls, element.cast_signed()] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    if values.is_empty() {
        return;
    }
    for word in [values.len() as i32, 1] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    // The column was brought to a plain type, so its elements are.
    let Ok(cells) = cells(values) else { return };
    for row in 0..values.len() {
        if cells.is_null(row) {
            out.extend_from_slice(&(-1_i32).to_be_bytes());
        } else {
            cells.write_binary(row, out);
        }
    }
}

fn list_text(values: &ArrayRef, zone: &TimeZone) -> String {
    let Ok(cells) = cells(values) else { return "{}".to_owned() };
    let element = |row: usize| {
        if cells.is_null(row) {
            return "NULL".to_owned();
        }
        let mut bytes = Vec::new();
        cells.write_text(row, zone, &mut bytes);
        quoted_element(&String::from_utf8_lossy(&bytes))
    };
    format!("{{{}}}", (0..values.len()).map(element).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(number: i128, scale: usize) -> Vec<i16> {
        let mut out = Vec::new();
        write_numeric(number, scale, &mut out);
        out.chunks(2).map(|word| i16::from_be_bytes([word[0], word[1]])).collect()
    }

    #[test]
    fn decimals_are_groups_of_four_digits() {
        assert_eq!(numeric(0, 4), [0, 0, 0, 4]);
        assert_eq!(numeric(123_456_700, 4), [3, 1, 0, 4, 1, 2345, 6700]);
        assert_eq!(numeric(-5, 4), [1, -1, 0x4000, 4, 5]);
        assert_eq!(numeric(5, 8), [1, -2, 0, 8, 5]);
        assert_eq!(numeric(10_000, 0), [1, 1, 0, 0, 1]);
        assert_eq!(numeric(15, 1), [2, 0, 0, 1, 1, 5000]);
        assert_eq!(numeric(i128::MAX, 0).len(), 4 + 10);
    }
}
