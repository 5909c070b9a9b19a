//! Gaps: what fills them, and that it is exact.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{Decimal128Type, Float64Type};
use florin_domain::ColumnType;
use florin_features::{
    FeatureError, Value,
    fill::{Fill, GroupKey, Learned},
};
use proptest::prelude::*;

fn money(values: &[Option<i128>]) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(18, 4).expect("in range"))
}

#[test]
fn a_gap_is_filled_with_the_median_of_its_group_and_flagged() {
    let values = money(&[Some(10_000), None, Some(30_001), Some(90_000), None, None]);
    let regions = StringArray::from(vec![Some("east"), Some("east"), Some("east"), Some("west"), None, Some("north")]);
    let fill = Fill::MedianBy("region".into());
    let learned = Learned::learn(&fill, ColumnType::Decimal, &values, Some(&regions)).expect("sound");
    let filled = learned.apply(&values, Some(&regions)).expect("sound");
    // East: (1.0000 + 3.0001) / 2 = 2.00005, half to even. The others have nobody of their group: the median of all.
    assert_eq!(
        filled.values.as_primitive::<Decimal128Type>().values().to_vec(),
        [10_000, 20_000, 30_001, 90_000, 30_001, 30_001]
    );
    assert_eq!(filled.filled, BooleanArray::from(vec![false, true, false, false, true, true]));
    assert_eq!((filled.filled_count, filled.missing_count), (3, 0));
    assert_eq!(learned.of_group(&GroupKey::Text("west".into())), Some(&Value::Decimal(90_000)));
    assert_eq!(filled.values.data_type(), values.data_type());
}

#[test]
fn what_was_learnt_of_some_customers_fills_the_gaps_of_others() {
    let past = Int64Array::from(vec![1, 2, 9]);
    let learned = Learned::learn(&Fill::Median, ColumnType::Int, &past, None).expect("sound");
    let filled = learned.apply(&Int64Array::from(vec![None, Some(100)]), None).expect("sound");
    assert_eq!(filled.values.as_ref(), &Int64Array::from(vec![2, 100]) as &dyn Array);
}

#[test]
fn a_gap_that_nothing_fills_stays_one_and_is_not_flagged() {
    let gaps = Int64Array::from(vec![None::<i64>, None]);
    for fill in [Fill::Nothing, Fill::Median] {
        let learned = Learned::learn(&fill, ColumnType::Int, &gaps, None).expect("sound");
        let filled = learned.apply(&gaps, None).expect("sound");
        assert_eq!((filled.values.null_count(), filled.missing_count, filled.filled.true_count()), (2, 2, 0));
    }
}

#[test]
fn not_a_number_is_a_gap() {
    let values = Float64Array::from(vec![1.0, f64::NAN, 5.0]);
    let learned = Learned::learn(&Fill::Median, ColumnType::Float, &values, None).expect("sound");
    let filled = learned.apply(&values, None).expect("sound");
    assert_eq!(filled.values.as_primitive::<Float64Type>().values().to_vec(), [1.0, 3.0, 5.0]);
}

#[test]
fn texts_and_booleans_are_filled_with_constants() {
    let learned = Learned::learn(
        &Fill::Constant(Value::Text("无".into())),
        ColumnType::Text,
        &StringArray::from(vec![None::<&str>]),
        None,
    );
    let filled = learned.expect("sound").apply(&StringArray::from(vec![None, Some("a")]), None).expect("sound");
    assert_eq!(filled.values.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["无", "a"]);
}

#[test]
fn columns_of_another_type_or_length_are_refused() {
    let ints = Int64Array::from(vec![1, 2]);
    let wrong = Learned::learn(&Fill::Median, ColumnType::Decimal, &ints, None);
    assert!(matches!(wrong, Err(FeatureError::Type { .. })), "{wrong:?}");
    let short = StringArray::from(vec!["a"]);
    let wrong = Learned::learn(&Fill::MedianBy("region".into()), ColumnType::Int, &ints, Some(&short));
    assert!(matches!(wrong, Err(FeatureError::Lengths { .. })), "{wrong:?}");
    assert!(Learned::learn(&Fill::MedianBy("region".into()), ColumnType::Int, &ints, None).is_err());
}

proptest! {
    #[test]
    fn the_order_of_rows_changes_nothing_and_present_values_stay(
        rows in prop::collection::vec((prop::option::of(-10_i64..10), prop::option::of(0_i64..3)), 1..60),
    ) {
        let fill = Fill::MedianBy("g".into());
        let columns = |rows: &[(Option<i64>, Option<i64>)]| {
            let (values, groups): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
            (Int64Array::from(values), Int64Array::from(groups))
        };
        let (values, groups) = columns(&rows);
        let learned = Learned::learn(&fill, ColumnType::Int, &values, Some(&groups)).expect("sound");
        let mut turned = rows.clone();
        turned.reverse();
        let (other_values, other_groups) = columns(&turned);
        let other = Learned::learn(&fill, ColumnType::Int, &other_values, Some(&other_groups)).expect("sound");
        prop_assert_eq!(&learned, &other);
        let filled = learned.apply(&values, Some(&groups)).expect("sound");
        for (row, (value, _)) in rows.iter().enumerate() {
            let now = Value::of_row(&filled.values, row);
            prop_assert_eq!(filled.filled.value(row), value.is_none() && now.is_some());
            if let Some(value) = value {
                prop_assert_eq!(now, Some(Value::Int(*value)));
            }
        }
    }
}
