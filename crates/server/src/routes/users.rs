//! Users, and keys of machines.

use axum::{Json, extract::State, http::StatusCode};
use florin_access::{KeyLine, Scope, UserChange};
use florin_api::{ChangeUser, Key, KeyScope, MadeKey, NewKey, NewUser, OneTimePassword, User};
use florin_governance::Permit;

use crate::{
    caller::{Body, Caller, Named},
    failure::{Answer, Failure},
    state::{Server, Shared},
};

/// Leave to administer users, on record.
async fn leave(server: &Shared, caller: &Caller) -> Result<Permit, Failure> {
    Ok(caller.house(server).leave_to_administer().await?)
}

pub(super) async fn users(State(server): State<Shared>, caller: Caller) -> Answer<Vec<User>> {
    let permit = leave(&server, &caller).await?;
    let users = server.access.users((&permit).into()).await?;
    Ok(Json(users.into_iter().map(user).collect()))
}

fn user(of: florin_access::User) -> User {
    User { user: of.name, name: of.display_name, roles: of.roles, enabled: !of.disabled, made_at: of.created_at }
}

pub(super) async fn add(
    State(server): State<Shared>,
    caller: Caller,
    Body(new): Body<NewUser>,
) -> Answer<OneTimePassword> {
    let permit = leave(&server, &caller).await?;
    let new = florin_access::NewUser { name: new.user, display_name: new.name, roles: new.roles };
    Ok(Json(shown(&server.access.add_user((&permit).into(), new).await?)))
}

fn shown(made: &florin_access::OneTimePassword) -> OneTimePassword {
    OneTimePassword { password: made.password.expose().to_owned(), ends_at: made.expires_at }
}

pub(super) async fn change(
    State(server): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
    Body(change): Body<ChangeUser>,
) -> Answer<User> {
    let permit = leave(&server, &caller).await?;
    let change =
        UserChange { display_name: change.name, roles: change.roles, disabled: change.enabled.map(|enabled| !enabled) };
    Ok(Json(user(server.access.change_user((&permit).into(), &name, change).await?)))
}

pub(super) async fn reset_password(
    State(server): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
) -> Answer<OneTimePassword> {
    let permit = leave(&server, &caller).await?;
    Ok(Json(shown(&server.access.reset_password((&permit).into(), &name).await?)))
}

pub(super) async fn keys(State(server): State<Shared>, caller: Caller) -> Answer<Vec<Key>> {
    let keys = server.access.keys(caller.session()?).await?;
    Ok(Json(keys.into_iter().map(key).collect()))
}

fn key(of: KeyLine) -> Key {
    Key {
        id: of.id,
        name: of.name,
        scopes: of.scopes.into_iter().map(scope).collect(),
        roles: of.roles,
        made_at: of.created_at,
        ends_at: of.expires_at,
        revoked: of.revoked_at.is_some(),
        used_at: of.last_used_at,
    }
}

fn scope(of: Scope) -> KeyScope {
    match of {
        Scope::Query => KeyScope::Query,
        Scope::Write => KeyScope::Write,
        Scope::Collect => KeyScope::Collect,
        Scope::Sql => KeyScope::Sql,
        Scope::Admin => KeyScope::Admin,
    }
}

fn meant(of: KeyScope) -> Scope {
    match of {
        KeyScope::Query => Scope::Query,
        KeyScope::Write => Scope::Write,
        KeyScope::Collect => Scope::Collect,
        KeyScope::Sql => Scope::Sql,
        KeyScope::Admin => Scope::Admin,
    }
}

pub(super) async fn add_key(State(server): State<Shared>, caller: Caller, Body(new): Body<NewKey>) -> Answer<MadeKey> {
    let scopes = new.scopes.into_iter().map(meant).collect();
    let new = florin_access::NewKey { name: new.name, scopes, roles: new.roles, days: new.days };
    let made = server.access.make_key(caller.session()?, new).await?;
    Ok(Json(MadeKey { secret: made.key.expose().to_owned(), key: key(made.line) }))
}

pub(super) async fn revoke_key(
    State(server): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Failure> {
    server.access.revoke_key(caller.session()?, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Server {
    /// What the first administrator signs in with, where there is no user yet.
    pub(crate) async fn first(&self) -> Result<Option<(String, String)>, florin_access::AccessError> {
        let made = self.access.first_administrator().await?;
        Ok(made.map(|made| (made.user, made.password.expose().to_owned())))
    }
}
