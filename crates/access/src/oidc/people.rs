//! Which user it is that the bank's sign-on names.

use florin_domain::{Principal, Role};
use florin_store::{Credentials, Stays, StoreError, User, UserChange, UserPassword};
use serde_json::Value;

use super::{
    Oidc, Unknown,
    token::{self, Claims},
};
use crate::{
    access::{Access, Refused},
    record::{FLORIN, nobody},
    secret::{random, typable},
    sign_in::principal,
    users::{DISPLAY_NAME_CHARS_MAX, check_display_name, check_name, in_order, typed_name},
};

/// The claim of an address, which is somebody's only where the issuer has made sure of it.
const EMAIL: &str = "email";

impl Access {
    /// The user whom checked claims are about. `who` becomes them as soon as they are known.
    pub(crate) async fn oidc_user(
        &self,
        oidc: &Oidc,
        claims: &Claims,
        who: &mut Principal,
    ) -> Result<Credentials, Refused> {
        let subject = token::text(claims, "sub").unwrap_or_default();
        let issuer = &oidc.settings.issuer;
        let linked = self.store.oidc_user(issuer, subject).await?;
        let known = match &linked {
            Some(name) => self.store.credentials(name).await?.ok_or(Refused::Wrong("no such user"))?,
            None => self.named(oidc, claims).await?,
        };
        *who = principal(&known);
        if known.user.disabled {
            return Err(Refused::Wrong("disabled"));
        }
        if linked.is_none() && !self.store.link_oidc_user(issuer, subject, &known.user.name, self.now()).await? {
            return Err(Refused::Wrong("another subject"));
        }
        match oidc.settings.roles_follow {
            true => self.with_roles(known, roles(oidc, claims)).await,
            false => Ok(known),
        }
    }

    /// The user of the name in the claims, who is made where there is none and the bank says so.
    async fn named(&self, oidc: &Oidc, claims: &Claims) -> Result<Credentials, Refused> {
        let claim = &oidc.settings.name_claim;
        if claim == EMAIL && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(Refused::Wrong("email not verified"));
        }
        let name = token::text(claims, claim).ok_or(Refused::Wrong("no name"))?;
        let name = typed_name(name);
        if let Some(known) = self.store.credentials(&name).await? {
            return Ok(known);
        }
        match oidc.settings.unknown {
            Unknown::Refuse => Err(Refused::Wrong("no such user")),
            Unknown::Make => self.make_named(&name, roles(oidc, claims), claims).await,
        }
    }

    /// A user who has a password that nobody ever saw and that is over: the sign-on is their only way in.
    async fn make_named(&self, name: &str, roles: Vec<Role>, claims: &Claims) -> Result<Credentials, Refused> {
        check_name(name).map_err(|_| Refused::Wrong("a name that cannot be a user's"))?;
        if roles.is_empty() {
            return Err(Refused::Wrong("no role"));
        }
        let display_name = display_name(claims, name);
        let user = User { name: name.to_owned(), display_name, roles, disabled: false, created_at: self.now() };
        let phc = self.hasher.hash(&typable(self.fill()), *random(self.fill())).await?;
        let set_at = self.now();
        let password = UserPassword { phc, set_at, must_change: true, expires_at: Some(set_at) };
        self.record_user(&nobody(FLORIN), "made by the bank's sign-on", &user).await?;
        match self.store.add_user(&user, &password).await {
            // Of two who come for the first time at once, one is made.
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.store.credentials(name).await?.ok_or(Refused::Wrong("no such user"))
    }

    /// The user with the roles that they have at the bank by now. The last administrator stays one.
    async fn with_roles(&self, known: Credentials, roles: Vec<Role>) -> Result<Credentials, Refused> {
        if roles.is_empty() {
            return Err(Refused::Wrong("no role"));
        }
        let is_to_be = User { roles: roles.clone(), ..known.user.clone() };
        if roles == known.user.roles || !self.leaves_an_administrator(&is_to_be).await? {
            return Ok(known);
        }
        self.record_user(&nobody(FLORIN), "changed by the bank's sign-on", &is_to_be).await?;
        let change = UserChange { roles: Some(roles), ..UserChange::default() };
        let changed = self.store.change_user(&known.user.name, &change, Stays(Role::Administrator)).await?;
        self.forget_user(&known.user.name);
        let user = changed.ok_or(Refused::Wrong("no such user"))?;
        Ok(Credentials { user, ..known })
    }
}

/// The roles that the claims map to.
fn roles(oidc: &Oidc, claims: &Claims) -> Vec<Role> {
    let groups: Vec<&str> = match claim(claims, &oidc.settings.roles_claim) {
        Some(Value::String(only)) => vec![only],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mapped = groups.into_iter().filter_map(|group| oidc.settings.roles.get(group));
    in_order(mapped.flatten().copied().collect())
}

/// A claim by its name, or by a path of names with dots: some issuers put them into each other.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (outer, inner) = name.split_once('.')?;
        claim(claims.get(outer)?.as_object()?, inner)
    })
}

fn display_name(claims: &Claims, name: &str) -> String {
    let called: String = token::text(claims, "name").unwrap_or(name).chars().take(DISPLAY_NAME_CHARS_MAX).collect();
    if check_display_name(&called).is_ok() { called } else { name.to_owned() }
}
