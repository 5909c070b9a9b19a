//! Logistic regression equals scikit-learn's, and says when there is nothing to find.

use florin_models::{
    Column, DataSet, Frame, Label, Model, from_bytes,
    linear::{LogisticModel, LogisticRegression},
};

use crate::data::{NUMBERS, assert_near, expected, made_up, numbers, rows};

/// The golden rows without gaps, weighted.
fn set() -> DataSet {
    let rows = rows();
    let kept: Vec<usize> = (0..rows.cells.len()).filter(|&row| !rows.number("balance")[row].is_nan()).collect();
    let whole = DataSet::new(rows.frame(&NUMBERS, &[]), Label::Binary(rows.number("y")), Some(rows.number("weight")))
        .expect("a set");
    whole.select(&kept).expect("rows")
}

/// Coefficients as those of standardised columns.
fn standardised(model: &LogisticModel) -> Vec<f64> {
    model.coefficients()[1..].iter().zip(model.terms()).map(|(c, term)| c.value * term.deviation).collect()
}

#[test]
fn coefficients_equal_those_of_scikit_learn_with_each_penalty() {
    for (name, strength, l1_share, within) in
        [("none", 0.0, 0.0, 1e-7), ("ridge", 5.0, 0.0, 1e-7), ("net", 10.0, 0.5, 1e-6)]
    {
        let model = LogisticRegression { strength, l1_share }.regress(&set()).expect("a model");
        let wanted = expected(&format!("logistic_{name}"));
        assert_near(&standardised(&model), &numbers(&wanted["coefficients"]), within, name);
    }
}

#[test]
fn standard_errors_and_p_values_are_those_of_the_information_matrix() {
    let model = LogisticRegression { strength: 0.0, l1_share: 0.0 }.regress(&set()).expect("a model");
    let errors: Vec<f64> = model.coefficients()[1..]
        .iter()
        .zip(model.terms())
        .map(|(c, term)| c.standard_error * term.deviation)
        .collect();
    assert_near(&errors, &numbers(&expected("logistic_none")["standard_errors"]), 1e-7, "standard error");
    let [intercept, age, ..] = model.coefficients() else { panic!("no coefficients") };
    assert_eq!(intercept.name, "intercept");
    assert!(age.p_value < 1e-3 && intercept.standard_error > 0.0);
}

#[test]
fn a_lasso_leaves_out_what_does_not_help() {
    let model = LogisticRegression { strength: 60.0, l1_share: 1.0 }.regress(&set()).expect("a model");
    assert!(model.coefficients()[1..].iter().any(|c| c.value == 0.0));
    assert!(model.coefficients()[1..].iter().all(|c| c.standard_error.is_nan() && c.p_value.is_nan()));
}

#[test]
fn categories_and_gaps_have_coefficients_of_their_own() {
    let (set, _) = made_up(4000, 31);
    let model = LogisticRegression::default().regress(&set).expect("a model");
    let names: Vec<&str> = model.coefficients().iter().map(|c| c.name.as_str()).collect();
    assert!(names.contains(&"a missing") && names.contains(&"town = town04"), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("town")).count(), 39);
    let margins = model.margins(set.frame()).expect("margins");
    let parts = model.contributions(set.frame()).expect("parts");
    for (row, margin) in margins.iter().enumerate() {
        assert!((parts.base + parts.row(row).iter().sum::<f64>() - margin).abs() < 1e-10);
    }
    let again = from_bytes(&model.to_bytes().expect("bytes")).expect("the model");
    assert_eq!(again.margins(set.frame()).expect("margins"), margins);
}

#[test]
fn outcomes_told_apart_without_error_are_said_to_be_so() {
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let label = x.iter().map(|x| f64::from(u8::from(*x > 49.5))).collect();
    let set = DataSet::new(Frame::new(vec![Column::number("x", x)]).expect("a frame"), Label::Binary(label), None)
        .expect("a set");
    let refused =
        LogisticRegression { strength: 0.0, l1_share: 0.0 }.regress(&set).expect_err("no maximum").to_string();
    assert!(refused.contains("without error") && refused.contains("set a penalty"), "{refused}");
    assert!(LogisticRegression::default().regress(&set).is_ok());
}

#[test]
fn columns_that_are_copies_are_refused_without_a_penalty() {
    let (set, _) = made_up(500, 32);
    let copy = set.frame().column("b").expect("a column").values.clone();
    let frame = set.frame().with(Column { name: "copy".to_owned(), values: copy }).expect("a frame");
    let set = set.with_frame(frame).expect("a set");
    let refused =
        LogisticRegression { strength: 0.0, l1_share: 0.0 }.regress(&set).expect_err("no maximum").to_string();
    assert!(refused.contains("sums of one another"), "{refused}");
}
