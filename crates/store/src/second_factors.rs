//! Second factors: the sealed secret of an authenticator app, which of its steps are used, and recovery codes.
//!
//! A step and a recovery code are used in one statement that touches a row or does not: of two who come with the same, one gets in.

use std::fmt;

use florin_domain::EventTime;

use crate::{
    error::Result,
    open::Store,
    sealed, sessions,
    sql::{Row, Tx, values},
    vault::WrappedKey,
};

/// A second factor to be set up. It is not asked for before it is confirmed.
#[derive(Clone)]
pub struct NewTotp {
    /// Whose.
    pub user: String,
    /// A new key of the subject `user:<name>`.
    pub key: WrappedKey,
    /// The secret, sealed under that key.
    pub sealed: Vec<u8>,
    /// When.
    pub set_at: EventTime,
}

impl fmt::Debug for NewTotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewTotp({}, …)", self.user)
    }
}

/// A second factor as it is kept.
#[derive(Clone)]
pub struct Totp {
    /// The key of its subject.
    pub key: WrappedKey,
    /// The secret, sealed under that key.
    pub sealed: Vec<u8>,
    /// Whether it is asked for.
    pub confirmed: bool,
    /// Steps up to this one are used.
    pub last_step: i64,
    /// Since when.
    pub set_at: EventTime,
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Totp(confirmed: {}, …)", self.confirmed)
    }
}

/// Whose key of the vault it is.
fn subject(user: &str) -> String {
    format!("user:{user}")
}

impl Store {
    /// Sets up a second factor in the place of one that was never confirmed; says whether it did. The key that sealed what was there is
    /// destroyed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_totp(&self, new: NewTotp) -> Result<bool> {
        let mut tx = self.write().await?;
        let confirmed = "select count(*) from access_totp where user_name = $1 and confirmed = 1";
        if tx.count(confirmed, values![&new.user]).await? > 0 {
            return Ok(false);
        }
        remove(&mut tx, &new.user).await?;
        let sql =
            "insert into access_totp (user_name, sealed, confirmed, last_step, set_at) values ($1, $2, 0, -1, $3)";
        tx.execute(sql, values![&new.user, new.sealed, new.set_at]).await?;
        sealed::insert_keys(&mut tx, vec![new.key]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Confirms a second factor with its first used step, gives it recovery codes (by hash) and ends the user's sessions but the one
    /// kept; says whether there was one to be confirmed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn confirm_totp(
        &self,
        user: &str,
        step: i64,
        codes: &[[u8; 32]],
        keep: Option<&[u8; 32]>,
    ) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_totp set confirmed = 1, last_step = $2
                   where user_name = $1 and confirmed = 0 and last_step < $2";
        if tx.execute(sql, values![user, step]).await? != 1 {
            return Ok(false);
        }
        replace_codes(&mut tx, user, codes).await?;
        sessions::end_all(&mut tx, user, keep).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Uses a step; says whether it was still to be had.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_totp_step(&self, user: &str, step: i64) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_totp set last_step = $2 where user_name = $1 and confirmed = 1 and last_step < $2";
        let used = tx.execute(sql, values![user, step]).await? == 1;
        tx.commit().await?;
        Ok(used)
    }

    /// Removes a user's second factor, its codes and the key that sealed it, and ends their sessions but the one kept; says whether there
    /// was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remove_totp(&self, user: &str, keep: Option<&[u8; 32]>) -> Result<bool> {
        let mut tx = self.write().await?;
        let removed = remove(&mut tx, user).await?;
        sessions::end_all(&mut tx, user, keep).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Gives a user other recovery codes (by hash).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_recovery_codes(&self, user: &str, codes: &[[u8; 32]]) -> Result<()> {
        let mut tx = self.write().await?;
        replace_codes(&mut tx, user, codes).await?;
        tx.commit().await
    }

    /// Uses a recovery code (by hash); says whether it was still to be had.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_recovery_code(&self, user: &str, code: &[u8; 32]) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "delete from access_recovery_code where user_name = $1 and hash = $2";
        let used = tx.execute(sql, values![user, code]).await? == 1;
        tx.commit().await?;
        Ok(used)
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn recovery_codes_left(&self, user: &str) -> Result<u32> {
        let sql = "select count(*) from access_recovery_code where user_name = $1";
        let left = self.read().await?.count(sql, values![user]).await?;
        Ok(u32::try_from(left).unwrap_or(u32::MAX))
    }
}

async fn remove(tx: &mut Tx, user: &str) -> Result<bool> {
    tx.execute("delete from access_recovery_code where user_name = $1", values![user]).await?;
    tx.execute("delete from subject_key where subject = $1", values![subject(user)]).await?;
    Ok(tx.execute("delete from access_totp where user_name = $1", values![user]).await? == 1)
}

async fn replace_codes(tx: &mut Tx, user: &str, codes: &[[u8; 32]]) -> Result<()> {
    tx.execute("delete from access_recovery_code where user_name = $1", values![user]).await?;
    for code in codes {
        let sql = "insert into access_recovery_code (user_name, hash) values ($1, $2)";
        tx.execute(sql, values![user, code]).await?;
    }
    Ok(())
}

/// From the columns after those of the user and the password, which are empty where there is none.
pub(crate) fn totp(row: &Row) -> Result<Option<Totp>> {
    let (Some(sealed), Some(subject)) = (row.get(9)?, row.get(13)?) else { return Ok(None) };
    Ok(Some(Totp {
        sealed,
        confirmed: row.get::<i64>(10)? != 0,
        last_step: row.get(11)?,
        set_at: row.time(12)?,
        key: WrappedKey { subject, wrapped: row.get(14)? },
    }))
}
