//! The real clients of Segment and PostHog, unchanged, against a collector on loopback.
//!
//! `FLORIN_TEST_PYTHON` names a python with `posthog` and `segment-analytics-python`; `FLORIN_TEST_NODE_MODULES` the folder
//! `node_modules` that has `posthog-node` and `@segment/analytics-node`. Without them these tests are skipped.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{
    crash::{Served, program},
    support::records,
};

/// Runs a client's script against a collector and returns what was stored.
fn stored_by(run: impl FnOnce(u16) -> Command) -> Option<Vec<Value>> {
    let Some(program) = program() else {
        println!(
            "skipped: the example `collect` is not built; `cargo test -p florin-collector --features serve` builds it"
        );
        return None;
    };
    let folder = tempfile::tempdir().expect("scratch");
    let served = Served::start(&program, folder.path(), &[]);
    let done = run(served.port).output().expect("the client's interpreter runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "the client failed: {said}");
    served.end();
    Some(records(folder.path()))
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// The python that has a module.
fn python_with(module: &str) -> Option<OsString> {
    let Some(python) = std::env::var_os("FLORIN_TEST_PYTHON") else {
        println!("skipped: FLORIN_TEST_PYTHON is not set");
        return None;
    };
    let has = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if !has.is_ok_and(|done| done.status.success()) {
        println!("skipped: `{}` has no `{module}`", python.display());
        return None;
    }
    Some(python)
}

fn python(name: &str, module: &str) -> Option<Vec<Value>> {
    let python = python_with(module)?;
    stored_by(|port| {
        let mut command = Command::new(&python);
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script(name)).arg(format!("http://127.0.0.1:{port}"));
        command
    })
}

fn node(name: &str, module: &str) -> Option<Vec<Value>> {
    let Some(modules) = std::env::var_os("FLORIN_TEST_NODE_MODULES").map(PathBuf::from) else {
        println!("skipped: FLORIN_TEST_NODE_MODULES is not set");
        return None;
    };
    if !modules.join(module).is_dir() {
        println!("skipped: `{}` has no `{module}`", modules.display());
        return None;
    }
    stored_by(|port| {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &modules).arg(script(name)).arg(format!("http://127.0.0.1:{port}"));
        command
    })
}

/// What was stored of an event, which is there once.
fn the<'r>(records: &'r [Value], event: &str) -> &'r Value {
    let mut found = records.iter().filter(|record| record["event"] == event);
    let first = found.next().unwrap_or_else(|| panic!("no `{event}` in {records:#?}"));
    assert!(found.next().is_none(), "`{event}` is there twice");
    first
}

#[test]
fn segment_s_python_client_works_unchanged() {
    let Some(records) = python("segment_client.py", "segment.analytics") else { return };
    assert_eq!(records.len(), 256);
    let bought = the(&records, "Fund Bought");
    assert_eq!((bought["user_id"].as_str(), bought["amount"].to_string()), (Some("u1"), "2500.5".to_owned()));
    assert_eq!(bought["protocol"], "segment");
    assert!(bought["library"].as_str().is_some_and(|library| library.starts_with("analytics-python/")), "{bought}");
    assert_eq!(the(&records, "identify")["traits"]["plan"], "gold");
    assert_eq!(the(&records, "page")["name"], "Funds");
    assert_eq!(the(&records, "group")["group_id"], "branch-7");
    assert_eq!(the(&records, "alias")["previous_id"], "v1");
    let numbered =
        records.iter().filter(|record| record["event"].as_str().is_some_and(|name| name.starts_with("Numbered")));
    assert_eq!(numbered.count(), 250);
}

#[test]
fn segment_s_node_client_works_unchanged() {
    let Some(records) = node("segment_client.cjs", "@segment/analytics-node") else { return };
    assert_eq!(records.len(), 105);
    assert!(the(&records, "Fund Bought")["library"].as_str().is_some_and(|library| library.contains("analytics-node")));
    assert_eq!(the(&records, "identify")["user_id"], "u1");
    assert_eq!(the(&records, "group")["group_id"], "branch-7");
}

#[test]
fn posthog_s_python_client_works_unchanged_in_both_of_its_protocols() {
    let Some(records) = python("posthog_client.py", "posthog") else { return };
    for protocol in ["v0", "v1"] {
        let bought = the(&records, &format!("fund bought {protocol}"));
        assert_eq!((bought["user_id"].as_str(), bought["protocol"].as_str()), (Some("u1"), Some("posthog")));
        assert!(bought["library"].as_str().is_some_and(|library| library.starts_with("posthog-python")), "{bought}");
        assert_eq!(bought["properties"]["fund"], "F100");
        let numbered = records.iter().filter(|r| r["event"] == format!("numbered {protocol}")).count();
        assert_eq!(numbered, 250);
    }
    assert!(records.iter().any(|record| record["kind"] == "alias" && record["previous_id"] == "v1"));
    assert!(records.iter().any(|record| record["kind"] == "group" && record["group_id"] == "branch:b7"));
}

#[test]
fn posthog_s_node_client_works_unchanged_in_both_of_its_protocols() {
    let Some(records) = node("posthog_client.cjs", "posthog-node") else { return };
    for protocol in ["v0", "v1"] {
        let bought = the(&records, &format!("fund bought {protocol}"));
        assert_eq!(bought["user_id"], "u1");
        assert!(bought["library"].as_str().is_some_and(|library| library.starts_with("posthog-node")), "{bought}");
        assert_eq!(records.iter().filter(|r| r["event"] == format!("numbered {protocol}")).count(), 100);
    }
}

#[test]
fn clients_lose_and_double_nothing_when_the_collector_is_killed_and_comes_back() {
    let Some(python) = python_with("segment.analytics").filter(|_| python_with("posthog").is_some()) else { return };
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().expect("scratch");
    let mut served = Served::start(&program, folder.path(), &[]);
    let port = served.port.to_string();
    let mut command = Command::new(&python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script("paced_clients.py")).arg(format!("http://127.0.0.1:{port}"));
    let client = command.stderr(Stdio::piped()).spawn().expect("the client's interpreter runs");
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(1_200));
        served.process.kill().expect("SIGKILL");
        served.process.wait().expect("it is gone");
        std::thread::sleep(Duration::from_millis(200));
        served = Served::start(&program, folder.path(), &["--port", &port]);
    }
    let done = client.wait_with_output().expect("it ends");
    assert!(done.status.success(), "the client gave up: {}", String::from_utf8_lossy(&done.stderr));
    served.end();
    let mut names: Vec<String> =
        records(folder.path()).iter().map(|record| record["event"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    let mut wanted: Vec<String> = (0..300).flat_map(|n| [format!("segment {n}"), format!("posthog {n}")]).collect();
    wanted.sort();
    assert_eq!(names, wanted);
}
