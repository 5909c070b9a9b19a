//! The order of rows inside a file.

use arrow::{
    array::{Array, ArrayRef, AsArray, UInt32Array},
    compute::cast,
    datatypes::{DataType, Int64Type},
    row::{RowConverter, SortField},
};

use crate::LakeError;

/// Columns compared as integers, at most; tables have two or three.
const INTEGER_COLUMNS_MAX: usize = 3;

/// The permutation that sorts rows by `columns` (ascending, missing last), then by `ordinals`.
pub(super) fn sorted_rows(columns: &[ArrayRef], ordinals: &[u64]) -> Result<UInt32Array, LakeError> {
    match as_integers(columns)? {
        Some(integers) => Ok(sort_integers(&integers, ordinals)),
        None => sort_rows(columns, ordinals),
    }
}

/// The columns as integers of the same order, when all are integers, dates or times without missing values.
fn as_integers(columns: &[ArrayRef]) -> Result<Option<Vec<ArrayRef>>, LakeError> {
    let integral = |c: &ArrayRef| {
        c.null_count() == 0 && matches!(c.data_type(), DataType::Int64 | DataType::Timestamp(_, _) | DataType::Date32)
    };
    if columns.len() > INTEGER_COLUMNS_MAX || !columns.iter().all(integral) {
        return Ok(None);
    }
    let cast = |c: &ArrayRef| match c.data_type() {
        DataType::Date32 => cast(&cast(c, &DataType::Int32)?, &DataType::Int64),
        _ => cast(c, &DataType::Int64),
    };
    Ok(Some(columns.iter().map(cast).collect::<Result<_, _>>()?))
}

fn sort_integers(columns: &[ArrayRef], ordinals: &[u64]) -> UInt32Array {
    let mut keys: Vec<([i64; INTEGER_COLUMNS_MAX], u64, u32)> =
        (0u32..).zip(ordinals).map(|(row, &ordinal)| ([0; INTEGER_COLUMNS_MAX], ordinal, row)).collect();
    for (position, column) in columns.iter().enumerate() {
        for (key, &value) in keys.iter_mut().zip(column.as_primitive::<Int64Type>().values()) {
            key.0[position] = value;
        }
    }
    keys.sort_unstable();
    keys.iter().map(|&(_, _, row)| row).collect::<Vec<_>>().into()
}

fn sort_rows(columns: &[ArrayRef], ordinals: &[u64]) -> Result<UInt32Array, LakeError> {
    let missing_last = arrow::compute::SortOptions { descending: false, nulls_first: false };
    let fields = columns.iter().map(|c| SortField::new_with_options(c.data_type().clone(), missing_last)).collect();
    let rows = RowConverter::new(fields)?.convert_columns(columns)?;
    let mut keys: Vec<_> = rows.iter().zip(ordinals).zip(0u32..).collect();
    keys.sort_unstable();
    Ok(keys.iter().map(|&(_, row)| row).collect::<Vec<_>>().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn customers_then_times_then_input_order() {
        let customers: ArrayRef = Arc::new(Int64Array::from(vec![2, 1, 2, 1]));
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![5, 9, 5, 3]));
        let order = sorted_rows(&[customers, times], &[7, 1, 4, 2]).unwrap();
        assert_eq!(order.values(), &[3, 1, 2, 0]);
    }

    #[test]
    fn text_and_missing_values_sort_too() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![None, Some("b"), Some("a")]));
        let order = sorted_rows(&[names], &[0, 1, 2]).unwrap();
        assert_eq!(order.values(), &[2, 1, 0]);
    }
}
