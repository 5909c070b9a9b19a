//! Whether a model of effects may be released.

use florin_models::{
    DataSet,
    definition::{Chosen, Known, LearnerDef, ModelDef, ModelFile, UpliftDef, compile},
    evaluation::{EffectAsked, EffectEvaluation, GroupBy, TreatedPart, evaluate_effects},
};

use crate::uplift::{Experiment, experiment};

const DEFINITION: &str = r#"
name = "offer"
meaning = { zh = "优惠的作用", en = "what the offer changes" }
owner = "ana"
purposes = ["marketing"]
[rows]
population = "SELECT customer_id FROM customer"
first = 2024-01-31
last = 2024-12-31
every = "month"
[label]
sql = "SELECT customer_id, 1 AS value FROM response WHERE ts > as_of()"
horizon_days = 30
[treatment]
sql = "SELECT customer_id, treated FROM contact WHERE ts > as_of()"
chance = 0.5
[features]
sql = "SELECT customer_id, 1 AS x, 2 AS z FROM customer"
protected = ["z"]
[learner]
kind = "uplift"
folds = 3
seed = 7
[split]
by = "customer"
test_share = 0.3
[guards]
qini_min = 0.05
top_tenth_above_all_min = 0.05
stability_index_max = 0.25
"#;

fn definition() -> ModelDef {
    let table = |name: &str| (name.to_owned(), vec!["customer_id".to_owned(), "ts".to_owned(), "treated".to_owned()]);
    let known = Known {
        tables: ["customer", "response", "contact"].map(table).into(),
        users: ["ana".to_owned()].into(),
        ..Known::default()
    };
    let file = ModelFile::parse("models/offer.toml", DEFINITION).expect("a definition");
    compile(&[("models/offer.toml".to_owned(), file)], &known).expect("a sound definition").remove(0)
}

fn evaluated(train: &Experiment, test: &Experiment, treated: &[bool], chance: f64) -> EffectEvaluation {
    let definition = definition();
    let LearnerDef::Uplift(uplift) = &definition.learner else { panic!("effects") };
    let model = uplift.with(Chosen::Known(0.5), None, |learner| learner.fit(&train.set, treated)).expect("a model");
    fn part<'a>(set: &'a DataSet, treated: &'a [bool]) -> TreatedPart<'a> {
        TreatedPart { set, treated, chances: None, periods: None }
    }
    let groups = [GroupBy::of_column(test.set.frame().column("z").expect("z"), true)];
    evaluate_effects(&EffectAsked {
        definition: &definition,
        model: &model,
        train: part(&train.set, treated),
        test: part(&test.set, &test.treated),
        groups: &groups,
        chance: Some(chance),
        seed: 5,
    })
    .expect("an evaluation")
}

#[test]
fn a_model_that_finds_whom_the_offer_moves_passes_with_figures_that_are_true() {
    let (train, test) = (experiment(12_000, 81, false), experiment(8000, 82, false));
    let found = evaluated(&train, &test, &train.treated, 0.5);
    assert!(found.guards.iter().all(|guard| guard.passes), "{:?}", found.guards);
    let truth = test.effects.iter().sum::<f64>() / test.effects.len() as f64;
    let effect = found.figures.effect;
    assert!(effect.low < truth && truth < effect.high, "{effect:?} and {truth}");
    let (_, top) = &found.at[3];
    let top = top.effect.expect("an effect");
    assert!(top.low < 0.2 && 0.2 < top.high, "who is put first is moved by 0.2: {top:?}");
    assert!(found.ratio.as_ref().is_some_and(|ratio| !ratio.mismatch));
    assert_eq!(found.importance[0].feature, "x");
    assert!(found.balance.iter().all(|b| b.difference.abs() < 0.1), "{:?}", found.balance);
    assert_eq!(found.groups[0].groups.len(), 4);
    assert!(found.groups[0].groups.iter().all(|group| group.happened.is_some()));
    let last = found.parts.last().expect("tenths").happened.effect.expect("an effect");
    assert!(last.high < 0.0, "who is put last is harmed: {last:?}");
    assert!(found.findings.iter().any(|finding| finding.words.en.contains("is harmed")), "{:?}", found.findings);
    let text = serde_json::to_string(&found).expect("text");
    assert_eq!(serde_json::from_str::<EffectEvaluation>(&text).expect("the same"), found);
}

#[test]
fn a_model_learnt_from_lots_that_say_nothing_is_refused() {
    let (train, test) = (experiment(4000, 83, false), experiment(4000, 84, false));
    // Who was treated is told wrongly: the halves in which rows came.
    let mixed: Vec<bool> = (0..train.treated.len()).map(|row| row % 2 == 0).collect();
    let found = evaluated(&train, &test, &mixed, 0.5);
    let refused: Vec<&str> = found.guards.iter().filter(|g| !g.passes).map(|g| g.guard.as_str()).collect();
    assert!(refused.contains(&"qini_min"), "{refused:?}, {:?}", found.figures);
}

#[test]
fn arms_of_another_size_than_planned_and_unlike_arms_are_told() {
    let (train, test) = (experiment(6000, 85, true), experiment(4000, 86, true));
    let found = evaluated(&train, &test, &train.treated, 0.8);
    assert!(found.ratio.as_ref().is_some_and(|ratio| ratio.mismatch), "{:?}", found.ratio);
    let told = |what: &str| found.findings.iter().any(|finding| finding.words.en.contains(what));
    assert!(told("not as large as planned") && told("differed before anything was done"), "{:?}", found.findings);
    assert_eq!(found.balance[0].feature, "z");
    assert!(found.balance[0].difference > 0.5, "{:?}", found.balance);
}

#[test]
fn settings_of_a_definition_reach_the_learner() {
    let train = experiment(3000, 87, false);
    let text = |rounds: usize| {
        format!("method = \"x\"\noutcome = {{ kind = \"logistic\" }}\neffect = {{ rounds = {rounds} }}")
    };
    let bytes = |rounds| {
        let def: UpliftDef = toml::from_str(&text(rounds)).expect("settings");
        let model =
            def.with(Chosen::Known(0.5), None, |learner| learner.fit(&train.set, &train.treated)).expect("a model");
        florin_models::Model::to_bytes(&model).expect("bytes").len()
    };
    assert!(bytes(40) > 2 * bytes(10));
}
