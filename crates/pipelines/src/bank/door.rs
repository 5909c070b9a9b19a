//! `[serve.oidc]`: the bank's own sign-on.

use std::{collections::BTreeMap, fmt};

use florin_domain::Role;
use serde::Deserialize;

/// `[serve.oidc]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// What stands on the button that leads there.
    #[serde(default = "name")]
    pub name: String,
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// What Florin is called there.
    pub client_id: String,
    /// What Florin shows there; a public client has none. `${NAME}` takes it from the environment.
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// A file that holds the same. Relative to the bank directory.
    #[serde(default)]
    pub client_secret_file: Option<String>,
    /// What is asked for, beside `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim that is a user's name in Florin.
    #[serde(default = "user_claim")]
    pub user_claim: String,
    /// The claim whose values `roles` speaks of; dots lead into nested ones.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// Which roles a value of that claim means.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<Role>>,
    /// Whether users have the roles of their claims each time they sign in. Good: who leaves a group loses the role. Bad: roles that an
    /// administrator gave by hand are gone by the next sign-in.
    #[serde(default)]
    pub roles_follow: bool,
    /// Whoever the sign-on knows and Florin does not.
    #[serde(default)]
    pub unknown_users: UnknownUsers,
    /// A file with the certificates (PEM) of who vouches for the sign-on, where the machine does not know them. Relative to the bank
    /// directory.
    #[serde(default)]
    pub certificates: Option<String>,
}

/// What becomes of whom Florin does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownUsers {
    /// They are not let in. Good: an administrator decides on everybody. Bad: one has to.
    #[default]
    Refuse,
    /// They become users with the roles of their claims; without one, they are not let in.
    Make,
}

/// A secret. `Debug` does not show it.
#[derive(Clone, Deserialize)]
pub struct ClientSecret(pub String);

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

fn name() -> String {
    "SSO".to_owned()
}

fn scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).to_vec()
}

fn user_claim() -> String {
    "preferred_username".to_owned()
}

fn roles_claim() -> String {
    "groups".to_owned()
}
