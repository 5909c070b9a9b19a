//! From a client to a row: what the collector closes is what `florin ingest` reads. `FLORIN_TEST_PROGRAM` names the program;
//! without it, this is skipped.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::Fixture;

fn program() -> Option<PathBuf> {
    std::env::var_os("FLORIN_TEST_PROGRAM").map(PathBuf::from).filter(|program| program.is_file())
}

fn florin(bank: &Path, lake: &Path, log: &Path, words: &[&str]) -> Option<Value> {
    let mut command = Command::new(program()?);
    command.args(words).arg("--json").arg("--bank").arg(bank).arg("--lake").arg(lake).env("FLORIN_EVENT_LOG", log);
    let done = command.output().expect("the program runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words:?}: {said}");
    Some(serde_json::from_slice(&done.stdout).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_example_s_source_loads_what_clients_sent() {
    if program().is_none() {
        println!("skipped: FLORIN_TEST_PROGRAM names no program");
        return;
    }
    let fixture = Fixture::new();
    fixture.clock.set("2024-05-01T00:00:00Z"); // the program has a clock of its own
    let body = r#"{"batch":[
        {"type":"page","anonymousId":"v","messageId":"1","name":"Funds","properties":{"url":"x"}},
        {"type":"track","userId":"u1","anonymousId":"v","messageId":"2","event":"Fund Bought","timestamp":"2024-04-30T00:00:00Z",
         "properties":{"revenue":2500.5,"duration_ms":12,"product_id":"F","session_id":"s","note":"基金"}},
        {"type":"track","userId":"stranger","messageId":"3","event":"Fund Bought"},
        {"type":"track","event":"Nobody Did This"},
        {"type":"track","userId":"u1","messageId":"2","event":"Fund Bought"}]}"#;
    assert_eq!(fixture.post("/v1/batch", body).await.status, 200);
    let posthog = r#"{"api_key":"key","batch":[{"event":"$pageview","distinct_id":"u2","uuid":"4","properties":{"a":{"b":[1]}}}]}"#;
    assert_eq!(fixture.post("/batch/", posthog).await.status, 200);
    fixture.collector.close();

    let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/events");
    let lake = tempfile::tempdir().expect("scratch");
    let run = |words: &[&str]| florin(&bank, lake.path(), fixture.folder.path(), words).expect("set");
    run(&["apply", "--as", "dan"]);
    run(&["ingest", "client", "--as", "dan"]);
    let loaded = run(&["ingest", "web_event", "--as", "dan"]).to_string();
    // Nobody knows `stranger`, whose event has no customer; nobody did the fourth.
    for counts in [r#""read":5"#, r#""stored":4"#, r#""quarantined":1"#] {
        assert!(loaded.contains(counts), "{counts} in {loaded}");
    }
    let asked = run(&[
        "sql",
        "--as",
        "ana",
        "select name, cast(amount as varchar) as amount, duration_ms, session_id, properties from event where customer_id = 1",
    ])
    .to_string();
    for part in ["Fund Bought", "2500.5000", "12", "基金"] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let again = run(&["ingest", "web_event", "--as", "dan"]).to_string();
    assert!(again.contains(r#""read":0"#), "{again}");
}
