//! Every route, role by role: who gets in at all, and what then happens. The table beside this file is what a reviewer reads.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use florin_api::{May, Method, endpoints};
use serde_json::{Value, json};

use crate::support::{Bank, Client, PASSWORD, USERS};

/// A sound request of each route: its path and its body. Purposes are put in for each role.
fn sample(id: &str, purpose: &str) -> (String, Option<Value>) {
    let p = format!("purpose={purpose}");
    let ask = json!({"purpose": purpose, "journey": {"kind": "funnel", "step": [
        {"name": "in", "where": "name = 'login'"}, {"name": "begins", "where": "name = 'apply_start'"}]}});
    let shelves = json!({"purpose": purpose, "shelves": {"table": "event", "dimensions": [{"field": "name"}], "measures": [{"aggregate": "count"}]}});
    let sql = json!({"purpose": purpose, "sql": "select count(*) as n from event"});
    match id {
        "signIn" => ("/v1/sign-in".into(), Some(json!({"user": "nobody", "password": "x"}))),
        "signOut" | "signOutEverywhere" => (String::new(), None),
        "me" => ("/v1/me".into(), None),
        "changePassword" => ("/v1/me/password".into(), Some(json!({"old": PASSWORD, "new": "short"}))),
        "beginSecondFactor" => ("/v1/me/second-factor".into(), Some(json!({"password": PASSWORD}))),
        "confirmSecondFactor" => ("/v1/me/second-factor/confirm".into(), Some(json!({"code": "000000"}))),
        "removeSecondFactor" => {
            ("/v1/me/second-factor/remove".into(), Some(json!({"password": PASSWORD, "code": "000000"})))
        }
        "waysIn" => ("/v1/sign-in/ways".into(), None),
        "beginOidc" => ("/v1/sign-in/oidc".into(), Some(json!({}))),
        "finishOidc" => ("/v1/sign-in/oidc/callback?code=x".into(), None),
        "passkeyChallenge" => ("/v1/sign-in/passkey/challenge".into(), None),
        "signInWithPasskey" => ("/v1/sign-in/passkey".into(), Some(passkey_answer())),
        "passkeys" => ("/v1/me/passkeys".into(), None),
        "beginPasskey" => ("/v1/me/passkeys/begin".into(), None),
        "addPasskey" => {
            ("/v1/me/passkeys".into(), Some(json!({"name": "k", "client_data": "e30", "attestation": "oA"})))
        }
        "renamePasskey" => ("/v1/me/passkeys/bm9uZQ".into(), Some(json!({"name": "k"}))),
        "removePasskey" => ("/v1/me/passkeys/bm9uZQ".into(), None),
        "users" => ("/v1/users".into(), None),
        "addUser" => ("/v1/users".into(), Some(json!({"user": "admin2", "name": "twice", "roles": []}))),
        "changeUser" => ("/v1/users/nobody".into(), Some(json!({"name": "x"}))),
        "resetPassword" => ("/v1/users/nobody/password".into(), None),
        "keys" => ("/v1/me/keys".into(), None),
        "addKey" => ("/v1/me/keys".into(), Some(json!({"name": "k", "scopes": ["query"], "roles": [], "days": 1}))),
        "revokeKey" => ("/v1/me/keys/none".into(), None),
        "home" => (format!("/v1/home?{p}"), None),
        "searchCustomers" => ("/v1/customers/search".into(), Some(json!({"purpose": purpose, "text": "13800130007"}))),
        "customer" => (format!("/v1/customers/7?{p}"), None),
        "timeline" => (format!("/v1/customers/7/timeline?{p}"), None),
        "unmask" => ("/v1/customers/7/unmask".into(), Some(json!({"purpose": purpose, "reason": "they called"}))),
        "person" => ("/v1/customers/7/person".into(), None),
        "undoIdentity" => ("/v1/identity/0/undo".into(), Some(json!({"customers": [7], "reason": "wrong"}))),
        "explainScore" => (format!("/v1/customers/7/scores/none?{p}"), None),
        "offersNow" => (format!("/v1/customers/7/offers?{p}"), None),
        "segments" => (format!("/v1/segments?{p}"), None),
        "segment" => (format!("/v1/segments/gave_up?{p}"), None),
        "previewSegment" => {
            ("/v1/segments/preview".into(), Some(json!({"purpose": purpose, "where": {"did": "login"}})))
        }
        "members" => (format!("/v1/segment-members?{p}&expression=gave_up"), None),
        "exportSegment" => (
            "/v1/segment-export".into(),
            Some(json!({"purpose": purpose, "expression": "gave_up", "traits": ["logins"], "format": "csv"})),
        ),
        "journeys" => ("/v1/journeys".into(), None),
        "askJourney" => ("/v1/journeys/ask".into(), Some(ask)),
        "behindJourney" => {
            ("/v1/journeys/behind".into(), Some(json!({"ask": ask, "cell": {"of": "funnel", "step": 2}})))
        }
        "explore" => ("/v1/explore".into(), Some(shelves)),
        "behindGroup" => ("/v1/explore/behind".into(), Some(json!({"ask": shelves, "values": ["login"]}))),
        "exportShelves" => ("/v1/explore/export".into(), Some(json!({"ask": shelves, "format": "csv"}))),
        "dashboards" => ("/v1/dashboards".into(), None),
        "dashboard" => ("/v1/dashboards/none".into(), None),
        "writeDashboard" => ("/v1/dashboards/none".into(), Some(json!({"title": "x", "body": {}, "version": 9}))),
        "removeDashboard" => ("/v1/dashboards/none".into(), None),
        "sql" => ("/v1/sql".into(), Some(sql)),
        "exportSql" => (
            "/v1/sql/export".into(),
            Some(json!({"purpose": purpose, "sql": "select name from event limit 3", "format": "parquet"})),
        ),
        "sqlLineage" => ("/v1/sql/lineage".into(), Some(sql)),
        "catalogue" => (format!("/v1/catalogue?{p}"), None),
        "values" => (format!("/v1/catalogue/values?{p}&table=event&column=name"), None),
        "sources" => ("/v1/sources".into(), None),
        "loads" => ("/v1/loads?limit=5".into(), None),
        "quality" => ("/v1/quality".into(), None),
        "quarantine" => ("/v1/quarantine".into(), None),
        "quarantinedRecords" => ("/v1/quarantine/records?raw=true".into(), None),
        "lineage" => ("/v1/lineage".into(), None),
        "collecting" => ("/v1/collecting".into(), None),
        "models" => ("/v1/models".into(), None),
        "model" => ("/v1/models/none/versions/1".into(), None),
        "modelCard" => ("/v1/models/none/versions/1/card".into(), None),
        "actOnModel" => ("/v1/models/none/versions/1/acts".into(), Some(json!({"act": "approve"}))),
        "offers" => ("/v1/offers".into(), None),
        "audit" => ("/v1/audit?limit=5".into(), None),
        "verifyAudit" => ("/v1/audit/verify".into(), None),
        "consent" => ("/v1/consent".into(), None),
        "policies" => ("/v1/policies".into(), None),
        "jobs" => ("/v1/jobs".into(), None),
        // Of a kind that there is not: nothing is begun by looking who may.
        "beginJob" => ("/v1/jobs".into(), Some(json!({"kind": "nothing"}))),
        "job" => ("/v1/jobs/none".into(), None),
        "cancelJob" => ("/v1/jobs/none".into(), None),
        "jobEvents" => ("/v1/jobs/none/events".into(), None),
        "definitions" => ("/v1/definitions?kind=journey".into(), None),
        "writeDefinition" => {
            ("/v1/definitions/journey/none".into(), Some(json!({"text": "kind = \"rhythm\"", "plan": true})))
        }
        other => panic!("no sample of `{other}`: add one"),
    }
}

/// Of a passkey that there is not.
fn passkey_answer() -> Value {
    json!({"id": "bm9uZQ", "user_handle": "eA", "client_data": "e30", "authenticator_data": "eA", "signature": "eA"})
}

/// The purpose that a role asks for when it may.
fn purpose(user: &str) -> &'static str {
    match user {
        "mia" => "marketing",
        "rolf" => "risk",
        "sam" => "service",
        "cora" => "compliance",
        "dan" => "service",
        _ => "analytics",
    }
}

#[test]
fn every_route_is_mounted() {
    let mounted: BTreeSet<&str> = florin_server::mounted().into_iter().collect();
    let promised: BTreeSet<&str> = endpoints().iter().map(|one| one.id).collect();
    assert_eq!(mounted, promised);
}

#[test]
fn nobody_gets_in_who_has_not_signed_in() {
    let bank = Bank::served();
    let mut stranger = Client::of(bank.address());
    for one in endpoints().iter().filter(|one| one.may != May::Anybody) {
        let (path, body) = sample(one.id, "analytics");
        let path = if path.is_empty() { one.path.to_owned() } else { path };
        let (status, said) = stranger.ask(one.method.name(), &path, body.as_ref());
        assert_eq!((status, said["code"].as_str()), (401, Some("signed_out")), "{}: {said}", one.id);
    }
}

#[test]
fn every_route_answers_each_role_as_the_table_says() {
    let bank = Bank::served();
    let mut clients: Vec<(&str, Client)> = USERS.iter().map(|(user, _)| (*user, bank.client(user))).collect();
    let mut table = String::from(
        "# What each route answers each role: 200 and 204 done, 403 refused, 404 nothing of that name, 400, 409 and 422 not sound.\n",
    );
    let heading: Vec<String> = USERS.iter().map(|(_, roles)| format!("{:>19}", roles[0].name())).collect();
    let _ = writeln!(table, "{:22}{}", "route", heading.join(""));
    for one in endpoints()
        .iter()
        .filter(|one| !["signIn", "signInWithPasskey", "signOut", "signOutEverywhere"].contains(&one.id))
    {
        let mut row = format!("{:22}", one.id);
        for (user, client) in &mut clients {
            let (path, body) = sample(one.id, purpose(user));
            let (status, _) = client.bytes(one.method.name(), &path, body.as_ref());
            assert!(status < 500, "{} as {user}: {status}", one.id);
            let _ = write!(row, "{status:>19}");
        }
        let _ = writeln!(table, "{row}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/authorisation.txt");
    if std::env::var_os("FLORIN_WRITE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == table, "who may do what has changed; look at it, then FLORIN_WRITE=1:\n{table}");
}

#[test]
fn only_administrators_administer() {
    let bank = Bank::served();
    for (user, roles) in USERS.iter().filter(|(_, roles)| roles[0] != florin_domain::Role::Administrator) {
        let mut client = bank.client(user);
        for one in endpoints().iter().filter(|one| one.may == May::Administrator) {
            let (path, body) = sample(one.id, "analytics");
            let (status, said) = client.ask(one.method.name(), &path, body.as_ref());
            assert_eq!(status, 403, "{} as {roles:?}: {said}", one.id);
        }
    }
    assert!(endpoints().iter().any(|one| one.may == May::Administrator && one.method == Method::Patch));
}
