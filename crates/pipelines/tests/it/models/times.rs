//! When somebody says goodbye: learnt from times, released, scored with a median where it can be told, and explained.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    FlowError,
    customer::customer,
    load::Silent,
    models::{Act, Assessment, Judged, Trained, act, evaluate, explain, list, train},
};
use florin_store::ModelState;

use super::made::{AS_OF, LEAVING, PEOPLE, loaded, more, run_all};
use crate::support::{TestBank, ask_house, moment};

const FROM: &str =
    "sql = \"SELECT DISTINCT customer_id, 1 AS value FROM transaction WHERE kind = 'bye' AND ts > as_of()\"";
const TO: &str = "sql = \"SELECT customer_id, min(ts) AS value FROM transaction WHERE kind = 'bye' AND ts > as_of() GROUP BY customer_id\"";

/// The model of leaving, of times.
fn definition() -> String {
    let text = LEAVING.replace("\"leaving\"", "\"when_leaving\"").replace(FROM, TO);
    text.replace(
        "kind = \"trees\"\nrounds = 20\nleaves_max = 5",
        "kind = \"survival\"\ntrees = { rounds = 30, leaves_max = 4 }",
    )
    .replace("auc_min = 0.6", "concordance_min = 0.6\nauc_min = 0.6")
}

async fn bank() -> TestBank {
    let bank = loaded().await;
    bank.write("models/leaving.toml", definition());
    bank
}

async fn trained(bank: &TestBank) -> Trained {
    train(&bank.open("ana").await, "when_leaving", None, None, &Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_learnt_judged_released_scored_and_explained() {
    let bank = bank().await;
    let first = trained(&bank).await;
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    let Assessment::Time(found) = &first.made.evaluation else { panic!("times: {:?}", first.made.evaluation) };
    assert_eq!((found.horizon, found.rows.test), (30.0, 2 * PEOPLE));
    assert!(found.rows.test_events > 20 && found.rows.test_lost == 0, "{:?}", found.rows);
    // What days are said of months: in every month somebody may say goodbye on one of twenty days.
    let (early, late) = (&found.at[0], &found.at[2]);
    assert!(early.time == 10.0 && early.happened.value < late.happened.value, "{early:?}, {late:?}");
    let again = trained(&bank).await;
    assert!(!again.new && again.content == first.content, "the same rows and seed give the same version");

    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("ron").await, "when_leaving", None, &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].name.as_str(), scored[0].customers), ("when_leaving", PEOPLE));
    let sql = "select count(*), count(score), count(median_days) filter (where score < 0.5), count(*) filter (where score >= 0.5 and median_days between 0 and 30) - count(*) filter (where score >= 0.5) from scores.when_leaving";
    let counts = ask_house(&house, Purpose::Analytics, None, sql).await.unwrap();
    assert_eq!(counts, [format!("{PEOPLE}|{PEOPLE}|0|0")], "a median is told where it lies before the horizon");
    let masked = "select count(score), count(median_days) from scores.when_leaving";
    let masked = ask_house(&bank.open("dan").await, Purpose::Analytics, None, masked).await.unwrap();
    assert_eq!(masked, ["0|0"], "whoever may not see the score may not see the median");
    let line = &list(&house, Some("when_leaving")).await.unwrap()[0];
    assert_eq!(line.headline.unwrap().figure, "concordance");

    for who in [5, 17, 80, 200] {
        let at = Some(EventTime(moment(AS_OF)));
        let found = explain(&house, "when_leaving", CustomerId(who), None, at, None).await.unwrap();
        let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
        assert!((found.base + sum - found.margin).abs() < 1e-9, "{found:?}");
        let times = found.times.unwrap();
        assert!(times.chances.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        assert!((times.chances[5].1 - found.score).abs() < 1e-12 && times.chances[5].0 == 30.0);
        let view = customer(&house, CustomerId(who), Purpose::Analytics, None, false).await.unwrap();
        assert_eq!(view.scores[0].score, Some(found.score));
        assert_eq!(view.scores[0].median_days, times.median_days);
        assert!(!view.scores[0].reasons.is_empty());
    }
    let known_by = Some(EventTime(moment("2025-10-31")));
    let at = ["2025-09-30".to_owned()];
    let judged = evaluate(&house, "when_leaving", None, &at, known_by, None, &Silent).await.unwrap();
    let Judged::Time(judged) = judged.judged else { panic!("times") };
    assert!(judged.concordance.value > 0.6 && judged.rows.0 == PEOPLE, "{judged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_than_the_horizon_changes_no_byte() {
    let bank = bank().await;
    let first = trained(&bank).await;
    // Known later, and happened later than the last horizon.
    more(
        &bank,
        "late",
        &[(960_000, 3, "bye", "2025-11-20", "2025-11-20"), (960_001, 4, "bye", "2025-09-20", "2025-12-01")],
    );
    bank.ingest().await;
    let again = trained(&bank).await;
    assert_eq!(again.made.evaluation, first.made.evaluation);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_lost_sight_of_counts_as_long_as_they_were_seen_and_odd_times_are_refused() {
    let bank = bank().await;
    let with = |select: &'static str| {
        let bank = &bank;
        async move {
            bank.write("models/leaving.toml", definition().replace(TO, &format!("sql = \"{select}\"")));
            train(&bank.open("ana").await, "when_leaving", None, None, &Silent).await
        }
    };
    let lost = "SELECT c.customer_id, t.at AS value, CASE WHEN c.region = 'north' THEN 15 END AS until FROM customer c LEFT JOIN (SELECT customer_id, min(ts) AS at FROM transaction WHERE kind = 'bye' AND ts > as_of() GROUP BY customer_id) t ON t.customer_id = c.customer_id";
    let found = with(lost).await.unwrap();
    let Assessment::Time(found) = &found.made.evaluation else { panic!("times") };
    let third = PEOPLE / 3 * 2;
    assert!(found.rows.test_lost > third / 2 && found.rows.test_lost < third, "{:?}", found.rows);
    let said = |found: Result<Trained, FlowError>| found.unwrap_err().to_string();
    let before = "SELECT customer_id, min(ts) AS value FROM transaction WHERE ts > as_of() - INTERVAL '5 days' GROUP BY customer_id";
    assert!(said(with(before).await).contains("days before the date"));
    let twice = "SELECT customer_id, ts AS value FROM transaction WHERE ts > as_of()";
    assert!(said(with(twice).await).contains("two values; group by"));
    let text = "SELECT customer_id, 'soon' AS value FROM transaction WHERE ts > as_of() GROUP BY customer_id";
    assert!(said(with(text).await).contains("make it a date, a time, or days"));
}
