//! What a model learns from: no more than was known at each date, of nobody who said no, and always the same.

use florin_domain::{EventTime, Purpose};
use florin_pipelines::{
    apply::apply,
    load::Silent,
    models::{Trained, stale_models, train},
};
use florin_store::ModelState;

use super::made::{PEOPLE, bank, loaded, more, trained, withdrawn};
use crate::support::moment;

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_trained_judged_and_registered_with_its_lineage() {
    let bank = loaded().await;
    let applied = apply(&bank.open("dan").await, false).await.unwrap();
    assert!(applied.changes.iter().any(|change| (change.kind.as_str(), change.name.as_str()) == ("model", "leaving")));
    let trained = trained(&bank.open("ana").await).await;
    assert!(trained.new && trained.state == ModelState::Candidate, "{:?}", trained.made.evaluation.guards());
    let made = &trained.made;
    assert_eq!((made.definition_version, made.trained_on.purpose), (Some(1), Purpose::Analytics));
    assert_eq!(made.trained_on.dates.len(), 6);
    assert!(made.trained_on.dates.iter().all(|(_, rows)| *rows == PEOPLE), "{:?}", made.trained_on.dates);
    // Two dates are the test; of July the horizon reaches into it by a day less, so four dates less one train.
    assert_eq!((made.trained_on.train, made.trained_on.test), (4 * PEOPLE, 2 * PEOPLE));
    assert!(made.headline().value.value > 0.7, "what was planted is found: {:?}", made.headline());
    assert!(made.trained_on.tables.contains_key("transaction") && made.trained_on.traits.contains_key("paid_90d"));
    let importance = made.evaluation.importance();
    assert_eq!(importance[0].feature, "payments_30d", "{importance:?}");
    assert!(importance.iter().any(|one| one.feature == "quiet_days"), "features of the query too");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_lake_definition_and_seed_give_the_same_bytes() {
    let (one, other) = (loaded().await, loaded().await);
    let first = trained(&one.open("ana").await).await;
    let again = trained(&one.open("ana").await).await;
    assert!(first.new && !again.new && again.version == first.version, "nothing new was learnt");
    let elsewhere = trained(&other.open("ana").await).await;
    assert_eq!(first.content, elsewhere.content);
    let seeded =
        std::fs::read_to_string(one.path().join("models/leaving.toml")).unwrap().replace("seed = 3", "seed = 4");
    one.write("models/leaving.toml", seeded.replace("leaves_max = 5", "leaves_max = 4"));
    let changed = trained(&one.open("ana").await).await;
    assert_eq!((changed.new, changed.version), (true, 2));
    assert_ne!(changed.content, first.content);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_received_after_a_date_changes_what_was_known_at_it() {
    let bank = loaded().await;
    let before = trained(&bank.open("ana").await).await;
    // Goodbyes and payments of all months that became known only after the last horizon.
    let late: Vec<_> = (0..60)
        .map(|i| (900_000 + i, 1 + i, if i % 2 == 0 { "bye" } else { "paid" }, "2025-05-10", "2025-12-01"))
        .collect();
    more(&bank, "late", &late);
    bank.ingest().await;
    let after = trained(&bank.open("ana").await).await;
    assert!(!after.new && after.content == before.content, "nothing that was known later is in the rows");
    // The same rows, known in time, are another matter: the test can fail.
    let known: Vec<_> = late.iter().map(|(id, who, kind, at, _)| (id + 1000, *who, *kind, *at, *at)).collect();
    more(&bank, "known", &known);
    bank.ingest().await;
    let known = trained(&bank.open("ana").await).await;
    assert!(known.new && known.content != before.content);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_between_a_date_and_its_horizon_is_in_the_label_alone() {
    // One date, so that what is known after it can only be a label.
    let one_date = |bank: &crate::support::TestBank| {
        let text = super::made::LEAVING
            .replace("last = 2025-09-30", "last = 2025-04-30")
            .replace("by = \"time\"\ntest_from = 2025-08-31", "by = \"customer\"\ntest_share = 0.4");
        bank.write("models/leaving.toml", text);
    };
    let (plain, changed) = (bank(), bank());
    [&plain, &changed].into_iter().for_each(one_date);
    // Payments after the date would change features if they were seen; they are no label.
    let paid: Vec<_> = (0..80).map(|i| (900_000 + i, 1 + 3 * i, "paid", "2025-05-05", "2025-05-05")).collect();
    more(&changed, "paid", &paid);
    plain.ingest().await;
    changed.ingest().await;
    let (a, b) = (trained(&plain.open("ana").await).await, trained(&changed.open("ana").await).await);
    assert_eq!(a.content, b.content);
    let positives = |of: &Trained| of.made.evaluation.of_chances().unwrap().rows.test_positives;
    assert_eq!(positives(&a), positives(&b));
    let byes: Vec<_> = (0..80).map(|i| (910_000 + i, 1 + 3 * i, "bye", "2025-05-06", "2025-05-06")).collect();
    more(&changed, "bye", &byes);
    changed.ingest().await;
    let c = trained(&changed.open("ana").await).await;
    assert!(positives(&c) > positives(&b), "goodbyes after it are labels");
}

#[tokio::test(flavor = "multi_thread")]
async fn training_as_of_a_time_takes_only_what_was_over_by_then() {
    let bank = loaded().await;
    let house = bank.open("ana").await;
    let text = super::made::LEAVING.replace("test_from = 2025-08-31", "test_from = 2025-06-30");
    bank.write("models/leaving.toml", text);
    let house_again = bank.open("ana").await;
    let known_by = EventTime(moment("2025-08-15"));
    let then = train(&house_again, "leaving", None, Some(known_by), &Silent).await.unwrap();
    // Of July's end, the thirty days are not over.
    assert_eq!((then.made.trained_on.dates.len(), then.made.trained_on.dates_open), (3, 3));
    drop(house);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdrew_is_in_no_row_at_no_date() {
    let bank = bank();
    bank.write(
        "models/leaving.toml",
        super::made::LEAVING.replace("[\"analytics\", \"marketing\"]", "[\"marketing\"]"),
    );
    withdrawn(&bank, Purpose::Marketing, &(1..=40).collect::<Vec<_>>());
    bank.ingest().await;
    let trained = trained(&bank.open("mia").await).await;
    // They said so in June; that binds the dates before too.
    assert!(
        trained.made.trained_on.dates.iter().all(|(_, rows)| *rows == PEOPLE - 40),
        "{:?}",
        trained.made.trained_on
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_which_models_are_stale_and_why() {
    let bank = loaded().await;
    let house = bank.open("ana").await;
    let stale = |house| async move { stale_models(house).await.unwrap() };
    assert_eq!(stale(&house).await, [("leaving".to_owned(), vec!["it was never trained".to_owned()])]);
    trained(&house).await;
    assert_eq!(stale(&house).await, []);
    more(&bank, "new", &[(950_000, 3, "paid", "2025-11-10", "2025-11-10")]);
    bank.ingest().await;
    let words = stale(&house).await;
    assert!(words[0].1.join("; ").contains("transaction changed since"), "{words:?}");
    bank.write("models/leaving.toml", super::made::LEAVING.replace("rounds = 20", "rounds = 21"));
    let words = stale(&bank.open("ana").await).await;
    assert!(words[0].1.iter().any(|why| why == "its definition is another"), "{words:?}");
}
