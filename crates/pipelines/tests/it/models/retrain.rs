//! Models that are trained anew by themselves.

use florin_pipelines::{
    House,
    load::Silent,
    models::{DueTraining, due_for_training, retrain},
};
use florin_store::ModelState;

use super::made::{LEAVING, bank, promoted};

/// The model, split by customer, until a last date, trained anew every 60 days.
fn definition(last: &str) -> String {
    let by_customer =
        LEAVING.replace("by = \"time\"\ntest_from = 2025-08-31", "by = \"customer\"\ntest_share = 0.3\nseed = 1");
    format!("{}\n[retrain]\nevery_days = 60\n", by_customer.replace("last = 2025-09-30", &format!("last = {last}")))
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

async fn due(house: &House) -> Vec<DueTraining> {
    due_for_training(house).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_trained_anew_when_it_is_old_and_more_is_known_and_somebody_else_lets_it_go() {
    let bank = bank();
    bank.write("models/leaving.toml", definition("2026-12-31"));
    bank.ingest().await;
    let house = bank.open("ana").await;
    assert_eq!(due(&house).await, [], "people train it first");
    promoted(&bank).await;
    bank.wait(56 * DAY);
    assert_eq!(due(&house).await, [], "it is 56 days old");
    bank.wait(10 * DAY);
    let words = "version 1 was trained 66 days ago, and it wants to be every 60";
    assert_eq!(due(&house).await, [DueTraining { name: "leaving".to_owned(), because: words.to_owned() }]);

    assert!(retrain(&house, &["another".to_owned()], &Silent).await.unwrap().is_empty());
    let done = retrain(&house, &[], &Silent).await.unwrap();
    let [one] = &done[..] else { panic!("{done:?}") };
    let trained = one.trained.as_ref().expect("it was trained");
    assert!(trained.new && trained.version == 2 && trained.state == ModelState::Candidate, "{:?}", trained.state);
    assert_eq!(trained.made.trained_on.dates.len(), 10, "two dates are over since");
    assert_eq!(due(&house).await, []);

    let versions = florin_pipelines::models::list(&house, Some("leaving")).await.unwrap();
    let states: Vec<ModelState> = versions.iter().filter_map(|line| line.state).collect();
    assert_eq!(states, [ModelState::Candidate, ModelState::Champion], "the champion goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_learn_from_the_same_rows_is_left_alone_and_what_fails_is_told() {
    let bank = bank();
    bank.write("models/leaving.toml", definition("2025-09-30"));
    bank.ingest().await;
    promoted(&bank).await;
    bank.wait(180 * DAY);
    assert_eq!(due(&bank.open("ana").await).await, [], "its last date is over for long");

    bank.write("models/leaving.toml", definition("2025-10-31"));
    // A service agent may not train.
    let done = retrain(&bank.open("sam").await, &[], &Silent).await.unwrap();
    assert!(done[0].trained.is_none() && done[0].failed.is_some(), "{done:?}");
}
