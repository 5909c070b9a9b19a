//! Who may sign in: users, their roles and their passwords.
//!
//! What ends sessions ends them in the same transaction: nobody is signed in by what is no longer true.

use std::fmt;

use florin_domain::{EventTime, Role};

use crate::{
    error::{Result, StoreError},
    oidc,
    open::Store,
    passkeys,
    second_factors::{self, Totp},
    sessions,
    sql::{Row, Tx, values},
};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What they sign in with, and what every record calls them.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// What they are, in order.
    pub roles: Vec<Role>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// Since when they are known.
    pub created_at: EventTime,
}

/// What a password is checked against. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserPassword {
    /// Its hash, with how it was made.
    pub phc: String,
    /// Since when it holds.
    pub set_at: EventTime,
    /// Whether it opens nothing before it is changed.
    pub must_change: bool,
    /// When it stops to hold, if ever.
    pub expires_at: Option<EventTime>,
}

impl fmt::Debug for UserPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserPassword(set at {}, must change: {}, …)", self.set_at.micros(), self.must_change)
    }
}

/// All that a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who.
    pub user: User,
    /// Their password.
    pub password: UserPassword,
    /// Their second factor, if one is set up.
    pub totp: Option<Totp>,
}

/// What is to be different about a user; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// What people call them.
    pub display_name: Option<String>,
    /// What they are.
    pub roles: Option<Vec<Role>>,
    /// Whether they may not sign in.
    pub disabled: Option<bool>,
}

/// A role that somebody must keep who may sign in. A change that would leave nobody is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stays(pub Role);

impl Store {
    /// Writes down a new user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of that name; else those of the database.
    pub async fn add_user(&self, user: &User, password: &UserPassword) -> Result<()> {
        let mut tx = self.write().await?;
        insert(&mut tx, user, password).await?;
        tx.commit().await.map_err(|error| error.clash(|| taken(&user.name)))
    }

    /// Writes down a user if there is none at all; says whether it did.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_first_user(&self, user: &User, password: &UserPassword) -> Result<bool> {
        let mut tx = self.write().await?;
        one_at_a_time(&mut tx).await?;
        if tx.count("select count(*) from access_user", vec![]).await? > 0 {
            return Ok(false);
        }
        insert(&mut tx, user, password).await?;
        tx.commit().await.map(|()| true)
    }

    /// All users, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn users(&self) -> Result<Vec<User>> {
        let sql = "select name, display_name, roles, disabled, created_at from access_user order by name";
        self.read().await?.all(sql, vec![], user).await
    }

    /// All that a sign-in of a user is checked against; nothing when there is no such user.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn credentials(&self, name: &str) -> Result<Option<Credentials>> {
        // One question, so that it takes as long for who does not exist.
        let sql = "select u.name, u.display_name, u.roles, u.disabled, u.created_at,
                          p.phc, p.set_at, p.must_change, p.expires_at,
                          t.sealed, t.confirmed, t.last_step, t.set_at, k.subject, k.wrapped
                   from access_user u join access_password p on p.user_name = u.name
                   left join access_totp t on t.user_name = u.name
                   left join subject_key k on k.subject = 'user:' || t.user_name
                   where u.name = $1";
        let credentials = |row: &Row| {
            let (user, password, totp) = (user(row)?, password(row)?, second_factors::totp(row)?);
            Ok(Credentials { user, password, totp })
        };
        self.read().await?.first(sql, values![name], credentials).await
    }

    /// Changes a user, and ends their sessions where they are something else now; gives back who they are then, or nothing when
    /// there is no such user.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when nobody would be left of the role that stays; else those of the database.
    pub async fn change_user(&self, name: &str, change: &UserChange, stays: Stays) -> Result<Option<User>> {
        let mut tx = self.write().await?;
        one_at_a_time(&mut tx).await?;
        let sql = "select name, display_name, roles, disabled, created_at from access_user where name = $1";
        let Some(before) = tx.first(sql, values![name], user).await? else { return Ok(None) };
        let after = changed(&before, change);
        let sql = "update access_user set display_name = $2, roles = $3, disabled = $4 where name = $1";
        tx.execute(sql, values![name, &after.display_name, role_names(&after.roles), after.disabled]).await?;
        if holds(&before, stays) && !holds(&after, stays) && !anybody(&mut tx, stays).await? {
            return Err(StoreError::Invalid(format!("`{name}` is the last who is {}", stays.0)));
        }
        if (&before.roles, before.disabled) != (&after.roles, after.disabled) {
            sessions::end_all(&mut tx, name, None).await?;
        }
        tx.commit().await?;
        Ok(Some(after))
    }

    /// Gives a user another password, and ends their sessions but the one kept (by hash); says whether there is such a user.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_password(&self, name: &str, password: &UserPassword, keep: Option<&[u8; 32]>) -> Result<bool> {
        let mut tx = self.write().await?;
        let set = replace_password(&mut tx, name, password).await?;
        sessions::end_all(&mut tx, name, keep).await?;
        tx.commit().await?;
        Ok(set)
    }

    /// Lets a user begin anew: another password, no session, no passkey, and nobody at the bank's sign-on. Says whether there is such a
    /// user.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_anew(&self, name: &str, password: &UserPassword) -> Result<bool> {
        let mut tx = self.write().await?;
        let set = replace_password(&mut tx, name, password).await?;
        passkeys::remove_all(&mut tx, name).await?;
        oidc::unlink(&mut tx, name).await?;
        sessions::end_all(&mut tx, name, None).await?;
        tx.commit().await?;
        Ok(set)
    }

    /// Puts a better hash of the same password in the place of an old one, unless the password was changed meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rehash_password(&self, name: &str, old: &str, new: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_password set phc = $3 where user_name = $1 and phc = $2";
        let done = tx.execute(sql, values![name, old, new]).await? == 1;
        tx.commit().await?;
        Ok(done)
    }
}

/// PostgreSQL: two who each see the other's administrator must not take away both. SQLite has one writer anyway.
async fn one_at_a_time(tx: &mut Tx) -> Result<()> {
    if let Tx::Postgres(_) = tx {
        tx.execute("lock table access_user in share row exclusive mode", vec![]).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, user: &User, password: &UserPassword) -> Result<()> {
    let User { name, display_name, roles, disabled, created_at } = user;
    let sql = "insert into access_user (name, display_name, roles, disabled, created_at) values ($1, $2, $3, $4, $5)";
    let row = values![name, display_name, role_names(roles), *disabled, *created_at];
    tx.execute(sql, row).await.map_err(|error| error.clash(|| taken(name)))?;
    let UserPassword { phc, set_at, must_change, expires_at } = password;
    let sql = "insert into access_password (user_name, phc, set_at, must_change, expires_at)
               values ($1, $2, $3, $4, $5)";
    let row = values![name, phc, *set_at, *must_change, expires_at.map(EventTime::micros)];
    tx.execute(sql, row).await?;
    Ok(())
}

async fn replace_password(tx: &mut Tx, name: &str, password: &UserPassword) -> Result<bool> {
    let sql = "update access_password set phc = $2, set_at = $3, must_change = $4, expires_at = $5
               where user_name = $1";
    let UserPassword { phc, set_at, must_change, expires_at } = password;
    let row = values![name, phc, *set_at, *must_change, expires_at.map(EventTime::micros)];
    Ok(tx.execute(sql, row).await? == 1)
}

fn taken(name: &str) -> String {
    format!("there is a user `{name}` already")
}

fn changed(user: &User, change: &UserChange) -> User {
    let UserChange { display_name, roles, disabled } = change.clone();
    User {
        display_name: display_name.unwrap_or_else(|| user.display_name.clone()),
        roles: roles.unwrap_or_else(|| user.roles.clone()),
        disabled: disabled.unwrap_or(user.disabled),
        ..user.clone()
    }
}

fn holds(user: &User, stays: Stays) -> bool {
    !user.disabled && user.roles.contains(&stays.0)
}

async fn anybody(tx: &mut Tx, stays: Stays) -> Result<bool> {
    let sql = "select name, display_name, roles, disabled, created_at from access_user where disabled = 0";
    Ok(tx.all(sql, vec![], user).await?.iter().any(|user| holds(user, stays)))
}

/// Roles as the store keeps them.
pub(crate) fn role_names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(",")
}

pub(crate) fn roles_of(text: &str) -> Result<Vec<Role>> {
    let role = |name: &str| name.parse().map_err(|_| StoreError::Corrupt("a user has a role that is none".to_owned()));
    text.split(',').filter(|name| !name.is_empty()).map(role).collect()
}

/// From the first five columns.
pub(crate) fn user(row: &Row) -> Result<User> {
    Ok(User {
        name: row.get(0)?,
        display_name: row.get(1)?,
        roles: roles_of(&row.get::<String>(2)?)?,
        disabled: row.get::<i64>(3)? != 0,
        created_at: row.time(4)?,
    })
}

fn password(row: &Row) -> Result<UserPassword> {
    Ok(UserPassword {
        phc: row.get(5)?,
        set_at: row.time(6)?,
        must_change: row.get::<i64>(7)? != 0,
        expires_at: row.get::<Option<i64>>(8)?.map(EventTime),
    })
}
