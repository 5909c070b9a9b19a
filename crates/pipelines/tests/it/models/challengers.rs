//! A model that is trained anew with a test of the newest time, and a challenger that scores beside the champion and decides nothing.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    bank::Bank,
    care::erase,
    customer::customer,
    load::Silent,
    models::{Act, Judged, act, compare, due_for_training, list, retrain, score},
};
use florin_store::ModelState;

use super::made::{AS_OF, LEAVING, PEOPLE, bank, promoted, run_all, trained};
use crate::{
    offers::made::with_offers,
    support::{TestBank, ask_house, moment},
};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The model with a test of the newest days, trained anew every 60 days from a window of dates.
fn moving(newest_days: u32, latest: &str) -> String {
    let text = LEAVING
        .replace("last = 2025-09-30\nevery = \"month\"", &format!("last = 2030-12-31\nevery = \"month\"\n{latest}"))
        .replace("test_from = 2025-08-31", &format!("newest_days = {newest_days}"))
        .replace("auc_min = 0.6\n", "");
    format!("{text}\n[retrain]\nevery_days = 60\n")
}

async fn loaded(definition: &str) -> TestBank {
    let bank = bank();
    bank.write("models/leaving.toml", definition);
    bank.ingest().await;
    bank
}

#[tokio::test(flavor = "multi_thread")]
async fn trained_anew_the_test_is_of_the_newest_time_and_the_window_moves() {
    let bank = loaded(&moving(125, "latest = 8")).await;
    promoted(&bank).await;
    let house = bank.open("ana").await;
    let first = trained(&house).await.made;
    bank.wait(66 * DAY);
    assert_eq!(due_for_training(&house).await.unwrap().len(), 1, "as many dates as before, and newer ones");
    let done = retrain(&house, &[], &Silent).await.unwrap();
    let second = &done[0].trained.as_ref().unwrap_or_else(|| panic!("{done:?}")).made;
    let ends = |made: &florin_pipelines::models::Made| {
        let of = &made.evaluation.of_chances().expect("chances").rows;
        (of.train_periods.clone().expect("dates"), of.test_periods.clone().expect("dates"))
    };
    let (before, after) = (ends(&first), ends(second));
    assert_eq!((first.trained_on.dates.len(), second.trained_on.dates.len()), (8, 8));
    assert_eq!(before.1.1, first.trained_on.dates[7].0, "the newest date is tested on");
    assert_eq!(after.1.1, second.trained_on.dates[7].0);
    assert!(after.0.0 > before.0.0 && after.1.0 > before.1.0 && after.1.1 > before.1.1, "{before:?}, then {after:?}");
    assert_eq!(due_for_training(&house).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenger_scores_apart_is_compared_and_is_erased_with_its_customers() {
    let bank = loaded(&moving(125, "")).await;
    promoted(&bank).await;
    bank.write("models/leaving.toml", moving(125, "").replace("rounds = 20", "rounds = 3"));
    let second = trained(&bank.open("ana").await).await.version;
    let ron = bank.open("ron").await;
    let none = compare(&ron, "leaving", None, &[], (None, None), &Silent).await.unwrap_err().to_string();
    assert!(none.contains("no version of it is challenger"), "{none}");
    act(&ron, "leaving", Some(second), &Act::Approve).await.unwrap();
    act(&ron, "leaving", Some(second), &Act::Promote { challenger: true }).await.unwrap();
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    let seats: Vec<(u32, bool, usize)> =
        scored.iter().map(|one| (one.version, one.challenger, one.customers)).collect();
    assert_eq!(seats, [(1, false, PEOPLE), (second, true, PEOPLE)]);
    assert_eq!(run_all(&house, AS_OF).await, [], "nothing changed");
    let both = "select min(c.version), max(c.version), min(l.version), max(l.version), count(*) filter (where c.score <> l.score) > 100 from scores.leaving c join scores.leaving__challenger l on l.customer_id = c.customer_id";
    let said = ask_house(&house, Purpose::Analytics, None, both).await.unwrap();
    assert_eq!(said, [format!("1|1|{second}|{second}|true")]);
    let view = customer(&house, CustomerId(17), Purpose::Analytics, None, false).await.unwrap();
    assert_eq!(view.scores.iter().map(|one| one.version).collect::<Vec<_>>(), [1], "a person is shown the champion's");
    let lines = list(&house, Some("leaving")).await.unwrap();
    assert!(lines.iter().all(|line| !line.drift.is_empty()), "both are watched: {lines:?}");

    let at = ["2025-09-30".to_owned()];
    let found = compare(&ron, "leaving", None, &at, (None, None), &Silent).await.unwrap();
    let (Judged::Chance(own), Judged::Chance(theirs)) = (&found.champion.judged, &found.challenger.judged) else {
        panic!("chances: {found:?}")
    };
    let above = found.auc_above.expect("both outcomes are there");
    assert!((theirs.figures.auc.value - own.figures.auc.value - above.value).abs() < 1e-9, "{above:?}");
    let now = found.now.expect("both scored");
    assert!(now.customers == PEOPLE && (0.0..=1.0).contains(&now.top_shared), "{now:?}");

    erase(&bank.open("cleo").await, CustomerId(17)).await.unwrap();
    let left = "select (select count(*) from scores.leaving) as own, (select count(*) from scores.leaving__challenger) as theirs";
    let left = ask_house(&house, Purpose::Analytics, None, left).await.unwrap();
    assert_eq!(left, [format!("{}|{}", PEOPLE - 1, PEOPLE - 1)]);
    act(&ron, "leaving", Some(second), &Act::Promote { challenger: false }).await.unwrap();
    let after = score(&house, &[], EventTime(moment(AS_OF)), false, &Silent).await.unwrap();
    assert_eq!(after.iter().map(|one| (one.version, one.challenger)).collect::<Vec<_>>(), [(second, false)]);
    let states: Vec<_> = list(&house, Some("leaving")).await.unwrap().iter().filter_map(|line| line.state).collect();
    assert_eq!(states, [ModelState::Champion, ModelState::Retired]);
}

#[test]
fn nothing_is_decided_by_what_a_challenger_says() {
    let bank = with_offers();
    let fund = std::fs::read_to_string(bank.path().join("offers/fund.toml")).unwrap();
    let asked = "eligibility = \"customer_id IN (SELECT customer_id FROM scores.leaving__challenger)\"";
    bank.write("offers/fund.toml", fund.replace("eligibility = \"payments_30d >= 0\"", asked));
    let said = Bank::read(bank.path()).err().unwrap().to_string();
    assert!(said.contains("it asks what a challenger says, and nothing is decided by that"), "{said}");
    bank.write("offers/fund.toml", fund);
    bank.write("models/leaving.toml", super::odd::definition().replace("\"unusual\"", "\"leaving\""));
    let said = Bank::read(bank.path()).err().unwrap().to_string();
    assert!(said.contains("is a model of the odd ones, and its score is no chance"), "{said}");
    bank.write("models/leaving.toml", LEAVING);
    bank.write("models/other.toml", LEAVING.replace("\"leaving\"", "\"leaving__challenger\""));
    let said = Bank::read(bank.path()).err().unwrap().to_string();
    assert!(said.contains("is what scores of a challenger are called"), "{said}");
}
