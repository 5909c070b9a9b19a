//! Passkeys over HTTP. What a device signs is in the tests of `access`, and with a real one in `browser.rs`.

use florin_api as api;
use serde_json::json;

use crate::support::{Bank, Client};

#[test]
fn a_browser_is_told_what_it_needs() {
    let bank = Bank::served();
    let mut stranger = Client::of(bank.address());
    assert_eq!(stranger.get("/v1/sign-in/ways").1, json!({"passkeys": true}));
    let (status, told) = stranger.post("/v1/sign-in/passkey/challenge", &json!({}));
    let challenge: api::PasskeyChallenge = serde_json::from_value(told).unwrap();
    assert_eq!((status, challenge.rp_id.as_str(), challenge.challenge.len()), (200, "localhost", 43));
    let mut ana = bank.client("ana");
    let (status, told) = ana.post("/v1/me/passkeys/begin", &json!({}));
    let begun: api::PasskeyCreation = serde_json::from_value(told).unwrap();
    assert_eq!((status, begun.user.as_str(), begun.rp_id.as_str()), (200, "ana", "localhost"));
    assert_eq!((begun.bank.as_str(), begun.algorithms), ("A bank for tests", vec![-7, -8, -257]));
    assert_eq!(ana.get("/v1/me/passkeys").1, json!([]));
}

#[test]
fn an_answer_that_proves_nothing_opens_nothing_whatever_it_is() {
    let bank = Bank::served();
    let mut stranger = Client::of(bank.address());
    let answer = |id: &str| json!({"id": id, "user_handle": "eA", "client_data": "e30", "authenticator_data": "eA", "signature": "eA"});
    let (status, said) = stranger.post("/v1/sign-in/passkey", &answer("bm9uZQ"));
    assert_eq!((status, said["code"].as_str()), (401, Some("wrong_credentials")));
    let failed = bank.audited(20).into_iter().rfind(|entry| entry.kind.name() == "sign_in_failed").unwrap();
    assert_eq!(failed.detail["how"], "passkey");
    let (status, said) = stranger.post("/v1/sign-in/passkey", &answer("not base64!"));
    assert_eq!((status, said["code"].as_str()), (400, Some("invalid")));
    assert!(stranger.cookie.is_none());
}

#[test]
fn passkeys_are_made_and_removed_soon_after_signing_in_alone() {
    let bank = Bank::served();
    let mut ana = bank.client("ana");
    bank.pass(11 * 60);
    for (method, path) in [("POST", "/v1/me/passkeys/begin"), ("DELETE", "/v1/me/passkeys/bm9uZQ")] {
        let (status, said) = ana.ask(method, path, None);
        assert_eq!((status, said["code"].as_str()), (403, Some("sign_in_again")), "{path}");
    }
    assert_eq!(ana.ask("PATCH", "/v1/me/passkeys/bm9uZQ", Some(&json!({"name": "k"}))).0, 404);
}
