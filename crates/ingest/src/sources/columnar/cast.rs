//! From an Arrow array of whatever type to a declared column, value by value, exactly.

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Decimal256Array, PrimitiveArray, StringArray},
    compute::cast,
    datatypes::{
        DataType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimeUnit,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
        i256,
    },
    error::ArrowError,
};
use florin_domain::ColumnType;

use crate::sources::{
    reject::Problem,
    rows::Column,
    value::date::{Civil, DAY, Moment, SECOND},
};

const MILLI: i64 = SECOND / 1000;
/// The precision that decimals of any narrower type are widened to.
const WIDE_DECIMAL: u8 = 38;

/// Whether values of a type can be what is declared (some of them: others may be rejected one by one).
pub(super) fn is_readable(found: &DataType, wanted: ColumnType) -> bool {
    use DataType::{
        Binary, BinaryView, Boolean, Date32, Date64, Decimal32, Decimal64, Decimal128, Decimal256, Dictionary,
        FixedSizeBinary, LargeBinary, LargeUtf8, Null, RunEndEncoded, Timestamp, Utf8, Utf8View,
    };
    match found {
        Null | Utf8 | LargeUtf8 | Utf8View => true,
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => wanted == ColumnType::Text,
        Dictionary(_, values) => is_readable(values, wanted),
        RunEndEncoded(_, values) => is_readable(values.data_type(), wanted),
        Boolean => matches!(wanted, ColumnType::Bool | ColumnType::Text),
        Date32 | Date64 | Timestamp(..) => {
            matches!(wanted, ColumnType::Date | ColumnType::Timestamp | ColumnType::Text)
        }
        // Digits may be a day (`20240619`, in a form the column declares) or 1 and 0.
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => {
            matches!(wanted, ColumnType::Int | ColumnType::Decimal | ColumnType::Float | ColumnType::Text)
        }
        number => number.is_numeric(),
    }
}

/// The same values as one of the types that [`read`] knows.
pub(super) fn simplified(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let wide = match array.data_type() {
        DataType::Dictionary(_, values) => return simplified(&cast(array, values)?),
        DataType::RunEndEncoded(_, values) => return simplified(&cast(array, values.data_type())?),
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Int8 | DataType::Int16 | DataType::Int32 => DataType::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) => DataType::Decimal128(WIDE_DECIMAL, *scale),
        _ => return Ok(ArrayRef::clone(array)),
    };
    cast(array, &wide)
}

type Failed<'a> = &'a mut dyn FnMut(usize, Problem);

/// Appends every value of a simplified array to a column; `failed` hears of those that cannot be there.
pub(super) fn read(column: &mut Column<'_>, array: &ArrayRef, failed: Failed<'_>) {
    match array.data_type() {
        DataType::Utf8 => read_texts(column, array.as_string::<i32>(), failed),
        DataType::Binary => {
            let bytes = array.as_binary::<i32>();
            fill(column, array, failed, |column, row| match std::str::from_utf8(bytes.value(row)) {
                Ok(text) => column.text(text.as_bytes()),
                Err(_) => column.hole(Problem::NotUtf8),
            });
        }
        DataType::Boolean => {
            let values = array.as_boolean();
            fill(column, array, failed, |column, row| column.bool(values.value(row)));
        }
        DataType::Int64 => primitive::<Int64Type>(column, array, failed, |c, v| c.int(v.into())),
        DataType::UInt64 => primitive::<UInt64Type>(column, array, failed, |c, v| c.int(v.into())),
        // The digits that were meant, not those of the nearest 32-bit fraction.
        DataType::Float32 => primitive::<Float32Type>(column, array, failed, |c, v| {
            c.float(v.to_string().parse().unwrap_or(f64::from(v)))
        }),
        DataType::Float64 => primitive::<Float64Type>(column, array, failed, Column::float),
        DataType::Decimal128(_, scale) => {
            primitive::<Decimal128Type>(column, array, failed, |c, v| c.decimal(v, *scale));
        }
        DataType::Decimal256(_, scale) => read_wide(column, array.as_primitive(), *scale, failed),
        DataType::Date32 => {
            primitive::<Date32Type>(column, array, failed, |c, day| c.moment(Moment::Local(Civil { day, micros: 0 })));
        }
        DataType::Date64 => primitive::<Date64Type>(column, array, failed, |c, millis| {
            c.moment_or_hole(millis.checked_mul(MILLI).and_then(local))
        }),
        DataType::Timestamp(unit, zone) => read_times(column, array, *unit, zone.is_some(), failed),
        _ => (0..array.len()).for_each(|_| column.null()),
    }
}

fn fill<'p>(
    column: &mut Column<'p>,
    array: &ArrayRef,
    failed: Failed<'_>,
    mut put: impl FnMut(&mut Column<'p>, usize) -> Result<(), Problem>,
) {
    for row in 0..array.len() {
        if array.is_null(row) {
            column.null();
        } else if let Err(problem) = put(column, row) {
            failed(row, problem);
        }
    }
}

fn read_texts(column: &mut Column<'_>, texts: &StringArray, failed: Failed<'_>) {
    for (row, text) in texts.iter().enumerate() {
        match text {
            None => column.null(),
            Some(text) => column.text(text.as_bytes()).unwrap_or_else(|problem| failed(row, problem)),
        }
    }
}

fn primitive<'p, T: ArrowPrimitiveType>(
    column: &mut Column<'p>,
    array: &ArrayRef,
    failed: Failed<'_>,
    mut put: impl FnMut(&mut Column<'p>, T::Native) -> Result<(), Problem>,
) {
    let values: &PrimitiveArray<T> = array.as_primitive();
    fill(column, array, failed, |column, row| put(column, values.value(row)));
}

fn read_wide(column: &mut Column<'_>, values: &Decimal256Array, scale: i8, failed: Failed<'_>) {
    for (row, value) in values.iter().enumerate() {
        let read = match value.map(i256::to_i128) {
            None => {
                column.null();
                Ok(())
            }
            Some(Some(value)) => column.decimal(value, scale),
            Some(None) => column.hole(Problem::OutOfRange),
        };
        read.unwrap_or_else(|problem| failed(row, problem));
    }
}

fn read_times(column: &mut Column<'_>, array: &ArrayRef, unit: TimeUnit, zoned: bool, failed: Failed<'_>) {
    let moment = |micros: Option<i64>| if zoned { micros.map(Moment::Instant) } else { micros.and_then(local) };
    match unit {
        TimeUnit::Second => primitive::<TimestampSecondType>(column, array, failed, |c, v| {
            c.moment_or_hole(moment(v.checked_mul(SECOND)))
        }),
        TimeUnit::Millisecond => primitive::<TimestampMillisecondType>(column, array, failed, |c, v| {
            c.moment_or_hole(moment(v.checked_mul(MILLI)))
        }),
        TimeUnit::Microsecond => {
            primitive::<TimestampMicrosecondType>(column, array, failed, |c, v| c.moment_or_hole(moment(Some(v))));
        }
        TimeUnit::Nanosecond => primitive::<TimestampNanosecondType>(column, array, failed, |c, v| {
            c.moment_or_hole(moment(Some(v.div_euclid(1000))))
        }),
    }
}

fn local(micros: i64) -> Option<Moment> {
    let day = i32::try_from(micros.div_euclid(DAY)).ok()?;
    Some(Moment::Local(Civil { day, micros: micros.rem_euclid(DAY) }))
}
