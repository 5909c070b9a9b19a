//! A sign-on from the button to the way back.

use std::net::IpAddr;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use florin_governance::audit::EventKind;
use florin_store::OidcFlow;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::{Url, form_urlencoded};

use super::{
    FLOW_HOLDS, FLOWS_MAX, Oidc,
    provider::Provider,
    token::{self, Claims, Expected},
    web::Ask,
};
use crate::{
    access::{Access, Refused, later},
    error::{AccessError, Result},
    record::{UNKNOWN, entry, nobody},
    secret::{Kind, Secret, hash},
    sessions::new_token,
    sign_in::{SignedIn, principal},
};

/// The longest way to where somebody wanted to go.
const NEXT_BYTES_MAX: usize = 2_000;
/// How this way in is called on the audit log.
const HOW: &str = "oidc";

/// A sign-on that has begun.
#[derive(Debug, Clone)]
pub struct OidcBegun {
    /// Where to send the browser.
    pub url: Url,
    /// What the browser is to keep and to show on its way back, and nobody else is to see.
    pub browser: Secret,
}

/// What a browser comes back with.
#[derive(Debug, Clone)]
pub struct OidcAnswer {
    /// Which sign-on it was.
    pub state: Option<Secret>,
    /// What the issuer's tokens are to be had for.
    pub code: Option<Secret>,
    /// Why there is none.
    pub error: Option<String>,
    /// Who answers.
    pub issuer: Option<String>,
    /// What the browser has kept.
    pub browser: Option<Secret>,
    /// From where.
    pub from: IpAddr,
}

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub struct OidcSignedIn {
    /// Who.
    pub signed_in: SignedIn,
    /// Where they wanted to go: a path of ours.
    pub next: String,
}

/// What the issuer hands out for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: Secret,
    access_token: Option<Secret>,
}

impl Access {
    /// Whether the bank's own sign-on is set up.
    #[must_use]
    pub fn has_oidc(&self) -> bool {
        self.oidc.is_some()
    }

    pub(crate) fn oidc(&self) -> Result<&Oidc> {
        self.oidc.as_ref().ok_or_else(|| AccessError::unknown("way to sign in", HOW))
    }

    /// Begins a sign-on at the bank's issuer. `next` is where somebody wanted to go; what is no path of ours is left out.
    ///
    /// # Errors
    /// [`AccessError::SignOn`] when the issuer cannot be asked, [`AccessError::Throttled`] when an address begins too often.
    pub async fn begin_oidc(&self, next: &str, from: IpAddr) -> Result<OidcBegun> {
        let (oidc, now) = (self.oidc()?, self.now());
        self.knock(from)?;
        let provider = oidc.provider(now).await?;
        let (state, browser) = (new_token(self.fill()), new_token(self.fill()));
        let flow = OidcFlow {
            state: hash(Kind::OidcState, state.expose()),
            browser: hash(Kind::OidcBrowser, browser.expose()),
            next: local_path(next).to_owned(),
            expires_at: later(now, FLOW_HOLDS),
        };
        self.store.begin_oidc_flow(&flow, now, FLOWS_MAX).await?;
        Ok(OidcBegun { url: authorization(oidc, &provider, &state, &browser), browser })
    }

    /// Signs in whom the issuer names.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] whatever is wrong; [`AccessError::SignOn`] when the issuer cannot be asked.
    pub async fn finish_oidc(&self, answer: &OidcAnswer) -> Result<OidcSignedIn> {
        let oidc = self.oidc()?;
        let attempt = self.begin(None, answer.from)?;
        let mut who = nobody(UNKNOWN);
        let result = self.try_finish_oidc(oidc, answer, &mut who).await;
        self.judged_by(HOW, &attempt, &who, answer.from, result).await
    }

    async fn try_finish_oidc(
        &self,
        oidc: &Oidc,
        answer: &OidcAnswer,
        who: &mut florin_domain::Principal,
    ) -> Result<OidcSignedIn, Refused> {
        let (flow, browser) = self.taken(answer).await?;
        if answer.error.is_some() {
            return Err(Refused::Wrong("refused there"));
        }
        let claims = claims(oidc, answer, browser, self.now()).await?;
        let known = self.oidc_user(oidc, &claims, who).await?;
        *who = principal(&known);
        let signed_in = entry(self.now(), who, EventKind::SignIn, "signed in", Some(answer.from));
        self.record(signed_in.with("how", HOW)).await?;
        let factors = has_several_factors(&claims);
        let begun = self.begin_session(&known.user, &known.password.phc, factors, answer.from).await?;
        let signed_in = begun.ok_or(Refused::Wrong("changed meanwhile"))?;
        Ok(OidcSignedIn { signed_in, next: flow.next })
    }

    /// The sign-on that a browser comes back from, if it is the one that began it.
    async fn taken<'a>(&self, answer: &'a OidcAnswer) -> Result<(OidcFlow, &'a Secret), Refused> {
        let state = answer.state.as_ref().ok_or(Refused::Wrong("no such sign-on"))?;
        let taken = self.store.take_oidc_flow(&hash(Kind::OidcState, state.expose()), self.now()).await?;
        let flow = taken.ok_or(Refused::Wrong("no such sign-on"))?;
        let browser = answer.browser.as_ref().ok_or(Refused::Wrong("begun in another browser"))?;
        if !bool::from(hash(Kind::OidcBrowser, browser.expose()).ct_eq(&flow.browser)) {
            return Err(Refused::Wrong("begun in another browser"));
        }
        Ok((flow, browser))
    }
}

/// What the issuer says of whoever it sent back.
async fn claims(
    oidc: &Oidc,
    answer: &OidcAnswer,
    browser: &Secret,
    now: florin_domain::EventTime,
) -> Result<Claims, Refused> {
    let (settings, provider) = (&oidc.settings, oidc.provider(now).await?);
    let named = answer.issuer.as_deref();
    if named.map_or(provider.names_itself, |named| named != settings.issuer) {
        return Err(Refused::Wrong("another issuer"));
    }
    let code = answer.code.as_ref().ok_or(Refused::Wrong("no code"))?;
    let tokens = exchange(oidc, &provider, code, browser).await?;
    let claims = oidc.signed(tokens.id_token.expose(), now).await?;
    let nonce = nonce(browser);
    let expected = Expected { issuer: &settings.issuer, client_id: &settings.client_id, nonce: &nonce, now };
    let subject = token::check(&claims, &expected).map_err(Refused::Wrong)?.to_owned();
    let wanted = [&settings.name_claim, &settings.roles_claim];
    match (&provider.userinfo, tokens.access_token) {
        (Some(place), Some(token)) if !wanted.iter().all(|name| claims.contains_key(*name)) => {
            more_claims(oidc, place.clone(), &token, claims, &subject).await
        }
        _ => Ok(claims),
    }
}

/// The claims that an issuer keeps out of its ID tokens. What it signed holds.
async fn more_claims(
    oidc: &Oidc,
    place: Url,
    token: &Secret,
    claims: Claims,
    subject: &str,
) -> Result<Claims, Refused> {
    let authorization = Some(Secret::from(format!("Bearer {}", token.expose())));
    let mut all: Claims = oidc.json(Ask { url: place, authorization, form: None }, "what it says of a user").await?;
    if token::text(&all, "sub") != Some(subject) {
        return Err(Refused::Wrong("claims of another subject"));
    }
    all.extend(claims);
    Ok(all)
}

/// Where the browser is sent.
fn authorization(oidc: &Oidc, provider: &Provider, state: &Secret, browser: &Secret) -> Url {
    let mut url = provider.authorization.clone();
    let settings = &oidc.settings;
    let others = settings.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
    let scope = std::iter::once("openid").chain(others).collect::<Vec<_>>().join(" ");
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", settings.redirect_uri.as_str())
        .append_pair("scope", &scope)
        .append_pair("state", state.expose())
        .append_pair("nonce", &nonce(browser))
        .append_pair("code_challenge", &challenge(&verifier(browser)))
        .append_pair("code_challenge_method", "S256");
    url
}

/// What the issuer puts into the token, so that it is one for this sign-on.
fn nonce(browser: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(hash(Kind::OidcNonce, browser.expose()))
}

/// What only whoever began can show (RFC 7636).
fn verifier(browser: &Secret) -> Secret {
    URL_SAFE_NO_PAD.encode(hash(Kind::OidcVerifier, browser.expose())).into()
}

fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

/// The issuer's tokens for a code.
async fn exchange(oidc: &Oidc, provider: &Provider, code: &Secret, browser: &Secret) -> Result<Tokens, Refused> {
    let told = oidc.web.ask(ask_for_tokens(oidc, provider, code, browser)).await;
    let told = told.map_err(|why| AccessError::sign_on(format!("its tokens: {why}")))?;
    match told.status {
        200 => Ok(serde_json::from_slice(&told.body).map_err(|_| AccessError::sign_on("its tokens cannot be read"))?),
        400 if has_error(&told.body, "invalid_grant") => Err(Refused::Wrong("code")),
        400 | 401 => Err(AccessError::sign_on("its tokens: it does not take our client id or our secret").into()),
        status => Err(AccessError::sign_on(format!("its tokens: the status {status}")).into()),
    }
}

fn has_error(body: &[u8], expected: &str) -> bool {
    let body: Claims = serde_json::from_slice(body).unwrap_or_default();
    token::text(&body, "error") == Some(expected)
}

fn ask_for_tokens(oidc: &Oidc, provider: &Provider, code: &Secret, browser: &Secret) -> Ask {
    let settings = &oidc.settings;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code.expose())
        .append_pair("redirect_uri", settings.redirect_uri.as_str())
        .append_pair("code_verifier", verifier(browser).expose());
    let mut authorization = None;
    match &settings.client_secret {
        Some(secret) if provider.basic => authorization = Some(basic(&settings.client_id, secret)),
        Some(secret) => {
            form.append_pair("client_id", &settings.client_id).append_pair("client_secret", secret.expose());
        }
        None => _ = form.append_pair("client_id", &settings.client_id),
    }
    Ask { url: provider.token.clone(), authorization, form: Some(form.finish().into()) }
}

/// Our id and secret in `Authorization`, each encoded as in a form (RFC 6749, 2.3.1).
fn basic(id: &str, secret: &Secret) -> Secret {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let both = format!("{}:{}", encoded(id), encoded(secret.expose()));
    format!("Basic {}", STANDARD.encode(both)).into()
}

/// Whether the issuer says that it asked for several factors (RFC 8176).
fn has_several_factors(claims: &Claims) -> bool {
    let methods = claims.get("amr").and_then(|methods| methods.as_array());
    methods.is_some_and(|methods| methods.iter().any(|method| method == "mfa"))
}

/// The path, if it is one of ours: a link that lured somebody here must not lead them off afterwards.
fn local_path(next: &str) -> &str {
    let off =
        next.starts_with("//") || next.contains('\\') || next.chars().any(|c| c.is_control() || c.is_whitespace());
    if next.starts_with('/') && !off && next.len() <= NEXT_BYTES_MAX { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_gone_on_to() {
        let cases = [
            ("/customers/7?purpose=service", true),
            ("/", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("/\t/evil.example", false),
            ("/\u{85}/evil.example", false),
            ("https://evil.example/", false),
            ("javascript:alert(1)", false),
        ];
        for (next, ours) in cases {
            assert_eq!(local_path(next), if ours { next } else { "/" }, "{next:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(NEXT_BYTES_MAX))), "/");
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let both = basic("a:b", &"p w/1".into());
        assert_eq!(both.expose(), format!("Basic {}", STANDARD.encode("a%3Ab:p+w%2F1")));
    }
}
