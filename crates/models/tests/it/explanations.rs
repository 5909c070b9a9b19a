//! Importance, curves, reasons and nearest changes say what was planted.

use std::collections::BTreeSet;

use florin_models::{
    Column, DataSet, Frame, Label, Model,
    explain::{
        Changeable, Towards, accumulated_effects, importance, nearest, partial_dependence, permutation_importance,
        reasons,
    },
    linear::LogisticRegression,
    trees::BoostedTrees,
};

use crate::data::{Chance, made_up};

fn trees() -> BoostedTrees {
    BoostedTrees { rounds: 60, learning_rate: 0.1, ..BoostedTrees::default() }
}

#[test]
fn what_matters_ranks_first_and_noise_last() {
    let (set, _) = made_up(5000, 81);
    let (fresh, _) = made_up(3000, 82);
    let model = trees().grow(&set, None).expect("a model");
    let by_contribution = importance(&model, fresh.frame()).expect("importance");
    let by_shuffling = permutation_importance(&model, &fresh, 3, 1).expect("importance");
    for ranked in [by_contribution, by_shuffling] {
        assert_eq!(ranked[0].feature, "a");
        assert_eq!(ranked[4].feature, "noise", "{ranked:?}");
    }
}

#[test]
fn curves_of_a_straight_model_are_straight() {
    let mut chance = Chance(83);
    let x: Vec<f64> = (0..2000).map(|_| chance.normal()).collect();
    // The other feature goes with the first, which leads partial dependence astray only where there are interactions.
    let other: Vec<f64> = x.iter().map(|x| x + chance.normal() / 2.0).collect();
    let label: Vec<f64> = x.iter().zip(&other).map(|(x, o)| 3.0 * x + o + 10.0).collect();
    let frame = Frame::new(vec![Column::number("x", x), Column::number("other", other)]).expect("a frame");
    let set = DataSet::new(frame, Label::Number(label), None).expect("a set");
    let model =
        BoostedTrees { rounds: 300, learning_rate: 0.1, ..BoostedTrees::default() }.grow(&set, None).expect("a model");
    let curve = accumulated_effects(&model, set.frame(), "x", 20).expect("a curve");
    let at = |wanted: f64| {
        let near = curve
            .points
            .iter()
            .min_by(|a, b| (a.value.unwrap() - wanted).abs().total_cmp(&(b.value.unwrap() - wanted).abs()));
        near.map(|point| (point.value.unwrap(), point.effect)).expect("a point")
    };
    let ((low, below), (high, above)) = (at(-1.0), at(1.0));
    assert!(((above - below) / (high - low) - 3.0).abs() < 0.6, "{}", (above - below) / (high - low));
    let levels = partial_dependence(&model, set.frame(), "x", 10).expect("a curve");
    assert!(levels.points.windows(2).all(|pair| pair[0].value < pair[1].value));
    assert!(levels.points.last().expect("a point").effect > levels.points[0].effect + 5.0);
    assert!(partial_dependence(&model, set.frame(), "x", 1).is_err());
}

#[test]
fn a_curve_of_a_category_has_a_point_a_level() {
    let (set, _) = made_up(2000, 84);
    let model = trees().grow(&set, None).expect("a model");
    let curve = partial_dependence(&model, set.frame(), "town", 5).expect("a curve");
    assert_eq!(curve.points.len(), 40);
    assert_eq!(curve.points.iter().map(|point| point.rows).sum::<usize>(), 2000);
    assert!(accumulated_effects(&model, set.frame(), "town", 5).is_err());
}

#[test]
fn reasons_are_the_largest_contributions_and_never_name_what_is_protected() {
    let (set, _) = made_up(3000, 85);
    let model = trees().grow(&set, None).expect("a model");
    let unnamed = BTreeSet::from(["a".to_owned()]);
    let frame = set.frame().select(&(0..200).collect::<Vec<_>>()).expect("rows");
    let parts = model.contributions(&frame).expect("parts");
    for (row, told) in reasons(&model, &frame, true, 4, &unnamed).expect("reasons").iter().enumerate() {
        assert!(told.iter().all(|reason| reason.contribution > 0.0 && reason.feature != "a"));
        assert!(told.windows(2).all(|pair| pair[0].contribution >= pair[1].contribution));
        let allowed =
            parts.row(row).iter().zip(&model.schema().names).filter(|(v, name)| **v > 0.0 && *name != "a").count();
        assert_eq!(told.len(), allowed.min(4));
    }
    let gap = set.frame().with(Column::number("a", vec![f64::NAN; 3000])).expect("a frame");
    let told = reasons(&model, &gap, false, 4, &BTreeSet::new()).expect("reasons");
    assert!(told.iter().flatten().filter(|reason| reason.feature == "a").all(|reason| reason.value.is_none()));
    assert!(reasons(&model, &frame, true, 5, &unnamed).is_err());
}

#[test]
fn the_nearest_change_is_found_and_only_of_what_may_change() {
    let mut chance = Chance(86);
    let (mut age, mut debt, mut savings, mut job, mut label) = (vec![], vec![], vec![], vec![], vec![]);
    for row in 0..4000 {
        let (a, d, s) = (chance.unit() * 50.0 + 20.0, chance.normal(), chance.normal());
        age.push(a);
        debt.push(d);
        savings.push(s);
        job.push(Some(["clerk", "nurse", "none"][row % 3]));
        let margin = 1.5 * d - s + f64::from(u8::from(row % 3 == 2)) - 0.05 * (a - 45.0);
        label.push(f64::from(u8::from(chance.unit() < 1.0 / (1.0 + (-margin).exp()))));
    }
    let columns = vec![
        Column::number("age", age),
        Column::number("debt", debt),
        Column::number("savings", savings),
        Column::category("job", &job),
    ];
    let set = DataSet::new(Frame::new(columns).expect("a frame"), Label::Binary(label), None).expect("a set");
    let model = LogisticRegression::default().regress(&set).expect("a model");
    let scores = model.predict(set.frame()).expect("scores");
    let refused = (0..4000).find(|&row| scores[row] > 0.6 && scores[row] < 0.8).expect("a refusal");
    let row = set.frame().select(&[refused]).expect("a row");
    let steps = || (-30..=30).map(|step| f64::from(step) / 10.0).collect::<Vec<f64>>();
    let changeable = [
        Changeable::Number { feature: "savings".to_owned(), to: steps(), spread: 1.0 },
        Changeable::Number { feature: "debt".to_owned(), to: steps(), spread: 1.0 },
    ];
    let found = nearest(&model, &row, &changeable, Towards::AtMost(0.5)).expect("a search").expect("a change");
    assert!(found.prediction <= 0.5 && found.changes.len() == 1);
    // A unit of debt moves the score one and a half times as far as one of savings.
    assert_eq!(found.changes[0].feature, "debt");
    let impossible =
        [Changeable::Category { feature: "job".to_owned(), to: vec!["nurse".to_owned(), "pilot".to_owned()] }];
    assert_eq!(nearest(&model, &row, &impossible, Towards::AtMost(0.0001)).expect("a search"), None);
    let wrong = [Changeable::Category { feature: "age".to_owned(), to: vec!["young".to_owned()] }];
    assert!(nearest(&model, &row, &wrong, Towards::AtMost(0.5)).is_err());
}
