//! Isolation forests find what was planted.

use std::collections::BTreeSet;

use florin_domain::Purpose;
use florin_models::{
    Column, Frame, Model, ModelError,
    definition::{Known, LearnerDef, ModelDef, ModelFile, Source, Task, compile},
    evaluation::{Assessment, OddAsked, OddEvaluation, OddPart, Severity, evaluate_odd},
    from_bytes,
    isolation::IsolationSettings,
};

use crate::data::Chance;

#[test]
fn planted_odd_ones_score_highest() {
    let mut chance = Chance(51);
    let (mut x, mut y, mut level) = (vec![], vec![], vec![]);
    for row in 0..5000 {
        let odd = row % 100 == 0;
        x.push(if odd { 6.0 + chance.normal() } else { chance.normal() });
        y.push(if odd {
            -6.0 + chance.normal()
        } else if row % 50 == 1 {
            f64::NAN
        } else {
            chance.normal()
        });
        level.push(Some(if odd { "rare" } else { ["app", "web"][row % 2] }));
    }
    let columns = vec![Column::number("x", x), Column::number("y", y), Column::category("channel", &level)];
    let frame = Frame::new(columns).expect("a frame");
    let forest = IsolationSettings::default().grow(&frame).expect("a forest");
    let scores = forest.predict(&frame).expect("scores");
    let mut order: Vec<usize> = (0..5000).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let found = order[..50].iter().filter(|&&row| row % 100 == 0).count();
    assert!(found >= 49, "{found} of 50");
    let again = from_bytes(&forest.to_bytes().expect("bytes")).expect("the forest");
    assert_eq!(again.predict(&frame).expect("scores"), scores);
}

/// Rows of which one in a hundred is far out in `x` alone, among columns that say nothing.
fn one_feature_is_odd() -> Frame {
    let mut chance = Chance(77);
    let x = (0..2000).map(|row| if row % 100 == 0 { 9.0 + chance.normal() } else { chance.normal() }).collect();
    let noise = (0..2000).map(|row| if row % 7 == 0 { f64::NAN } else { chance.normal() }).collect();
    let level: Vec<Option<&str>> = (0..2000).map(|row| Some(["app", "web", "branch"][row % 3])).collect();
    let columns = vec![Column::number("noise", noise), Column::category("channel", &level), Column::number("x", x)];
    Frame::new(columns).expect("a frame")
}

#[test]
fn what_features_add_is_the_margin_and_names_what_is_odd() {
    let frame = one_feature_is_odd();
    let forest = IsolationSettings { sample: 512, ..IsolationSettings::default() }.grow(&frame).expect("a forest");
    let (found, margins) =
        (forest.contributions(&frame).expect("contributions"), forest.margins(&frame).expect("margins"));
    for (row, margin) in margins.iter().enumerate() {
        let sum = found.base + found.row(row).iter().sum::<f64>();
        assert!((sum - margin).abs() < 1e-9, "row {row}: {sum} and {margin}");
    }
    for row in (0..2000).step_by(100) {
        let adds = found.row(row);
        assert!(adds[2] > 0.0 && adds[2] > adds[0].max(adds[1]), "row {row}: {adds:?}");
    }
}

#[test]
fn a_forest_needs_rows() {
    let one = Frame::new(vec![Column::number("x", vec![1.0])]).expect("a frame");
    assert!(IsolationSettings::default().grow(&one).is_err());
    let same = Frame::new(vec![Column::number("x", vec![1.0; 100])]).expect("a frame");
    let scores = IsolationSettings::default().grow(&same).expect("a forest").predict(&same).expect("scores");
    assert!(scores.iter().all(|score| *score == scores[0]));
}

const ODD: &str = r#"
name = "odd_payments"
meaning = { zh = "支付行为异常", en = "pays unlike others" }
owner = "ana"
purposes = ["risk"]
[rows]
population = "SELECT customer_id FROM account"
first = 2024-01-31
last = 2024-12-31
every = "month"
[features]
traits = ["balance"]
[learner]
kind = "isolation"
share = 0.02
seed = 7
[split]
by = "time"
test_from = 2024-10-01
"#;

const LABEL: &str = r#"
[label]
sql = "SELECT customer_id, 1 AS value FROM account WHERE closed_on > as_of()"
horizon_days = 30
[learner]"#;

fn compiled(text: &str) -> Result<ModelDef, String> {
    let file = ModelFile::parse("models/odd.toml", text).map_err(|problem| problem.message)?;
    let columns = ["customer_id", "closed_on", "amount"].map(str::to_owned).to_vec();
    let known = Known {
        traits: [("balance".to_owned(), Purpose::ALL.to_vec())].into(),
        tables: [("account".to_owned(), columns)].into(),
        users: BTreeSet::from(["ana".to_owned()]),
    };
    match compile(&[("models/odd.toml".to_owned(), file)], &known) {
        Ok(mut found) => Ok(found.remove(0)),
        Err(ModelError::Definitions(problems)) => {
            Err(problems.iter().map(|p| format!("{}; {}", p.message, p.help)).collect::<Vec<_>>().join("\n"))
        }
        Err(other) => Err(other.to_string()),
    }
}

#[test]
fn a_forest_needs_no_label_and_takes_one_to_be_checked_by() {
    let plain = compiled(ODD).expect("a sound definition");
    assert_eq!((plain.learner.task(), plain.horizon()), (Task::Odd, None));
    assert!(matches!(&plain.source, Source::Lake { label: None, horizon_days: 0, .. }), "{:?}", plain.source);
    let LearnerDef::Isolation(of) = &plain.learner else { panic!("{:?}", plain.learner) };
    assert_eq!((of.share(), of.settings().seed, of.settings().sample), (0.02, 7, 256));
    let checked = compiled(&ODD.replace("\n[learner]", LABEL)).expect("a sound definition");
    assert!(matches!(&checked.source, Source::Lake { label: Some(_), horizon_days: 30, .. }), "{:?}", checked.source);
    let flat = ODD.replace("[rows]", "[table]").replace(
        "population = \"SELECT customer_id FROM account\"\nfirst = 2024-01-31\nlast = 2024-12-31\nevery = \"month\"\n[features]\ntraits = [\"balance\"]",
        "name = \"account\"\nid = \"customer_id\"\ndate = \"closed_on\"",
    );
    let flat = compiled(&flat).expect("a sound definition");
    assert!(matches!(&flat.source, Source::Table { label: None, .. }), "{:?}", flat.source);
}

#[test]
fn what_does_not_hold_up_is_told() {
    let wrong = |from: &str, to: &str, says: &str| {
        assert!(ODD.contains(from), "{from}");
        let told = compiled(&ODD.replace(from, to)).expect_err("a problem");
        assert!(told.contains(says), "{told}");
    };
    wrong("kind = \"isolation\"\nshare = 0.02", "kind = \"trees\"", "has no `[label]`");
    wrong("share = 0.02", "share = 0.7", "a share of 0.7 is flagged; it is from 0.0001 to 0.5");
    wrong("share = 0.02", "trees = 0", "a forest of 0 trees");
    wrong("share = 0.02", "sample = 1", "trees that are grown from 1 rows");
    wrong("[split]", "[guards]\nauc_min = 0.7\n[split]", "nothing says what did");
    wrong("[split]", "[guards]\nmape_max = 0.7\n[split]", "guards models of series, and this one is of the odd ones");
    wrong("share = 0.02", "share = 0.02\nrounds = 5", "rounds");
    wrong("traits = [\"balance\"]", "traits = []", "has no features");
}

/// What was measured of a forest over rows of which the planted ones turned out to be odd.
fn evaluated(guards: &str, trees: usize, labelled: bool) -> OddEvaluation {
    let definition = compiled(&format!("{}{guards}", ODD.replace("\n[learner]", LABEL))).expect("a sound definition");
    let settings = IsolationSettings { trees, sample: 256, seed: 7 };
    let train = one_feature_is_odd();
    let test = train.select(&(0..1500).collect::<Vec<_>>()).expect("rows");
    let happened: Vec<Option<bool>> = (0..1500).map(|row| (row % 3 != 1).then_some(row % 100 == 0)).collect();
    let known = labelled.then_some(&happened[..]);
    evaluate_odd(&OddAsked {
        definition: &definition,
        model: &settings.grow(&train).expect("a forest"),
        settings: &settings,
        share: 0.02,
        train: OddPart { frame: &train, happened: None, periods: None },
        test: OddPart { frame: &test, happened: known, periods: None },
        groups: &[],
        seed: 7,
    })
    .expect("an evaluation")
}

#[test]
fn an_evaluation_says_whom_it_flags_whether_seeds_agree_and_whether_it_was_right() {
    let found = evaluated("\n[guards]\nagreement_min = 0.6\nflagged_share_max = 0.05\nauc_min = 0.9\n", 200, true);
    assert!(found.flagged.contains(0.02) && found.threshold > 0.5, "{:?} {}", found.flagged, found.threshold);
    assert!(found.agreement.value > 0.6 && found.correlation.low > 0.8, "{:?}", found.agreement);
    assert_eq!(found.oddest[0].feature, "x");
    let check = found.check.as_ref().expect("a check");
    assert_eq!((check.figures.rows, check.figures.positives), (1000, 10));
    assert!(check.figures.auc.value > 0.95, "{:?}", check.figures.auc);
    assert!(check.among_flagged.expect("some").value > 0.2 && check.among_others.expect("some").value < 0.01);
    assert!(check.plain.as_ref().is_some_and(|plain| plain.auc.value > 0.9), "one number is a plain rule: {check:?}");
    assert!(found.guards.len() == 3 && found.guards.iter().all(|guard| guard.passes), "{:?}", found.guards);
    let text = serde_json::to_string(&found).expect("JSON");
    assert_eq!(serde_json::from_str::<OddEvaluation>(&text).expect("the same"), found);
    assert_eq!(Assessment::Odd(Box::new(found)).headline().figure, "AUC");
}

#[test]
fn without_a_label_it_says_that_nobody_knows_and_too_few_trees_are_told_to_be_chance() {
    let found = evaluated("\n[guards]\nagreement_min = 0.99\n", 2, false);
    assert!(found.check.is_none() && found.agreement.value < 0.7, "{:?}", found.agreement);
    let told = |severity, words: &str| {
        found.findings.iter().any(|finding| finding.severity == severity && finding.words.en.contains(words))
    };
    assert!(told(Severity::Note, "nothing says who turned out to be odd"), "{:#?}", found.findings);
    assert!(told(Severity::Watch, "a forest of another seed flags only"), "{:#?}", found.findings);
    assert!(told(Severity::Fails, "and must be at least 0.99: refused"), "{:#?}", found.findings);
    assert_eq!(Assessment::Odd(Box::new(found)).headline().figure, "agreement");
}
