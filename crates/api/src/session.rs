//! Signing in, and what is true of whoever has.

use florin_domain::{EventTime, Purpose, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Endpoint, May, PasskeyAnswer};

/// Who wants to sign in. Refused with the code `wrong_credentials`, `throttled`, `second_factor` (send it again with `code`, or with
/// `passkey` where there is one), `passkey` (send it again with `passkey`) or `must_change_password` (send it again with `new_password`: the password was a one-time one).
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The name of the user.
    pub user: String,
    /// The password, or a one-time password.
    pub password: String,
    /// Six digits of an authenticator, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What a passkey signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<PasskeyAnswer>,
    /// Another password, set in the same step: at least 12 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_password: Option<String>,
}

/// Whoever has signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Me {
    /// The name by which they sign in and stand on the audit log.
    pub user: String,
    /// What they are called.
    pub name: String,
    /// What they are at the bank.
    pub roles: Vec<Role>,
    /// Whether they may administer users.
    pub administrator: bool,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// Whether a code of an authenticator is asked for beside the password.
    pub authenticator: bool,
    /// Purposes for which policies let them read something.
    pub purposes: Vec<Purpose>,
    /// What else policies let them do: `ingest`, `define`, `read_audit` …
    pub actions: Vec<String>,
    /// When the session ends for certain.
    pub ends_at: Option<EventTime>,
    /// The bank.
    pub bank: BankFacts,
}

/// The bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankFacts {
    /// Its name.
    pub name: String,
    /// An IANA name: what days are.
    pub time_zone: String,
    /// The version of Florin.
    pub version: String,
}

/// Another password. Ends the user's other sessions.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one there is.
    pub old: String,
    /// The new one: at least 12 characters.
    pub new: String,
}

/// An authenticator to be confirmed.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The secret, in base 32.
    pub secret: String,
    /// The same as `otpauth://`, for a picture that authenticators read.
    pub uri: String,
}

/// A code of an authenticator.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    pub code: String,
}

/// Codes that stand in for an authenticator, each once. Shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodes {
    /// Ten of them.
    pub codes: Vec<String>,
}

/// The password and a code of the authenticator (or a recovery code), to make sure that it is the user who asks.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndCode {
    /// The password there is.
    pub password: String,
    /// Six digits, or a recovery code.
    pub code: String,
}

/// The password, to make sure that it is the user who asks.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// The one there is.
    pub password: String,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/sign-in", "signIn", "Sign in; answers with a cookie")
            .may(May::Anybody)
            .takes::<SignIn>()
            .answers::<Me>(),
        Endpoint::post("/v1/sign-out", "signOut", "End this session"),
        Endpoint::post("/v1/sign-out-everywhere", "signOutEverywhere", "End all sessions of this user"),
        Endpoint::get("/v1/me", "me", "Who has signed in").answers::<Me>(),
        Endpoint::post("/v1/me/password", "changePassword", "Set another password").takes::<ChangePassword>(),
        Endpoint::post("/v1/me/second-factor", "beginSecondFactor", "A secret for an authenticator")
            .takes::<Password>()
            .answers::<Enrolment>(),
        Endpoint::post("/v1/me/second-factor/confirm", "confirmSecondFactor", "Ask for the authenticator from now on")
            .takes::<Code>()
            .answers::<RecoveryCodes>(),
        Endpoint::post("/v1/me/second-factor/remove", "removeSecondFactor", "Ask for the password alone")
            .takes::<PasswordAndCode>(),
    ]
}
