//! What was planted is found, named and refused.

use florin_domain::Purpose;
use florin_measurement::{calibration::Repair, fairness::Favourable};
use florin_models::{
    Column, DataSet, Frame, Label,
    calibrated::calibrate,
    definition::{Known, ModelDef, ModelFile, compile},
    evaluation::{Asked, Evaluation, GroupBy, Part, Periods, Severity, Topic, default_groups, evaluate},
    from_bytes,
};

use crate::data::Chance;

fn definition(more: &str) -> ModelDef {
    let text = format!(
        r#"
name = "churn"
meaning = {{ zh = "九十天内离开", en = "leaves within 90 days" }}
owner = "ana"
purposes = ["marketing"]
[table]
name = "flat"
label = "left"
id = "id"
date = "day"
[features]
protected = ["age"]
[learner]
kind = "trees"
rounds = 60
leaves_max = 8
[split]
by = "time"
test_from = 2024-10-01
{more}
"#
    );
    let file = ModelFile::parse("models/churn.toml", &text).expect("a definition");
    let columns = ["id", "left", "day", "age", "visits", "balance", "region", "noise"].map(str::to_owned).to_vec();
    let known =
        Known { tables: [("flat".to_owned(), columns)].into(), users: ["ana".to_owned()].into(), ..Known::default() };
    compile(&[("models/churn.toml".to_owned(), file)], &known).expect("a sound definition").remove(0)
}

/// Visits and balance tell who leaves, except of the young, of whom nothing tells; the north leaves more often.
fn rows(count: usize, seed: u64, shift: f64) -> (DataSet, Periods) {
    let mut chance = Chance(seed);
    let (mut age, mut visits, mut balance, mut region, mut noise) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut label, mut days) = (vec![], vec![]);
    for row in 0..count {
        let young = chance.unit() < 0.25;
        let north = chance.unit() < 0.4;
        let (a, b) = (chance.normal(), chance.normal() + shift);
        let margin = if young { -0.5 } else { -1.2 + 1.8 * a - 1.2 * b } + if north { 0.8 } else { 0.0 };
        age.push(if young { 18.0 + (7.0 * chance.unit()).floor() } else { 25.0 + (40.0 * chance.unit()).floor() });
        visits.push(a);
        balance.push(b);
        region.push(Some(if north { "north" } else { "south" }));
        noise.push(chance.normal());
        label.push(f64::from(u8::from(chance.unit() < 1.0 / (1.0 + (-margin).exp()))));
        days.push(19_800 + 30 * (row % 4) as i32);
    }
    let frame = Frame::new(vec![
        Column::number("age", age),
        Column::number("visits", visits),
        Column::number("balance", balance),
        Column::category("region", &region),
        Column::number("noise", noise),
    ]);
    let set = DataSet::new(frame.expect("a frame"), Label::Binary(label), None).expect("a set");
    (set, Periods::of_days(&days))
}

fn evaluated(definition: &ModelDef, train: &(DataSet, Periods), test: &(DataSet, Periods)) -> Evaluation {
    let model = definition.learner.learner().fit(&train.0, None).expect("a model");
    let groups = default_groups(definition, test.0.frame());
    evaluate(&Asked {
        definition,
        model: model.as_ref(),
        train: Part { set: &train.0, periods: Some(&train.1) },
        test: Part { set: &test.0, periods: Some(&test.1) },
        groups: &groups,
        decision: None,
        seed: 7,
    })
    .expect("an evaluation")
}

#[test]
fn a_model_that_fails_the_young_says_so_first() {
    let definition = definition("[guards]\nauc_min = 0.7\ngroup_auc_min = 0.65");
    let found = evaluated(&definition, &rows(6000, 1, 0.0), &rows(4000, 2, 0.0));
    let first = &found.findings[0];
    assert_eq!((first.severity, first.topic), (Severity::Fails, Topic::Group), "{:?}", found.findings);
    assert!(first.words.en.starts_with("fails customers with age under 25: AUC 0."), "{}", first.words.en);
    assert!(first.words.zh.contains("年龄为“25 岁以下”"), "{}", first.words.zh);
    let age = found.groups.iter().find(|axis| axis.axis == "age").expect("the axis");
    assert!(age.protected && age.groups[0].fails && age.groups[0].words.en == "under 25");
    assert!(age.groups[1..].iter().all(|group| !group.fails));
    let auc = age.groups[0].figures.figures.as_ref().expect("large enough").discrimination.auc.value;
    assert!((0.5..0.68).contains(&auc), "{auc}");
    let refused: Vec<&str> = found.refusals().map(|guard| guard.guard.as_str()).collect();
    assert_eq!(refused, ["group_auc_min"], "{:?}", found.guards);
    assert!(!found.passes());
}

#[test]
fn the_same_arguments_give_the_same_evaluation_and_it_survives_being_written_down() {
    let definition = definition("[guards]\nauc_min = 0.7");
    let (train, test) = (rows(3000, 3, 0.0), rows(2000, 4, 0.0));
    let found = evaluated(&definition, &train, &test);
    assert_eq!(found, evaluated(&definition, &train, &test));
    let json = serde_json::to_string(&found).expect("JSON");
    let read: Evaluation = serde_json::from_str(&json).expect("an evaluation");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
    assert!(found.passes(), "{:?}", found.guards);
}

#[test]
fn everything_that_a_release_needs_is_measured() {
    let definition = definition("");
    let found = evaluated(&definition, &rows(6000, 5, 0.0), &rows(4000, 6, 0.0));
    let figures = &found.quality.figures;
    assert!(figures.auc.low < figures.auc.value && figures.auc.value < figures.auc.high && figures.auc.value > 0.75);
    assert!(figures.ks.value > 0.35 && figures.average_precision.value > 0.5 && figures.brier.is_some());
    assert_eq!((found.quality.gains.len(), found.quality.roc[0]), (10, (0.0, 0.0)));
    assert!(found.calibration.error.low <= found.calibration.error.value);
    let names: Vec<&str> = found.baselines.iter().map(|b| b.comparison.baseline.as_str()).collect();
    assert_eq!(names, ["scorecard", "best single feature", "prior"]);
    assert!((found.baselines[2].auc - 0.5).abs() < 1e-12);
    assert_eq!(found.learning.points.last().map(|point| point.rows), Some(6000));
    assert_eq!(found.learning.points.len(), 4);
    assert_eq!(found.stability.periods.len(), 8);
    assert!(found.stability.periods.iter().filter(|p| p.test).all(|p| p.auc.is_some() && p.psi.is_some()));
    assert_eq!(found.importance[0].feature, "visits");
    let curve = &found.curves[0];
    assert!(curve.partial.points.first().map(|p| p.effect) < curve.partial.points.last().map(|p| p.effect));
    assert!(curve.local.is_some() && found.leaks.is_empty());
    assert!(found.thresholds.windows(2).all(|pair| pair[0].threshold > pair[1].threshold));
    assert!(found.thresholds.windows(2).all(|pair| pair[0].recall <= pair[1].recall));
    assert_eq!(found.rows.train_periods, Some(("2024-03-18".to_owned(), "2024-06-16".to_owned())));
    assert_eq!(found.decision.favourable, Favourable::Above);
    let taken = found.fairness[0].rates.iter().map(|group| group.counts.taken()).sum::<f64>();
    let share = found.rows.train_positives as f64 / found.rows.train as f64;
    assert!((taken / 4000.0 - share).abs() < 0.01, "{taken}");
}

#[test]
fn groups_that_are_chosen_less_often_are_named_when_they_are_protected() {
    let definition = definition("[guards]\nselection_ratio_min = 0.8");
    let (train, test) = (rows(6000, 8, 0.0), rows(4000, 9, 0.0));
    let model = definition.learner.learner().fit(&train.0, None).expect("a model");
    let mut asked = Asked {
        definition: &definition,
        model: model.as_ref(),
        train: Part { set: &train.0, periods: None },
        test: Part { set: &test.0, periods: None },
        groups: &[GroupBy::of_column(test.0.frame().column("region").expect("a column"), true)],
        decision: None,
        seed: 7,
    };
    let found = evaluate(&asked).expect("an evaluation");
    let fairness = found.findings.iter().find(|finding| finding.topic == Topic::Fairness).expect("a finding");
    assert_eq!(fairness.severity, Severity::Fails);
    assert!(fairness.words.en.contains("region south") && fairness.words.en.contains("as for north"), "{fairness:?}");
    assert_eq!(found.refusals().count(), 1);
    assert!(found.thresholds.iter().all(|row| row.lowest_ratio.is_some()));
    assert!(!found.fairness[0].trades.is_empty());
    // Without a protected group there is nothing to compare, and the guard does not pass on that.
    let groups = [GroupBy::of_column(test.0.frame().column("region").expect("a column"), false)];
    asked.groups = &groups;
    let found = evaluate(&asked).expect("an evaluation");
    assert!(found.guards.iter().any(|guard| guard.found.is_none() && !guard.passes));
}

#[test]
fn a_score_that_is_bad_for_customers_is_favourable_below() {
    let mut of_risk = definition("");
    of_risk.purposes = vec![Purpose::Risk];
    let found = evaluated(&of_risk, &rows(2000, 10, 0.0), &rows(2000, 11, 0.0));
    assert_eq!(found.decision.favourable, Favourable::Below);
    let region = found.fairness.iter().find(|axis| axis.axis == "region").expect("the axis");
    assert_eq!(region.pairs[0].group, "north");
}

#[test]
fn what_moved_and_what_leaks_is_told_and_refused() {
    let definition = definition("[guards]\nstability_index_max = 0.25");
    let found = evaluated(&definition, &rows(4000, 12, 0.0), &rows(4000, 13, 1.2));
    assert_eq!(found.stability.features[0].feature, "balance");
    assert!(found.findings.iter().any(|finding| finding.words.en.contains("balance (")), "{:?}", found.findings);
    assert!(found.refusals().any(|guard| guard.guard == "stability_index_max"));

    let leaking = |seed: u64| {
        let (set, periods) = rows(3000, seed, 0.0);
        let label = set.binary().expect("labels").to_vec();
        let frame = set.frame().with(Column::number("noise", label)).expect("a frame");
        (set.with_frame(frame).expect("a set"), periods)
    };
    let found = evaluated(&definition, &leaking(14), &leaking(15));
    assert!(found.refusals().any(|guard| guard.guard == "leaks_allowed"), "{:?}", found.guards);
    assert!(found.findings.iter().any(|finding| finding.topic == Topic::Leak && finding.words.en.contains("`noise`")));
}

#[test]
fn a_model_of_noise_is_no_better_than_a_plain_rule() {
    let mut chance = Chance(16);
    let mut noise = |rows: usize| {
        let frame = Frame::new(vec![
            Column::number("visits", (0..rows).map(|_| chance.normal()).collect()),
            Column::number("noise", (0..rows).map(|_| chance.normal()).collect()),
        ]);
        let label = (0..rows).map(|_| f64::from(u8::from(chance.unit() < 0.3))).collect();
        let set = DataSet::new(frame.expect("a frame"), Label::Binary(label), None).expect("a set");
        (set, Periods::of_days(&vec![19_800; rows]))
    };
    let (train, test) = (noise(2000), noise(2000));
    let found = evaluated(&definition("[guards]\nauc_min = 0.6\nauc_above_baseline_min = 0.01"), &train, &test);
    assert_eq!(found.refusals().count(), 2, "{:?}", found.guards);
    assert!(found.findings.iter().any(|finding| finding.topic == Topic::Baseline), "{:?}", found.findings);
    assert!(found.findings.iter().any(|finding| finding.topic == Topic::Overfit), "{:?}", found.findings);
}

#[test]
fn probabilities_of_a_model_that_is_too_sure_are_mended() {
    let mut too_sure = definition("");
    if let florin_models::definition::LearnerDef::Trees(trees) = &mut too_sure.learner {
        (trees.rounds, trees.learning_rate, trees.leaves_max) = (Some(300), Some(0.3), Some(31));
    }
    let (train, test) = (rows(4000, 17, 0.0), rows(4000, 18, 0.0));
    let customers: Vec<i64> = (0..4000).map(|row| row / 2).collect();
    let plain = too_sure.learner.learner().fit(&train.0, None).expect("a model");
    let raw = plain.predict(test.0.frame()).expect("scores");
    let mended = calibrate(&too_sure.learner, plain, &train.0, Some(&customers), 3).expect("a model");
    assert_ne!(mended.repair(), &Repair::None);
    assert_eq!(mended.unrepaired(test.0.frame()).expect("scores"), raw);
    let found = evaluate(&Asked {
        definition: &too_sure,
        model: mended.as_ref(),
        train: Part { set: &train.0, periods: None },
        test: Part { set: &test.0, periods: None },
        groups: &[],
        decision: None,
        seed: 7,
    })
    .expect("an evaluation");
    let before = found.calibration.before.as_ref().expect("a curve").expected_error;
    let after = found.calibration.curve.expected_error;
    assert!(before > 0.08 && after < 0.03, "{before} and {after}");
    let bytes = mended.to_bytes().expect("bytes");
    let again = from_bytes(&bytes).expect("the model");
    assert_eq!(again.predict(test.0.frame()).expect("scores"), mended.predict(test.0.frame()).expect("scores"));
    assert_eq!(again.to_bytes().expect("bytes"), bytes);
}

#[test]
fn a_sound_model_keeps_its_probabilities() {
    let plain = definition("");
    let learner = florin_models::definition::LearnerDef::Logistic { strength: None, l1_share: None };
    let (train, _) = rows(3000, 19, 0.0);
    let frame = train.frame().without(&["age"]).expect("a frame");
    let mut chance = Chance(20);
    let Ok(florin_models::frame::Values::Number(visits)) = frame.column("visits").map(|c| c.values.clone()) else {
        panic!("numbers")
    };
    let label = visits.iter().map(|a| f64::from(u8::from(chance.unit() < 1.0 / (1.0 + (-a).exp())))).collect();
    let set = DataSet::new(frame, Label::Binary(label), None).expect("a set");
    let model = learner.learner().fit(&set, None).expect("a model");
    assert_eq!(calibrate(&learner, model, &set, None, 3).expect("a model").repair(), &Repair::None);
    assert!(!plain.learner.watches());
}

#[test]
fn what_cannot_be_evaluated_is_refused_with_a_reason() {
    let definition = definition("");
    let (train, periods) = rows(500, 21, 0.0);
    let model = definition.learner.learner().fit(&train, None).expect("a model");
    let part = Part { set: &train, periods: Some(&periods) };
    let other = Periods::of_days(&[19_800]);
    let asked = |test: Part<'_>, groups: &[GroupBy]| {
        evaluate(&Asked {
            definition: &definition,
            model: model.as_ref(),
            train: part,
            test,
            groups,
            decision: None,
            seed: 0,
        })
    };
    assert!(asked(Part { set: &train, periods: Some(&other) }, &[]).is_err());
    let short = GroupBy::of_column(&Column::number("age", vec![30.0]), true);
    assert!(asked(part, &[short]).is_err());
    let numbers = DataSet::new(train.frame().clone(), Label::Number((0..500).map(f64::from).collect()), None);
    let told = asked(Part { set: &numbers.expect("a set"), periods: None }, &[]).expect_err("a refusal");
    assert!(told.to_string().contains("yes and no"), "{told}");
}
