//! Registering models of others: what bytes are, which features they take, whether they say what they should.

use std::collections::BTreeMap;

use florin_models::{
    Column, Frame,
    foreign::{Asked, Format, check, detect, read},
};

use crate::{
    data::{NUMBERS, expected, numbers, rows},
    onnx,
};

fn lightgbm() -> &'static [u8] {
    include_bytes!("golden/lightgbm-numbers.txt")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn bytes_tell_what_they_are() {
    assert_eq!(detect(lightgbm()), Some(Format::LightGbm));
    assert_eq!(detect(include_bytes!("golden/xgboost.json")), Some(Format::XgBoost));
    for name in ["lightgbm", "xgboost", "columns", "network"] {
        assert_eq!(detect(&onnx::file(name)), Some(Format::Onnx), "{name}");
    }
    for nothing in [&b""[..], b"\x08", b"PK\x03\x04", b"hello, world"] {
        assert_eq!(detect(nothing), None);
        assert!(read(nothing, &Asked::default()).is_err());
    }
}

#[test]
fn names_of_features_decide_which_is_which_in_any_order() {
    let asked = names(&["visits", "age", "debt", "balance"]);
    let model = read(lightgbm(), &Asked { features: &asked, ..Asked::default() }).expect("a model");
    let frame = rows().frame(&NUMBERS, &[]);
    let raw = numbers(&expected("shap")["raw"]);
    assert!(model.margins(&frame).expect("margins").iter().zip(raw).all(|(a, b)| (a - b).abs() < 2e-6));
}

#[test]
fn features_that_are_missing_and_too_many_are_all_named() {
    let asked = names(&["age", "balance", "visit_count", "gender"]);
    let error = read(lightgbm(), &Asked { features: &asked, ..Asked::default() }).err().expect("no match").to_string();
    for word in ["lacks `visits`, `debt`", "does not take", "`gender`", "`visit_count`"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_feature_may_have_another_name_in_the_model() {
    let asked = names(&["age", "balance", "visit_count", "debt"]);
    let renamed = BTreeMap::from([("visit_count".to_owned(), "visits".to_owned())]);
    let model = read(lightgbm(), &Asked { features: &asked, renamed, ..Asked::default() }).expect("a model");
    assert_eq!(model.schema().names, ["age", "balance", "visit_count", "debt"]);
    let unknown = BTreeMap::from([("nothing".to_owned(), "visits".to_owned())]);
    assert!(read(lightgbm(), &Asked { features: &asked, renamed: unknown, ..Asked::default() }).is_err());
}

#[test]
fn a_table_without_names_takes_features_in_the_order_of_the_definition() {
    let asked = names(&["income", "debt", "visits", "age", "children", "balance"]);
    let model = read(&onnx::file("lightgbm"), &Asked { features: &asked, ..Asked::default() }).expect("a model");
    assert_eq!(model.schema().names, asked);
    let frame = onnx::table("gaps");
    let renamed =
        asked.iter().zip(frame.columns()).map(|(name, column)| Column { name: name.clone(), ..column.clone() });
    let frame = Frame::new(renamed.rev().collect()).expect("a frame");
    assert!(check(&*model, &frame, &onnx::said("lightgbm"), 1e-6).expect("a check").agrees());
    let short = names(&["income"]);
    let error = read(&onnx::file("lightgbm"), &Asked { features: &short, ..Asked::default() }).err().expect("no match");
    assert!(error.to_string().contains("6 features"), "{error}");
}

#[test]
fn sample_rows_that_disagree_are_shown() {
    let model = read(&onnx::file("lightgbm"), &Asked::default()).expect("a model");
    let mut wanted = onnx::said("lightgbm");
    wanted[3] += 0.25;
    wanted[17] = f64::NAN;
    let found = check(&*model, &onnx::table("gaps"), &wanted, 1e-6).expect("a check");
    assert!(!found.agrees());
    assert_eq!((found.rows, found.differing), (40, 2));
    assert_eq!(found.first.iter().map(|difference| difference.row).collect::<Vec<_>>(), [3, 17]);
    assert!(check(&*model, &onnx::table("gaps"), &wanted[1..], 1e-6).is_err());
    assert!(check(&*model, &onnx::table("gaps"), &wanted, 0.0).is_err());
}

#[test]
fn a_reference_comes_with_the_reading() {
    let reference = onnx::table("x");
    let model =
        read(&onnx::file("network"), &Asked { reference: Some(&reference), ..Asked::default() }).expect("a model");
    assert!(model.contributions(&reference).is_ok());
}
