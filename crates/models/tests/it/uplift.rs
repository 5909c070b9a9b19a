//! Effects that were planted are found.

use florin_models::{
    Column, DataSet, Frame, Label, Learner, Model, from_bytes,
    linear::LogisticRegression,
    trees::BoostedTrees,
    uplift::{Method, Propensity, Uplift, UpliftModel},
};

use crate::data::Chance;

pub(crate) struct Experiment {
    pub(crate) set: DataSet,
    pub(crate) treated: Vec<bool>,
    pub(crate) effects: Vec<f64>,
    chances: Vec<f64>,
}

/// The offer lifts the chance by 0.2 where x > 0, and lowers it by 0.1 elsewhere; who gets it depends on z, which also moves the outcome.
pub(crate) fn experiment(rows: usize, seed: u64, confounded: bool) -> Experiment {
    let mut chance = Chance(seed);
    let (mut x, mut z, mut label, mut treated, mut effects, mut chances) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (a, b) = (chance.normal(), chance.normal());
        let propensity = if confounded { 1.0 / (1.0 + (-1.2 * b).exp()) } else { 0.5 };
        let effect = if a > 0.0 { 0.2 } else { -0.1 };
        let offered = chance.unit() < propensity;
        let outcome = 0.3 + 0.25 / (1.0 + (-2.0 * b).exp()) + if offered { effect } else { 0.0 };
        label.push(f64::from(u8::from(chance.unit() < outcome)));
        x.push(a);
        z.push(b);
        treated.push(offered);
        effects.push(effect);
        chances.push(propensity);
    }
    let frame = Frame::new(vec![Column::number("x", x), Column::number("z", z)]).expect("a frame");
    Experiment { set: DataSet::new(frame, Label::Binary(label), None).expect("a set"), treated, effects, chances }
}

fn trees() -> BoostedTrees {
    BoostedTrees { rounds: 60, leaves_max: 6, leaf_weight_min: 40.0, ..BoostedTrees::default() }
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let cross: f64 = a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum();
    let size = |v: &[f64], m: f64| v.iter().map(|x| (x - m).powi(2)).sum::<f64>().sqrt();
    cross / (size(a, ma) * size(b, mb))
}

#[test]
fn each_method_finds_whom_the_offer_moves() {
    let found = experiment(12_000, 71, false);
    let test = experiment(4000, 72, false);
    for method in [Method::TwoModels, Method::X, Method::DoublyRobust { folds: 3 }] {
        let learner = trees();
        let uplift =
            Uplift { method, outcome: &learner, effect: &learner, propensity: Propensity::Known(0.5), seed: 3 };
        let model = uplift.fit(&found.set, &found.treated).expect("a model");
        let effects = model.effects(test.set.frame()).expect("effects");
        let alike = correlation(&effects, &test.effects);
        assert!(alike > 0.8, "{method:?}: {alike}");
        let mean = effects.iter().sum::<f64>() / effects.len() as f64;
        assert!((mean - 0.05).abs() < 0.04, "{method:?}: {mean}");
    }
}

#[test]
fn the_average_effect_is_right_also_when_the_offer_went_to_those_who_buy_anyway() {
    let found = experiment(12_000, 73, true);
    let label = found.set.binary().expect("labels");
    let rate = |of: bool| {
        let rows: Vec<usize> = (0..label.len()).filter(|&row| found.treated[row] == of).collect();
        rows.iter().map(|&row| label[row]).sum::<f64>() / rows.len() as f64
    };
    assert!(rate(true) - rate(false) > 0.1, "the plain difference is not misleading");
    let (learner, logistic) = (trees(), LogisticRegression::default());
    for propensity in [Propensity::Given(&found.chances), Propensity::Learnt(&logistic as &dyn Learner)] {
        let uplift = Uplift {
            method: Method::DoublyRobust { folds: 4 },
            outcome: &learner,
            effect: &learner,
            propensity,
            seed: 4,
        };
        let average = uplift.fit(&found.set, &found.treated).expect("a model").average().expect("an average");
        let truth = found.effects.iter().sum::<f64>() / found.effects.len() as f64;
        assert!((average.effect - truth).abs() < 4.0 * average.standard_error, "{average:?} and {truth}");
        assert!(average.standard_error < 0.02);
    }
}

#[test]
fn an_experiment_without_two_arms_is_refused() {
    let found = experiment(200, 74, false);
    let learner = trees();
    let uplift = |method, propensity| Uplift { method, outcome: &learner, effect: &learner, propensity, seed: 0 };
    let nobody = vec![false; 200];
    assert!(uplift(Method::TwoModels, Propensity::Known(0.5)).fit(&found.set, &nobody).is_err());
    assert!(uplift(Method::DoublyRobust { folds: 1 }, Propensity::Known(0.5)).fit(&found.set, &found.treated).is_err());
    assert!(uplift(Method::DoublyRobust { folds: 2 }, Propensity::Known(1.0)).fit(&found.set, &found.treated).is_err());
}

#[test]
fn effects_that_were_saved_are_those_that_were_learnt() {
    let found = experiment(2000, 75, false);
    let learner = trees();
    for method in [Method::TwoModels, Method::X, Method::DoublyRobust { folds: 2 }] {
        let uplift =
            Uplift { method, outcome: &learner, effect: &learner, propensity: Propensity::Known(0.5), seed: 5 };
        let model = uplift.fit(&found.set, &found.treated).expect("a model");
        let bytes = model.to_bytes().expect("bytes");
        let effects = model.effects(found.set.frame()).expect("effects");
        let typed = UpliftModel::from_bytes(&bytes).expect("the model");
        assert_eq!(typed.average(), model.average(), "{method:?}");
        assert_eq!(typed.effects(found.set.frame()).expect("effects"), effects, "{method:?}");
        let any = from_bytes(&bytes).expect("a model");
        assert_eq!(any.predict(found.set.frame()).expect("effects"), effects, "{method:?}");
        assert_eq!(any.to_bytes().expect("bytes"), bytes, "{method:?}");
        let parts = any.contributions(found.set.frame()).expect("what features add");
        for (row, effect) in effects.iter().enumerate() {
            let sum = parts.base + parts.row(row).iter().sum::<f64>();
            assert!((sum - effect).abs() < 1e-9, "{method:?}, {row}: {sum} and {effect}");
        }
    }
}

#[test]
fn bytes_of_another_model_are_no_effects() {
    let found = experiment(400, 76, false);
    let other = LogisticRegression::default().regress(&found.set).expect("a model").to_bytes().expect("bytes");
    assert!(UpliftModel::from_bytes(&other).is_err());
    let learner = trees();
    let uplift =
        Uplift { method: Method::X, outcome: &learner, effect: &learner, propensity: Propensity::Known(0.5), seed: 5 };
    let bytes = uplift.fit(&found.set, &found.treated).expect("a model").to_bytes().expect("bytes");
    let text = String::from_utf8(bytes).expect("a text");
    let at = text.find("\"share\":\"").expect("a share");
    let broken = format!("{}\"share\":\"7\"{}", &text[..at], &text[at + text[at..].find('}').expect("an end")..]);
    assert!(UpliftModel::from_bytes(broken.as_bytes()).is_err());
}
