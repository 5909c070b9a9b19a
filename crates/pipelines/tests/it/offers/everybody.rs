//! Everybody's recommendations: kept, read under purpose and consent, stale when what they rest on changed.

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_pipelines::{
    FlowError,
    care::erase,
    load::Silent,
    offers::{AT_MOST, recommend, recommend_to, stale_offers},
};

use super::made::{at, of, recommended, scored, with_offers};
use crate::{
    models::made::{AS_OF, PEOPLE, more, run_all, withdrawn},
    support::{ask_house, moment},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_what_each_customer_is_told_alone() {
    let bank = with_offers();
    let house = scored(&bank).await;
    let made = recommended(&house).await;
    let marketing = of(&made, Purpose::Marketing);
    assert_eq!((marketing.customers, marketing.declined), (PEOPLE, 0));
    assert_eq!(marketing.because, ["none were ever made"]);
    for offer in &marketing.offers {
        assert_eq!(offer.made + offer.withheld + offer.left_out, PEOPLE as u64, "each customer once: {offer:?}");
    }
    let card = marketing.offers.iter().find(|offer| offer.offer == "card").unwrap();
    assert_eq!((card.vetoes["open_complaint"], card.vetoes["refused"], card.vetoes["contact_limit"]), (1, 1, 1));
    let sql = "select customer_id, place, offer, round(score, 9) from recommendations.marketing where customer_id between 1 and 30";
    let mut kept = ask_house(&house, Purpose::Marketing, None, sql).await.unwrap();
    let mut told = Vec::new();
    for who in 1..=30 {
        let found = recommend_to(&house, CustomerId(who), Purpose::Marketing, Some(at()), AT_MOST).await.unwrap();
        for (place, offer) in (1..).zip(&found.ranking.offers) {
            told.push(format!("{who}|{place}|{}|{}", offer.offer, (offer.score * 1e9).round() / 1e9));
        }
    }
    kept.sort();
    told.sort();
    assert!(told.len() > 30 && told.iter().any(|row| row.contains("fund")), "{}", told.len());
    assert_eq!(kept, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn recommendations_are_read_for_their_purpose_alone_and_gone_with_a_person() {
    let bank = with_offers();
    let house = scored(&bank).await;
    recommended(&house).await;
    let count = "select count(*) > 0 from recommendations.marketing where customer_id = 1";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, count).await.unwrap(), ["true"]);
    for purpose in [Purpose::Analytics, Purpose::Service] {
        let refused = ask_house(&house, purpose, None, count).await.unwrap_err();
        assert!(matches!(refused, FlowError::Refused(_)), "{refused}");
    }
    let masked = "select count(*) > 0, count(offer), count(reasons) from recommendations.service";
    assert_eq!(ask_house(&bank.open("dan").await, Purpose::Service, None, masked).await.unwrap(), ["true|0|0"]);
    erase(&house, CustomerId(1)).await.unwrap();
    assert_eq!(ask_house(&house, Purpose::Marketing, None, count).await.unwrap(), ["false"]);
    let service = count.replace("marketing", "service");
    assert_eq!(ask_house(&house, Purpose::Service, None, &service).await.unwrap(), ["false"]);
    withdrawn(&bank, Purpose::Marketing, &[2]);
    bank.ingest().await;
    let count = count.replace("= 1", "= 2");
    assert_eq!(ask_house(&bank.open("owner").await, Purpose::Marketing, None, &count).await.unwrap(), ["false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_stale_when_what_they_rest_on_changed() {
    let bank = with_offers();
    let house = scored(&bank).await;
    let before = recommended(&house).await;
    assert_eq!(stale_offers(&house, at()).await.unwrap(), []);
    assert!(recommend(&house, &[], at(), AT_MOST, false, &Silent).await.unwrap().is_empty(), "nothing changed");
    bank.wait(1);
    more(&bank, "new", &[(950_000, 3, "paid", "2025-10-20", "2025-10-20")]);
    bank.ingest().await;
    run_all(&house, AS_OF).await;
    let stale = stale_offers(&house, at()).await.unwrap();
    let words = stale[0].reasons.join("; ");
    assert!(words.contains("leaving scored since") && words.contains("payments_30d computed since"), "{words}");
    let after = recommended(&house).await;
    let learnt = |made: &[florin_pipelines::offers::Recommended]| made[0].learnt.clone().unwrap();
    assert_eq!(learnt(&before), learnt(&after), "nobody holds anything else: it is not learnt anew");
    let next = stale_offers(&house, EventTime(moment("2025-11-01T15:00:00Z"))).await.unwrap();
    assert!(next[0].reasons.iter().any(|why| why == "they are as of another day"), "{next:?}");
    bank.write(
        "offers/deposit.toml",
        std::fs::read_to_string(bank.path().join("offers/deposit.toml")).unwrap() + "\n# other\n",
    );
    let house = bank.open("owner").await;
    let stale = stale_offers(&house, at()).await.unwrap();
    assert_eq!(stale[0].reasons, ["offers are defined otherwise"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_is_no_fact_is_told_and_what_was_kept_stays() {
    let bank = with_offers();
    let house = scored(&bank).await;
    recommended(&house).await;
    let rules = std::fs::read_to_string(bank.path().join("offers/rules.toml")).unwrap();
    for (from, to, words) in [
        ("tolerance, CAST", "'C9' AS tolerance, CAST", "gives the tolerance `C9`"),
        ("AS made_at FROM assessment", "AS on_day FROM assessment", "gives no column `made_at`"),
        ("tolerance, CAST", "grade AS tolerance, CAST", "the query for assessments of offers/rules.toml"),
    ] {
        bank.write("offers/rules.toml", rules.replace(from, to));
        let house = bank.open("owner").await;
        let made = recommend(&house, &[], at(), AT_MOST, false, &Silent).await.unwrap();
        let failed = made[0].failed.clone().unwrap_or_default();
        assert!(failed.contains(words), "{failed}");
        let count = "select count(*) > 100 from recommendations.marketing";
        assert_eq!(ask_house(&house, Purpose::Marketing, None, count).await.unwrap(), ["true"]);
    }
}
