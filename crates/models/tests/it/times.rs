//! Models of times: chances that hold, explanations that add up, and whether such a model may be released.

use florin_models::{
    Column, DataSet, Frame, Label, Model,
    definition::{Known, LearnerDef, ModelDef, ModelFile, Task, compile},
    evaluation::{GroupBy, Part, SurvivalAsked, SurvivalEvaluation, evaluate_survival},
    from_bytes,
    survival::{SurvivalModel, concordance},
};

use crate::data::Chance;

const HORIZON: f64 = 90.0;

const DEFINITION: &str = r#"
name = "leaving"
meaning = { zh = "何时离开", en = "when they leave" }
owner = "ana"
purposes = ["service"]
[rows]
population = "SELECT customer_id FROM customer"
first = 2024-01-31
last = 2024-12-31
every = "month"
[label]
sql = "SELECT customer_id, closed_on AS value FROM account WHERE closed_on > as_of()"
horizon_days = 90
[features]
sql = "SELECT customer_id, 1 AS x, 2 AS z, 3 AS region FROM customer"
protected = ["region"]
[learner]
kind = "survival"
METHOD
seed = 7
[split]
by = "customer"
test_share = 0.3
[guards]
concordance_min = 0.65
concordance_above_baseline_min = 0.0
calibration_error_max = 0.05
stability_index_max = 0.25
"#;

fn compiled(text: &str) -> Result<ModelDef, String> {
    let table =
        |name: &str| (name.to_owned(), ["customer_id", "closed_on", "left", "days"].map(str::to_owned).to_vec());
    let known = Known {
        tables: ["customer", "account"].map(table).into(),
        users: ["ana".to_owned()].into(),
        ..Known::default()
    };
    let file = ModelFile::parse("models/leaving.toml", text).map_err(|e| e.to_string())?;
    compile(&[("models/leaving.toml".to_owned(), file)], &known).map(|mut all| all.remove(0)).map_err(|e| e.to_string())
}

fn definition(method: &str) -> ModelDef {
    compiled(&DEFINITION.replace("METHOD", method)).expect("a sound definition")
}

/// Customers whose hazard a day follows from x (twice as high with each unit, and in the south a bend that no line follows), seen for 90 days or until a day
/// of chance.
fn lives(rows: usize, seed: u64, lost: bool, noise: bool) -> (DataSet, Vec<f64>) {
    let mut chance = Chance(seed);
    let (mut x, mut z, mut south, mut times, mut happened, mut truth) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (a, b, is_south) = (4.0 * chance.unit() - 2.0, chance.unit(), chance.unit() < 0.5);
        let bend = if is_south && a.abs() < 0.7 { 2.0 } else { 0.0 };
        let hazard = if noise { 0.004 } else { 0.003 * f64::exp2(a + bend) };
        let own = -(1.0 - chance.unit()).ln() / hazard;
        let until = if lost && chance.unit() < 0.3 { 1.0 + 89.0 * chance.unit() } else { HORIZON };
        x.push(a);
        z.push(b);
        south.push(Some(if is_south { "south" } else { "north" }));
        times.push(own.min(until));
        happened.push(own <= until);
        truth.push(1.0 - (-hazard * HORIZON).exp());
    }
    let columns = vec![Column::number("x", x), Column::number("z", z), Column::category("region", &south)];
    let frame = Frame::new(columns).expect("a frame");
    (DataSet::new(frame, Label::Event { times, happened }, None).expect("a set"), truth)
}

fn fitted(def: &ModelDef, train: &DataSet) -> SurvivalModel {
    let risk = def.learner.learner().fit(train, None).expect("a model");
    SurvivalModel::of(&def.learner, risk, train, None, HORIZON, def.learner.seed()).expect("a model of times")
}

fn evaluated(def: &ModelDef, model: &SurvivalModel, train: &DataSet, test: &DataSet) -> SurvivalEvaluation {
    let groups = [GroupBy::of_column(test.frame().column("region").expect("region"), true)];
    let part = |set| Part { set, periods: None };
    evaluate_survival(&SurvivalAsked {
        definition: def,
        model,
        train: part(train),
        test: part(test),
        groups: &groups,
        seed: 5,
    })
    .expect("an evaluation")
}

#[test]
fn chances_by_the_horizon_are_those_that_were_planted() {
    let (train, _) = lives(9000, 91, true, false);
    let (test, truth) = lives(3000, 92, true, false);
    for method in ["method = \"trees\"", "method = \"cox\""] {
        let model = fitted(&definition(method), &train);
        let said = model.predict(test.frame()).expect("chances");
        let error = said.iter().zip(&truth).map(|(said, truth)| (said - truth).abs()).sum::<f64>() / 3000.0;
        let (most, slope) = if method.contains("trees") { (0.05, 0.6..1.1) } else { (0.12, 0.8..1.2) };
        assert!(error < most, "{method}: {error}");
        let mean = |chances: &[f64]| chances.iter().sum::<f64>() / 3000.0;
        assert!((mean(&said) - mean(&truth)).abs() < 0.02, "{method}: {} and {}", mean(&said), mean(&truth));
        assert!(slope.contains(&model.slope()), "{method}: {}", model.slope());
        let early = model.by(test.frame(), 30.0).expect("chances");
        assert!(early.iter().zip(&said).all(|(early, late)| early <= late));
    }
}

#[test]
fn what_features_add_is_the_hazard_and_a_model_read_back_says_the_same() {
    let (train, _) = lives(3000, 93, false, false);
    let (test, _) = lives(500, 94, false, false);
    for method in ["method = \"trees\"\ntrees = { rounds = 40 }", "method = \"cox\"\nridge = 0.1"] {
        let model = fitted(&definition(method), &train);
        let (margins, added) =
            (model.margins(test.frame()).expect("margins"), model.contributions(test.frame()).expect("contributions"));
        for (row, margin) in margins.iter().enumerate() {
            let sum = added.base + added.row(row).iter().sum::<f64>();
            assert!((sum - margin).abs() < 1e-9, "{method}: {sum} and {margin}");
        }
        let medians = model.medians(test.frame()).expect("medians");
        let chances = model.predict(test.frame()).expect("chances");
        for (row, (median, chance)) in medians.iter().zip(&chances).enumerate() {
            assert_eq!(
                median.is_some(),
                *chance >= 0.5,
                "half within the horizon, or none is told: {median:?}, {chance}"
            );
            let Some(median) = median else { continue };
            let one = test.frame().select(&[row]).expect("a row");
            assert!((model.by(&one, *median).expect("a chance")[0] - 0.5).abs() < 0.02);
        }
        assert!(medians.iter().any(Option::is_some));
        let bytes = model.to_bytes().expect("bytes");
        let again = from_bytes(&bytes).expect("the model");
        assert_eq!(again.predict(test.frame()).expect("chances"), chances);
        assert_eq!(again.as_survival().expect("times").medians(test.frame()).expect("medians"), medians);
        assert_eq!(fitted(&definition(method), &train).to_bytes().expect("bytes"), bytes, "the same bytes");
    }
}

#[test]
fn a_good_model_passes_beats_plain_rules_and_its_figures_are_true() {
    let (train, _) = lives(8000, 95, true, false);
    let (test, truth) = lives(5000, 96, true, false);
    let def = definition("method = \"trees\"");
    let found = evaluated(&def, &fitted(&def, &train), &train, &test);
    assert!(found.guards.iter().all(|guard| guard.passes), "{:?}", found.guards);
    let Label::Event { times, happened } = test.label() else { panic!("times") };
    let best = concordance(times, happened, &truth).expect("that of the truth");
    assert!(
        found.concordance.value > best - 0.02 && found.concordance.high < best + 0.02,
        "{:?}, {best}",
        found.concordance
    );
    assert!(found.baselines.len() == 2 && found.baselines[0].above.low > 0.0, "{:?}", found.baselines);
    assert_eq!(found.at.iter().map(|at| at.time).collect::<Vec<_>>(), [30.0, 60.0, 90.0]);
    let last = &found.at[2];
    let truly = truth.iter().sum::<f64>() / truth.len() as f64;
    assert!(last.happened.low < truly && truly < last.happened.high, "{:?}, {truly}", last.happened);
    assert!(last.figures.brier.expect("chances").value < 0.9 * last.brier_of_average, "{last:?}");
    let (low, high) = (&found.curves[0], &found.curves[2]);
    assert!(high.happened[12].value < low.happened[12].value - 0.2, "{low:?}, {high:?}");
    for curve in &found.curves {
        let (said, happened) = (curve.said[12], curve.happened[12]);
        assert!((said - happened.value).abs() < 0.05, "{said}, {happened:?}");
    }
    assert_eq!((found.importance[0].feature.as_str(), found.groups[0].groups.len()), ("x", 2));
    assert!(found.rows.test_lost > 500 && found.findings.iter().any(|f| f.words.en.contains("lost sight of")));
    assert!(found.leaks.is_empty(), "{:?}", found.leaks);
    let text = serde_json::to_string(&found).expect("text");
    assert_eq!(serde_json::from_str::<SurvivalEvaluation>(&text).expect("the same"), found);
}

#[test]
fn a_model_of_noise_is_refused_and_says_why() {
    let (train, _) = lives(3000, 97, false, true);
    let (test, _) = lives(3000, 98, false, true);
    let def = definition("method = \"trees\"");
    let model = fitted(&def, &train);
    assert!(model.slope() < 0.4, "what is not there out of fold is shrunk: {}", model.slope());
    let found = evaluated(&def, &model, &train, &test);
    let refused: Vec<&str> = found.guards.iter().filter(|g| !g.passes).map(|g| g.guard.as_str()).collect();
    assert!(refused.contains(&"concordance_min"), "{refused:?}, {:?}", found.concordance);
    assert!(found.calibration.expected_error < 0.05, "{:?}", found.calibration);
    assert!(found.findings.iter().any(|f| f.words.en.contains("not surely better than")), "{:?}", found.findings);
}

#[test]
fn definitions_of_times_are_checked() {
    let sound = definition("method = \"cox\"");
    assert_eq!((sound.learner.task(), sound.horizon()), (Task::Time, Some(90.0)));
    assert!(matches!(sound.learner, LearnerDef::Survival(_)));
    let refused =
        |from: &str, to: &str| compiled(&DEFINITION.replace("METHOD", "").replace(from, to)).expect_err("refused");
    assert!(
        refused("concordance_min = 0.65", "qini_min = 0.1")
            .contains("guards models of effects, and this one is of times")
    );
    assert!(
        refused("kind = \"survival\"", "kind = \"trees\"")
            .contains("guards models of times, and this one is of chances")
    );
    assert!(refused("concordance_min = 0.65", "concordance_min = 0.3").contains("from 0.5 to 1"));
    let flat = |more: &str| {
        let table = format!(
            "[table]\nname = \"account\"\nlabel = \"left\"\nid = \"customer_id\"\n{more}\n[features]\ncolumns = [\"closed_on\"]\n"
        );
        let (head, tail) = (DEFINITION.find("[rows]").expect("rows"), DEFINITION.find("[learner]").expect("a learner"));
        compiled(&format!("{}{table}{}", &DEFINITION[..head], DEFINITION[tail..].replace("METHOD", "")))
    };
    assert_eq!(flat("time = \"days\"\nhorizon = 365.0").expect("sound").horizon(), Some(365.0));
    assert!(flat("").expect_err("no time").contains("how long rows were seen"));
    assert!(flat("time = \"day\"\nhorizon = 365.0").expect_err("no column").contains("has no column `day`"));
    assert!(flat("time = \"days\"\nhorizon = 0.0").expect_err("no horizon").contains("above 0"));
}
