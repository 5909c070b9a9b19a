//! Segment's messages.

use serde_json::{Value, json};

use crate::support::Fixture;

#[tokio::test]
async fn a_tracked_event_becomes_one_record_with_everything_it_had() {
    let fixture = Fixture::new();
    let body = json!({
        "userId": "019mr8mf4r", "anonymousId": "v-1", "event": "Item Purchased", "messageId": "022bb90c",
        "properties": {"name": "基金", "revenue": 14.99, "product_id": "F1", "session_id": "s-1", "duration_ms": 3400},
        "context": {"ip": "24.5.68.47", "library": {"name": "analytics-node", "version": "3.1.0"}, "device": {"type": "ios"}},
        "integrations": {"All": true}, "timestamp": "2026-11-23T07:59:00.000Z", "sentAt": "2026-11-23T07:59:50.000Z",
        "channel": "server", "type": "track", "somethingNew": {"a": [1, 2]}, "writeKey": "key",
    });
    let answer = fixture.post("/v1/track", &body.to_string()).await;
    assert_eq!((answer.status, answer.body), (200, json!({"success": true})));
    let mut record = fixture.only();
    let fields = record.as_object_mut().expect("an object");
    assert_eq!(fields.remove("crc").and_then(|crc| crc.as_str().map(str::len)), Some(8));
    assert_eq!(
        record,
        json!({
            "source": "web", "protocol": "segment", "kind": "track", "event": "Item Purchased", "user_id": "019mr8mf4r",
            "anonymous_id": "v-1", "message_id": "022bb90c", "timestamp": "2026-11-23T07:59:10Z",
            "original_timestamp": "2026-11-23T07:59:00.000Z", "sent_at": "2026-11-23T07:59:50Z",
            "received_at": "2026-11-23T08:00:00Z", "channel": "server", "session_id": "s-1", "device": "ios", "product_id": "F1",
            "amount": 14.99, "duration_ms": 3400, "library": "analytics-node/3.1.0",
            "properties": body["properties"], "context": body["context"], "integrations": {"All": true},
            "extra": {"somethingNew": {"a": [1, 2]}},
        })
    );
}

#[tokio::test]
async fn every_path_takes_its_kind_of_message() {
    let fixture = Fixture::new();
    let messages = [
        ("/v1/identify", json!({"userId": "u", "traits": {"plan": "gold"}})),
        ("/v1/track", json!({"userId": "u", "event": "Done"})),
        ("/v1/page", json!({"anonymousId": "v", "name": "Home", "category": "Start"})),
        ("/v1/screen", json!({"anonymousId": "v", "name": "Home"})),
        ("/v1/group", json!({"userId": "u", "groupId": "g", "traits": {}})),
        ("/v1/alias", json!({"userId": "u", "previousId": "v"})),
    ];
    for (path, body) in &messages {
        assert_eq!(fixture.post(path, &body.to_string()).await.status, 200, "{path}");
    }
    let records = fixture.records();
    let kinds: Vec<&Value> = records.iter().map(|record| &record["kind"]).collect();
    assert_eq!(kinds, ["identify", "track", "page", "screen", "group", "alias"]);
    assert_eq!(records[2]["event"], "page");
    assert_eq!((&records[2]["name"], &records[2]["category"]), (&json!("Home"), &json!("Start")));
    assert_eq!(records[4]["group_id"], "g");
    assert_eq!(records[5]["previous_id"], "v");
}

#[tokio::test]
async fn a_batch_shares_its_context_and_an_event_has_the_last_word() {
    let fixture = Fixture::new();
    let body = json!({
        "batch": [
            {"type": "track", "userId": "u", "event": "A", "context": {"locale": "de", "page": {"url": "x"}}},
            {"type": "track", "userId": "u", "event": "B"},
        ],
        "context": {"locale": "zh", "app": {"name": "bank"}}, "integrations": {"All": false},
    });
    assert_eq!(fixture.post("/v1/batch", &body.to_string()).await.status, 200);
    let records = fixture.records();
    assert_eq!(records[0]["context"], json!({"app": {"name": "bank"}, "locale": "de", "page": {"url": "x"}}));
    assert_eq!(records[1]["context"], json!({"locale": "zh", "app": {"name": "bank"}}));
    assert_eq!(records[1]["integrations"], json!({"All": false}));
}

#[tokio::test]
async fn what_cannot_be_an_event_is_kept_as_it_came_or_told_of_when_asked() {
    let cases = [
        (json!(7), "not_an_object"),
        (json!({"userId": "u", "event": "A"}), "no_type"),
        (json!({"type": "trick", "userId": "u"}), "unknown_type"),
        (json!({"type": "track", "event": "A"}), "nobody"),
        (json!({"type": "track", "userId": "", "anonymousId": null, "event": "A"}), "nobody"),
        (json!({"type": "track", "userId": "u"}), "no_event"),
        (json!({"type": "track", "userId": "u", "event": "  "}), "no_event"),
        (json!({"type": "track", "userId": "u", "event": "a\u{7}b"}), "bad_text"),
        (json!({"type": "track", "userId": "u", "event": "e".repeat(201)}), "bad_text"),
        (json!({"type": "track", "userId": {"a": 1}, "event": "A"}), "wrong_type"),
        (json!({"type": "track", "userId": 1.5, "event": "A"}), "wrong_type"),
        (json!({"type": "track", "userId": "u", "event": "A", "properties": []}), "wrong_type"),
        (json!({"type": "track", "userId": "u", "event": "A", "timestamp": "soon"}), "bad_time"),
        (json!({"type": "track", "userId": "u", "event": "A", "messageId": "m".repeat(101)}), "bad_text"),
        (json!({"type": "group", "userId": "u"}), "field_missing"),
        (json!({"type": "alias", "userId": "u"}), "field_missing"),
        (
            json!({"type": "track", "userId": "u", "event": "A", "properties": {"a": "x".repeat(33_000)}}),
            "event_too_long",
        ),
        (
            json!({"type": "track", "userId": "u", "event": "A", "context": {"consent": {"categoryPreferences": {"Analytics": "no"}}}}),
            "bad_consent",
        ),
    ];
    let fixture = Fixture::new();
    let batch = json!({"batch": cases.iter().map(|(item, _)| item).collect::<Vec<_>>()}).to_string();
    let told = fixture.post("/v1/batch?strict=1", &batch).await;
    assert_eq!(told.status, 207);
    let codes: Vec<&str> =
        told.body["items"].as_array().expect("items").iter().filter_map(|item| item["code"].as_str()).collect();
    assert_eq!(codes, cases.iter().map(|(_, code)| *code).collect::<Vec<_>>());
    assert_eq!(fixture.collector.figures().events.stored, 0);

    assert_eq!(fixture.post("/v1/batch", &batch).await.status, 200);
    assert_eq!(fixture.collector.figures().events.quarantined, cases.len() as u64);
    let records = fixture.records();
    assert_eq!(records.len(), cases.len());
    for (record, (item, code)) in records.iter().zip(&cases) {
        assert_eq!((&record["raw"], record["problem"].as_str()), (item, Some(*code)));
        assert_eq!(record.get("message_id"), None);
    }
}

#[tokio::test]
async fn a_field_twice_is_no_event() {
    let fixture = Fixture::new();
    let answer = fixture.post("/v1/track?strict=1", r#"{"userId":"u","event":"A","event":"B"}"#).await;
    assert_eq!(answer.body["items"][0]["code"], "field_twice");
}

#[tokio::test]
async fn numbers_are_ids_and_money_stays_as_it_was_written() {
    let fixture = Fixture::new();
    let body = r#"{"userId":42,"event":"A","properties":{"revenue":1234567890.1200,"big":12345678901234567890123}}"#;
    assert_eq!(fixture.post("/v1/track", body).await.status, 200);
    fixture.collector.close();
    let closed = fixture.collector.log().closed().expect("closed");
    let text = std::fs::read_to_string(&closed[0].path).expect("text");
    assert!(text.contains(r#""user_id":"42""#) && text.contains(r#""amount":1234567890.1200,"#), "{text}");
    assert!(text.contains("12345678901234567890123"), "{text}");
}

#[tokio::test]
async fn a_number_in_a_text_is_copied_as_the_text_it_is() {
    let fixture = Fixture::new();
    let body = r#"{"userId":"u","event":"A","properties":{"revenue":"007.50","duration_ms":"012"}}"#;
    assert_eq!(fixture.post("/v1/track", body).await.status, 200);
    let record = fixture.only();
    assert_eq!((&record["amount"], &record["duration_ms"]), (&json!("007.50"), &json!("012")));
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_stored_once() {
    let fixture = Fixture::new();
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"A","messageId":"m1"},{"type":"track","userId":"u","event":"A","messageId":"m1"}]}"#;
    let first = fixture.post("/v1/batch?strict=1", body).await;
    assert_eq!((&first.body["stored"], &first.body["duplicate"]), (&json!(1), &json!(1)));
    let again = fixture.send("/v1/batch?strict=1", &[("authorization", "Bearer app-key")], body.as_bytes()).await;
    assert_eq!(again.body["stored"], 1, "another source has ids of its own");
    let again = fixture.post("/v1/batch?strict=1", body).await;
    assert_eq!(again.body["duplicate"], 2);
    fixture.clock.forward(21 * 60);
    fixture
        .post("/v1/batch?strict=1", r#"{"batch":[{"type":"track","userId":"u","event":"A","messageId":"m2"}]}"#)
        .await;
    fixture.clock.forward(21 * 60);
    let late = fixture.post("/v1/batch?strict=1", body).await;
    assert_eq!(late.body["stored"], 1, "the window is over");
}

#[tokio::test]
async fn messages_without_an_id_get_one_that_no_other_has() {
    let fixture = Fixture::new();
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"A"},{"type":"track","userId":"u","event":"A"}]}"#;
    fixture.post("/v1/batch", body).await;
    let folder = &fixture.folder;
    fixture.collector.close();
    let again = crate::support::open(
        folder.path(),
        &fixture.clock,
        florin_collector::Settings::default(),
        Box::new(florin_collector::LocalDisk),
    );
    let router = florin_collector::router(std::sync::Arc::new(again));
    let answer =
        crate::support::send(&router, "/v1/batch?strict=1", &[("authorization", "Bearer key")], body.as_bytes()).await;
    assert_eq!(answer.body["stored"], 2);
    drop(router);
    let mut ids: Vec<String> =
        crate::support::records(folder.path()).iter().map(|r| r["message_id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn records_stay_lines_whatever_blanks_a_sender_likes() {
    let fixture = Fixture::new();
    let body = "{\r\n\t\"userId\": \"u\",\n\"event\": \"A\",\n\"properties\": {\n  \"a\": \"line\\nbreak\",\r\n \"b\" : [1,\n2] }\n}";
    assert_eq!(fixture.post("/v1/track", body).await.status, 200);
    assert_eq!(fixture.only()["properties"], json!({"a": "line\nbreak", "b": [1, 2]}));
}
