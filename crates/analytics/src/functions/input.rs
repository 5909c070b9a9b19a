//! From columns to a time and a bit a condition for each row.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    buffer::NullBuffer,
    datatypes::{DataType, Int64Type, TimestampMicrosecondType},
};
use datafusion::common::{Result, exec_datafusion_err};

/// Which arguments are the time and the conditions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) time: Option<usize>,
    /// The first of the conditions, which are last.
    pub(super) conditions: usize,
}

/// The rows of a batch.
pub(super) struct Input<'a> {
    times: Option<&'a [i64]>,
    /// Rows that have a time.
    timed: Option<&'a NullBuffer>,
    bits: Vec<u32>,
}

impl<'a> Input<'a> {
    pub(super) fn of(values: &'a [ArrayRef], places: Places) -> Result<Self> {
        let rows = values.first().map_or(0, Array::len);
        let time = places.time.and_then(|place| values.get(place));
        let mut bits = vec![0; rows];
        for (condition, column) in values.iter().skip(places.conditions).enumerate() {
            let met = column.as_boolean_opt().ok_or_else(|| exec_datafusion_err!("a condition is no boolean"))?;
            set(&mut bits, met, condition);
        }
        Ok(Self { times: time.map(times).transpose()?, timed: time.and_then(|column| column.nulls()), bits })
    }

    pub(super) fn len(&self) -> usize {
        self.bits.len()
    }

    /// Time (0 where the function takes none) and bits of a row; `None` when it has no time.
    #[inline]
    pub(super) fn row(&self, row: usize) -> Option<(i64, u32)> {
        if self.timed.is_some_and(|timed| timed.is_null(row)) {
            return None;
        }
        Some((self.times.map_or(0, |times| times[row]), self.bits[row]))
    }
}

/// Sets a bit in the rows that meet a condition; unknown is not met.
fn set(bits: &mut [u32], met: &BooleanArray, condition: usize) {
    let known = met.nulls();
    for row in met.values().set_indices() {
        if known.is_none_or(|known| known.is_valid(row)) {
            bits[row] |= 1 << condition;
        }
    }
}

/// Microseconds, or numbers without a unit.
pub(super) fn times(column: &ArrayRef) -> Result<&[i64]> {
    let values = match column.data_type() {
        DataType::Int64 => column.as_primitive_opt::<Int64Type>().map(|c| &c.values()[..]),
        _ => column.as_primitive_opt::<TimestampMicrosecondType>().map(|c| &c.values()[..]),
    };
    values.ok_or_else(|| exec_datafusion_err!("a time is a {}", column.data_type()))
}
