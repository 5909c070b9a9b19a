//! Passkeys (WebAuthn). Bytes are base64 for addresses, without padding, as browsers write them.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Endpoint, May, Me, Method};

/// What a passkey is to sign so that its owner gets in: alone, or beside a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChallenge {
    /// What is to be signed. For one use, within five minutes.
    pub challenge: String,
    /// The site that passkeys are bound to.
    pub rp_id: String,
}

/// What a passkey signed. Refused with the code `wrong_credentials` or `throttled`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAnswer {
    /// Which it is.
    pub id: String,
    /// `userHandle`.
    pub user_handle: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub authenticator_data: String,
    /// `signature`.
    pub signature: String,
}

/// What a browser needs to make a passkey. It must be one that its device finds by itself, and ask who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyCreation {
    /// For one use, within five minutes.
    pub challenge: String,
    /// The site that it is bound to.
    pub rp_id: String,
    /// The bank's name.
    pub bank: String,
    /// What devices call the user.
    pub user_handle: String,
    /// The name by which they sign in.
    pub user: String,
    /// What they are called.
    pub name: String,
    /// Passkeys that they have.
    pub known: Vec<String>,
    /// What it may sign with, by the numbers of COSE, the best liked first.
    pub algorithms: Vec<i64>,
}

/// A passkey that was made.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `attestationObject`.
    pub attestation: String,
}

/// Another name of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenamePasskey {
    /// What its owner calls it: at most 60 characters.
    pub name: String,
}

/// A passkey of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// Which it is.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether its owner's devices share it.
    pub synced: bool,
    /// Since when.
    pub made_at: EventTime,
    /// When it was last used.
    pub used_at: Option<EventTime>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/sign-in/passkey/challenge", "passkeyChallenge", "What a passkey is to sign")
            .may(May::Anybody)
            .answers::<PasskeyChallenge>(),
        Endpoint::post(
            "/v1/sign-in/passkey",
            "signInWithPasskey",
            "Sign in with a passkey alone; answers with a cookie",
        )
        .may(May::Anybody)
        .takes::<PasskeyAnswer>()
        .answers::<Me>(),
        Endpoint::get("/v1/me/passkeys", "passkeys", "The passkeys of this user").lists::<Passkey>(),
        Endpoint::post("/v1/me/passkeys/begin", "beginPasskey", "What a browser needs to make a passkey")
            .answers::<PasskeyCreation>(),
        Endpoint::post("/v1/me/passkeys", "addPasskey", "Keep a passkey that was made")
            .takes::<NewPasskey>()
            .answers::<Passkey>(),
        Endpoint::new(Method::Patch, "/v1/me/passkeys/{id}", "renamePasskey", "Call a passkey something else")
            .takes::<RenamePasskey>(),
        Endpoint::delete("/v1/me/passkeys/{id}", "removePasskey", "Remove a passkey"),
    ]
}
