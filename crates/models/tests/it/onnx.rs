//! Models in ONNX, against what onnxruntime said of them (`golden/onnx/make.py`).

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use florin_models::{
    Column, Frame, Model, ModelError, from_bytes,
    onnx::{OnnxModel, OnnxOptions},
    trees::from_lightgbm,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::data::assert_near;

pub(crate) fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/it/golden/onnx/{name}.onnx", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a golden file")
}

pub(crate) fn golden() -> &'static Value {
    static GOLDEN: OnceLock<Value> = OnceLock::new();
    GOLDEN.get_or_init(|| serde_json::from_str(include_str!("golden/onnx/expected.json")).expect("valid JSON"))
}

/// Numbers of a list; NaN where there is none.
pub(crate) fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

/// Rows of the golden file as features f0, f1, …
pub(crate) fn table(rows: &str) -> Frame {
    let rows: Vec<Vec<f64>> = golden()["rows"][rows].as_array().expect("rows").iter().map(numbers).collect();
    let column = |at: usize| Column::number(format!("f{at}"), rows.iter().map(|row| row[at]).collect());
    Frame::new((0..rows[0].len()).map(column).collect()).expect("a frame")
}

fn read(name: &str) -> OnnxModel {
    OnnxModel::read(&file(name), OnnxOptions::default()).expect(name)
}

pub(crate) fn said(name: &str) -> Vec<f64> {
    numbers(&golden()[name]["said"])
}

/// Of a value beyond one, as a share of it.
fn assert_said(found: &[f64], wanted: &[f64], what: &str) {
    let scale = wanted.iter().fold(1.0_f64, |scale, value| scale.max(value.abs()));
    assert_near(found, wanted, 1e-6 * scale, what);
}

#[test]
fn models_of_others_predict_as_onnxruntime_does() {
    for (name, rows) in [
        ("lightgbm", "gaps"),
        ("lightgbm_zipmap", "x"),
        ("lightgbm_categories", "kinds"),
        ("lightgbm_number", "x"),
        ("xgboost", "gaps"),
        ("histogram", "gaps"),
        ("forest", "x"),
        ("logistic", "x"),
        ("network", "x"),
        ("linear", "x"),
        ("imputed_forest", "gaps"),
        ("calibrated", "x"),
        ("doubles", "x"),
    ] {
        assert_said(&read(name).predict(&table(rows)).expect(name), &said(name), name);
    }
}

fn columns() -> Frame {
    let rows: Vec<Vec<f64>> = golden()["rows"]["gaps"].as_array().expect("rows").iter().map(numbers).collect();
    let number = |name: &str, at: usize| Column::number(name, rows.iter().map(|row| row[at]).collect());
    let towns: Vec<Option<&str>> =
        golden()["columns"]["town"].as_array().expect("towns").iter().map(Value::as_str).collect();
    Frame::new(vec![
        number("debt", 2),
        Column::category("town", &towns),
        Column::number("kind", numbers(&golden()["columns"]["kind"])),
        number("age", 0),
        number("balance", 1),
    ])
    .expect("a frame")
}

#[test]
fn an_input_a_column_is_taken_by_name_with_texts_and_whole_numbers() {
    let model = read("columns");
    assert_eq!(model.schema().names, ["age", "balance", "debt", "town", "kind"]);
    let frame = columns();
    assert_said(&model.predict(&frame).expect("scores"), &said("columns"), "columns");
    let gap = frame.with(Column::number("kind", vec![f64::NAN; frame.rows()])).expect("a frame");
    assert!(matches!(model.predict(&gap), Err(ModelError::Value { .. })));
}

#[test]
fn small_graphs_do_as_onnxruntime_does_or_are_refused() {
    let mut refused = Vec::new();
    for case in golden()["cases"].as_array().expect("cases") {
        let what = case["what"].as_str().expect("a name");
        let bytes = STANDARD.decode(case["file"].as_str().expect("bytes")).expect("base 64");
        let frame = match (case["edges"].as_bool(), case["table"].as_bool()) {
            (Some(true), _) => {
                let edges = [-1.0, 0.999_999, 1.0, 1.000_000_1, 2.0, f64::NAN, -0.0];
                Frame::new(vec![Column::number("f0", edges.to_vec())])
            }
            (_, Some(true)) => Frame::new(vec![
                Column::number("f0", vec![0.5, 2.0, -0.5, 0.0]),
                Column::number("f1", vec![-1.0, 0.25, 1.0, 0.0]),
            ]),
            _ => Frame::new(vec![Column::number("f0", vec![-1.0, 0.5, 3.0, f64::NAN])]),
        };
        let frame = frame.expect("a frame");
        match OnnxModel::read(&bytes, OnnxOptions::default()) {
            Ok(model) => {
                let (found, wanted) = (model.predict(&frame).expect(what), numbers(&case["said"]));
                for (row, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                    let same = (found - wanted).abs() < 2e-6 || (found.is_nan() && wanted.is_nan());
                    // JSON has no infinity: it was written as one, or as nothing.
                    assert!(same || !found.is_finite(), "{what}, row {row}: {found}, and {wanted} was said");
                }
            }
            Err(error) => {
                assert!(
                    error.to_string().contains("TreeEnsembleClassifier")
                        || error.to_string().contains("LinearClassifier"),
                    "{what}: {error}"
                );
                refused.push(what);
            }
        }
    }
    // Only ways on which runtimes disagree, or leave trees out: two classes with two bases, a base for a class that is not weighed, a curve over a single score.
    let odd = |what: &&str| {
        what.contains("0.2, 0.4")
            || what.starts_with("1 [0.3]")
            || ((what.starts_with("0 ") || what.starts_with("linear [0.3] "))
                && ["SOFTMAX", "PROBIT"].iter().any(|odd| what.contains(odd)))
    };
    assert!(refused.iter().all(odd), "{refused:#?}");
    let sound = [
        "0 [] LOGISTIC True",
        "0 [0.3] LOGISTIC False",
        "both [] SOFTMAX False",
        "1 [] LOGISTIC False",
        "BRANCH_EQ 1 SUM",
    ];
    assert!(sound.iter().all(|what| !refused.contains(what)), "{refused:#?}");
}

#[test]
fn trees_are_explained_exactly_and_add_up() {
    for (name, rows) in [
        ("lightgbm", "gaps"),
        ("xgboost", "gaps"),
        ("histogram", "gaps"),
        ("forest", "x"),
        ("lightgbm_number", "x"),
        ("imputed_forest", "gaps"),
        ("lightgbm_categories", "kinds"),
    ] {
        let model = read(name);
        let frame = table(rows);
        assert_eq!(model.explained_by(), "exact values of trees", "{name}");
        let (margins, parts) = (model.margins(&frame).expect("margins"), model.contributions(&frame).expect("parts"));
        for (row, margin) in margins.iter().enumerate() {
            let sum = parts.base + parts.row(row).iter().sum::<f64>();
            assert!((sum - margin).abs() < 1e-9, "{name}, row {row}: {sum} and {margin}");
        }
    }
}

#[test]
fn with_the_training_rows_as_reference_trees_are_explained_as_lightgbm_does() {
    let model = read("lightgbm").referenced(&table("train")).expect("a reference");
    let rows: Vec<usize> = (0..40).collect();
    let parts = model.contributions(&table("train").select(&rows).expect("rows")).expect("parts");
    let with_base: Vec<f64> =
        (0..40).flat_map(|row| parts.row(row).iter().copied().chain([parts.base]).collect::<Vec<_>>()).collect();
    assert_near(&with_base, &numbers(&golden()["lightgbm"]["contributions"]), 2e-6, "contributions");
    let text = std::fs::read_to_string(format!("{}/tests/it/golden/onnx/lightgbm.txt", env!("CARGO_MANIFEST_DIR")))
        .expect("a file");
    let same = from_lightgbm(&text).expect("a model");
    let rows = table("gaps");
    let frame = same
        .schema()
        .names
        .iter()
        .zip(rows.columns())
        .map(|(name, column)| Column { name: name.clone(), ..column.clone() });
    let frame = Frame::new(frame.collect()).expect("a frame");
    assert_near(
        &model.margins(&table("gaps")).expect("margins"),
        &same.margins(&frame).expect("margins"),
        1e-6,
        "margins",
    );
}

#[test]
fn a_sum_over_features_is_explained_exactly_and_anything_else_by_shapley_values() {
    for (name, by) in [
        ("logistic", "exact values of a sum"),
        ("linear", "exact values of a sum"),
        ("network", "exact Shapley values"),
        ("calibrated", "exact Shapley values"),
    ] {
        let frame = table("x");
        let without = read(name);
        assert!(matches!(without.contributions(&frame), Err(ModelError::NotOffered { .. })), "{name}");
        let model = without.referenced(&frame).expect("a reference");
        assert!(model.explained_by().starts_with(by), "{name}: {}", model.explained_by());
        let (margins, parts) = (model.margins(&frame).expect("margins"), model.contributions(&frame).expect("parts"));
        for (row, margin) in margins.iter().enumerate() {
            let sum = parts.base + parts.row(row).iter().sum::<f64>();
            assert!((sum - margin).abs() < 1e-9, "{name}, row {row}: {sum} and {margin}");
        }
    }
    // Of a sum, a feature's part is its coefficient times how far it is from the mean: in proportion over rows.
    let frame = table("x");
    let parts = read("linear").referenced(&frame).expect("a reference").contributions(&frame).expect("parts");
    let florin_models::frame::Values::Number(values) = &frame.columns()[3].values else { panic!("numbers") };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let slope = parts.row(0)[3] / (values[0] - mean);
    for (row, value) in values.iter().enumerate() {
        assert!((parts.row(row)[3] - slope * (value - mean)).abs() < 1e-9, "row {row}");
    }
}

#[test]
fn texts_are_explained_too_and_sums_add_up() {
    let frame = columns();
    let model = read("columns").referenced(&frame).expect("a reference");
    let (margins, parts) = (model.margins(&frame).expect("margins"), model.contributions(&frame).expect("parts"));
    assert!(model.explained_by().starts_with("exact values of a sum"), "{}", model.explained_by());
    for (row, margin) in margins.iter().enumerate() {
        let sum = parts.base + parts.row(row).iter().sum::<f64>();
        assert!((sum - margin).abs() < 1e-9, "row {row}: {sum} and {margin}");
    }
}

#[test]
fn many_features_are_sampled_and_still_add_up() {
    // The same network behind a table of 12 columns, of which it reads six: the others bring nothing.
    let model = read("network").referenced(&table("x")).expect("a reference");
    assert!(model.explained_by().contains("exact"));
    let bytes = STANDARD.decode(golden()["wide"]["file"].as_str().expect("bytes")).expect("base 64");
    let wide = OnnxModel::read(&bytes, OnnxOptions::default()).expect("a model");
    let narrow = table("x");
    let twice = narrow.columns().iter().cloned().chain(
        narrow
            .columns()
            .iter()
            .enumerate()
            .map(|(at, column)| Column { name: format!("f{}", 6 + at), ..column.clone() }),
    );
    let frame = Frame::new(twice.collect()).expect("a frame");
    let wide = wide.referenced(&frame).expect("a reference");
    assert!(wide.explained_by().starts_with("sampled"), "{}", wide.explained_by());
    let rows = frame.select(&[0, 1, 2, 3]).expect("rows");
    let (said, sampled) = (wide.predict(&rows).expect("scores"), wide.contributions(&rows).expect("parts"));
    let exact = model.contributions(&table("x").select(&[0, 1, 2, 3]).expect("rows")).expect("parts");
    for (row, said) in said.iter().enumerate() {
        let sum = sampled.base + sampled.row(row).iter().sum::<f64>();
        assert!((sum - said).abs() < 1e-9, "row {row}: {sum} and {said}");
        assert!(sampled.row(row)[6..].iter().all(|part| part.abs() < 1e-9), "row {row}: {:?}", sampled.row(row));
        for at in 0..6 {
            assert!((sampled.row(row)[at] - exact.row(row)[at]).abs() < 0.06, "row {row}, feature {at}");
        }
    }
    assert_eq!(sampled, wide.contributions(&rows).expect("parts"));
}

#[test]
fn a_model_read_back_says_the_same_to_the_last_bit() {
    for name in ["lightgbm", "logistic", "network", "imputed_forest"] {
        let frame = table("x");
        let model = read(name).referenced(&frame).expect("a reference");
        let again = from_bytes(&model.to_bytes().expect("bytes")).expect("the model");
        assert_eq!(again.kind(), "onnx");
        assert_eq!(again.predict(&frame).expect("scores"), model.predict(&frame).expect("scores"));
        assert_eq!(again.contributions(&frame).expect("parts"), model.contributions(&frame).expect("parts"));
        assert_eq!(again.to_bytes().expect("bytes"), model.to_bytes().expect("bytes"));
    }
}

#[test]
fn one_row_alone_scores_as_it_does_among_others_and_none_gives_none() {
    for name in ["lightgbm", "logistic", "network"] {
        let (model, frame) = (read(name), table("x"));
        let all = model.predict(&frame).expect("scores");
        let many = frame.select(&(0..2000).map(|at| at % 40).collect::<Vec<_>>()).expect("rows");
        assert_eq!(model.predict(&many).expect("scores")[1000 + 7], all[(1000 + 7) % 40]);
        assert_eq!(model.predict(&frame.select(&[7]).expect("a row")).expect("a score"), [all[7]]);
        let none = frame.select(&[]).expect("no rows");
        assert!(model.predict(&none).expect("no scores").is_empty());
    }
}

#[test]
fn an_operator_that_is_not_taken_is_named_with_its_node_and_version() {
    let bytes = STANDARD.decode(golden()["refused"]["file"].as_str().expect("bytes")).expect("base 64");
    let error = OnnxModel::read(&bytes, OnnxOptions::default()).expect_err("not taken").to_string();
    for word in ["`Erf`", "`the odd one`", "version 15", "node 1"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let with =
        |options: OnnxOptions| OnnxModel::read(&file("lightgbm"), options).expect_err("does not fit").to_string();
    let names = ["a", "b"].map(str::to_owned).to_vec();
    assert!(with(OnnxOptions { features: names, ..OnnxOptions::default() }).contains("6 features"));
    assert!(
        with(OnnxOptions { output: Some("nothing".to_owned()), ..OnnxOptions::default() }).contains("probabilities")
    );
    assert!(with(OnnxOptions { column: Some(2), ..OnnxOptions::default() }).contains("column 2"));
    let first =
        OnnxModel::read(&file("lightgbm"), OnnxOptions { column: Some(0), ..OnnxOptions::default() }).expect("a model");
    let (no, yes) = (first.predict(&table("gaps")).expect("scores"), said("lightgbm"));
    assert!(no.iter().zip(yes).all(|(no, yes)| (no + yes - 1.0).abs() < 1e-6));
}

const NAMES: [&str; 8] = [
    "lightgbm_zipmap",
    "lightgbm_categories",
    "columns",
    "logistic",
    "network",
    "calibrated",
    "linear",
    "imputed_forest",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_refused_or_another_model_and_never_a_crash(
        which in 0..NAMES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = file(NAMES[which]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(model) = OnnxModel::read(&bytes, OnnxOptions::default()) {
            let row = |name: &String, kind: &florin_models::frame::ColumnKind| match kind {
                florin_models::frame::ColumnKind::Number => Column::number(name, vec![1.0, f64::NAN, -3.0e38]),
                florin_models::frame::ColumnKind::Category(levels) => Column::category(name, &[levels.first(), None, None]),
            };
            let schema = model.schema();
            let frame = Frame::new(schema.names.iter().zip(&schema.kinds).map(|(name, kind)| row(name, kind)).collect()).expect("a frame");
            let _ = model.predict(&frame);
            if schema.len() < 40 && let Ok(model) = model.referenced(&frame) {
                let _ = model.contributions(&frame);
            }
        }
    }

    #[test]
    fn bytes_of_chance_are_never_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = OnnxModel::read(&bytes, OnnxOptions::default());
    }
}
