//! One customer: offers with reasons, and what is withheld with all that speaks against it.

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::{FlowError, House, customer::customer, offers::recommend_to};

use super::made::{at, recommended, scored, with_offers};
use crate::{
    models::made::withdrawn,
    support::{TestBank, ask_house},
};

/// The number that a person of the core system has in the lake.
async fn known_as(house: &House, who: usize) -> CustomerId {
    // Numbers are given in the order of loading: that of the people.
    let rows = ask_house(house, Purpose::Compliance, None, "select customer_id from customer").await.unwrap();
    assert!(rows.len() > who);
    CustomerId(u32::try_from(who).unwrap())
}

/// By offer, the kinds of vetoes for marketing.
async fn vetoes(house: &House, who: usize) -> Vec<String> {
    let found = recommend_to(house, known_as(house, who).await, Purpose::Marketing, Some(at()), 3).await.unwrap();
    let withheld = found.ranking.withheld.iter();
    withheld
        .map(|of| format!("{}:{}", of.offer, of.vetoes.iter().map(|v| v.0.kind()).collect::<Vec<_>>().join("+")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fact_of_the_lake_becomes_its_veto() {
    let bank = with_offers();
    let house = scored(&bank).await;
    for (who, expected) in [
        (1, vec![]),
        (3, vec!["card:open_complaint", "deposit:open_complaint", "fund:open_complaint"]),
        (4, vec![]),
        (5, vec!["fund:unsuitable"]),
        (6, vec!["fund:unsuitable"]),
        (9, vec!["card:contact_limit", "deposit:contact_limit", "fund:contact_limit"]),
        (10, vec![]),
        (11, vec!["card:refused"]),
        (12, vec!["fund:unsuitable"]),
        (13, vec![]),
    ] {
        assert_eq!(vetoes(&house, who).await, expected, "customer {who}");
    }
    let found = recommend_to(&house, CustomerId(6), Purpose::Marketing, Some(at()), 3).await.unwrap();
    let words = &found.ranking.withheld[0].vetoes[0].1;
    assert!(words.en.contains("older than 365 days") && words.zh.contains("365天"), "{words:?}");
    assert!(found.notes[0].contains("`florin recommend`"), "nothing was learnt of alike customers yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_come_from_models_and_from_what_alike_customers_hold() {
    let bank = with_offers();
    let house = scored(&bank).await;
    recommended(&house).await;
    let mut seen = (0, 0);
    for who in 21..=45 {
        let found = recommend_to(&house, CustomerId(who), Purpose::Marketing, Some(at()), 3).await.unwrap();
        assert_eq!(found.notes, Vec::<String>::new());
        for offer in &found.ranking.offers {
            for reason in &offer.reasons {
                assert!(!reason.words.en.is_empty() && !reason.words.zh.is_empty());
                assert_ne!(reason.of.as_deref(), Some("region"), "it is protected");
                seen.0 +=
                    usize::from(reason.words.en.contains("quiet days") || reason.words.en.contains("recent payments"));
                seen.1 += usize::from(reason.words.en.contains("often choose"));
            }
        }
    }
    assert!(seen.0 > 0 && seen.1 > 0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdrew_from_marketing_is_offered_nothing_and_nothing_else_is_told_of_them() {
    let bank = with_offers();
    withdrawn(&bank, Purpose::Marketing, &[3]);
    let house = scored(&bank).await;
    recommended(&house).await;
    assert_eq!(vetoes(&house, 3).await, ["card:no_consent", "deposit:no_consent", "fund:no_consent"]);
    let rows = "select count(*) from recommendations.marketing where customer_id = 3";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, rows).await.unwrap(), ["0"]);
    let service = recommend_to(&house, CustomerId(3), Purpose::Service, Some(at()), 3).await.unwrap();
    let kinds: Vec<_> = service.ranking.withheld.iter().map(|of| of.vetoes[0].0.kind()).collect();
    assert_eq!(kinds, ["open_complaint", "open_complaint", "not_for_purpose"], "a complaint speaks against all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_shown_with_what_they_are_to_be_offered() {
    let bank = with_offers();
    let house = scored(&bank).await;
    recommended(&house).await;
    let sam = bank.open("sam").await;
    let view = customer(&sam, CustomerId(1), Purpose::Service, None, false).await.unwrap();
    let names: Vec<&str> = view.recommendations.iter().map(|one| one.offer.as_str()).collect();
    assert_eq!(names.len(), 2, "the fund is for marketing only: {names:?}");
    assert!(
        view.recommendations.iter().all(|one| one.purpose == Purpose::Service && one.meaning.zh.chars().count() > 1)
    );
    let error = recommend_to(&sam, CustomerId(1), Purpose::Marketing, None, 3).await.unwrap_err();
    assert!(matches!(error, FlowError::Refused(_)), "{error}");
    bank_names_what_there_is(&bank).await;
}

async fn bank_names_what_there_is(bank: &TestBank) {
    let house = bank.open("owner").await;
    let error = recommend_to(&house, CustomerId(1), Purpose::Risk, None, 3).await.unwrap_err().to_string();
    assert_eq!(error, "there is no offer for the purpose `risk`; there are: service, marketing");
    let error = recommend_to(&house, CustomerId(9999), Purpose::Marketing, None, 3).await.unwrap_err().to_string();
    assert!(error.starts_with("there is no customer `9999`"), "{error}");
}
