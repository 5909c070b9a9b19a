//! A table of the bank's own with a label is enough.

use std::fmt::Write as _;

use florin_domain::EventTime;
use florin_pipelines::{
    load::Silent,
    models::{evaluate, train},
};

use crate::support::{Rng, TestBank, moment};

const TABLE: &str = r#"
name = "application"
about = "somebody asked for credit"
key = ["number"]
columns = [
    { name = "number", type = "int", class = "C1", required = true },
    { name = "asked_on", type = "date", class = "C1" },
    { name = "income", type = "float", class = "C2" },
    { name = "purpose_of_it", type = "text", class = "C1" },
    { name = "paid_back", type = "bool", class = "C2" },
]
"#;

const MODEL: &str = r#"
name = "credit"
meaning = { zh = "按时还款", en = "pays back" }
owner = "ron"
purposes = ["risk"]
[table]
name = "application"
label = "paid_back"
id = "number"
date = "asked_on"
[learner]
kind = "logistic"
[split]
by = "time"
test_from = 2025-07-01
[guards]
auc_min = 0.6
"#;

fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.write("tables/application.toml", TABLE);
    bank.write("models/credit.toml", MODEL);
    bank.source(
        "asked",
        &["number \"int\"", "on \"date\"", "income \"float\"", "why \"text\"", "paid \"bool\""],
        "[[map]]\ninto = \"application\"\nselect = \"select a.number as number, a.on as asked_on, a.income as income, a.why as purpose_of_it, a.paid as paid_back, cast(a.on as timestamp) as known_at from asked a\"\n",
    );
    let mut rng = Rng::new(5);
    let mut text = "number,on,income,why,paid\n".to_owned();
    for number in 0..600 {
        let income = 10 + rng.below(90);
        let paid = rng.below(100) < income;
        let why = ["car", "house", ""][rng.below(3)];
        writeln!(text, "{number},2025-{:02}-{:02},{income},{why},{paid}", 1 + number / 60, 1 + number % 28).unwrap();
    }
    bank.write("data/asked.csv", text);
    bank
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flat_table_is_trained_on_as_of_a_time_and_evaluated() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("ron").await;
    let trained = train(&house, "credit", None, None, &Silent).await.unwrap();
    let on = &trained.made.trained_on;
    assert_eq!((on.dates[0].1, on.train, on.test), (600, 360, 240));
    assert!(trained.made.headline().value.value > 0.7, "{:?}", trained.made.headline());
    let early = train(&house, "credit", None, Some(EventTime(moment("2025-08-15"))), &Silent).await.unwrap();
    assert!(early.made.trained_on.dates[0].1 < 600, "what was not known yet is not there");
    let found = evaluate(&house, "credit", Some(1), &[], None, None, &Silent).await.unwrap();
    assert_eq!(found.dates, [("application".to_owned(), 600)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flat_table_of_times_needs_how_long_rows_were_seen_and_a_horizon() {
    let bank = bank();
    let times = MODEL
        .replace("label = \"paid_back\"", "label = \"paid_back\"\ntime = \"income\"\nhorizon = 60.0")
        .replace("kind = \"logistic\"", "kind = \"survival\"\nmethod = \"cox\"")
        .replace("auc_min = 0.6", "");
    bank.write("models/credit.toml", &times);
    bank.ingest().await;
    let trained = train(&bank.open("ron").await, "credit", None, None, &Silent).await.unwrap();
    let found = trained.made.evaluation.of_times().unwrap();
    assert!(found.horizon == 60.0 && found.rows.train_events > 50 && found.rows.test_lost > 50, "{:?}", found.rows);
    bank.write("models/credit.toml", times.replace("time = \"income\"", "time = \"asked_on\""));
    assert!(
        train(&bank.open("ron").await, "credit", None, None, &Silent).await.is_err(),
        "a date is no length of time"
    );
}
