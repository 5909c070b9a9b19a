//! Keys for machines: `fl_<id>_<secret>`, made by those who are signed in, for less than they may themselves.

use std::{net::IpAddr, time::Duration};

use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::EventKind;
use florin_store::{ApiKey, KeyScope as Scope, StoreError, User};
use serde_json::json;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    access::{Access, Authority, Refused, SEEN_EVERY, later, since},
    error::{AccessError, Result},
    record::{UNKNOWN, entry, nobody},
    scram,
    secret::{Kind, Secret, base32_lower, hash, random},
    sessions::Session,
    users::in_order,
};

/// What every key begins with, so that programs which look for leaked secrets know one.
pub const PREFIX: &str = "fl_";
/// Days that a key holds at most.
pub const DAYS_MAX: u32 = 366;
/// Live keys of one owner at most.
pub const OWNED_MAX: u32 = 50;
/// Signs of what a key is called at most.
pub const NAME_CHARS_MAX: usize = 80;
/// A key is no longer; what is longer is not one.
const KEY_BYTES_MAX: usize = 128;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// In which of its owner's roles; what only writes events needs none.
    pub roles: Vec<Role>,
    /// How long it holds.
    pub days: u32,
}

/// A key that was made.
#[derive(Debug, Clone)]
pub struct MadeKey {
    /// What is known of it.
    pub line: KeyLine,
    /// The key itself, `fl_<id>_<secret>`: what a machine sends, and the password of a program that speaks SQL. It is shown once.
    pub key: Secret,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// What to revoke it by, and who it is to a program that speaks SQL.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// What its owner calls it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// In which roles.
    pub roles: Vec<Role>,
    /// Since when.
    pub created_at: EventTime,
    /// Until when.
    pub expires_at: EventTime,
    /// When it was last used, to the minute.
    pub last_used_at: Option<EventTime>,
    /// When it was revoked.
    pub revoked_at: Option<EventTime>,
}

/// Whose request it is that came with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The key's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its owner, in the roles that the key has and the owner still has.
    pub principal: Principal,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Until when.
    pub expires_at: EventTime,
}

impl Access {
    /// Makes a key for whoever asks.
    ///
    /// # Errors
    /// [`AccessError::NotAllowed`] when it would have a role that its owner has not; [`AccessError::Invalid`] when it makes no sense.
    pub async fn make_key(&self, session: &Session, new: NewKey) -> Result<MadeKey> {
        let owner = self.known(&session.user).await?;
        self.make(&session.principal(), &owner, new).await
    }

    /// Makes a key for a user.
    ///
    /// # Errors
    /// As for [`Self::make_key`]; [`AccessError::Unknown`] when there is no such user.
    pub async fn make_key_for(&self, by: Authority<'_>, owner: &str, new: NewKey) -> Result<MadeKey> {
        let who = by.who()?;
        let owner = self.known(owner).await?;
        self.make(who, &owner, new).await
    }

    async fn make(&self, who: &Principal, owner: &User, new: NewKey) -> Result<MadeKey> {
        let new = checked(owner, new)?;
        self.check_room(owner).await?;
        let id = base32_lower(&*random::<8>(self.fill())).to_string();
        let secret = base32_lower(&*random::<32>(self.fill()));
        let created_at = self.now();
        let sql = new.scopes.contains(&Scope::Sql);
        let salt = *random::<{ scram::SALT_BYTES }>(self.fill());
        let text = Zeroizing::new(format!("{PREFIX}{id}_{}", *secret));
        let key = ApiKey {
            hash: hash(Kind::Key, &secret),
            scram: sql.then(|| scram::verifier(&text, &salt, scram::ITERATIONS)),
            id: id.clone(),
            owner: owner.name.clone(),
            name: new.name,
            scopes: new.scopes,
            roles: new.roles,
            created_at,
            expires_at: later(created_at, DAY * new.days),
            last_used_at: None,
            revoked_at: None,
        };
        self.record_key(who, "made", &key).await?;
        match self.store.add_api_key(&key, OWNED_MAX).await {
            Err(StoreError::Invalid(why)) => return Err(AccessError::not_allowed(why)),
            added => added?,
        }
        Ok(MadeKey { line: line(key), key: text.as_str().into() })
    }

    /// Whether an owner may have one more key. The store asks again; here so that nothing is on record that was refused.
    async fn check_room(&self, owner: &User) -> Result<()> {
        let (keys, now) = (self.store.api_keys(Some(&owner.name)).await?, self.now());
        let live = keys.iter().filter(|key| key.revoked_at.is_none() && key.expires_at > now).count();
        if live < OWNED_MAX as usize {
            return Ok(());
        }
        Err(AccessError::not_allowed(format!("`{}` has {OWNED_MAX} keys, and no more are allowed", owner.name)))
    }

    /// The keys of whoever asks, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keys(&self, session: &Session) -> Result<Vec<KeyLine>> {
        Ok(self.store.api_keys(Some(&session.user)).await?.into_iter().map(line).collect())
    }

    /// All keys of all users.
    ///
    /// # Errors
    /// When the leave is for something else, or the store fails.
    pub async fn all_keys(&self, by: Authority<'_>) -> Result<Vec<KeyLine>> {
        by.who()?;
        Ok(self.store.api_keys(None).await?.into_iter().map(line).collect())
    }

    /// Revokes a key of whoever asks.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] when they have no such key.
    pub async fn revoke_key(&self, session: &Session, id: &str) -> Result<()> {
        let found = self.store.api_key(id).await?.filter(|(key, _)| key.owner == session.user);
        let (key, _) = found.ok_or_else(|| AccessError::unknown("key", id))?;
        self.revoke(&session.principal(), &key).await
    }

    /// Revokes anybody's key.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] when there is no such key.
    pub async fn revoke_any_key(&self, by: Authority<'_>, id: &str) -> Result<()> {
        let who = by.who()?;
        let (key, _) = self.store.api_key(id).await?.ok_or_else(|| AccessError::unknown("key", id))?;
        self.revoke(who, &key).await
    }

    async fn revoke(&self, who: &Principal, key: &ApiKey) -> Result<()> {
        self.record_key(who, "revoked", key).await?;
        self.store.revoke_api_key(&key.id, self.now()).await?;
        self.keys.forget(|known| known.id == key.id);
        Ok(())
    }

    /// Whose request it is that came with a key, if the key opens that. Cheap: the store is asked every few seconds.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] whatever is wrong with the key; [`AccessError::NotAllowed`] when it is not for that;
    /// [`AccessError::Throttled`] when too many wrong ones came from there (a right one is never held up).
    pub async fn key(&self, shown: &Secret, scope: Scope, from: IpAddr) -> Result<KeyUse> {
        match self.find_key(shown).await {
            Ok(used) => allowed(used, scope),
            Err(Refused::Otherwise(error)) => Err(error),
            Err(wrong) => {
                let attempt = self.begin(None, from)?;
                self.judged_by("key", &attempt, &nobody(UNKNOWN), from, Err(wrong)).await
            }
        }
    }

    async fn find_key(&self, shown: &Secret) -> Result<KeyUse, Refused> {
        let (id, secret) = parts(shown).ok_or(Refused::Wrong("not a key"))?;
        let (whole, now) = (hash(Kind::Key, shown.expose()), self.now());
        let used = match self.keys.get(&whole, now) {
            Ok(used) => used,
            Err(epoch) => {
                let found = self.store.api_key(id).await?.ok_or(Refused::Wrong("no such key"))?;
                if !bool::from(found.0.hash.ct_eq(&hash(Kind::Key, secret))) {
                    return Err(Refused::Wrong("secret of a key"));
                }
                let used = self.usable(&found.0, &found.1)?;
                self.keys.put(epoch, whole, now, used.clone());
                used
            }
        };
        if now < used.expires_at { Ok(used) } else { Err(Refused::Wrong("key expired")) }
    }

    /// Whether a key whose secret was shown opens anything; that it was used is noted.
    pub(crate) fn usable(&self, key: &ApiKey, owner: &User) -> Result<KeyUse, Refused> {
        let now = self.now();
        if key.revoked_at.is_some() {
            return Err(Refused::Wrong("key revoked"));
        }
        if key.expires_at <= now {
            return Err(Refused::Wrong("key expired"));
        }
        if owner.disabled {
            return Err(Refused::Wrong("owner of a key disabled"));
        }
        if key.last_used_at.is_none_or(|used| since(used, now) >= SEEN_EVERY) {
            let id = key.id.clone();
            self.note(|store| async move { store.touch_api_key(&id, now).await });
        }
        Ok(use_of(key, owner))
    }

    async fn record_key(&self, who: &Principal, act: &str, key: &ApiKey) -> Result<()> {
        let entry = entry(self.now(), who, EventKind::ApiKey, act, None)
            .with("key", key.id.as_str())
            .with("owner", key.owner.as_str())
            .with("scopes", json!(key.scopes))
            .with("key_roles", json!(key.roles))
            .with("expires_at", json!(key.expires_at));
        self.record(entry).await
    }
}

/// `fl_<id>_<secret>` in two.
fn parts(shown: &Secret) -> Option<(&str, &str)> {
    let text = shown.expose();
    if text.len() > KEY_BYTES_MAX {
        return None;
    }
    text.strip_prefix(PREFIX)?.split_once('_')
}

pub(crate) fn use_of(key: &ApiKey, owner: &User) -> KeyUse {
    let roles = key.roles.iter().copied().filter(|role| owner.roles.contains(role)).collect();
    KeyUse {
        id: key.id.clone(),
        name: key.name.clone(),
        principal: Principal { user: owner.name.clone(), roles },
        scopes: key.scopes.clone(),
        expires_at: key.expires_at,
    }
}

pub(crate) fn allowed(used: KeyUse, scope: Scope) -> Result<KeyUse> {
    if used.scopes.iter().any(|has| has.opens(scope)) {
        return Ok(used);
    }
    let has = used.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(", ");
    Err(AccessError::not_allowed(format!("the key `{}` is for {has}; this needs one for {scope}", used.id)))
}

fn checked(owner: &User, new: NewKey) -> Result<NewKey> {
    let (mut scopes, roles) = (new.scopes, in_order(new.roles));
    scopes.sort_unstable();
    scopes.dedup();
    if new.name.trim().is_empty() || new.name.chars().count() > NAME_CHARS_MAX || new.name.chars().any(char::is_control)
    {
        return Err(AccessError::invalid(format!("a key is called something of 1 to {NAME_CHARS_MAX} signs")));
    }
    if scopes.is_empty() {
        let all = Scope::ALL.map(Scope::name).join(", ");
        return Err(AccessError::invalid(format!("a key is for something; one or more of: {all}")));
    }
    if !(1..=DAYS_MAX).contains(&new.days) {
        return Err(AccessError::invalid(format!("a key holds for 1 to {DAYS_MAX} days")));
    }
    if let Some(role) = roles.iter().find(|role| !owner.roles.contains(role)) {
        return Err(AccessError::not_allowed(format!("`{}` is not {role}, so no key of theirs can be", owner.name)));
    }
    if scopes.contains(&Scope::Admin) && !roles.contains(&Role::Administrator) {
        return Err(AccessError::not_allowed("a key for admin needs the role administrator"));
    }
    Ok(NewKey { scopes, roles, ..new })
}

fn line(key: ApiKey) -> KeyLine {
    KeyLine {
        id: key.id,
        owner: key.owner,
        name: key.name,
        scopes: key.scopes,
        roles: key.roles,
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
    }
}
