//! Rows come from Arrow, and what cannot be learnt from is refused with its name.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::Int32Type,
};
use florin_models::{
    Column, DataSet, Frame, Label,
    frame::{MISSING, Values},
};

fn batch() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("age", Arc::new(Int64Array::from(vec![Some(30), None, Some(50)]))),
        (
            "balance",
            Arc::new(
                Decimal128Array::from(vec![12_500, 0, -25_000]).with_precision_and_scale(18, 4).expect("a decimal"),
            ),
        ),
        ("active", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("joined", Arc::new(Date32Array::from(vec![0, 1, 20_000]))),
        ("region", Arc::new(StringArray::from(vec![Some("west"), Some("east"), None]))),
        (
            "channel",
            Arc::new(vec!["app", "web", "app"].into_iter().collect::<arrow::array::DictionaryArray<Int32Type>>()),
        ),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1, 2]))),
    ];
    RecordBatch::try_from_iter(columns).expect("a batch")
}

#[test]
fn arrow_columns_become_numbers_and_categories_with_their_gaps() {
    let frame =
        Frame::from_arrow(&batch(), &["region", "age", "balance", "active", "joined", "channel"]).expect("a frame");
    let number = |name: &str| match &frame.column(name).expect("a column").values {
        Values::Number(values) => values.clone(),
        Values::Category { .. } => panic!("{name} is a category"),
    };
    assert!(number("age")[1].is_nan());
    assert_eq!(number("balance"), [1.25, 0.0, -2.5]);
    assert_eq!(number("active"), [1.0, 0.0, 1.0]);
    assert_eq!(number("joined"), [0.0, 1.0, 20_000.0]);
    let levels = ["east", "west"].map(str::to_owned).to_vec();
    assert_eq!(
        frame.column("region").expect("a column").values,
        Values::Category { codes: vec![1, 0, MISSING], levels }
    );
    assert!(
        matches!(&frame.column("channel").expect("a column").values, Values::Category { levels, .. } if levels.len() == 2)
    );
}

#[test]
fn what_cannot_be_learnt_from_is_refused_with_advice() {
    let refused = |features: &[&str]| Frame::from_arrow(&batch(), features).expect_err("refused").to_string();
    assert_eq!(refused(&["agee"]), "there is no column `agee`; did you mean `age`?");
    assert!(refused(&["at"]).contains("turn a time into days or hours"), "{}", refused(&["at"]));
    assert_eq!(refused(&["age", "age"]), "there are two columns `age`; give one of them another name");
    let infinite = Frame::new(vec![Column::number("x", vec![1.0, f64::INFINITY])]).expect_err("refused").to_string();
    assert!(infinite.contains("column `x`, row 1: an infinite number"), "{infinite}");
    let lengths = Frame::new(vec![Column::number("x", vec![1.0]), Column::number("y", vec![])]).expect_err("refused");
    assert!(lengths.to_string().contains("`y` has 0 rows, and there are 1"));
}

#[test]
fn labels_that_nothing_can_be_learnt_from_are_refused() {
    let frame = Frame::new(vec![Column::number("x", vec![1.0, 2.0])]).expect("a frame");
    let refused = |label, weights| DataSet::new(frame.clone(), label, weights).expect_err("refused").to_string();
    assert!(refused(Label::Binary(vec![1.0, 1.0]), None).contains("is 1 in all 2 rows"));
    assert!(refused(Label::Binary(vec![1.0, f64::NAN]), None).contains("of row 1 is missing"));
    assert!(refused(Label::Binary(vec![1.0, 2.0]), None).contains("holds 2"));
    assert!(refused(Label::Number(vec![1.0]), None).contains("`label` has 1 rows, and there are 2"));
    assert!(
        refused(Label::Event { times: vec![1.0, 0.0], happened: vec![true, true] }, None).contains("times are above 0")
    );
    assert!(
        refused(Label::Event { times: vec![1.0, 2.0], happened: vec![false, false] }, None).contains("never happened")
    );
    assert!(refused(Label::Binary(vec![0.0, 1.0]), Some(vec![1.0, -1.0])).contains("a weight is -1"));
    assert!(refused(Label::Binary(vec![0.0, 1.0]), Some(vec![0.0, 0.0])).contains("the sum of weights is 0"));
}

#[test]
fn a_label_of_zeros_and_ones_is_a_question_of_yes_and_no() {
    let label = |values: Vec<f64>| Label::from_arrow(&(Arc::new(Float64Array::from(values)) as ArrayRef));
    assert!(matches!(label(vec![0.0, 1.0]), Ok(Label::Binary(_))));
    assert!(matches!(label(vec![0.0, 2.5]), Ok(Label::Number(_))));
    let text = Label::from_arrow(&(Arc::new(StringArray::from(vec!["yes", "no"])) as ArrayRef)).expect_err("refused");
    assert!(text.to_string().contains("is a text (`no`, `yes`)"), "{text}");
}
