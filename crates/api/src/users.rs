//! Users and keys of machines.

use florin_domain::{EventTime, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Endpoint, May, Method};

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name by which they sign in.
    pub user: String,
    /// What they are called.
    pub name: String,
    /// What they are at the bank.
    pub roles: Vec<Role>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// Since when there is this user.
    pub made_at: EventTime,
}

/// A user to be added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name by which they sign in: lower-case letters, digits, `.`, `_` and `-`.
    pub user: String,
    /// What they are called.
    pub name: String,
    /// What they are at the bank.
    pub roles: Vec<Role>,
}

/// What is to be otherwise; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are at the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    /// Whether they may sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A password that is shown once and must be changed when it is first used.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneTimePassword {
    /// The password.
    pub password: String,
    /// Until when it can be used.
    pub ends_at: EventTime,
}

/// What a key of a machine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Routes that read.
    Query,
    /// Routes that read, and those that change something but do not administer users.
    Write,
    /// Posting events.
    Collect,
    /// PostgreSQL's wire and Flight SQL.
    Sql,
    /// Administering users.
    Admin,
}

/// A key of a machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its public part; the user name on PostgreSQL's wire.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<KeyScope>,
    /// The roles it acts in, among its owner's.
    pub roles: Vec<Role>,
    /// When it was made.
    pub made_at: EventTime,
    /// Until when it can be used.
    pub ends_at: EventTime,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was last used.
    pub used_at: Option<EventTime>,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<KeyScope>,
    /// The roles it acts in, among its owner's.
    pub roles: Vec<Role>,
    /// For how many days: 1 to 366.
    pub days: u32,
}

/// A key that was made. The secret is shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeKey {
    /// The key.
    pub key: Key,
    /// Sent as `Authorization: Bearer …`; on PostgreSQL's wire the password.
    pub secret: String,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/users", "users", "All users").may(May::Administrator).lists::<User>(),
        Endpoint::post("/v1/users", "addUser", "Add a user; answers with a one-time password")
            .may(May::Administrator)
            .takes::<NewUser>()
            .answers::<OneTimePassword>(),
        Endpoint::new(
            Method::Patch,
            "/v1/users/{user}",
            "changeUser",
            "Change a user's name or roles, or let them in or out",
        )
        .may(May::Administrator)
        .takes::<ChangeUser>()
        .answers::<User>(),
        Endpoint::post("/v1/users/{user}/password", "resetPassword", "A one-time password instead of the one there is")
            .may(May::Administrator)
            .answers::<OneTimePassword>(),
        Endpoint::get("/v1/me/keys", "keys", "Keys of machines that act for this user").lists::<Key>(),
        Endpoint::post("/v1/me/keys", "addKey", "A key for a machine; its secret is shown once")
            .takes::<NewKey>()
            .answers::<MadeKey>(),
        Endpoint::delete("/v1/me/keys/{id}", "revokeKey", "Let a key no longer in"),
    ]
}
