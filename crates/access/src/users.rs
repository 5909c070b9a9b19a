//! Who there is: the first administrator, users, their roles, one-time passwords.

use std::time::Duration;

use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::EventKind;
use florin_store::{Stays, StoreError, User, UserChange, UserPassword};
use serde_json::json;

use crate::{
    access::{Access, Authority, later},
    error::{AccessError, Result},
    record::{FLORIN, UNKNOWN, entry, nobody},
    second_factor::SecondFactor,
    secret::{Secret, random, typable},
};

/// How long a one-time password holds.
pub const ONE_TIME_HOLDS: Duration = Duration::from_secs(72 * 60 * 60);
/// Signs of a user's name at most.
pub const NAME_CHARS_MAX: usize = 64;
/// Signs of what people call a user at most.
pub const DISPLAY_NAME_CHARS_MAX: usize = 120;
/// What the first administrator signs in with.
pub const FIRST_ADMINISTRATOR: &str = "admin";

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they sign in with: lower-case letters, digits, and `.`, `_`, `-`, `@` between them.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// What they are.
    pub roles: Vec<Role>,
}

/// A user with what they sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetail {
    /// Who.
    pub user: User,
    /// Since when their password holds.
    pub password_set_at: EventTime,
    /// Whether it must be changed before it opens anything.
    pub must_change_password: bool,
    /// When it stops to hold, if ever.
    pub password_expires_at: Option<EventTime>,
    /// Their second factor.
    pub second_factor: SecondFactor,
    /// How many sessions they have.
    pub sessions: usize,
}

/// A password that was made for somebody. It is shown once, opens nothing but the change of itself, and expires.
#[derive(Debug, Clone)]
pub struct OneTimePassword {
    /// Whose.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// When it stops to hold.
    pub expires_at: EventTime,
}

impl Access {
    /// Makes the user `admin` with a one-time password if there is no user at all. Whoever calls shows the password, once.
    ///
    /// # Errors
    /// When it cannot be put on record, or the store fails.
    pub async fn first_administrator(&self) -> Result<Option<OneTimePassword>> {
        if !self.store.users().await?.is_empty() {
            return Ok(None);
        }
        let user = User {
            name: FIRST_ADMINISTRATOR.to_owned(),
            display_name: "Administrator".to_owned(),
            roles: vec![Role::Administrator],
            disabled: false,
            created_at: self.now(),
        };
        let (made, password) = self.one_time(&user.name).await?;
        self.record_user(&nobody(FLORIN), "first administrator made", &user).await?;
        Ok(self.store.add_first_user(&user, &password).await?.then_some(made))
    }

    /// All users, by name.
    ///
    /// # Errors
    /// When the leave is for something else, or the store fails.
    pub async fn users(&self, by: Authority<'_>) -> Result<Vec<User>> {
        by.who()?;
        Ok(self.store.users().await?)
    }

    /// One user, with what they sign in with.
    ///
    /// # Errors
    /// [`AccessError::Unknown`], or when the leave is for something else.
    pub async fn user(&self, by: Authority<'_>, name: &str) -> Result<UserDetail> {
        by.who()?;
        let known = self.store.credentials(name).await?.ok_or_else(|| AccessError::unknown("user", name))?;
        let second_factor = self.second_factor_of(&known).await?;
        let sessions = self.store.sessions_of(name).await?;
        Ok(UserDetail {
            password_set_at: known.password.set_at,
            must_change_password: known.password.must_change,
            password_expires_at: known.password.expires_at,
            second_factor,
            sessions: sessions.into_iter().filter(|found| self.is_live(found)).count(),
            user: known.user,
        })
    }

    /// Makes a user, who signs in with the one-time password that comes back.
    ///
    /// # Errors
    /// [`AccessError::Taken`] when there is one of that name, [`AccessError::Invalid`] when it cannot be a name.
    pub async fn add_user(&self, by: Authority<'_>, new: NewUser) -> Result<OneTimePassword> {
        let who = by.who()?;
        check_name(&new.name)?;
        check_display_name(&new.display_name)?;
        let taken = || AccessError::Taken { what: "user", name: new.name.clone() };
        if self.store.credentials(&new.name).await?.is_some() {
            return Err(taken());
        }
        let (made, password) = self.one_time(&new.name).await?;
        let user = User {
            name: new.name.clone(),
            display_name: new.display_name,
            roles: in_order(new.roles),
            disabled: false,
            created_at: self.now(),
        };
        self.record_user(who, "made", &user).await?;
        match self.store.add_user(&user, &password).await {
            Ok(()) => Ok(made),
            Err(StoreError::Conflict(_)) => Err(taken()),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a user. Where they are something else then, or disabled, their sessions end.
    ///
    /// # Errors
    /// [`AccessError::Unknown`]; [`AccessError::NotAllowed`] when no administrator would be left.
    pub async fn change_user(&self, by: Authority<'_>, name: &str, change: UserChange) -> Result<User> {
        let who = by.who()?;
        let before = self.known(name).await?;
        change.display_name.as_deref().map_or(Ok(()), check_display_name)?;
        let change = UserChange { roles: change.roles.map(in_order), ..change };
        let is_to_be = User {
            roles: change.roles.clone().unwrap_or_else(|| before.roles.clone()),
            disabled: change.disabled.unwrap_or(before.disabled),
            ..before
        };
        // Again within the change, where nobody comes between; here so that nothing is on record that was refused.
        if !self.leaves_an_administrator(&is_to_be).await? {
            return Err(AccessError::not_allowed(format!("`{name}` is the last who is {}", Role::Administrator)));
        }
        self.record_user(who, "changed", &is_to_be).await?;
        let changed = self.store.change_user(name, &change, Stays(Role::Administrator)).await;
        self.forget_user(name);
        match changed {
            Ok(after) => after.ok_or_else(|| AccessError::unknown("user", name)),
            Err(StoreError::Invalid(why)) => Err(AccessError::not_allowed(why)),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody who may sign in is administrator once a user is this, or nobody was before.
    pub(crate) async fn leaves_an_administrator(&self, is_to_be: &User) -> Result<bool> {
        let administers = |user: &User| !user.disabled && user.roles.contains(&Role::Administrator);
        let users = self.store.users().await?;
        let others = || users.iter().filter(|user| user.name != is_to_be.name);
        Ok(administers(is_to_be) || others().any(administers) || !users.iter().any(administers))
    }

    /// Gives a user a new one-time password. Their sessions end, their passkeys go, and who they are at the bank's sign-on is forgotten:
    /// whoever had a hand on any of it is out.
    ///
    /// # Errors
    /// [`AccessError::Unknown`], or when the leave is for something else.
    pub async fn reset_password(&self, by: Authority<'_>, name: &str) -> Result<OneTimePassword> {
        let who = by.who()?;
        let user = self.known(name).await?;
        let (made, password) = self.one_time(&user.name).await?;
        let entry = entry(self.now(), who, EventKind::Password, "one-time password made", None);
        self.record(entry.with("user", user.name.as_str())).await?;
        let set = self.store.begin_anew(name, &password).await?;
        self.forget_user(name);
        if set { Ok(made) } else { Err(AccessError::unknown("user", name)) }
    }

    /// What was believed of a user's sessions and keys is asked of the store again.
    pub(crate) fn forget_user(&self, name: &str) {
        self.sessions.forget(|session| session.user == name);
        self.keys.forget(|key| key.principal.user == name);
    }

    /// The user of that name.
    pub(crate) async fn known(&self, name: &str) -> Result<User> {
        let found = self.store.credentials(name).await?;
        found.map(|found| found.user).ok_or_else(|| AccessError::unknown("user", name))
    }

    async fn one_time(&self, name: &str) -> Result<(OneTimePassword, UserPassword)> {
        let password = typable(self.fill());
        let set_at = self.now();
        let expires_at = later(set_at, ONE_TIME_HOLDS);
        let phc = self.hasher.hash(&password, *random(self.fill())).await?;
        let kept = UserPassword { phc, set_at, must_change: true, expires_at: Some(expires_at) };
        Ok((OneTimePassword { user: name.to_owned(), password, expires_at }, kept))
    }

    pub(crate) async fn record_user(&self, who: &Principal, act: &str, user: &User) -> Result<()> {
        let entry = entry(self.now(), who, EventKind::User, act, None)
            .with("user", user.name.as_str())
            .with("user_roles", json!(user.roles))
            .with("disabled", user.disabled);
        self.record(entry).await
    }
}

/// A name as it is looked for: people type capitals and blanks.
pub(crate) fn typed_name(text: &str) -> String {
    text.trim().to_lowercase().chars().take(NAME_CHARS_MAX + 1).collect()
}

/// Names are what every record calls somebody, so no two look alike and none is one of Florin's own words.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let sound = name.starts_with(letter)
        && name.ends_with(letter)
        && name.len() <= NAME_CHARS_MAX
        && name.chars().all(|c| letter(c) || ".-_@".contains(c));
    if !sound {
        return Err(AccessError::invalid(format!(
            "`{name}` cannot be a user's name: at most {NAME_CHARS_MAX} lower-case letters and digits, with `.`, `_`, `-` or `@` between them"
        )));
    }
    if [FLORIN, UNKNOWN].contains(&name) {
        return Err(AccessError::invalid(format!(
            "`{name}` cannot be a user's name: it has a meaning of its own on the audit log"
        )));
    }
    Ok(())
}

pub(crate) fn check_display_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().count() > DISPLAY_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let why = format!("what people call a user has 1 to {DISPLAY_NAME_CHARS_MAX} signs, on one line");
        return Err(AccessError::invalid(why));
    }
    Ok(())
}

pub(crate) fn in_order(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort_unstable();
    roles.dedup();
    roles
}
