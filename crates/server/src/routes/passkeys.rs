//! Passkeys: signing in with one, and those of whoever has signed in.

use axum::{Extension, Json, extract::State, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use florin_access::{PasskeyLine, passkeys::ALGORITHMS};
use florin_api::{NewPasskey, Passkey, PasskeyAnswer, PasskeyChallenge, PasskeyCreation, RenamePasskey};

use super::session;
use crate::{
    caller::{Body, Caller, Named},
    failure::{Answer, Failure},
    guard::From,
    state::Shared,
};

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str, what: &str) -> Result<Vec<u8>, Failure> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Failure::invalid(format!("`{what}` is not base64 for addresses")))
}

/// What somebody sent of a passkey that signed.
pub(super) fn answer(sent: &PasskeyAnswer) -> Result<florin_access::PasskeyAnswer, Failure> {
    Ok(florin_access::PasskeyAnswer {
        id: bytes(&sent.id, "id")?,
        handle: bytes(&sent.user_handle, "user_handle")?,
        client_data: bytes(&sent.client_data, "client_data")?,
        authenticator_data: bytes(&sent.authenticator_data, "authenticator_data")?,
        signature: bytes(&sent.signature, "signature")?,
    })
}

pub(super) async fn challenge(
    State(server): State<Shared>,
    Extension(From(from)): Extension<From>,
) -> Answer<PasskeyChallenge> {
    let challenge = text(&server.access.passkey_challenge(from).await?);
    let rp_id = server.access.passkey_settings().map(|site| site.rp_id.clone()).unwrap_or_default();
    Ok(Json(PasskeyChallenge { challenge, rp_id }))
}

pub(super) async fn sign_in(
    State(server): State<Shared>,
    Extension(From(from)): Extension<From>,
    Body(sent): Body<PasskeyAnswer>,
) -> Result<Response, Failure> {
    session::signed_in(&server, &server.access.sign_in_with_passkey(&answer(&sent)?, from).await?).await
}

pub(super) async fn list(State(server): State<Shared>, caller: Caller) -> Answer<Vec<Passkey>> {
    let all = server.access.passkeys(caller.session()?).await?;
    Ok(Json(all.into_iter().map(line).collect()))
}

fn line(of: PasskeyLine) -> Passkey {
    Passkey { id: text(&of.id), name: of.name, synced: of.synced, made_at: of.created_at, used_at: of.last_used_at }
}

pub(super) async fn begin(State(server): State<Shared>, caller: Caller) -> Answer<PasskeyCreation> {
    let begun = server.access.begin_passkey(caller.session()?).await?;
    Ok(Json(PasskeyCreation {
        challenge: text(&begun.challenge),
        rp_id: begun.rp_id,
        bank: begun.bank,
        user_handle: text(&begun.handle),
        user: begun.user,
        name: begun.display_name,
        known: begun.known.iter().map(|id| text(id)).collect(),
        algorithms: ALGORITHMS.to_vec(),
    }))
}

pub(super) async fn add(State(server): State<Shared>, caller: Caller, Body(sent): Body<NewPasskey>) -> Answer<Passkey> {
    let new = florin_access::NewPasskey {
        name: sent.name,
        client_data: bytes(&sent.client_data, "client_data")?,
        attestation: bytes(&sent.attestation, "attestation")?,
    };
    Ok(Json(line(server.access.add_passkey(caller.session()?, &new, caller.from).await?)))
}

pub(super) async fn rename(
    State(server): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
    Body(asked): Body<RenamePasskey>,
) -> Result<StatusCode, Failure> {
    server.access.rename_passkey(caller.session()?, &bytes(&id, "id")?, &asked.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn remove(
    State(server): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Failure> {
    server.access.remove_passkey(caller.session()?, &bytes(&id, "id")?, caller.from).await?;
    Ok(StatusCode::NO_CONTENT)
}
