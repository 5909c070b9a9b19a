//! PostHog's events.

use serde_json::{Value, json};

use crate::support::Fixture;

#[tokio::test]
async fn a_batch_a_single_event_and_an_array_are_taken() {
    let fixture = Fixture::new();
    let event =
        json!({"event": "done", "distinct_id": "u", "properties": {"$lib": "posthog-node", "$lib_version": "5"}});
    let batch = json!({"api_key": "key", "batch": [event], "historical_migration": false, "sent_at": "2026-11-23T08:00:00.5+00:00"});
    for path in ["/batch", "/batch/", "/capture/", "/e/", "/i/v0/e/"] {
        let answer = fixture.send(path, &[], batch.to_string().as_bytes()).await;
        assert_eq!((answer.status, answer.body), (200, json!({"status": "Ok"})), "{path}");
    }
    let mut single = event.clone();
    single["api_key"] = json!("key");
    assert_eq!(fixture.send("/capture/", &[], single.to_string().as_bytes()).await.status, 200);
    let mut browser = event.clone();
    browser["properties"]["token"] = json!("key");
    assert_eq!(fixture.send("/e/?ip=1", &[], json!([browser]).to_string().as_bytes()).await.status, 200);
    assert_eq!(fixture.send("/e/?token=key", &[], json!([event]).to_string().as_bytes()).await.status, 200);
    let records = fixture.records();
    assert_eq!(records.len(), 8);
    assert!(records.iter().all(|record| record["library"] == "posthog-node/5" && record["user_id"] == "u"));
}

#[tokio::test]
async fn special_events_are_what_they_mean() {
    let fixture = Fixture::new();
    let batch = json!({"api_key": "key", "batch": [
        {"event": "$pageview", "distinct_id": "v", "properties": {"$is_identified": false, "$session_id": "s"}},
        {"event": "$identify", "distinct_id": "u", "$set": {"plan": "gold"}, "properties": {"$anon_distinct_id": "v"}},
        {"event": "$create_alias", "distinct_id": "old", "properties": {"distinct_id": "old", "alias": "new"}},
        {"event": "$groupidentify", "distinct_id": "u", "properties": {"$group_type": "branch", "$group_key": "b7"}},
        {"event": "$screen", "distinct_id": "u", "properties": {"$device_id": "d"}},
        {"event": "bought", "distinct_id": "u", "uuid": "0191", "timestamp": "2026-11-23T07:00:00Z", "properties": {"revenue": 3}},
        {"event": "seen", "distinct_id": "r", "properties": {"$process_person_profile": false}},
        {"event": "late", "distinct_id": "u", "offset": 2500, "properties": {}},
    ]});
    assert_eq!(fixture.send("/batch/", &[], batch.to_string().as_bytes()).await.status, 200);
    let records = fixture.records();
    let told =
        |at: usize, names: [&str; 4]| -> Vec<Value> { names.iter().map(|name| records[at][name].clone()).collect() };
    let who = ["kind", "user_id", "anonymous_id", "previous_id"];
    assert_eq!(told(0, who), [json!("page"), Value::Null, json!("v"), Value::Null]);
    assert_eq!(told(1, who), [json!("identify"), json!("u"), json!("v"), Value::Null]);
    assert_eq!(told(2, who), [json!("alias"), json!("new"), Value::Null, json!("old")]);
    assert_eq!(told(3, who), [json!("group"), json!("u"), Value::Null, Value::Null]);
    assert_eq!(told(4, who), [json!("screen"), json!("u"), json!("d"), Value::Null]);
    assert_eq!(told(5, who), [json!("track"), json!("u"), Value::Null, Value::Null]);
    assert_eq!(told(6, who), [json!("track"), Value::Null, json!("r"), Value::Null]);
    assert_eq!(records[0]["session_id"], "s");
    assert_eq!(records[1]["traits"], json!({"plan": "gold"}));
    assert_eq!(records[3]["group_id"], "branch:b7");
    assert_eq!((&records[5]["amount"], &records[5]["message_id"]), (&json!(3), &json!("0191")));
    assert_eq!(records[7]["timestamp"], "2026-11-23T07:59:57.5Z");
}

#[tokio::test]
async fn the_newer_protocol_hears_of_every_event() {
    let fixture = Fixture::new();
    let body = json!({"created_at": "2026-11-23T07:59:00Z", "batch": [
        {"event": "good", "uuid": "1", "distinct_id": "u", "timestamp": "2026-11-23T07:59:59+00:00", "options": {"process_person_profile": false},
         "session_id": "s", "properties": {}},
        {"event": "", "uuid": "2", "distinct_id": "u", "timestamp": "2026-11-23T07:59:59+00:00", "options": {}, "properties": {}},
        {"event": "no", "uuid": "3", "distinct_id": "u", "properties": {"$consent": {"categoryPreferences": {"analytics": false}}}},
        {"event": "good", "uuid": "1", "distinct_id": "u", "options": {}, "properties": {}},
    ]});
    let headers = [
        ("authorization", "Bearer key"),
        ("posthog-sdk-info", "posthog-python/7.91.1"),
        ("posthog-request-timestamp", "2026-11-23T08:00:30+00:00"),
    ];
    let answer = fixture.send("/i/v1/analytics/events", &headers, body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 200);
    let results = &answer.body["results"];
    assert_eq!(results["1"], json!({"result": "ok"}));
    assert_eq!(results["2"]["result"], "drop");
    assert!(results["2"]["details"].as_str().is_some_and(|text| text.contains("`event`")), "{results}");
    assert_eq!(results["3"]["result"], "drop");
    let record = fixture.only();
    assert_eq!((&record["library"], &record["session_id"]), (&json!("posthog-python/7.91.1"), &json!("s")));
    assert_eq!(record["timestamp"], "2026-11-23T07:59:29Z", "the client's clock is half a minute fast");
    assert_eq!(
        (&record["anonymous_id"], &record["extra"]["options"]["process_person_profile"]),
        (&json!("u"), &json!(false))
    );
}

#[tokio::test]
async fn what_has_no_name_or_nobody_is_not_taken_for_an_event() {
    let fixture = Fixture::new();
    let body = json!({"api_key": "key", "batch": [{"distinct_id": "u"}, {"event": "e"}, {"event": "$create_alias", "distinct_id": "u"}, 1]});
    let answer = fixture.send("/batch/", &[("florin-strict", "true")], body.to_string().as_bytes()).await;
    let codes: Vec<&Value> = answer.body["items"].as_array().expect("items").iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, ["no_event", "nobody", "field_missing", "not_an_object"]);
}
