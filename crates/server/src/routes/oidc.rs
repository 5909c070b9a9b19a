//! Signing in by the bank's own sign-on: a browser is sent there, and comes back.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use florin_access::{AccessError, oidc::FLOW_HOLDS};
use florin_api::{BeginOidc, OidcAnswer, OidcPlace, WaysIn};

use super::session;
use crate::{
    caller::{Asked, Body},
    failure::{Answer, Failure},
    guard::{From, cookie_named},
    sign_on::CALLBACK,
    state::{Server, Shared},
};

/// What the browser that began a sign-on is known by. Other sites' pages send it along when they lead here, as the sign-on does.
const COOKIE: &str = "florin_sign_on";

pub(super) async fn ways(State(server): State<Shared>) -> Answer<WaysIn> {
    let oidc = server.house().bank().settings.serve.oidc.as_ref().map(|oidc| oidc.name.clone());
    Ok(Json(WaysIn {
        oidc: oidc.filter(|_| server.access.has_oidc()),
        passkeys: server.access.passkey_settings().is_some(),
    }))
}

pub(super) async fn begin(
    State(server): State<Shared>,
    Extension(From(from)): Extension<From>,
    Body(asked): Body<BeginOidc>,
) -> Result<Response, Failure> {
    let begun = server.access.begin_oidc(asked.next.as_deref().unwrap_or("/"), from).await?;
    let mut answer = Json(OidcPlace { url: begun.url.into() }).into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie(&server, begun.browser.expose(), FLOW_HOLDS.as_secs())?);
    Ok(answer)
}

fn cookie(server: &Server, secret: &str, seconds: u64) -> Result<HeaderValue, Failure> {
    let secure = if server.door.https { "; Secure" } else { "" };
    let text = format!("{COOKIE}={secret}; Path={CALLBACK}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(Failure::inside)
}

pub(super) async fn finish(
    State(server): State<Shared>,
    Extension(From(from)): Extension<From>,
    Asked(answer): Asked<OidcAnswer>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let answer = florin_access::OidcAnswer {
        state: answer.state.map(Into::into),
        code: answer.code.map(Into::into),
        error: answer.error,
        issuer: answer.iss,
        browser: cookie_named(&headers, COOKIE).map(Into::into),
        from,
    };
    let mut gone_on = match server.access.finish_oidc(&answer).await {
        Ok(done) => {
            let mut gone_on = to(&done.next)?;
            let token = done.signed_in.token.expose();
            gone_on.headers_mut().append(header::SET_COOKIE, session::cookie(&server, token)?);
            gone_on
        }
        Err(error @ AccessError::Unknown { .. }) => return Err(error.into()),
        Err(error) => refused(error.into())?,
    };
    gone_on.headers_mut().append(header::SET_COOKIE, cookie(&server, "", 0)?);
    Ok(gone_on)
}

/// A person has come, and no program: the page for signing in says why they are not in.
fn refused(failure: Failure) -> Result<Response, Failure> {
    let mut gone_on = to(&format!("/sign-in?refused={}", failure.code))?;
    if let Some(inside) = failure.into_response().extensions_mut().remove::<crate::failure::Inside>() {
        gone_on.extensions_mut().insert(inside);
    }
    Ok(gone_on)
}

fn to(place: &str) -> Result<Response, Failure> {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::from_str(place).map_err(Failure::inside)?;
    answer.headers_mut().insert(header::LOCATION, place);
    // The address that leads here has a code in it.
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(answer)
}
