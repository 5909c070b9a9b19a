//! Signing in and out, and what a session may not be made to do.

use serde_json::json;

use crate::support::{Bank, Client, PASSWORD};

#[test]
fn a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    assert_eq!(client.get("/v1/me").0, 401);
    let wrong = client.post("/v1/sign-in", &json!({"user": "ana", "password": "wrong horse battery"}));
    assert_eq!((wrong.0, wrong.1["code"].as_str()), (401, Some("wrong_credentials")));
    let (status, me) = client.post("/v1/sign-in", &json!({"user": "ana", "password": PASSWORD}));
    assert_eq!(status, 200, "{me}");
    let cookie = client.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!((me["user"].as_str(), me["purposes"].clone()), (Some("ana"), json!(["analytics"])));
    assert_eq!(client.get("/v1/me").1, me);
    assert_eq!(client.post("/v1/sign-out", &json!({})).0, 204);
    assert_eq!(client.get("/v1/me").0, 401);
}

#[test]
fn pages_of_other_origins_change_nothing() {
    let bank = Bank::served();
    let mut client = bank.client("dan");
    client.change_header = false;
    let (status, said) = client.post("/v1/jobs", &json!({"kind": "run"}));
    assert_eq!((status, said["code"].as_str()), (403, Some("refused")));
    assert_eq!(client.get("/v1/jobs").1, json!([]));
}

#[test]
fn a_one_time_password_opens_nothing_but_its_own_change() {
    let bank = Bank::served();
    let mut admin = bank.client("admin2");
    let (status, made) = admin.post("/v1/users", &json!({"user": "new.one", "name": "New", "roles": ["analyst"]}));
    assert_eq!(status, 200, "{made}");
    let password = made["password"].as_str().unwrap();
    let mut client = Client::of(bank.address());
    let (status, said) = client.post("/v1/sign-in", &json!({"user": "new.one", "password": password}));
    assert_eq!((status, said["code"].as_str()), (403, Some("must_change_password")));
    assert!(client.cookie.is_none());
    let asked = json!({"user": "new.one", "password": password, "new_password": "a much better one"});
    assert_eq!(client.post("/v1/sign-in", &asked).0, 200);
    assert_eq!(client.get("/v1/me").1["name"], "New");
    let gone = admin.ask("PATCH", "/v1/users/new.one", Some(&json!({"enabled": false})));
    assert_eq!(gone.0, 200, "{}", gone.1);
    assert_eq!(client.get("/v1/me").0, 401, "who is let in no longer is out at once");
}

#[test]
fn a_key_does_what_it_is_for() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    let asked = json!({"name": "notebook", "scopes": ["query"], "roles": ["analyst"], "days": 30});
    let (status, made) = ana.post("/v1/me/keys", &asked);
    assert_eq!(status, 200, "{made}");
    let mut machine = Client::of(bank.address());
    machine.key = made["secret"].as_str().map(str::to_owned);
    machine.change_header = false;
    let question = json!({"purpose": "analytics", "sql": "select count(*) as n from customer"});
    let (status, rows) = machine.post("/v1/sql", &question);
    assert_eq!((status, rows["rows"].clone()), (200, json!([[40]])), "{rows}");
    assert_eq!(machine.post("/v1/jobs", &json!({"kind": "run"})).0, 403, "it may only ask");
    let id = made["key"]["id"].as_str().unwrap();
    assert_eq!(ana.ask("DELETE", &format!("/v1/me/keys/{id}"), None).0, 204);
    assert_eq!(machine.post("/v1/sql", &question).0, 401);
    let asked = json!({"name": "nightly", "scopes": ["write"], "roles": ["analyst"], "days": 30});
    machine.key = ana.post("/v1/me/keys", &asked).1["secret"].as_str().map(str::to_owned);
    assert_eq!(machine.post("/v1/jobs", &json!({"kind": "run"})).0, 200);
    assert_eq!(machine.post("/v1/sql", &question).0, 200, "whoever may change things may look at them");
    let mut administrator = bank.client("admin2");
    let asked = json!({"name": "directory", "scopes": ["admin"], "roles": ["administrator"], "days": 30});
    assert_eq!(machine.get("/v1/users").0, 403);
    machine.key = administrator.post("/v1/me/keys", &asked).1["secret"].as_str().map(str::to_owned);
    assert_eq!(machine.get("/v1/users").0, 200);
    assert_eq!(machine.post("/v1/jobs", &json!({"kind": "run"})).0, 403, "it is for users alone");
}

#[test]
fn guessing_is_slowed_down_and_on_record() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    let mut guess = || client.post("/v1/sign-in", &json!({"user": "sam", "password": "wrong horse battery"})).0;
    let statuses: Vec<u16> = (0..7).map(|_| guess()).collect();
    assert_eq!(&statuses[..5], [401; 5]);
    assert_eq!(statuses[6], 429);
    let failed = bank.audited(50).iter().filter(|entry| entry.kind.name() == "sign_in_failed").count();
    assert_eq!(failed, 5);
}
