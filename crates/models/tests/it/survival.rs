//! Proportional hazards equal lifelines', and discrete time follows curves that were planted.

use florin_models::{
    Column, DataSet, Frame, Label, Model, from_bytes,
    survival::{CoxRegression, DiscreteModel, DiscreteTime, concordance},
    trees::BoostedTrees,
};

use crate::data::{Chance, assert_near, expected, numbers, rows};

#[test]
fn proportional_hazards_are_those_of_lifelines() {
    let rows = rows();
    let (times, happened) =
        (rows.number("time"), rows.number("happened").iter().map(|h| *h == 1.0).collect::<Vec<_>>());
    let frame = rows.frame(&["age", "visits", "debt"], &[]);
    let set = DataSet::new(frame.clone(), Label::Event { times: times.clone(), happened: happened.clone() }, None)
        .expect("a set");
    let model = CoxRegression::default().regress(&set).expect("a model");
    let wanted = expected("cox");
    let (values, errors): (Vec<f64>, Vec<f64>) =
        model.coefficients().into_iter().map(|(_, b, error)| (b, error)).unzip();
    assert_near(&values, &numbers(&wanted["coefficients"]), 1e-6, "coefficient");
    assert_near(&errors, &numbers(&wanted["standard_errors"]), 1e-6, "standard error");
    let risk = model.margins(&frame).expect("risks");
    let index = concordance(&times, &happened, &risk).expect("an index");
    assert!((index - wanted["concordance"].as_f64().expect("a number")).abs() < 1e-9, "{index}");
    let later = model.survival(&frame, 20.0).expect("chances");
    assert!(model.survival(&frame, 5.0).expect("chances").iter().zip(&later).all(|(early, late)| early >= late));
    let again = from_bytes(&model.to_bytes().expect("bytes")).expect("the model");
    assert_eq!(again.margins(&frame).expect("risks"), risk);
}

#[test]
fn concordance_counts_pairs_as_its_definition_does() {
    let mut chance = Chance(61);
    for _ in 0..20 {
        let times: Vec<f64> = (0..60).map(|_| (chance.unit() * 15.0).ceil()).collect();
        let happened: Vec<bool> = (0..60).map(|_| chance.unit() < 0.6).collect();
        let risk: Vec<f64> = (0..60).map(|_| (chance.unit() * 10.0).floor()).collect();
        let (mut pairs, mut agreeing) = (0.0, 0.0);
        for a in 0..60 {
            for b in 0..60 {
                if happened[a] && (times[a] < times[b] || (times[a] == times[b] && !happened[b])) {
                    pairs += 1.0;
                    agreeing += if risk[a] > risk[b] {
                        1.0
                    } else if risk[a] == risk[b] {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
        }
        let found = concordance(&times, &happened, &risk).expect("an index");
        assert!((found - agreeing / pairs).abs() < 1e-12, "{found}");
    }
    assert!(concordance(&[1.0, 2.0], &[false, false], &[1.0, 2.0]).is_err());
}

#[test]
fn discrete_time_follows_hazards_that_change() {
    let mut chance = Chance(62);
    let (mut group, mut times, mut happened) = (vec![], vec![], vec![]);
    // The hazard a period is 0.05 in group 0; in group 1 it is 0.3 in the first three periods and then none.
    let hazard = |group: f64, period: usize| {
        if group == 0.0 {
            0.05
        } else if period < 3 {
            0.3
        } else {
            0.0
        }
    };
    for row in 0..8000 {
        group.push(f64::from(row % 2));
        let end = (0..8).find(|&period| chance.unit() < hazard(group[row as usize], period));
        times.push(end.map_or(8.0, |period| period as f64 + 0.5));
        happened.push(end.is_some());
    }
    let frame = Frame::new(vec![Column::number("group", group)]).expect("a frame");
    let set = DataSet::new(frame, Label::Event { times, happened }, None).expect("a set");
    let learner = BoostedTrees { rounds: 100, learning_rate: 0.1, ..BoostedTrees::default() };
    let model = DiscreteTime { ends: (1..=8).map(f64::from).collect(), learner: &learner }.fit(&set).expect("a model");
    let both = Frame::new(vec![Column::number("group", vec![0.0, 1.0])]).expect("a frame");
    let curves = model.survival(&both).expect("curves");
    for (group, curve) in curves.iter().enumerate() {
        let mut left = 1.0;
        for (period, found) in curve.iter().enumerate() {
            left *= 1.0 - hazard(group as f64, period);
            assert!((found - left).abs() < 0.03, "group {group}, period {period}: {found} and {left}");
        }
    }
    let bytes = model.to_bytes().expect("bytes");
    assert_eq!(DiscreteModel::from_bytes(&bytes).expect("the model").survival(&both).expect("curves"), curves);
    let any = from_bytes(&bytes).expect("a model");
    assert_eq!(any.schema().names, ["group"]);
    let by_the_end = any.predict(&both).expect("chances");
    assert_eq!(by_the_end, curves.iter().map(|curve| 1.0 - curve[7]).collect::<Vec<_>>());
    assert!(DiscreteModel::from_bytes(&model.hazards().to_bytes().expect("bytes")).is_err());
}
