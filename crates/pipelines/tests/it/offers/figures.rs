//! Offline evaluation, on what customers took after a time.

use florin_domain::EventTime;
use florin_pipelines::offers::{EvaluationAsked, evaluate};

use super::made::{at, scored, with_offers};
use crate::support::moment;

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_together_is_found_and_beats_popularity_with_the_log_agreeing() {
    let bank = with_offers();
    let house = scored(&bank).await;
    let found = evaluate(&house, EvaluationAsked { as_of: at(), from: None, k: 2 }).await.unwrap();
    assert_eq!((found.products, found.k), (3, 2));
    assert!(found.customers > 20, "{}", found.customers);
    assert_eq!(found.tried[0].method, "popularity");
    assert!(found.tried.len() > 4);
    assert!(found.difference.low > 0.0, "{:?}", found.difference);
    assert!(found.test.figures.map.value > found.popularity.figures.map.value);
    let log = found.log.unwrap();
    assert!(log.rows > 150, "{}", log.rows);
    let (alike, popularity) = (log.alike.unwrap(), log.popularity.unwrap());
    assert!((alike.logged.value - popularity.logged.value).abs() < 1e-12, "the same log");
    assert!(alike.effective_rows > 10.0 && alike.mean_weight < 2.0);
    let early = EvaluationAsked { as_of: at(), from: Some(EventTime(moment("2025-02-01"))), k: 2 };
    assert!(evaluate(&house, early).await.unwrap_err().to_string().contains("too little"), "nothing was held before");
}
