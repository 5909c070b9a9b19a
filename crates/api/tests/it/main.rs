//! The document is checked in, sound, and says everything.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::{collections::BTreeSet, path::Path};

use florin_api::{Answer, May, Method, Takes, endpoints, openapi};
use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(openapi()).expect("a document")
}

#[test]
fn the_checked_in_document_is_the_one_that_is_made() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let mut made = serde_json::to_string_pretty(&openapi()).expect("a document");
    made.push('\n');
    if std::env::var_os("FLORIN_WRITE").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "openapi.json is not what the types say: FLORIN_WRITE=1 cargo test -p florin-api");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let known: BTreeSet<&str> =
        document["components"]["schemas"].as_object().expect("schemas").keys().map(String::as_str).collect();
    let mut asked = BTreeSet::new();
    references(&document, &mut asked);
    assert!(asked.len() > 50, "only {} references", asked.len());
    for reference in asked {
        let name = reference.strip_prefix("#/components/schemas/").expect("a schema");
        assert!(known.contains(name), "there is no schema `{name}`");
    }
}

fn references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                into.insert(reference.clone());
            }
            fields.values().for_each(|value| references(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, into)),
        _ => {}
    }
}

#[test]
fn every_route_is_there_once_and_says_what_it_does() {
    let (mut ids, mut routes) = (BTreeSet::new(), BTreeSet::new());
    for one in endpoints() {
        assert!(ids.insert(one.id), "`{}` twice", one.id);
        assert!(routes.insert((one.path, one.method)), "{one:?} twice");
        assert!(one.path.starts_with("/v1/") && !one.about.is_empty() && !one.chapter.is_empty(), "{one:?}");
        assert!(one.method != Method::Get || matches!(one.takes, Takes::Nothing), "{one:?} reads and takes a body");
    }
}

#[test]
fn nobody_gets_in_unasked_but_by_signing_in() {
    let open: Vec<&str> = endpoints().into_iter().filter(|one| one.may == May::Anybody).map(|one| one.id).collect();
    assert_eq!(open, ["signIn", "waysIn", "beginOidc", "finishOidc", "passkeyChallenge", "signInWithPasskey"]);
}

#[test]
fn what_hands_out_files_is_asked_by_a_body_and_not_an_address() {
    for one in endpoints().iter().filter(|one| matches!(one.answers, Answer::Bytes(_)) && one.id != "modelCard") {
        assert_eq!(one.method, Method::Post, "{one:?}");
    }
}
