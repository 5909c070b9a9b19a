//! Boosted trees: accuracy against the truth, determinism, constraints, explanations, models of others.

use florin_models::{
    Column, DataSet, Frame, Label, Learner, Model, ModelError,
    frame::Values,
    from_bytes,
    trees::{BoostedTrees, Categories, Direction, from_lightgbm, from_xgboost},
};

use crate::data::{NUMBERS, assert_near, auc, expected, golden, made_up, numbers, rows};

fn small() -> BoostedTrees {
    BoostedTrees { rounds: 60, learning_rate: 0.1, ..BoostedTrees::default() }
}

#[test]
fn trees_come_near_the_best_that_the_truth_allows() {
    let (train, _) = made_up(6000, 1);
    let (test, truth) = made_up(6000, 2);
    let model = small().grow(&train, None).expect("a model");
    let label = test.binary().expect("yes and no");
    let (ours, best) = (auc(&model.predict(test.frame()).expect("scores"), label), auc(&truth, label));
    assert!(ours > best - 0.02, "{ours} of {best}");
}

#[test]
fn contributions_add_up_to_the_margin_of_every_row() {
    for categories in [Categories::NativeUpTo(100), Categories::NativeUpTo(0)] {
        let (train, _) = made_up(3000, 3);
        let model = BoostedTrees { categories, ..small() }.grow(&train, None).expect("a model");
        let margins = model.margins(train.frame()).expect("margins");
        let parts = model.contributions(train.frame()).expect("contributions");
        for (row, margin) in margins.iter().enumerate() {
            let sum = parts.base + parts.row(row).iter().sum::<f64>();
            assert!((sum - margin).abs() < 1e-10, "row {row}: {sum} and {margin}");
        }
    }
}

#[test]
fn a_foreign_model_is_explained_as_shap_explains_it() {
    let model = from_lightgbm(include_str!("golden/lightgbm-numbers.txt")).expect("a model");
    let frame = rows().frame(&NUMBERS, &[]);
    let wanted = expected("shap");
    assert_near(&model.margins(&frame).expect("margins"), &numbers(&wanted["raw"]), 2e-6, "margin");
    let parts = model.contributions(&frame).expect("contributions");
    assert_near(&parts.values, &numbers(&wanted["values"]), 1e-6, "contribution");
}

#[test]
fn a_lightgbm_model_with_categories_and_gaps_predicts_and_explains_as_lightgbm_does() {
    let model = from_lightgbm(include_str!("golden/lightgbm.txt")).expect("a model");
    let frame = golden().frame().clone();
    let wanted = expected("lightgbm");
    assert_near(&model.margins(&frame).expect("margins"), &numbers(&wanted["raw"]), 2e-6, "margin");
    let parts = model.contributions(&frame).expect("contributions");
    let with_base: Vec<f64> = (0..frame.rows())
        .flat_map(|row| parts.row(row).iter().copied().chain([parts.base]).collect::<Vec<_>>())
        .collect();
    assert_near(&with_base, &numbers(&wanted["contributions"]), 2e-6, "contribution");
}

#[test]
fn an_xgboost_model_stops_at_its_best_round_as_xgboost_does() {
    let wanted = expected("xgboost");
    assert!(wanted["best"].as_u64().expect("a round") + 1 < wanted["rounds"].as_u64().expect("rounds"), "no trap here");
    let model = from_xgboost(include_bytes!("golden/xgboost.json")).expect("a model");
    let margins = model.margins(&rows().frame(&NUMBERS, &[])).expect("margins");
    assert_near(&margins, &numbers(&wanted["raw"]), 2e-6, "margin");
}

#[test]
fn what_is_no_model_of_others_is_refused() {
    for text in ["", "tree\nversion=v4\n", "{}", "[1, 2"] {
        assert!(from_lightgbm(text).is_err());
        assert!(from_xgboost(text.as_bytes()).is_err());
    }
}

#[test]
fn the_same_bytes_come_of_one_thread_and_of_four() {
    let (train, _) = made_up(4000, 5);
    let bytes = |threads| {
        let learner = BoostedTrees { threads: Some(threads), rows_share: 0.7, features_share: 0.8, seed: 9, ..small() };
        learner.fit(&train, None).expect("a model").to_bytes().expect("bytes")
    };
    assert_eq!(bytes(1), bytes(4));
}

#[test]
fn a_model_read_back_says_the_same_to_the_last_bit() {
    let (train, _) = made_up(2000, 6);
    let model = small().grow(&train, None).expect("a model");
    let again = from_bytes(&model.to_bytes().expect("bytes")).expect("the model");
    assert_eq!(again.margins(train.frame()).expect("margins"), model.margins(train.frame()).expect("margins"));
    assert_eq!(again.contributions(train.frame()).expect("parts"), model.contributions(train.frame()).expect("parts"));
    assert_eq!(again.to_bytes().expect("bytes"), model.to_bytes().expect("bytes"));
}

#[test]
fn damaged_bytes_are_refused_and_never_panic() {
    let (train, _) = made_up(300, 7);
    let bytes = BoostedTrees { rounds: 3, ..small() }.fit(&train, None).expect("a model").to_bytes().expect("bytes");
    assert!(matches!(from_bytes(b"something else"), Err(ModelError::Saved { .. })));
    assert!(from_bytes(&bytes[..bytes.len() / 2]).is_err());
    for at in (15..bytes.len()).step_by(7) {
        let mut broken = bytes.clone();
        broken[at] = if broken[at] == b'9' { b'0' } else { b'9' };
        if let Ok(model) = from_bytes(&broken) {
            // Another number may still be a model; it must be one that can be walked.
            let _ = model.margins(train.frame());
        }
    }
}

#[test]
fn one_row_alone_scores_as_it_does_among_others() {
    let (train, _) = made_up(500, 8);
    let model = small().grow(&train, None).expect("a model");
    let all = model.margins(train.frame()).expect("margins");
    for row in [0, 77, 499] {
        let alone = model.margins(&train.frame().select(&[row]).expect("a row")).expect("a margin");
        assert_eq!(alone, [all[row]]);
    }
}

#[test]
fn a_monotone_feature_never_moves_the_score_the_wrong_way() {
    let (train, _) = made_up(3000, 10);
    let learner =
        BoostedTrees { monotone: vec![("b".to_owned(), Direction::Up), ("a".to_owned(), Direction::Up)], ..small() };
    let model = learner.grow(&train, None).expect("a model");
    let frame = train.frame().select(&(0..200).collect::<Vec<_>>()).expect("rows");
    let mut before = vec![f64::NEG_INFINITY; 200];
    for step in -20..=20 {
        let asked = frame.with(Column::number("b", vec![f64::from(step) / 5.0; 200])).expect("a frame");
        let now = model.margins(&asked).expect("margins");
        assert!(now.iter().zip(&before).all(|(now, before)| now >= before), "falls at {step}");
        before = now;
    }
    let wrong = BoostedTrees { monotone: vec![("town".to_owned(), Direction::Up)], ..small() };
    assert!(matches!(wrong.grow(&train, None), Err(ModelError::ColumnType { .. })));
}

#[test]
fn early_stopping_stops_and_keeps_the_best() {
    let (train, _) = made_up(1500, 11);
    let (watched, _) = made_up(1500, 12);
    let learner = BoostedTrees { rounds: 2000, patience: Some(20), learning_rate: 0.2, ..BoostedTrees::default() };
    let model = learner.grow(&train, Some(&watched)).expect("a model");
    assert!(model.trees() < 500, "{}", model.trees());
    let all = BoostedTrees { patience: None, rounds: 500, ..learner }.grow(&train, None).expect("a model");
    let of =
        |model: &dyn Model| auc(&model.predict(watched.frame()).expect("scores"), watched.binary().expect("labels"));
    assert!(of(&model) > of(&all), "{} and {}", of(&model), of(&all));
}

#[test]
fn a_balanced_model_keeps_the_true_rate() {
    let (train, _) = made_up(6000, 13);
    // Few yeses: nine of ten are left out.
    let label = train.binary().expect("labels");
    let rows: Vec<usize> = (0..label.len()).filter(|&row| label[row] == 0.0 || row % 10 == 0).collect();
    let train = train.select(&rows).expect("rows");
    let model = BoostedTrees { balanced: true, ..small() }.grow(&train, None).expect("a model");
    let scores = model.predict(train.frame()).expect("scores");
    let label = train.binary().expect("labels");
    let [mean, rate] = [&scores[..], label].map(|values| values.iter().sum::<f64>() / label.len() as f64);
    assert!((mean / rate - 1.0).abs() < 1e-6, "{mean} and {rate}");
    let plain = small().grow(&train, None).expect("a model").margins(train.frame()).expect("margins");
    assert_ne!(plain, model.margins(train.frame()).expect("margins"));
}

#[test]
fn a_weight_of_two_does_what_two_rows_do() {
    let (train, _) = made_up(800, 14);
    // Few different values, so that cuts between them do not depend on how rows are counted.
    let rounded = |column: &Column| match &column.values {
        Values::Number(values) => {
            Column::number(&column.name, values.iter().map(|v| (v * 4.0).round() / 4.0).collect())
        }
        Values::Category { .. } => column.clone(),
    };
    let frame = Frame::new(train.frame().columns().iter().map(rounded).collect()).expect("a frame");
    let train = train.with_frame(frame).expect("a set");
    let twice: Vec<usize> = (0..800).chain((0..800).filter(|row| row % 3 == 0)).collect();
    let doubled = train.select(&twice).expect("rows");
    let weights = (0..800).map(|row| if row % 3 == 0 { 2.0 } else { 1.0 }).collect();
    let weighed = DataSet::new(train.frame().clone(), train.label().clone(), Some(weights)).expect("a set");
    // Statistics of categories are drawn by row; without them both are the same question.
    let learner = BoostedTrees { categories: Categories::NativeUpTo(100), rounds: 20, ..small() };
    let [a, b] = [doubled, weighed]
        .map(|set| learner.grow(&set, None).expect("a model").margins(train.frame()).expect("margins"));
    let apart = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 800.0;
    assert!(apart < 1e-3, "{apart}");
}

#[test]
fn a_category_of_noise_with_many_levels_does_less_harm_as_a_statistic() {
    let noisy = |rows: usize, seed: u64| {
        let (set, _) = made_up(rows, seed);
        let mut chance = crate::data::Chance(seed + 100);
        let ids: Vec<Option<String>> = (0..rows).map(|_| Some(format!("{}", (chance.unit() * 120.0) as u32))).collect();
        let frame = set.frame().with(Column::category("shop", &ids)).expect("a frame");
        set.with_frame(frame).expect("a set")
    };
    let (train, watched, test) = (noisy(3000, 15), noisy(2000, 16), noisy(4000, 17));
    let of = |categories| {
        let model = BoostedTrees { categories, ..small() }.grow(&train, Some(&watched)).expect("a model");
        auc(&model.predict(test.frame()).expect("scores"), test.binary().expect("labels"))
    };
    let (native, statistic, chosen) =
        (of(Categories::NativeUpTo(1000)), of(Categories::NativeUpTo(0)), of(Categories::ByValidation));
    assert!(statistic > native, "{statistic} and {native}");
    assert_eq!(chosen, statistic);
}

#[test]
fn a_new_level_and_a_gap_are_scored_alike() {
    let (train, _) = made_up(1000, 18);
    for categories in [Categories::NativeUpTo(100), Categories::NativeUpTo(0)] {
        let model = BoostedTrees { categories, rounds: 20, ..small() }.grow(&train, None).expect("a model");
        let row = train.frame().select(&[0]).expect("a row");
        let asked = |level: Option<&str>| {
            let frame = row.with(Column::category("town", &[level])).expect("a frame");
            model.margins(&frame).expect("a margin")
        };
        assert_eq!(asked(Some("nowhere")), asked(None));
        assert!(asked(Some("town03"))[0].is_finite());
    }
}

#[test]
fn numbers_can_be_learnt_too() {
    let (set, truth) = made_up(3000, 19);
    let amounts = DataSet::new(set.frame().clone(), Label::Number(truth.iter().map(|p| p * 100.0).collect()), None)
        .expect("a set");
    let model = small().grow(&amounts, None).expect("a model");
    let found = model.predict(set.frame()).expect("values");
    let error = found.iter().zip(&truth).map(|(f, t)| (f - 100.0 * t).abs()).sum::<f64>() / 3000.0;
    assert!(error < 5.0, "{error}");
}

#[test]
fn a_frame_without_a_feature_is_refused_by_name() {
    let (train, _) = made_up(300, 20);
    let model = BoostedTrees { rounds: 3, ..small() }.grow(&train, None).expect("a model");
    let without = train.frame().without(&["town"]).expect("a frame");
    let error = model.predict(&without).expect_err("a feature is not there").to_string();
    assert!(error.contains("`town`"), "{error}");
    let empty = Frame::new(vec![]).expect("an empty frame");
    assert!(model.predict(&empty).is_err());
}
