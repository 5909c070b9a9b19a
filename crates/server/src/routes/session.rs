//! Signing in and out.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use florin_access::{Secret, Session, SignIn, SignedIn};
use florin_api::{
    BankFacts, ChangePassword, Code, Enrolment, Me, Password, PasswordAndCode, RecoveryCodes, SESSION_COOKIE,
};
use florin_domain::{Principal, Role};

use super::passkeys;
use crate::{
    caller::{Body, By, Caller},
    failure::{Answer, Failure},
    guard::From,
    state::{Server, Shared},
};

pub(super) async fn sign_in(
    State(server): State<Shared>,
    Extension(From(from)): Extension<From>,
    Body(asked): Body<florin_api::SignIn>,
) -> Result<Response, Failure> {
    let asked = SignIn {
        user: asked.user,
        password: asked.password.into(),
        code: asked.code.map(Secret::from),
        passkey: asked.passkey.as_ref().map(passkeys::answer).transpose()?,
        new_password: asked.new_password.map(Secret::from),
        from,
    };
    signed_in(&server, &server.access.sign_in(&asked).await?).await
}

/// Says who has signed in, and hands the session's cookie out.
pub(super) async fn signed_in(server: &Server, done: &SignedIn) -> Result<Response, Failure> {
    let told = told(server, done.session.principal(), &done.session.display_name, Some(&done.session)).await?;
    let mut answer = Json(told).into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie(server, done.token.expose())?);
    Ok(answer)
}

/// The session's cookie: not for scripts, and not sent from pages of other sites.
pub(super) fn cookie(server: &Server, token: &str) -> Result<HeaderValue, Failure> {
    let secure = if server.door.https { "; Secure" } else { "" };
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::from_str(&text).map_err(Failure::inside)
}

pub(super) async fn sign_out(State(server): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    server.access.sign_out(caller.session()?).await?;
    signed_out(&server)
}

pub(super) async fn sign_out_everywhere(State(server): State<Shared>, caller: Caller) -> Result<Response, Failure> {
    server.access.sign_out_everywhere(caller.session()?).await?;
    signed_out(&server)
}

fn signed_out(server: &Server) -> Result<Response, Failure> {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie(server, "")?);
    Ok(answer)
}

pub(super) async fn me(State(server): State<Shared>, caller: Caller) -> Answer<Me> {
    let session = match &caller.by {
        By::Session(session) => Some(session.as_ref()),
        By::Key => None,
    };
    Ok(Json(told(&server, caller.who.clone(), &caller.name, session).await?))
}

async fn told(server: &Server, who: Principal, name: &str, session: Option<&Session>) -> Result<Me, Failure> {
    let authenticator = match session {
        Some(session) => server.access.second_factor(session).await?.set_up,
        None => false,
    };
    let house = server.house().acting_as(who.clone());
    let (allowed, bank) = (house.allowed(), &house.bank().settings.bank);
    Ok(Me {
        administrator: who.roles.contains(&Role::Administrator),
        user: who.user,
        name: name.to_owned(),
        roles: who.roles,
        authenticator,
        second_factor: session.is_some_and(|session| session.second_factor),
        purposes: allowed.purposes,
        actions: allowed.actions.into_iter().map(|action| action.name().to_owned()).collect(),
        ends_at: session.map(|session| session.expires_at),
        bank: BankFacts {
            name: bank.name.clone(),
            time_zone: bank.time_zone.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    })
}

pub(super) async fn change_password(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<ChangePassword>,
) -> Result<StatusCode, Failure> {
    let (old, new) = (asked.old.into(), asked.new.into());
    server.access.change_password(caller.session()?, &old, &new, caller.from).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn begin_second_factor(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<Password>,
) -> Answer<Enrolment> {
    let password = asked.password.into();
    let begun = server.access.begin_second_factor(caller.session()?, &password, caller.from).await?;
    Ok(Json(Enrolment { secret: begun.secret.expose().to_owned(), uri: begun.uri.expose().to_owned() }))
}

pub(super) async fn confirm_second_factor(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<Code>,
) -> Answer<RecoveryCodes> {
    let code = asked.code.into();
    let codes = server.access.confirm_second_factor(caller.session()?, &code, caller.from).await?;
    Ok(Json(RecoveryCodes { codes: codes.iter().map(|code| code.expose().to_owned()).collect() }))
}

pub(super) async fn remove_second_factor(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<PasswordAndCode>,
) -> Result<StatusCode, Failure> {
    let (password, code) = (asked.password.into(), asked.code.into());
    server.access.remove_second_factor(caller.session()?, &password, &code, caller.from).await?;
    Ok(StatusCode::NO_CONTENT)
}
