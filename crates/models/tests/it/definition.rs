//! Definitions of models: what holds up, and what is pointed at when it does not.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::Purpose;
use florin_models::{
    ModelError,
    definition::{Assumed, Chosen, Known, LearnerDef, ModelDef, ModelFile, Source, compile},
};

const CHURN: &str = r#"
name = "churn"
meaning = { zh = "九十天内离开", en = "leaves within 90 days" }
owner = "ana"
purposes = ["marketing"]

[rows]
population = "SELECT customer_id FROM traits.tenure_days WHERE value >= 90"
first = 2024-01-31
last = 2024-12-31
every = "month"

[label]
sql = "SELECT customer_id, 1 AS value FROM account WHERE closed_on > as_of()"
horizon_days = 90

[features]
traits = ["balance_30d", "age"]
sql = "SELECT customer_id, count(*) AS calls FROM interaction WHERE ts <= as_of() GROUP BY customer_id"
protected = ["age"]

[learner]
kind = "trees"
rounds = 300
monotone = { balance_30d = "down" }

[split]
by = "time"
test_from = 2024-10-01

[guards]
auc_min = 0.7

[reasons]
balance_30d = { zh = "近期余额", en = "recent balance" }
"#;

const FLAT: &str = r#"
name = "flat"
meaning = { zh = "流失", en = "leaves" }
owner = "ana"
purposes = ["analytics"]
table = { name = "churn_modelling", label = "exited", id = "customer_number" }
features = { without = ["surname"] }
learner = { kind = "scorecard", bins_max = 5 }
split = { by = "customer", test_share = 0.3 }
"#;

fn known() -> Known {
    let table = |name: &str, columns: &[&str]| (name.to_owned(), columns.iter().map(|c| (*c).to_owned()).collect());
    Known {
        traits: BTreeMap::from([
            ("tenure_days".to_owned(), Purpose::ALL.to_vec()),
            ("balance_30d".to_owned(), Purpose::ALL.to_vec()),
            ("age".to_owned(), Purpose::ALL.to_vec()),
            ("credit_score".to_owned(), vec![Purpose::Risk]),
        ]),
        tables: BTreeMap::from([
            table("account", &["customer_id", "closed_on"]),
            table("interaction", &["customer_id", "ts"]),
            table("churn_modelling", &["customer_number", "surname", "age", "balance", "exited"]),
        ]),
        users: BTreeSet::from(["ana".to_owned()]),
    }
}

fn compiled(text: &str) -> Result<Vec<ModelDef>, ModelError> {
    let file = ModelFile::parse("models/churn.toml", text).expect("a readable file");
    compile(&[("models/churn.toml".to_owned(), file)], &known())
}

/// What is wrong, one a line: the line in the file, the message and the advice.
fn problems(text: &str) -> Vec<String> {
    match compiled(text) {
        Err(ModelError::Definitions(problems)) => {
            let told = |p: &florin_models::DefinitionProblem| {
                format!("{}: {}; {}", p.line(text).unwrap_or(0), p.message, p.help)
            };
            problems.iter().map(told).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn finds(text: &str, from: &str, to: &str, message: &str) {
    assert!(text.contains(from), "`{from}` is not in the definition");
    let found = problems(&text.replace(from, to));
    assert!(found.iter().any(|line| line.contains(message)), "{found:#?}");
}

#[test]
fn a_sound_definition_compiles_with_everything_it_says() {
    let model = compiled(CHURN).expect("a sound definition").remove(0);
    assert_eq!((model.name.as_str(), model.owner.as_str()), ("churn", "ana"));
    assert_eq!(model.protected, BTreeSet::from(["age".to_owned()]));
    let Source::Lake { dates, horizon_days, traits, sql, .. } = &model.source else { panic!("{:?}", model.source) };
    assert_eq!(dates, &("2024-01-31".to_owned(), "2024-12-31".to_owned()));
    assert_eq!((*horizon_days, traits.len(), sql.is_some()), (90, 2, true));
    let LearnerDef::Trees(trees) = &model.learner else { panic!("{:?}", model.learner) };
    assert_eq!(trees.learner().rounds, 300);
    assert_eq!(model.guards.auc_min, Some(0.7));
}

#[test]
fn a_flat_table_takes_all_columns_but_the_special_ones() {
    let model = compiled(FLAT).expect("a sound definition").remove(0);
    let Source::Table { columns, label, .. } = &model.source else { panic!("{:?}", model.source) };
    assert_eq!((columns.join(" ").as_str(), label.as_deref()), ("age balance", Some("exited")));
}

#[test]
fn the_hash_follows_what_numbers_follow_from_and_nothing_else() {
    let hash = |text: &str| compiled(text).expect("a sound definition")[0].definition.clone();
    assert_eq!(
        hash(CHURN),
        hash(&CHURN.replace("recent balance", "your recent balance").replace("auc_min = 0.7", "auc_min = 0.8"))
    );
    for (from, to) in
        [("rounds = 300", "rounds = 301"), ("horizon_days = 90", "horizon_days = 60"), ("2024-10-01", "2024-11-01")]
    {
        assert_ne!(hash(CHURN), hash(&CHURN.replace(from, to)), "{to}");
    }
}

#[test]
fn a_model_is_trained_anew_after_so_many_days_which_changes_no_number() {
    let by_customer = CHURN.replace("by = \"time\"\ntest_from = 2024-10-01", "by = \"customer\"\ntest_share = 0.3");
    let often = format!("{by_customer}\n[retrain]\nevery_days = 90\n");
    let (once, again) = (compiled(&by_customer).expect("sound").remove(0), compiled(&often).expect("sound").remove(0));
    assert_eq!((once.retrain_days, again.retrain_days), (None, Some(90)));
    assert_eq!(once.definition, again.definition);
    finds(&often, "every_days = 90", "every_days = 0", "it is trained anew every 0 days; it is from 1 to 3653");
    let (by, time) = ("by = \"customer\"\ntest_share = 0.3", "by = \"time\"\ntest_from = 2024-10-01");
    finds(&often, by, time, "trained anew it would learn nothing: everything from `test_from` on is its test");
}

#[test]
fn every_mistake_is_pointed_at_with_its_line_and_advice() {
    finds(CHURN, "\"churn\"", "\"Churn 1\"", "2: `Churn 1` is no name of a model");
    finds(
        CHURN,
        "en = \"leaves within 90 days\"",
        "en = \" \"",
        "does not say what it foretells; fill in `zh` and `en`",
    );
    finds(CHURN, "owner = \"ana\"", "owner = \"anna\"", "no such user; did you mean `ana`?");
    finds(CHURN, "[\"marketing\"]", "[]", "may be used for nothing");
    finds(
        CHURN,
        "\"balance_30d\", \"age\"",
        "\"balance_30\", \"age\"",
        "there is no trait `balance_30`; did you mean `balance_30d`?",
    );
    finds(
        CHURN,
        "\"balance_30d\", \"age\"",
        "\"balance_30d\", \"age\", \"credit_score\"",
        "`credit_score` may not be used for marketing",
    );
    finds(
        CHURN,
        "FROM account",
        "FROM acount",
        "the label reads `acount`, and there is no such table; did you mean `account`?",
    );
    finds(CHURN, "FROM traits.tenure_days", "FROM tenure_days", "`tenure_days` is a trait: write `traits.tenure_days`");
    finds(CHURN, "closed_on > as_of()", "closed_on IS NOT NULL", "the label does not look after its date");
    finds(
        CHURN,
        "closed_on > as_of()",
        "closed_on > as_of() AND closed_on < now()",
        "the label reads the clock with `now`",
    );
    finds(CHURN, "1 AS value", "1 AS gone", "the label gives no column `value`; its SELECT gives: customer_id, gone");
    finds(CHURN, "count(*) AS calls", "count(*) AS age", "there are two features `age`");
    finds(
        CHURN,
        "SELECT customer_id FROM traits",
        "SELEC customer_id FROM traits",
        "the population: the SQL cannot be read",
    );
    finds(CHURN, "horizon_days = 90", "horizon_days = 0", "a horizon of 0 days");
    finds(CHURN, "last = 2024-12-31", "last = 2023-12-31", "is before the first");
    finds(CHURN, "test_from = 2024-10-01", "test_from = 2025-10-01", "the test starts on 2025-10-01");
    finds(CHURN, "protected = [\"age\"]", "protected = [\"balance_30d\"]", "is protected and has a text for reasons");
    finds(
        CHURN,
        "monotone = { balance_30d",
        "monotone = { balance",
        "there is no feature `balance`; did you mean `balance_30d`?",
    );
    finds(CHURN, "auc_min = 0.7", "auc_min = 70.0", "`auc_min` is 70; it is from 0.5 to 1");
    finds(FLAT, "\"churn_modelling\"", "\"churn_modeling\"", "did you mean `churn_modelling`?");
    finds(FLAT, "label = \"exited\"", "label = \"left\"", "`churn_modelling` has no column `left`");
    finds(
        FLAT,
        "without = [\"surname\"]",
        "columns = [\"age\", \"exited\"]",
        "`exited` is the label, the id, the date or the time, and a feature",
    );
    finds(FLAT, "test_share = 0.3", "test_share = 0.9", "a test of 0.9 of customers");
    finds(FLAT, "by = \"customer\", test_share = 0.3", "by = \"time\", test_from = 2024-01-01", "has no dates");
}

/// CHURN as a model of effects.
fn effects() -> String {
    let learner = "[learner]\nkind = \"uplift\"\nmethod = \"x\"\noutcome = { kind = \"logistic\" }\n";
    let from = CHURN.find("[learner]").expect("a learner");
    let to = CHURN.find("[split]").expect("a split");
    let treatment = "[treatment]\nsql = \"SELECT customer_id, max(channel) AS channel, max(arm) AS treated FROM interaction WHERE ts > as_of() GROUP BY customer_id\"\nchance = 0.8\nscored_as = { channel = \"sms\" }\n\n";
    let text = format!("{}{treatment}{learner}\n{}", &CHURN[..from], &CHURN[to..]);
    text.replace("auc_min = 0.7", "qini_min = 0.02")
}

#[test]
fn a_model_of_effects_says_what_was_done_and_how_likely_it_was() {
    let model = compiled(&effects()).expect("a sound definition").remove(0);
    let Source::Lake { treatment: Some(treatment), .. } = &model.source else {
        panic!("a treatment: {:?}", model.source)
    };
    assert_eq!((treatment.chosen, treatment.features.as_slice()), (Chosen::Known(0.8), &["channel".to_owned()][..]));
    assert_eq!(treatment.scored_as["channel"], Assumed::Text("sms".to_owned()));
    finds(&effects(), "chance = 0.8", "chance = 1.0", "a chance of 1 to be treated");
    finds(&effects(), "chance = 0.8", "", "does not say how likely customers were to be treated");
    finds(&effects(), "chance = 0.8", "chance = 0.8\nlearn_chance = true", "says in more than one way");
    finds(&effects(), "AS treated", "AS done", "gives no column `treated`");
    finds(&effects(), "scored_as = { channel", "scored_as = { chanel", "did you mean `channel`?");
    finds(
        &effects(),
        "qini_min = 0.02",
        "auc_min = 0.7",
        "`auc_min` guards models of chances, times and the odd ones, and this one is of effects",
    );
    finds(CHURN, "auc_min = 0.7", "qini_min = 0.1", "`qini_min` guards models of effects");
    let without = effects()
        .replace("kind = \"uplift\"\nmethod = \"x\"\noutcome = { kind = \"logistic\" }", "kind = \"logistic\"");
    finds(&without, "qini_min = 0.02", "auc_min = 0.7", "there is a treatment, and the learner does not look at it");
    finds(
        CHURN,
        "kind = \"trees\"\nrounds = 300\nmonotone = { balance_30d = \"down\" }",
        "kind = \"uplift\"",
        "nothing was done to anybody",
    );
}

#[test]
fn a_model_of_others_lies_in_the_bank_directory() {
    let foreign = |file: &str, more: &str| {
        let from = CHURN.find("[learner]").expect("a learner");
        let to = CHURN.find("[split]").expect("a split");
        let learner = format!("[learner]\nkind = \"foreign\"\nfile = \"{file}\"\nsamples = \"models/s.csv\"\n{more}\n");
        format!("{}{learner}{}", &CHURN[..from], &CHURN[to..])
    };
    let sound = foreign("models/churn.onnx", "renamed = { age = \"f1\" }\n");
    assert!(compiled(&sound).is_ok());
    for outside in ["../churn.onnx", "/etc/passwd", ""] {
        let message = format!("`{outside}` is not in the bank directory");
        finds(&sound, "models/churn.onnx", outside, &message);
    }
    finds(&sound, "age = \"f1\"", "aeg = \"f1\"", "there is no feature `aeg`");
    finds(&sound, "renamed =", "within = 0.0\nrenamed =", "`within` is 0");
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let refused = |text: &str| ModelFile::parse("models/churn.toml", text).expect_err("an unknown key").to_string();
    assert!(refused(&CHURN.replace("owner =", "ownr =")).contains("did you mean `owner`?"));
    assert!(refused(&CHURN.replace("kind = \"trees\"", "kind = \"tree\"")).contains("trees"));
    assert!(refused(&CHURN.replace("auc_min", "auc_minimum")).contains("did you mean `auc_min`?"));
}

#[test]
fn two_models_of_one_name_are_refused() {
    let file = || ModelFile::parse("models/churn.toml", CHURN).expect("a readable file");
    let files = [("models/a.toml".to_owned(), file()), ("models/b.toml".to_owned(), file())];
    let refused = compile(&files, &known()).expect_err("one name twice").to_string();
    assert!(refused.contains("models/b.toml: model `churn` is defined in models/a.toml too"), "{refused}");
}

#[test]
fn a_test_of_the_newest_time_moves_on_and_may_be_trained_anew() {
    let from = "test_from = 2024-10-01";
    let moves = CHURN.replace(from, "newest_days = 62").replace("every = \"month\"", "every = \"month\"\nlatest = 12");
    let moves = format!("{moves}\n[retrain]\nevery_days = 30\n");
    let model = compiled(&moves).expect("a sound definition").remove(0);
    assert!(matches!(&model.source, Source::Lake { latest: Some(12), .. }), "{:?}", model.source);
    assert_eq!(model.retrain_days, Some(30));
    finds(CHURN, from, "newest_days = 0", "the newest 0 days are the test");
    finds(CHURN, from, "", "says where the test starts, and says it once; write `test_from`, a day, or `newest_days`");
    finds(CHURN, from, "test_from = 2024-10-01\nnewest_days = 30", "and says it once");
    finds(
        CHURN,
        "every = \"month\"",
        "every = \"month\"\nlatest = 1",
        "the newest 1 dates are taken; it is from 2 to 366",
    );
}
