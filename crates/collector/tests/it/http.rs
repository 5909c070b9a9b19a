//! Requests: keys, encodings, limits and what senders are told.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
use florin_collector::Settings;
use serde_json::json;

use crate::support::Fixture;

const EVENT: &str = r#"{"userId":"u","event":"A"}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn a_write_key_is_taken_from_wherever_clients_put_it() {
    let fixture = Fixture::new();
    let with_key = r#"{"userId":"u","event":"A","writeKey":"app-key"}"#;
    assert_eq!(fixture.send("/v1/track", &[("authorization", "Basic a2V5Og==")], EVENT.as_bytes()).await.status, 200);
    assert_eq!(fixture.send("/v1/track", &[("authorization", "Bearer key")], EVENT.as_bytes()).await.status, 200);
    assert_eq!(fixture.send("/v1/track", &[], with_key.as_bytes()).await.status, 200);
    let records = fixture.records();
    assert_eq!(
        records.iter().map(|r| r["source"].as_str()).collect::<Vec<_>>(),
        [Some("web"), Some("web"), Some("bank_app")]
    );
    assert_eq!(records[2]["channel"], "app");
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_taken() {
    let fixture = Fixture::new();
    let wrong = [("authorization", "Bearer no")];
    for (headers, body) in
        [(&[][..], EVENT), (&wrong[..], EVENT), (&[][..], r#"{"userId":"u","event":"A","writeKey":"no"}"#)]
    {
        let answer = fixture.send("/v1/track", headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (401, Some("unknown_write_key")));
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    assert_eq!(fixture.collector.figures().requests_wrong, 3);
    assert!(fixture.records().is_empty());
}

#[tokio::test]
async fn compressed_bodies_and_forms_are_read() {
    let fixture = Fixture::new();
    let key = ("authorization", "Bearer key");
    let gz = gzip(EVENT);
    assert_eq!(fixture.send("/v1/track", &[key, ("content-encoding", "gzip")], &gz).await.status, 200);
    let batch = r#"{"api_key":"key","batch":[{"event":"e","distinct_id":"u"}]}"#;
    assert_eq!(
        fixture.send("/e/?compression=gzip-js", &[("content-type", "text/plain")], &gzip(batch)).await.status,
        200
    );
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(batch.as_bytes()).expect("memory");
    assert_eq!(
        fixture.send("/batch/", &[("content-encoding", "deflate")], &zlib.finish().expect("memory")).await.status,
        200
    );
    let form = format!("data={}&compression=base64", STANDARD.encode(batch).replace('=', "%3D"));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(send_form(&fixture, &form, &headers).await, 200);
    assert_eq!(fixture.records().len(), 4);
}

async fn send_form(fixture: &Fixture, form: &str, _: &[(&str, &str)]) -> u16 {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let request = Request::post("/e/").header("content-type", "application/x-www-form-urlencoded");
    let answer = fixture.router.clone().oneshot(request.body(Body::from(form.to_owned())).expect("a request")).await;
    answer.expect("routers do not fail").status().as_u16()
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_what_to_do() {
    let fixture = Fixture::new();
    let padding = "x".repeat(500 * 1024);
    let large = format!(r#"{{"batch":[],"padding":"{padding}"}}"#);
    let key = ("authorization", "Bearer key");
    let answer = fixture.send("/v1/batch", &[key], large.as_bytes()).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (413, Some("body_too_large")));
    assert_eq!(answer.body["detail"], "the body has more than 512000 bytes; send fewer events at once");
    let bomb = gzip(&large);
    assert!(bomb.len() < 10_000);
    assert_eq!(fixture.send("/v1/batch", &[key, ("content-encoding", "gzip")], &bomb).await.status, 413);
    let many = format!(r#"{{"batch":[{}]}}"#, vec!["1"; 2_501].join(","));
    let answer = fixture.send("/v1/batch", &[key], many.as_bytes()).await;
    assert_eq!(
        (answer.status, answer.body["message"].as_str()),
        (413, Some("the batch has 2501 events; send at most 2500 at once"))
    );
    assert!(fixture.records().is_empty());
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_what_to_do() {
    let fixture = Fixture::new();
    let key = ("authorization", "Bearer key");
    for (path, body, what) in [
        ("/v1/batch", &b"{"[..], "the body is no JSON: EOF while parsing an object at line 1 column 1"),
        ("/v1/batch", b"{}", "the body is not a JSON object with `batch`, an array of events"),
        ("/v1/batch", b"[]", "the body is not a JSON object with `batch`, an array of events"),
        ("/v1/batch", br#"{"batch":{}}"#, "the body is not a JSON object with `batch`, an array of events"),
        ("/v1/batch", br#"{"batch":[],"sentAt":"x"}"#, "`sentAt` is no time; write it like 2026-11-23T08:30:00.000Z"),
        (
            "/v1/batch",
            br#"{"batch":[{}],"batch":[]}"#,
            "the body is not a JSON object with `batch`, an array of events",
        ),
        ("/v1/track", b"\xff\xfe", "the body is not UTF-8"),
        ("/v1/track", b"\"text\"", "the body is not one event, a JSON object"),
        (
            "/batch/",
            b"1",
            "the body is not a JSON object with `event` or with `batch`, an array of events, nor such an array",
        ),
    ] {
        let answer = fixture.send(path, &[key], body).await;
        assert_eq!((answer.status, answer.body["detail"].as_str()), (400, Some(what)));
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let answer = fixture.send("/v1/track", &[key, ("content-encoding", "gzip")], EVENT.as_bytes()).await;
    assert_eq!(answer.status, 400);
    let answer = fixture.send("/v1/track", &[key, ("content-encoding", "br")], EVENT.as_bytes()).await;
    assert_eq!(answer.status, 415);
    let answer = fixture.send("/v1/nothing", &[key], EVENT.as_bytes()).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn bodies_share_their_room_and_give_it_back() {
    let mut settings = Settings::default();
    settings.limits.bytes_in_flight_max = 40;
    let fixture = Fixture::with(settings);
    let answer = fixture.post("/v1/track", &format!(r#"{{"userId":"u","event":"A","x":"{}"}}"#, "x".repeat(50))).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (429, Some("busy")));
    assert_eq!(answer.headers["retry-after"], "1");
    for _ in 0..5 {
        assert_eq!(fixture.post("/v1/track", EVENT).await.status, 200);
    }
    assert_eq!(fixture.collector.figures().requests_shed, 1);
}

#[tokio::test]
async fn only_pages_that_a_setting_names_may_post() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let fixture = Fixture::with(Settings { origins: vec!["https://bank.example".to_owned()], ..Settings::default() });
    for (origin, allowed) in [("https://bank.example", true), ("https://evil.example", false)] {
        let request = Request::options("/v1/t").header("origin", origin).body(Body::empty()).expect("a request");
        let answer = fixture.router.clone().oneshot(request).await.expect("routers do not fail");
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), allowed);
        assert_eq!(answer.headers().contains_key("access-control-allow-methods"), allowed);
        let answer =
            fixture.send("/v1/t", &[("origin", origin), ("authorization", "Bearer key")], EVENT.as_bytes()).await;
        assert_eq!(answer.headers.contains_key("access-control-allow-origin"), allowed);
    }
}

#[tokio::test]
async fn figures_say_what_became_of_everything() {
    let fixture = Fixture::new();
    let body = json!({"batch": [{"type": "track", "userId": "u", "event": "A", "messageId": "1"}, {"type": "track", "userId": "u", "event": "A", "messageId": "1"}, 1]});
    fixture.post("/v1/batch", &body.to_string()).await;
    fixture.post("/v1/batch", "no").await;
    let figures = fixture.collector.figures();
    assert!(figures.events.balanced());
    let named = figures.named();
    let value = |name: &str| named.iter().find(|(found, _)| *found == name).map(|(_, value)| *value);
    assert_eq!(value("florin_collector_events_received_total"), Some(3));
    assert_eq!(value("florin_collector_events_stored_total"), Some(1));
    assert_eq!(value("florin_collector_events_duplicate_total"), Some(1));
    assert_eq!(value("florin_collector_events_quarantined_total"), Some(1));
    assert_eq!(value("florin_collector_requests_taken_total"), Some(1));
    assert_eq!(value("florin_collector_requests_wrong_total"), Some(1));
    assert_eq!(value("florin_collector_log_groups_total"), Some(1));
}

#[tokio::test]
async fn deep_nesting_takes_no_stack() {
    let fixture = Fixture::new();
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let event = format!(r#"{{"userId":"u","event":"A","properties":{{"a":{}}}}}"#, deep(10_000));
    assert_eq!(fixture.post("/v1/track?strict=1", &event).await.body["stored"], 1);
    let batch = format!(r#"{{"batch":[{}]}}"#, deep(200_000));
    assert_eq!(fixture.post("/v1/batch?strict=1", &batch).await.body["items"][0]["outcome"], "rejected");
    assert_eq!(fixture.send("/batch/", &[], deep(1_000_000).as_bytes()).await.status, 401);
}
