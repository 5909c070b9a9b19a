//! Whatever is sent: no panic, exactly one outcome for each event, and records that are JSON lines.

use std::sync::OnceLock;

use florin_collector::Counts;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::Fixture;

const PATHS: [&str; 6] = ["/v1/track", "/v1/batch", "/v1/alias", "/batch/", "/e/", "/i/v1/analytics/events"];

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2026-11-23T07:00:00Z")),
        Just(json!("")),
        Just(json!("007")),
        Just(json!("a\nb\u{0}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Mostly names that mean something.
fn name() -> impl Strategy<Value = String> {
    const NAMES: [&str; 26] = [
        "type",
        "event",
        "userId",
        "anonymousId",
        "messageId",
        "timestamp",
        "context",
        "properties",
        "traits",
        "groupId",
        "previousId",
        "sentAt",
        "name",
        "consent",
        "categoryPreferences",
        "Analytics",
        "distinct_id",
        "uuid",
        "offset",
        "options",
        "alias",
        "batch",
        "$is_identified",
        "revenue",
        "library",
        "device",
    ];
    prop_oneof![4 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn item() -> impl Strategy<Value = Value> {
    let fields = proptest::collection::vec((name(), value()), 0..8);
    let good = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "track", "userId": "u", "event": "A"})),
        Just(json!({"event": "A", "distinct_id": "u"})),
    ];
    let object = (good, fields).prop_map(|(good, fields)| {
        let mut all: Map<String, Value> = good.as_object().cloned().unwrap_or_default();
        all.extend(fields);
        Value::Object(all)
    });
    prop_oneof![6 => object, 1 => value()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_event_of_a_batch_has_exactly_one_outcome(items in proptest::collection::vec(item(), 0..6), path in 0usize..PATHS.len(), strict in any::<bool>()) {
        let path = PATHS[path];
        let query = if strict { "?strict=1" } else { "" };
        let single = path == "/v1/track" || path == "/v1/alias";
        let body = if single { items.first().cloned().unwrap_or(Value::Null) } else { json!({"batch": items}) };
        let (answer, figures, records) = runtime().block_on(async {
            let fixture = Fixture::new();
            let answer = fixture.send(&format!("{path}{query}"), &[("authorization", "Bearer key")], body.to_string().as_bytes()).await;
            let figures = fixture.collector.figures();
            (answer, figures, fixture.records())
        });
        prop_assert!([200, 207, 400].contains(&answer.status), "{}", answer.status);
        let Counts { received, stored, quarantined, .. } = figures.events;
        prop_assert!(figures.events.balanced());
        if answer.status != 400 {
            prop_assert_eq!(received, if single { 1 } else { items.len() as u64 });
        }
        prop_assert_eq!(records.len() as u64, stored + quarantined);
        if strict && answer.status != 400 && path != "/i/v1/analytics/events" {
            prop_assert_eq!(answer.body["items"].as_array().map(Vec::len), Some(received as usize));
        }
        for record in &records {
            let told = if record.get("problem").is_some() { "raw" } else { "message_id" };
            prop_assert!(record.get(told).is_some(), "{record}");
        }
    }

    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), path in 0usize..PATHS.len(), encoding in 0usize..4) {
        let headers = [("authorization", "Bearer key"), ("content-encoding", ["", "gzip", "deflate", "identity"][encoding])];
        let status = runtime().block_on(async { Fixture::new().send(PATHS[path], &headers, &body).await.status });
        prop_assert!((400..500).contains(&status) || status == 200, "{status}");
    }

    #[test]
    fn a_body_that_is_changed_a_little_is_still_answered(at in any::<prop::sample::Index>(), with in any::<u8>(), path in 0usize..PATHS.len()) {
        let good = json!({"batch": [{"type": "track", "userId": "u", "event": "购买", "distinct_id": "u", "properties": {"a": [1, {"b": null}]},
            "timestamp": "2026-11-23T07:00:00Z", "context": {"consent": {"categoryPreferences": {"Analytics": true}}}}]}).to_string();
        let mut body = good.into_bytes();
        let at = at.index(body.len());
        body[at] = with;
        let (status, balanced) = runtime().block_on(async {
            let fixture = Fixture::new();
            let status = fixture.send(PATHS[path], &[("authorization", "Bearer key")], &body).await.status;
            (status, fixture.collector.figures().events.balanced())
        });
        prop_assert!([200, 207, 400].contains(&status) && balanced, "{status}");
    }
}
