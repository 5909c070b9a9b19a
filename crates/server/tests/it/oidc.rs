//! The bank's own sign-on over HTTP: from the button to the session's cookie, at a real issuer.

use serde_json::json;
use url::Url;

use crate::{
    issuer::{Browser, Issuer},
    support::{Bank, Client, write},
};

/// A bank that is served, with a sign-on.
fn bank(more: &str) -> Option<(Bank, Issuer)> {
    let issuer = Issuer::start(&json!({}))?;
    let settings = format!(
        "[serve.oidc]\nname = \"Staff\"\nissuer = \"{}\"\nclient_id = \"florin\"\nclient_secret_file = \"sso-secret\"\n{more}",
        issuer.address
    );
    let mut bank = Bank::with(&settings);
    write(bank.dir.path(), "sso-secret", "a secret: of/the bank\n");
    bank.serve();
    Some((bank, issuer))
}

/// Goes there and comes back; gives back the status and where it is sent then.
fn sign_on(client: &mut Client, next: &str, account: &str) -> (u16, String) {
    let (status, begun) = client.post("/v1/sign-in/oidc", &json!({"next": next}));
    assert_eq!(status, 200, "{begun}");
    let back = Browser::new().sign_on(&Url::parse(begun["url"].as_str().unwrap()).unwrap(), account);
    let (status, _) = client.get(&format!("{}?{}", back.path(), back.query().unwrap()));
    (status, client.header("location"))
}

#[test]
fn whoever_the_sign_on_names_has_the_session_of_any_other() {
    let Some((bank, _issuer)) = bank("") else { return };
    let mut client = Client::of(bank.address());
    assert_eq!(client.get("/v1/sign-in/ways").1, json!({"oidc": "Staff", "passkeys": true}));
    assert_eq!(sign_on(&mut client, "/customers/7?tab=offers", "s-1"), (303, "/customers/7?tab=offers".to_owned()));
    let session = client.last_headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session = session.into_iter().find(|set| set.starts_with("florin_session=")).unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/;"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(client.sign_on.is_none(), "what it kept meanwhile is gone");
    assert_eq!(client.get("/v1/me").1["user"], "ana");
    let entry = bank.audited(20).into_iter().rfind(|entry| entry.kind.name() == "sign_in").unwrap();
    assert_eq!((entry.user.as_str(), &entry.detail["how"]), ("ana", &json!("oidc")));
    assert_eq!(client.post("/v1/sign-out", &json!({})).0, 204);
    assert_eq!(client.get("/v1/me").0, 401);
}

#[test]
fn whoever_is_not_let_in_comes_back_to_the_page_for_signing_in() {
    let Some((bank, _issuer)) = bank("") else { return };
    let mut client = Client::of(bank.address());
    let refused = (303, "/sign-in?refused=wrong_credentials".to_owned());
    assert_eq!(sign_on(&mut client, "/", "s-2"), refused);
    assert!(client.cookie.is_none());
    let (status, _) = client.get("/v1/sign-in/oidc/callback?state=x&code=y&iss=https://evil.example&session_state=1");
    assert_eq!((status, client.header("location")), refused);
    // The cookie of another browser opens nothing.
    let mut other = Client::of(bank.address());
    let (_, begun) = client.post("/v1/sign-in/oidc", &json!({}));
    other.post("/v1/sign-in/oidc", &json!({}));
    let back = Browser::new().sign_on(&Url::parse(begun["url"].as_str().unwrap()).unwrap(), "s-1");
    other.get(&format!("{}?{}", back.path(), back.query().unwrap()));
    assert_eq!(other.header("location"), "/sign-in?refused=wrong_credentials");
    assert!(other.cookie.is_none());
}

#[test]
fn nobody_is_led_off_to_another_site() {
    let Some((bank, _issuer)) = bank("") else { return };
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        assert_eq!(sign_on(&mut Client::of(bank.address()), next, "s-1"), (303, "/".to_owned()), "{next}");
    }
}

#[test]
fn users_are_made_with_the_roles_that_the_settings_give_their_groups() {
    let more = "unknown_users = \"make\"\n[serve.oidc.roles]\neverybody = [\"service_agent\"]";
    let Some((bank, _issuer)) = bank(more) else { return };
    let mut client = Client::of(bank.address());
    assert_eq!(sign_on(&mut client, "/", "s-2").0, 303);
    let me = client.get("/v1/me").1;
    assert_eq!((&me["user"], &me["name"], &me["roles"]), (&json!("zoe"), &json!("Zoe"), &json!(["service_agent"])));
}

#[test]
fn a_sign_on_that_is_away_is_said_so_and_why_to_the_log_alone() {
    let Some((bank, issuer)) = bank("") else { return };
    drop(issuer);
    let (status, said) = Client::of(bank.address()).post("/v1/sign-in/oidc", &json!({}));
    assert_eq!((status, said["code"].as_str()), (502, Some("sign_on")));
    let line = bank.log.lock().unwrap().last().unwrap().clone();
    assert!(line["inside"].as_str().unwrap().contains("refused"), "{line}");
    assert!(!said["detail"].as_str().unwrap().contains("refused"));
}

#[test]
fn settings_that_cannot_be_are_said_at_the_start() {
    let of = |more: &str| format!("[serve.oidc]\nissuer = \"http://sso.bank.example\"\nclient_id = \"florin\"\n{more}");
    for (settings, expected) in [
        (of(""), "cannot be an issuer"),
        (of("client_secret = \"x\"\nclient_secret_file = \"y\""), "leave one"),
        (of("client_secret_file = \"none\""), "cannot be read"),
        (of("certificates = \"none\""), "cannot be read"),
    ] {
        let error = Bank::with(&settings).try_serve().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
