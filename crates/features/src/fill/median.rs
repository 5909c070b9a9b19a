//! Exact medians, the same whatever the order of the values.

use florin_domain::ColumnType;

use crate::value::Value;

/// The median of integers; of an even number of them the mean of the middle two, half to even. `None` of none.
#[must_use]
pub fn median_of_integers(mut values: Vec<i128>) -> Option<i128> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable(middle);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().max().unwrap_or(upper);
    Some(mean_half_to_even(lower, upper))
}

/// The median of finite or infinite floats; of an even number of them the mean of the middle two. `None` of none. NaN is
/// left out.
#[must_use]
pub fn median_of_floats(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|v| !v.is_nan());
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp).unwrap_or(upper);
    // Halved first, so that the sum of two large values does not overflow.
    Some(if lower == upper { upper } else { lower / 2.0 + upper / 2.0 })
}

/// (a + b) / 2 without overflow, a half going to the even neighbour.
fn mean_half_to_even(a: i128, b: i128) -> i128 {
    let floor = (a & b) + ((a ^ b) >> 1);
    match (a ^ b) & 1 {
        0 => floor,
        _ if floor.rem_euclid(2) == 0 => floor,
        _ => floor + 1,
    }
}

/// The median of values of one type; `None` of none, of texts and of booleans.
pub(super) fn of_values(ty: ColumnType, values: &[Value]) -> Option<Value> {
    let whole = |value: &Value| match value {
        Value::Int(v) | Value::Timestamp(v) => Some(i128::from(*v)),
        Value::Date(v) => Some(i128::from(*v)),
        Value::Decimal(v) => Some(*v),
        _ => None,
    };
    let integers = || median_of_integers(values.iter().filter_map(whole).collect());
    match ty {
        ColumnType::Int => i64::try_from(integers()?).ok().map(Value::Int),
        ColumnType::Timestamp => i64::try_from(integers()?).ok().map(Value::Timestamp),
        ColumnType::Date => i32::try_from(integers()?).ok().map(Value::Date),
        ColumnType::Decimal => integers().map(Value::Decimal),
        ColumnType::Float => {
            let floats = values.iter().filter_map(|v| if let Value::Float(v) = v { Some(*v) } else { None });
            median_of_floats(floats.collect()).map(Value::Float)
        }
        ColumnType::Text | ColumnType::Bool => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        assert_eq!(median_of_integers(vec![1, 2]), Some(2));
        assert_eq!(median_of_integers(vec![2, 3]), Some(2));
        assert_eq!(median_of_integers(vec![-1, -2]), Some(-2));
        assert_eq!(median_of_integers(vec![i128::MAX, i128::MAX]), Some(i128::MAX));
        assert_eq!(median_of_integers(vec![]), None);
        assert_eq!(median_of_floats(vec![f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    proptest! {
        #[test]
        fn the_median_is_that_of_a_sorted_list(mut values in prop::collection::vec(-1000_i128..1000, 1..40)) {
            let found = median_of_integers(values.clone()).expect("some");
            values.sort_unstable();
            let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
            prop_assert!((2 * found - low - high).abs() <= 1);
            prop_assert!((low + high).rem_euclid(2) == 0 || found.rem_euclid(2) == 0);
            values.reverse();
            prop_assert_eq!(Some(found), median_of_integers(values));
        }
    }
}
