//! Scores: of whom, for whom, and until when.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    FlowError,
    care::erase,
    customer::customer,
    load::Silent,
    models::{Drift, Judged, evaluate, explain, list, score, stale_scores},
};

use super::made::{AS_OF, LEAVING, PEOPLE, bank, loaded, more, promoted, run_all, withdrawn};
use crate::support::{ask_house, moment};

const COUNT: &str = "select count(*), count(score), min(version), max(version) from scores.leaving";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_with_scores_that_are_read_for_the_models_purposes_alone() {
    let bank = loaded().await;
    let house = bank.open("owner").await;
    assert_eq!(run_all(&house, AS_OF).await, [], "without a champion there are none");
    let version = promoted(&bank).await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored.len(), scored[0].version, scored[0].customers), (1, version, PEOPLE));
    assert_eq!(scored[0].because, ["it never scored"]);
    let counts = ask_house(&house, Purpose::Analytics, None, COUNT).await.unwrap();
    assert_eq!(counts, [format!("{PEOPLE}|{PEOPLE}|{version}|{version}")]);
    let refused = ask_house(&house, Purpose::Risk, None, COUNT).await.unwrap_err();
    assert!(matches!(&refused, FlowError::Refused(_)), "{refused}");
    // Those who engineer see that somebody was scored, and not how.
    let masked = ask_house(&bank.open("dan").await, Purpose::Analytics, None, COUNT).await.unwrap();
    assert_eq!(masked, [format!("{PEOPLE}|0|{version}|{version}")]);
    assert_eq!(run_all(&house, AS_OF).await, [], "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_stale_when_what_they_rest_on_changed() {
    let bank = loaded().await;
    promoted(&bank).await;
    let house = bank.open("owner").await;
    run_all(&house, AS_OF).await;
    // What is computed next is computed later.
    bank.wait(1);
    more(&bank, "new", &[(950_000, 3, "paid", "2025-10-20", "2025-10-20")]);
    bank.ingest().await;
    let stale = stale_scores(&house, EventTime(moment(AS_OF))).await.unwrap();
    assert!(stale[0].reasons.join("; ").contains("transaction changed since"), "{stale:?}");
    let scored = run_all(&house, AS_OF).await;
    assert!(scored[0].because.join("; ").contains("computed since"), "{scored:?}");
    let next = run_all(&house, "2025-11-01T15:00:00Z").await;
    assert!(next[0].because.iter().any(|why| why == "they are as of another day"), "{next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdrew_is_not_scored_and_who_was_erased_is_gone() {
    let bank = bank();
    bank.write("models/leaving.toml", LEAVING.replace("[\"analytics\", \"marketing\"]", "[\"marketing\"]"));
    withdrawn(&bank, Purpose::Marketing, &[1, 2, 3]);
    bank.ingest().await;
    let version = super::made::trained(&bank.open("mia").await).await.version;
    let ron = bank.open("ron").await;
    for what in [florin_pipelines::models::Act::Approve, florin_pipelines::models::Act::Promote { challenger: false }] {
        florin_pipelines::models::act(&ron, "leaving", Some(version), &what).await.unwrap();
    }
    let house = bank.open("owner").await;
    let scored = run_all(&house, AS_OF).await;
    assert_eq!((scored[0].customers, scored[0].left_out), (PEOPLE - 3, 3));
    let done = erase(&bank.open("cleo").await, CustomerId(10)).await.unwrap();
    assert!(done.iter().any(|care| care.table == "scores.leaving"), "{done:?}");
    let counts = ask_house(&house, Purpose::Marketing, None, COUNT).await.unwrap();
    assert!(counts[0].starts_with(&format!("{}|", PEOPLE - 4)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_score_comes_with_reasons_as_sentences_and_none_is_protected() {
    let bank = loaded().await;
    promoted(&bank).await;
    let house = bank.open("owner").await;
    run_all(&house, AS_OF).await;
    let mut seen = 0;
    for id in 1..=20 {
        let view = customer(&house, CustomerId(id), Purpose::Analytics, None, false).await.unwrap();
        let [found] = &view.scores[..] else { panic!("{:?}", view.scores) };
        assert!(found.score.is_some_and(|score| (0.0..=1.0).contains(&score)) && found.reasons.len() <= 4);
        for reason in &found.reasons {
            assert!(!reason.en.contains("where they live") && !reason.zh.contains("地区"), "{reason:?}");
            seen += usize::from(reason.en.starts_with("Recent payments (") && reason.zh.starts_with("近期支付次数（"));
        }
    }
    assert!(seen > 0, "the definition's own words are used");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_adds_up_and_names_the_nearest_change() {
    let bank = loaded().await;
    promoted(&bank).await;
    let house = bank.open("owner").await;
    run_all(&house, AS_OF).await;
    let mut changes = 0;
    for id in [5, 17, 80, 200] {
        let found = explain(&house, "leaving", CustomerId(id), None, None, None).await.unwrap();
        let sum: f64 = found.effects.iter().map(|effect| effect.adds).sum();
        assert!((found.base + sum - found.margin).abs() < 1e-9, "{found:?}");
        assert_eq!(found.effects.len(), 4);
        assert!(found.effects.iter().any(|effect| effect.protected && effect.feature == "region"));
        assert!(found.reasons.len() <= 4);
        if let Some(nearest) = &found.nearest {
            changes += 1;
            let there = if found.score > found.to { nearest.score <= found.to } else { nearest.score >= found.to };
            assert!(there, "{found:?}");
            assert!(!nearest.changes.is_empty() && nearest.changes.len() <= 3);
        }
        // The kept score is the explained one.
        let sql = format!("select score from scores.leaving where customer_id = {id}");
        let kept = ask_house(&house, Purpose::Analytics, None, &sql).await.unwrap();
        assert!((kept[0].parse::<f64>().unwrap() - found.score).abs() < 1e-12);
    }
    assert!(changes > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_watched_and_a_version_is_evaluated_on_later_dates() {
    let bank = loaded().await;
    promoted(&bank).await;
    let house = bank.open("owner").await;
    run_all(&house, AS_OF).await;
    let lines = list(&house, None).await.unwrap();
    assert_eq!(lines[0].drift[0].of, "score");
    // A month in which nobody pays looks like nothing that was learnt from.
    let moved = score(&house, &[], EventTime(moment("2026-03-01")), false, &Silent).await.unwrap();
    assert!(moved[0].drift.iter().any(|d| d.of == "payments_30d" && d.drift == Drift::Act), "{moved:?}");
    let known_by = Some(EventTime(moment("2025-10-31")));
    let found = evaluate(&house, "leaving", None, &["2025-09-30".to_owned()], known_by, None, &Silent).await.unwrap();
    assert_eq!(found.dates, [("2025-09-30".to_owned(), PEOPLE)]);
    let Judged::Chance(judged) = &found.judged else { panic!("chances: {:?}", found.judged) };
    assert!(judged.figures.auc.value > 0.6, "{:?}", judged.figures.auc);
    let latest = evaluate(&house, "leaving", None, &[], known_by, None, &Silent).await.unwrap();
    assert_eq!(latest.dates[0].0, "2025-09-30", "the latest day whose thirty days are over");
}
