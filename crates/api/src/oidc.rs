//! Signing in by the bank's own sign-on (OpenID Connect), and which ways in there are.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, May};

/// The ways to sign in beside a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaysIn {
    /// The name of the bank's own sign-on, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<String>,
    /// Whether passkeys can be used.
    pub passkeys: bool,
}

/// Somebody wants to sign in by the bank's own sign-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginOidc {
    /// Where they want to go then: a path of ours. Anything else is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where the bank's own sign-on is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcPlace {
    /// Where to send the browser, which has been given a cookie to come back with.
    pub url: String,
}

/// What the sign-on sends a browser back with. What else stands there is left alone.
#[derive(Clone, Default, Serialize, Deserialize, IntoParams)]
pub struct OidcAnswer {
    /// Which sign-on it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What its tokens are to be had for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/sign-in/ways", "waysIn", "Which ways in there are").may(May::Anybody).answers::<WaysIn>(),
        Endpoint::post("/v1/sign-in/oidc", "beginOidc", "Where the bank's own sign-on is")
            .may(May::Anybody)
            .takes::<BeginOidc>()
            .answers::<OidcPlace>(),
        Endpoint::get("/v1/sign-in/oidc/callback", "finishOidc", "Come back from there; goes on to the console")
            .may(May::Anybody)
            .query::<OidcAnswer>()
            .redirects(),
    ]
}
