//! What an event says its customer agreed to is obeyed.

use std::collections::BTreeSet;

use florin_collector::Settings;
use florin_domain::Purpose;
use serde_json::{Value, json};

use crate::support::Fixture;

fn event(preferences: &Value) -> String {
    json!({"userId": "u", "event": "Seen", "context": {"consent": {"categoryPreferences": preferences}}}).to_string()
}

#[tokio::test]
async fn an_event_that_says_no_to_analytics_is_counted_and_not_kept() {
    let fixture = Fixture::new();
    for preferences in [
        json!({"Analytics": false}),
        json!({"ANALYTICS": false, "Advertising": true}),
        json!({"performance": true, "statistics": false}),
    ] {
        let answer = fixture.post("/v1/track?strict=1", &event(&preferences)).await;
        assert_eq!((answer.status, &answer.body["items"][0]["outcome"]), (200, &json!("refused")), "{preferences}");
        assert_eq!(answer.body["items"][0]["code"], "consent");
        assert_eq!(fixture.post("/v1/track", &event(&preferences)).await.body, json!({"success": true}));
    }
    assert_eq!(fixture.collector.figures().events.refused, 6);
    assert!(fixture.collector.figures().events.balanced());
    assert_eq!(fixture.records(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_no_to_something_else_is_kept_with_the_event() {
    let fixture = Fixture::new();
    let preferences = json!({"Analytics": true, "Advertising": false, "C0009": false});
    assert_eq!(fixture.post("/v1/track", &event(&preferences)).await.status, 200);
    assert_eq!(fixture.only()["consent"], preferences);
}

#[tokio::test]
async fn a_bank_says_which_purposes_count_and_what_its_categories_are_for() {
    let mut settings = Settings::default();
    settings.consent.refuse_without = BTreeSet::from([Purpose::Marketing]);
    settings.consent.categories.insert("c0004".to_owned(), Purpose::Marketing);
    let fixture = Fixture::with(settings);
    let refused = fixture.post("/v1/track?strict=1", &event(&json!({"C0004": false}))).await;
    assert_eq!(refused.body["items"][0]["detail"], "the event says no to marketing");
    let kept = fixture.post("/v1/track?strict=1", &event(&json!({"Analytics": false}))).await;
    assert_eq!(kept.body["stored"], 1);
}

#[tokio::test]
async fn the_word_by_which_somebody_says_no_is_kept() {
    let fixture = Fixture::new();
    let body = json!({"userId": "u", "event": "Segment Consent Preference Updated", "context": {"consent": {"categoryPreferences": {"Analytics": false}}}});
    assert_eq!(fixture.post("/v1/track", &body.to_string()).await.status, 200);
    assert_eq!(fixture.only()["consent"], json!({"Analytics": false}));
}

#[tokio::test]
async fn the_consent_of_a_batch_is_that_of_its_events() {
    let fixture = Fixture::new();
    let no = json!({"consent": {"categoryPreferences": {"Analytics": false}}});
    let body = json!({"batch": [{"type": "track", "userId": "u", "event": "A"}, {"type": "track", "userId": "u", "event": "B", "context": {"locale": "zh"}}], "context": no});
    assert_eq!(fixture.post("/v1/batch?strict=1", &body.to_string()).await.body["refused"], 2);
}

#[tokio::test]
async fn what_says_no_is_not_kept_as_a_spoilt_record_either() {
    let fixture = Fixture::new();
    let no = json!({"consent": {"categoryPreferences": {"Analytics": false}}});
    let long = "x".repeat(40_000);
    let body = json!({"batch": [
        {"type": "track", "userId": "u", "context": no},
        {"type": "trick", "messageId": "m".repeat(200), "context": no},
        {"type": "track", "userId": "u", "event": "A", "properties": {"a": long}, "context": no},
    ]});
    assert_eq!(fixture.post("/v1/batch", &body.to_string()).await.status, 200);
    let shared = json!({"batch": [{"type": "track", "userId": "u", "event": "A", "context": 7}], "context": no});
    assert_eq!(fixture.post("/v1/batch", &shared.to_string()).await.status, 200);
    let posthog = json!({"api_key": "key", "batch": [{"properties": {"$consent": {"categoryPreferences": {"Analytics": false}}}}]});
    assert_eq!(fixture.send("/batch/", &[], posthog.to_string().as_bytes()).await.status, 200);
    assert_eq!(fixture.collector.figures().events.refused, 5);
    assert_eq!(fixture.records(), Vec::<Value>::new());
}
