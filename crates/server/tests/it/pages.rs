//! What stands beside the API: pages, health, figures, the document.

use serde_json::json;

use crate::support::{Bank, Client};

#[test]
fn pages_bring_nothing_from_elsewhere_and_run_nothing_of_others() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    for path in ["/", "/customers/3?purpose=service"] {
        let (status, page) = client.get(path);
        assert_eq!(status, 200);
        assert!(page.as_str().unwrap().contains("<html"), "{path}");
        let policy = client.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(client.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(client.get("/assets/none.js").0, 404);
    assert_eq!(client.get("/../../etc/passwd").0, 404);
    assert_eq!(client.get("/v1/nothing").1["code"], "unknown");
}

#[test]
fn whoever_watches_a_server_sees_that_it_is_well() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    assert_eq!(client.get("/healthz").0, 200);
    assert_eq!(client.get("/readyz").0, 200);
    bank.client("ana").get("/v1/me");
    let (status, figures) = client.get("/metrics");
    let figures = figures.as_str().unwrap_or_default().to_owned();
    assert_eq!(status, 200);
    assert!(figures.contains("florin_request_seconds_count{route=\"me\",status=\"200\"} 1"), "{figures}");
    assert!(figures.contains("florin_collector_events_stored_total 0"), "{figures}");
    let (_, document) = client.get("/v1/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn a_failure_says_what_to_do_and_nothing_of_what_is_inside() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let (status, said) = ana.post("/v1/sql", &json!({"purpose": "analytics", "sql": "select * from nowhere"}));
    assert_eq!((status, said["code"].as_str()), (400, Some("invalid")), "{said}");
    assert_eq!(ana.header("content-type"), "application/problem+json");
    assert_eq!(said["request_id"].as_str(), Some(ana.header("x-request-id").as_str()));
    let (status, said) = ana.post("/v1/sql", &json!({"purpose": "marketing", "sql": "select 1"}));
    assert_eq!((status, said["code"].as_str()), (403, Some("refused")), "{said}");
    let (status, said) = ana.post("/v1/sql", &json!({"purpose": "analytics", "sql": "drop table event"}));
    assert_eq!(status, 400, "{said}");
    let (status, said) = ana.post("/v1/sql", &json!({"purpose": "analytics", "sq": "x"}));
    assert_eq!((status, said["code"].as_str()), (422, Some("invalid")), "{said}");
    assert!(!said.to_string().contains(&bank.dir.path().display().to_string()));
}

#[test]
fn the_log_tells_of_routes_and_never_of_addresses() {
    let bank = Bank::served();
    let mut sam = bank.client("sam");
    sam.get("/v1/customers/17?purpose=service");
    sam.post("/v1/customers/search", &json!({"purpose": "service", "text": "13800130017"}));
    let log = bank.log.lock().unwrap();
    let told = serde_json::to_string(&*log).unwrap();
    assert!(told.contains("\"route\":\"customer\"") && told.contains("\"user\":\"sam\""), "{told}");
    assert!(!told.contains("/17") && !told.contains("13800130017"), "{told}");
}
