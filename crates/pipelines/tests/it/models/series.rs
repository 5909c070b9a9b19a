//! What comes next: a daily series is tried on the past, released, and forecast anew by each run.

use std::fmt::Write as _;

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    load::Silent,
    models::{Act, Judged, Trained, act, evaluate, explain, list, score, stale_scores, train},
};
use florin_store::ModelState;

use super::made::{AS_OF, bank as people, more, run_all};
use crate::support::{Rng, TestBank, ask_house, moment};

const FLOW: &str = r#"
name = "paid_daily"
meaning = { zh = "每日支付金额", en = "paid each day" }
owner = "ana"
purposes = ["analytics"]

[series]
sql = "SELECT CAST(ts AS DATE) AS day, sum(amount) AS value FROM transaction WHERE kind = 'paid' GROUP BY 1"

[learner]
kind = "forecast"
horizon_days = 14
level = 0.8

[split]
by = "time"
test_from = 2025-07-01

[guards]
coverage_min = 0.5
"#;

async fn bank() -> TestBank {
    let bank = people();
    bank.write("models/paid_daily.toml", FLOW);
    bank.ingest().await;
    bank
}

async fn trained(bank: &TestBank) -> Trained {
    train(&bank.open("ana").await, "paid_daily", None, None, &Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_tried_on_the_past_released_and_its_days_to_come_are_kept() {
    let bank = bank().await;
    let first = trained(&bank).await;
    assert_eq!(first.state, ModelState::Candidate, "{:?}", first.made.evaluation.guards());
    let found = first.made.evaluation.of_series().unwrap();
    assert_eq!((found.rows.horizon, found.rows.from.as_str()), (14, "2025-01-01"));
    assert!(found.rows.backtests >= 7 && found.rows.filled > 0, "{:?}", found.rows);
    assert!(found.next[0].day > found.rows.to, "{:?}", found.next[0]);
    assert!(found.skill.value > 0.1 && found.errors.mae < found.naive.mae, "{:?}", found.skill);
    assert_eq!(found.history.len(), 60);
    let again = trained(&bank).await;
    assert!(!again.new && again.content == first.content, "the same series gives the same version");
    for what in [Act::Approve, Act::Promote { challenger: false }] {
        act(&bank.open("ron").await, "paid_daily", None, &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].name.as_str(), scored[0].days, scored[0].customers), ("paid_daily", 14, 0));
    let sql = "select count(*), min(day), bool_and(low <= value and value <= high) from scores.paid_daily";
    let kept = ask_house(&house, Purpose::Analytics, None, sql).await.unwrap();
    assert_eq!(kept, [format!("14|{}|true", found.next[0].day)]);
    assert!(ask_house(&house, Purpose::Risk, None, sql).await.is_err(), "not one of its purposes");
    assert_eq!(run_all(&house, AS_OF).await, [], "nothing changed");
    let line = &list(&house, Some("paid_daily")).await.unwrap()[0];
    assert_eq!(line.headline.unwrap().figure, "skill");
    let refused = explain(&house, "paid_daily", CustomerId(1), None, None, None).await.unwrap_err().to_string();
    assert!(refused.contains("says nothing of a customer"), "{refused}");

    // A day more is known: it is stale, and the days to come begin a day later.
    bank.wait(1);
    more(&bank, "next", &[(970_000, 3, "paid", "2025-10-29", "2025-10-29")]);
    bank.ingest().await;
    let as_of = EventTime(moment(AS_OF));
    assert!(stale_scores(&house, as_of).await.unwrap()[0].reasons.join("; ").contains("transaction changed"));
    score(&house, &[], as_of, false, &Silent).await.unwrap();
    let from =
        ask_house(&house, Purpose::Analytics, None, "select min(day), count(*) from scores.paid_daily").await.unwrap();
    assert_eq!(from, ["2025-10-30|14"]);
    let at = ["2025-09-01".to_owned()];
    let judged = evaluate(&bank.open("ana").await, "paid_daily", None, &at, None, None, &Silent).await.unwrap();
    let Judged::Series(judged) = judged.judged else { panic!("a series") };
    assert!(judged.rows.backtests < found.rows.backtests, "{:?}", judged.rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_a_series_too_and_one_that_cannot_be_foreseen_is_refused() {
    let bank = bank().await;
    let sql = "sql = \"SELECT CAST(ts AS DATE) AS day, sum(amount) AS value FROM transaction WHERE kind = 'paid' GROUP BY 1\"";
    let file = FLOW.replace(
        sql,
        "file = \"data/flows.csv\"\nday = \"on\"\nvalue = \"amount\"\nholidays = \"none\"\nmissing = \"before\"",
    );
    bank.write("models/paid_daily.toml", &file);
    let mut rng = Rng::new(3);
    let day = |n: i64| jiff::civil::date(2024, 12, 1).checked_add(jiff::ToSpan::days(n)).unwrap();
    let week = |n: i64| [100.0, 120.0, 130.0, 110.0, 150.0, 40.0, 30.0][usize::try_from(n % 7).unwrap()];
    let mut text = "on,amount\n".to_owned();
    for n in (0..300).filter(|n| n % 50 != 49) {
        writeln!(text, "{},{}", day(n).strftime("%Y%m%d"), week(n) + rng.below(20) as f64).unwrap();
    }
    bank.write("data/flows.csv", &text);
    let found = trained(&bank).await;
    let of = found.made.evaluation.of_series().unwrap();
    assert!(of.rows.filled == 5 && of.errors.mape.unwrap() < 0.2 && of.skill.low > 0.0, "{:?} {:?}", of.rows, of.skill);
    for (n, expected) in of.next.iter().enumerate() {
        let wanted = week(299 + n as i64) + 10.0;
        assert!((expected.value - wanted).abs() < 15.0, "{expected:?}, {wanted}");
    }
    // What repeats itself exactly is as good said by the week before.
    let same: String = (0..300).map(|n| format!("{},{}\n", day(n), week(n) + (n / 7 % 2) as f64)).collect();
    bank.write("data/flows.csv", format!("on,amount\n{same}"));
    let guarded = file.replace("coverage_min = 0.5", "skill_min = 0.99");
    bank.write("models/paid_daily.toml", guarded);
    let refused = trained(&bank).await;
    assert_eq!(refused.state, ModelState::Refused);
    assert_eq!(refused.made.failing(), ["skill_min"]);
    let wrong = |text: &'static str| {
        let bank = &bank;
        async move {
            bank.write("data/flows.csv", text);
            train(&bank.open("ana").await, "paid_daily", None, None, &Silent).await.unwrap_err().to_string()
        }
    };
    assert!(wrong("on,amount\n2024-01-01,1\n2024-01-01,2\n").await.contains("comes twice"));
    assert!(wrong("on,amount\nsoon,1\n").await.contains("`soon` is no day"));
    assert!(wrong("on,amount\n2025-08-01,1\n").await.contains("no 14 days from 2025-07-01 on are known"));
    assert!(wrong("day,amount\n2025-08-01,1\n").await.contains("no column `on`; there are: day, amount"));
}
