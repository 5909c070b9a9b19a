//! The bank's own sign-on, at a real issuer.

use std::sync::Arc;

use async_trait::async_trait;
use florin_access::{
    Access, AccessError, Authority, OidcAnswer, OidcBegun, OidcSettings, OidcSignedIn, Result, UserChange,
    oidc::{Ask, FLOW_HOLDS, KEYS_AGAIN_AFTER, Told, Unknown, Unreachable, Web},
};
use florin_domain::Role;
use serde_json::{Value, json};
use url::Url;

use crate::{
    issuer::{Browser, Issuer, REDIRECT},
    support::{ANAS, Bank, HOME, operator, sign_in},
};

fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        issuer: issuer.to_owned(),
        client_id: "florin".to_owned(),
        client_secret: Some("a secret: of/the bank".into()),
        scopes: vec!["profile".to_owned(), "email".to_owned()],
        redirect_uri: Url::parse(REDIRECT).unwrap(),
        name_claim: "preferred_username".to_owned(),
        roles_claim: "groups".to_owned(),
        roles: [("florin-analysts".to_owned(), vec![Role::Analyst])].into(),
        roles_follow: false,
        unknown: Unknown::Refuse,
    }
}

/// Asks the issuer over HTTP.
struct Http;

#[async_trait]
impl Web for Http {
    async fn ask(&self, ask: Ask) -> Result<Told, Unreachable> {
        tokio::task::spawn_blocking(move || {
            let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
            let method = if ask.form.is_some() { "POST" } else { "GET" };
            let mut request = ureq::http::Request::builder().method(method).uri(ask.url.as_str());
            if let Some(authorization) = &ask.authorization {
                request = request.header("authorization", authorization.expose());
            }
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let body = ask.form.as_ref().map_or("", |form| form.expose()).to_owned();
            let mut answer = agent.run(request.body(body).unwrap()).map_err(|e| Unreachable(e.to_string()))?;
            Ok(Told { status: answer.status().as_u16(), body: answer.body_mut().read_to_vec().unwrap() })
        })
        .await
        .unwrap()
    }
}

/// A bank with `ana` in it, and an issuer.
struct At {
    bank: Bank,
    issuer: Issuer,
}

impl At {
    async fn new(of_issuer: &Value, change: impl FnOnce(&mut OidcSettings)) -> Option<Self> {
        let issuer = Issuer::start(of_issuer)?;
        let mut settings = settings(&issuer.address);
        change(&mut settings);
        let mut bank = Bank::new().await;
        bank.user("ana", ANAS, &[Role::Marketer]).await;
        bank.access = bank.access.with_oidc(settings, Arc::new(Http)).unwrap();
        Some(Self { bank, issuer })
    }

    fn access(&self) -> &Access {
        &self.bank.access
    }

    async fn begin(&self) -> OidcBegun {
        self.access().begin_oidc("/customers/7", HOME).await.unwrap()
    }

    async fn sign_on(&self, account: &str) -> Result<OidcSignedIn> {
        let begun = self.begin().await;
        self.access().finish_oidc(&back(&begun, account)).await
    }
}

/// What a browser comes back with that signed in there.
fn back(begun: &OidcBegun, account: &str) -> OidcAnswer {
    let url = Browser::new().sign_on(&begun.url, account);
    let found = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    OidcAnswer {
        state: found("state").map(Into::into),
        code: found("code").map(Into::into),
        error: found("error"),
        issuer: found("iss"),
        browser: Some(begun.browser.clone()),
        from: HOME,
    }
}

fn is_wrong<T>(result: Result<T>) -> bool {
    matches!(result, Err(AccessError::WrongCredentials))
}

#[tokio::test]
async fn whoever_the_issuer_names_is_signed_in_whatever_it_signs_with() {
    for (algorithm, method, in_token) in [
        ("RS256", "client_secret_basic", true),
        ("PS256", "client_secret_post", true),
        ("ES256", "client_secret_basic", false),
        ("EdDSA", "none", false),
    ] {
        let of_issuer = json!({"algorithm": algorithm, "method": method, "claimsInToken": in_token});
        let known = |settings: &mut OidcSettings| {
            if method == "none" {
                settings.client_secret = None;
            }
        };
        let Some(at) = At::new(&of_issuer, known).await else { return };
        let done = at.sign_on("s-1").await.unwrap();
        assert_eq!(done.next, "/customers/7");
        assert_eq!(done.signed_in.session.principal().roles, [Role::Marketer], "{algorithm}: those they have here");
        assert!(!done.signed_in.session.second_factor);
        assert!(at.bank.is_in(&done.signed_in).await);
        let entry = at.bank.recorded().pop().unwrap();
        assert_eq!((entry.user.as_str(), entry.kind.name(), &entry.detail["how"]), ("ana", "sign_in", &json!("oidc")));
    }
}

#[tokio::test]
async fn a_sign_on_is_for_one_browser_and_one_time() {
    let Some(at) = At::new(&json!({}), |_| {}).await else { return };
    let begun = at.begin().await;
    let answer = back(&begun, "s-1");
    let other = at.begin().await;
    let stolen = OidcAnswer { browser: Some(other.browser.clone()), ..answer.clone() };
    assert!(is_wrong(at.access().finish_oidc(&stolen).await), "lured into somebody else's sign-on");
    assert!(is_wrong(at.access().finish_oidc(&answer).await), "it is used by that");
    assert_eq!(
        at.bank.acts(),
        [
            "unknown | sign_in_failed | failed | begun in another browser",
            "unknown | sign_in_failed | failed | no such sign-on"
        ]
    );
    let begun = at.begin().await;
    let answer = back(&begun, "s-1");
    for wrong in [
        OidcAnswer { browser: None, ..answer.clone() },
        OidcAnswer { state: None, ..answer.clone() },
        OidcAnswer { state: Some("made up".into()), ..answer.clone() },
    ] {
        assert!(is_wrong(at.access().finish_oidc(&wrong).await));
    }
    let done = at.sign_on("s-1").await.unwrap();
    assert!(at.bank.is_in(&done.signed_in).await);
}

#[tokio::test]
async fn an_answer_of_another_sign_on_or_issuer_or_too_late_is_none() {
    let Some(at) = At::new(&json!({}), |_| {}).await else { return };
    let (mine, theirs) = (at.begin().await, at.begin().await);
    let (my_answer, their_answer) = (back(&mine, "s-1"), back(&theirs, "s-2"));
    // A code that was had for another's challenge: PKCE does not fit.
    let injected = OidcAnswer { code: my_answer.code.clone(), ..their_answer };
    assert!(is_wrong(at.access().finish_oidc(&injected).await));
    assert!(at.bank.acts()[0].ends_with("failed | code"));
    let renamed = OidcAnswer { issuer: Some("https://evil.example".to_owned()), ..my_answer };
    assert!(is_wrong(at.access().finish_oidc(&renamed).await));
    assert!(at.bank.acts()[0].ends_with("failed | another issuer"));
    let unnamed = back(&at.begin().await, "s-1");
    assert!(is_wrong(at.access().finish_oidc(&OidcAnswer { issuer: None, ..unnamed }).await));
    let begun = at.begin().await;
    let late = back(&begun, "s-1");
    at.bank.pass(FLOW_HOLDS.as_secs() as i64);
    at.bank.recorded();
    assert!(is_wrong(at.access().finish_oidc(&late).await));
    assert!(at.bank.acts()[0].ends_with("failed | no such sign-on"));
}

#[tokio::test]
async fn whom_florin_does_not_know_is_refused_or_made_as_the_bank_says() {
    let Some(at) = At::new(&json!({}), |_| {}).await else { return };
    assert!(is_wrong(at.sign_on("s-2").await));
    assert_eq!(at.bank.acts(), ["unknown | sign_in_failed | failed | no such user"]);
    let make = |settings: &mut OidcSettings| {
        settings.unknown = Unknown::Make;
        settings.name_claim = "name".to_owned();
        settings.roles.insert("everybody".to_owned(), vec![Role::ServiceAgent]);
    };
    let Some(at) = At::new(&json!({}), make).await else { return };
    let done = at.sign_on("s-2").await.unwrap();
    assert_eq!(done.signed_in.session.principal().roles, [Role::ServiceAgent]);
    assert_eq!(at.bank.acts(), ["florin | user | made by the bank's sign-on", "zoe | sign_in | signed in"]);
    assert!(is_wrong(at.access().sign_in(&sign_in("zoe", "")).await), "no password opens it");
    at.sign_on("s-2").await.unwrap();
    assert_eq!(at.access().users(Authority::Operator(&operator())).await.unwrap().len(), 2);
    // "Ana Li" cannot be a name.
    assert!(is_wrong(at.sign_on("s-1").await));
    let no_roles = |settings: &mut OidcSettings| settings.unknown = Unknown::Make;
    let Some(at) = At::new(&json!({}), no_roles).await else { return };
    assert!(is_wrong(at.sign_on("s-2").await));
    assert_eq!(at.bank.acts(), ["unknown | sign_in_failed | failed | no role"]);
}

#[tokio::test]
async fn a_name_that_came_to_be_anothers_opens_nothing() {
    let Some(at) = At::new(&json!({}), |_| {}).await else { return };
    at.sign_on("s-1").await.unwrap();
    at.bank.recorded();
    assert!(is_wrong(at.sign_on("s-3").await), "another person of the same name");
    assert_eq!(at.bank.acts(), ["ana | sign_in_failed | failed | another subject"]);
    let by = operator();
    at.access().reset_password(Authority::Operator(&by), "ana").await.unwrap();
    at.sign_on("s-3").await.unwrap();
    let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
    at.access().change_user(Authority::Operator(&by), "ana", disabled).await.unwrap();
    at.bank.recorded();
    assert!(is_wrong(at.sign_on("s-3").await));
    assert_eq!(at.bank.acts(), ["ana | sign_in_failed | failed | disabled"]);
}

#[tokio::test]
async fn an_address_names_nobody_before_the_issuer_has_made_sure_of_it() {
    for (verified, expected) in [(json!(true), true), (json!(false), false), (json!(null), false)] {
        let accounts = json!({"s-1": {"email": "ana", "email_verified": verified}});
        let by_email = |settings: &mut OidcSettings| settings.name_claim = "email".to_owned();
        let Some(at) = At::new(&json!({"accounts": accounts}), by_email).await else { return };
        assert_eq!(at.sign_on("s-1").await.is_ok(), expected, "{verified}");
    }
}

#[tokio::test]
async fn roles_follow_the_issuers_where_the_bank_wants_them_to() {
    let follow = |settings: &mut OidcSettings| settings.roles_follow = true;
    let Some(at) = At::new(&json!({}), follow).await else { return };
    let done = at.sign_on("s-1").await.unwrap();
    assert_eq!(done.signed_in.session.principal().roles, [Role::Analyst]);
    assert_eq!(at.bank.acts(), ["florin | user | changed by the bank's sign-on", "ana | sign_in | signed in"]);
    assert_eq!(at.access().users(Authority::Operator(&operator())).await.unwrap()[0].roles, [Role::Analyst]);
}

#[tokio::test]
async fn an_issuer_that_changed_its_keys_is_asked_for_them_but_not_at_every_token() {
    let Some(At { bank, issuer }) = At::new(&json!({}), |_| {}).await else { return };
    let port: u16 = issuer.address.rsplit(':').next().unwrap().parse().unwrap();
    let at = At { bank, issuer };
    at.sign_on("s-1").await.unwrap();
    let At { bank, issuer } = at;
    drop(issuer);
    let Some(issuer) = Issuer::start(&json!({"port": port, "kid": "second"})) else { return };
    let at = At { bank, issuer };
    at.bank.recorded();
    assert!(is_wrong(at.sign_on("s-1").await), "the keys were read a moment ago");
    assert_eq!(at.bank.acts(), ["unknown | sign_in_failed | failed | signed by an unknown key"]);
    at.bank.pass(KEYS_AGAIN_AFTER.as_secs() as i64);
    at.sign_on("s-1").await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_not_there_or_another_is_said_to_the_log() {
    let Some(issuer) = Issuer::start(&json!({})) else { return };
    let mut bank = Bank::new().await;
    let other = issuer.address.replace("127.0.0.1", "localhost");
    bank.access = bank.access.with_oidc(settings(&other), Arc::new(Http)).unwrap();
    let error = bank.access.begin_oidc("/", HOME).await.unwrap_err();
    assert!(matches!(&error, AccessError::SignOn { why } if why.contains("it calls itself")), "{error}");
    let address = issuer.address.clone();
    drop(issuer);
    let mut bank = Bank::new().await;
    bank.access = bank.access.with_oidc(settings(&address), Arc::new(Http)).unwrap();
    assert!(matches!(bank.access.begin_oidc("/", HOME).await, Err(AccessError::SignOn { .. })));
}

#[tokio::test]
async fn an_issuer_is_spoken_to_by_tls_alone() {
    for (issuer, fits) in [
        ("https://sso.bank.example/realms/staff", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080", true),
        ("http://localhost", true),
        ("http://sso.bank.example", false),
        ("http://localhost.evil.example", false),
        ("https://sso.bank.example?x=1", false),
        ("sso.bank.example", false),
    ] {
        let bank = Bank::new().await;
        assert_eq!(bank.access.with_oidc(settings(issuer), Arc::new(Http)).is_ok(), fits, "{issuer}");
    }
}

#[tokio::test]
async fn an_address_that_begins_again_and_again_has_to_wait() {
    let Some(at) = At::new(&json!({}), |_| {}).await else { return };
    for _ in 0..100 {
        at.begin().await;
    }
    let refused = at.access().begin_oidc("/", HOME).await;
    assert!(matches!(refused, Err(AccessError::Throttled { seconds: 1 })));
    at.bank.pass(1);
    at.begin().await;
}

#[tokio::test]
async fn nobody_is_let_in_off_the_record_and_no_secret_is_on_it() {
    let make = |settings: &mut OidcSettings| {
        settings.unknown = Unknown::Make;
        settings.roles.insert("everybody".to_owned(), vec![Role::ServiceAgent]);
    };
    let Some(at) = At::new(&json!({}), make).await else { return };
    at.bank.break_log(true);
    for account in ["s-1", "s-2"] {
        assert!(matches!(at.sign_on(account).await, Err(AccessError::Unrecorded(_))));
    }
    at.bank.break_log(false);
    assert_eq!(at.access().users(Authority::Operator(&operator())).await.unwrap().len(), 1, "nobody was made");
    let begun = at.begin().await;
    let answer = back(&begun, "s-1");
    let done = at.access().finish_oidc(&answer).await.unwrap();
    let again = at.access().finish_oidc(&answer).await.unwrap_err();
    let seen = format!("{begun:?} {answer:?} {done:?} {again:?} {:?}", at.bank.recorded());
    let code = answer.code.as_ref().unwrap();
    for secret in [&begun.browser, code, &done.signed_in.token, &"a secret: of/the bank".into()] {
        assert!(!seen.contains(secret.expose()), "{seen}");
    }
    assert!(!format!("{:?}", settings("https://sso")).contains("of/the bank"));
}
