//! Keys for machines: whose, what for, until when; a hash of the secret, never the secret.

use std::fmt;

use florin_domain::{EventTime, Role};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, values},
    users::{role_names, roles_of},
};

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyScope {
    /// Reading through the API.
    Query,
    /// Reading and changing through the API.
    Write,
    /// Writing events.
    Collect,
    /// PostgreSQL's wire and Flight SQL.
    Sql,
    /// Administering through the API.
    Admin,
}

impl KeyScope {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Query, Self::Write, Self::Collect, Self::Sql, Self::Admin];

    /// The name used in records and requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Write => "write",
            Self::Collect => "collect",
            Self::Sql => "sql",
            Self::Admin => "admin",
        }
    }

    /// Whether a key for this opens what needs that: whoever may change things may also look at them.
    #[must_use]
    pub fn opens(self, what: Self) -> bool {
        self == what || (self, what) == (Self::Write, Self::Query)
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What SCRAM-SHA-256 checks a password against, and shows itself with (RFC 5802). `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    /// What the password was mixed with.
    pub salt: Vec<u8>,
    /// How often it was hashed.
    pub iterations: u32,
    /// A hash of the key that the client shows it has.
    pub stored_key: [u8; 32],
    /// The key that the server shows it has.
    pub server_key: [u8; 32],
}

impl fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScramVerifier(…)")
    }
}

/// A key for a machine. `Debug` shows neither hash nor verifier.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// What it is known by.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// What its owner calls it.
    pub name: String,
    /// What it opens, in order.
    pub scopes: Vec<KeyScope>,
    /// In which of its owner's roles, in order.
    pub roles: Vec<Role>,
    /// Of the secret.
    pub hash: [u8; 32],
    /// For the scope `sql`.
    pub scram: Option<ScramVerifier>,
    /// When it was made.
    pub created_at: EventTime,
    /// When it stops to hold.
    pub expires_at: EventTime,
    /// When it was last used, as written down.
    pub last_used_at: Option<EventTime>,
    /// When it was revoked.
    pub revoked_at: Option<EventTime>,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}, {}, …)", self.id, self.owner)
    }
}

impl Store {
    /// Writes down a key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of that id; [`StoreError::Invalid`] when its owner has `owned_max` live ones
    /// already; else those of the database.
    pub async fn add_api_key(&self, key: &ApiKey, owned_max: u32) -> Result<()> {
        let mut tx = self.write().await?;
        let live = "select count(*) from access_key where owner = $1 and revoked_at is null and expires_at > $2";
        if tx.count(live, values![&key.owner, key.created_at]).await? >= i64::from(owned_max) {
            return Err(StoreError::Invalid(format!("`{}` has {owned_max} keys, and no more are allowed", key.owner)));
        }
        let sql = "insert into access_key (id, owner, name, scopes, roles, hash, scram_salt, scram_iterations,
                       scram_stored_key, scram_server_key, created_at, expires_at)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let scopes = key.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",");
        let mut row = values![&key.id, &key.owner, &key.name, scopes, role_names(&key.roles), key.hash];
        row.extend(match &key.scram {
            Some(scram) => {
                values![scram.salt.clone(), scram.iterations, Some(scram.stored_key), Some(scram.server_key)]
            }
            None => values![None::<[u8; 32]>, None::<i64>, None::<[u8; 32]>, None::<[u8; 32]>],
        });
        row.extend(values![key.created_at, key.expires_at]);
        tx.execute(sql, row).await.map_err(|error| error.clash(|| "there is a key of that id already".to_owned()))?;
        tx.commit().await
    }

    /// A key with whether its owner is disabled and what they are now; nothing when there is none of that id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn api_key(&self, id: &str) -> Result<Option<(ApiKey, crate::User)>> {
        let sql = "select u.name, u.display_name, u.roles, u.disabled, u.created_at,
                       k.id, k.owner, k.name, k.scopes, k.roles, k.hash, k.scram_salt, k.scram_iterations,
                       k.scram_stored_key, k.scram_server_key, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
                   from access_key k join access_user u on u.name = k.owner where k.id = $1";
        self.read().await?.first(sql, values![id], |row| Ok((key(row)?, crate::users::user(row)?))).await
    }

    /// The keys of one owner, or all: by owner, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn api_keys(&self, owner: Option<&str>) -> Result<Vec<ApiKey>> {
        let sql = "select u.name, u.display_name, u.roles, u.disabled, u.created_at,
                       k.id, k.owner, k.name, k.scopes, k.roles, k.hash, k.scram_salt, k.scram_iterations,
                       k.scram_stored_key, k.scram_server_key, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
                   from access_key k join access_user u on u.name = k.owner
                   where ($1 is null or k.owner = $1) order by k.owner, k.created_at desc, k.id";
        self.read().await?.all(sql, values![owner.map(str::to_owned)], key).await
    }

    /// Revokes a key; says whether it was one that held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn revoke_api_key(&self, id: &str, at: EventTime) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_key set revoked_at = $2 where id = $1 and revoked_at is null";
        let revoked = tx.execute(sql, values![id, at]).await? == 1;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Writes down that a key was used.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn touch_api_key(&self, id: &str, at: EventTime) -> Result<()> {
        let mut tx = self.write().await?;
        let sql = "update access_key set last_used_at = $2
                   where id = $1 and (last_used_at is null or last_used_at < $2)";
        tx.execute(sql, values![id, at]).await?;
        tx.commit().await
    }
}

/// From the columns after those of the owner.
fn key(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.get(5)?,
        owner: row.get(6)?,
        name: row.get(7)?,
        scopes: scopes_of(&row.get::<String>(8)?)?,
        roles: roles_of(&row.get::<String>(9)?)?,
        hash: row.hash(10)?,
        scram: scram(row)?,
        created_at: row.time(15)?,
        expires_at: row.time(16)?,
        last_used_at: row.get::<Option<i64>>(17)?.map(EventTime),
        revoked_at: row.get::<Option<i64>>(18)?.map(EventTime),
    })
}

fn scram(row: &Row) -> Result<Option<ScramVerifier>> {
    let Some(salt) = row.get::<Option<Vec<u8>>>(11)? else { return Ok(None) };
    let (stored_key, server_key) = (row.hash(13)?, row.hash(14)?);
    Ok(Some(ScramVerifier { salt, iterations: row.number(12)?, stored_key, server_key }))
}

fn scopes_of(text: &str) -> Result<Vec<KeyScope>> {
    let scope = |name: &str| {
        let found = KeyScope::ALL.into_iter().find(|scope| scope.name() == name);
        found.ok_or_else(|| StoreError::Corrupt("a key has a scope that is none".to_owned()))
    };
    text.split(',').filter(|name| !name.is_empty()).map(scope).collect()
}
