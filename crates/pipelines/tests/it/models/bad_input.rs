//! What cannot be done is said before anything is.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    bank::Bank,
    load::Silent,
    models::{Act, act, evaluate, explain, show, train},
};

use super::made::{LEAVING, bank, loaded, trained};
use crate::support::{TestBank, moment};

async fn refused(bank: &TestBank, text: &str) -> String {
    bank.write("models/leaving.toml", text);
    train(&bank.open("ana").await, "leaving", None, None, &Silent).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_do_are_refused_with_advice() {
    let bank = loaded().await;
    for (from, to, words) in [
        (
            "SELECT customer_id FROM customer",
            "SELECT customer_id FROM customer WHERE region = 'moon'",
            "is nobody at every date",
        ),
        ("kind = 'bye' AND ts", "kind = 'never' AND ts", "the label is 0 in all"),
        ("DISTINCT customer_id, 1 AS value", "DISTINCT customer_id, 7 AS value", "its label holds 7"),
        ("DISTINCT customer_id, 1 AS value", "DISTINCT customer_id, 'yes' AS value", "make it a number"),
        ("test_from = 2025-08-31", "test_from = 2025-05-01", "0 training rows"),
        ("\"region\"]\nsql", "\"secret\"]\nsql", "may not be used for marketing"),
        (
            "FROM transaction GROUP BY customer_id\"\nprotected",
            "FROM transaction GROUP BY customer_id, ts\"\nprotected",
            "more than one row",
        ),
    ] {
        let text = LEAVING.replace(from, to);
        assert_ne!(text, LEAVING, "{from}");
        let found = match text.contains("secret") {
            true => {
                bank.write("models/leaving.toml", text.replace("protected = [\"region\"]", ""));
                Bank::read(bank.path()).err().unwrap().to_string()
            }
            false => refused(&bank, &text).await,
        };
        assert!(found.contains(words), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_whose_horizon_is_not_over_are_left_out_and_all_of_them_are_refused() {
    let bank = loaded().await;
    let house = bank.open("ana").await;
    let early = Some(EventTime(moment("2025-04-01")));
    let found = train(&house, "leaving", None, early, &Silent).await.unwrap_err().to_string();
    assert!(found.contains("no date from 2025-04-30 to 2025-09-30 has its 30 days after it behind it"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_feature_does_not_train_on_gaps() {
    let bank = bank();
    let text = LEAVING
        .replace("[\"analytics\", \"marketing\"]", "[\"analytics\"]")
        .replace("\"region\"]\nsql", "\"secret\"]\nsql");
    bank.write("models/leaving.toml", text.replace("protected = [\"region\"]", ""));
    bank.ingest().await;
    let found = train(&bank.open("ana").await, "leaving", None, None, &Silent).await.unwrap_err().to_string();
    assert!(found.contains("`ana` may not see trait `secret` for analytics"), "{found}");
    train(&bank.open("ron").await, "leaving", None, None, &Silent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_models_versions_purposes_and_customers_are_named() {
    let bank = loaded().await;
    let house = bank.open("owner").await;
    let error = train(&house, "leafing", None, None, &Silent).await.unwrap_err().to_string();
    assert_eq!(error, "there is no model `leafing`; there are: leaving");
    let error = train(&house, "leaving", Some(Purpose::Risk), None, &Silent).await.unwrap_err().to_string();
    assert_eq!(error, "model `leaving`: it is not for risk; its purposes: analytics, marketing");
    let error = show(&house, "leaving", None).await.unwrap_err().to_string();
    assert_eq!(error, "model `leaving`: it was never trained; `florin train leaving`");
    trained(&house).await;
    let error = show(&house, "leaving", Some(9)).await.unwrap_err().to_string();
    assert_eq!(error, "model `leaving`: it has no version 9; there are: 1");
    let error = act(&bank.open("ron").await, "leaving", None, &Act::Retire { reason: "old".to_owned() }).await;
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "model `leaving`: no version of it is champion or challenger or approved: 1 is candidate");
    let as_of = Some(EventTime(moment("2025-09-30")));
    let error = explain(&house, "leaving", CustomerId(9999), None, as_of, None).await.unwrap_err().to_string();
    assert!(error.starts_with("there is no customer `9999`"), "{error}");
    let late = ["2025-12-20".to_owned()];
    let error = evaluate(&house, "leaving", None, &late, None, None, &Silent).await.unwrap_err().to_string();
    assert!(error.contains("30 days after 2025-12-20 is not known yet"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_changed_are_not_used() {
    let bank = loaded().await;
    let house = bank.open("owner").await;
    let trained = trained(&house).await;
    let shown = show(&house, "leaving", None).await.unwrap();
    let file = bank.made().join("models").join(format!("{}.model", shown.bytes));
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let as_of = Some(EventTime(moment("2025-09-30")));
    let error = explain(&house, "leaving", CustomerId(5), Some(trained.version), as_of, None).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("is not what was registered"), "{error}");
}

#[test]
fn what_is_wrong_with_a_definition_is_told_with_its_file_and_line() {
    let bank = bank();
    bank.write(
        "models/leaving.toml",
        LEAVING.replace("\"paid_90d\"", "\"payed_90d\"").replace("owner = \"ana\"", "owner = \"anna\""),
    );
    let error = Bank::read(bank.path()).err().unwrap().to_string();
    assert!(error.contains("models/leaving.toml") && error.contains("did you mean `paid_90d`?"), "{error}");
    assert!(error.contains("there is no such user"), "{error}");
}
