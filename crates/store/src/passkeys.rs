//! Passkeys: public keys of authenticators, and the challenges that they sign.
//!
//! A challenge is taken in one statement that touches a row or does not, and a counter only ever grows: of two who come with the same
//! answer, one gets in.

use std::fmt;

use florin_domain::EventTime;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sessions,
    sql::{Row, Tx, values},
};

/// A challenge to be signed. `Debug` does not show its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyChallenge {
    /// Of the challenge.
    pub hash: [u8; 32],
    /// Who registers a passkey with it, and what authenticators call them; nobody when somebody is to sign in.
    pub registers: Option<(String, [u8; 32])>,
    /// When it is over.
    pub expires_at: EventTime,
}

impl fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasskeyChallenge({:?}, …)", self.registers.as_ref().map(|(user, _)| user))
    }
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// What its authenticator calls it.
    pub id: Vec<u8>,
    /// Whose.
    pub user: String,
    /// What authenticators call them.
    pub handle: [u8; 32],
    /// What its owner calls it.
    pub name: String,
    /// The public key, as the authenticator gave it (COSE).
    pub public_key: Vec<u8>,
    /// How often it was used, as the authenticator counts; 0 where it does not.
    pub counter: u32,
    /// Whether its owner's devices share it.
    pub synced: bool,
    /// Since when.
    pub created_at: EventTime,
    /// When it was last used.
    pub last_used_at: Option<EventTime>,
}

impl Store {
    /// Hands out a challenge. Those that are over go, and where there are too many, those that end first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_passkey_challenge(
        &self,
        new: &PasskeyChallenge,
        now: EventTime,
        challenges_max: u32,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        tx.execute("delete from access_passkey_challenge where expires_at <= $1", values![now]).await?;
        let too_many = "delete from access_passkey_challenge where hash in (
                            select hash from access_passkey_challenge order by expires_at desc, hash
                            limit 1000000 offset $1)";
        tx.execute(too_many, values![challenges_max.saturating_sub(1)]).await?;
        let (user, handle) = new.registers.clone().unzip();
        let sql = "insert into access_passkey_challenge (hash, user_name, handle, expires_at) values ($1, $2, $3, $4)";
        tx.execute(sql, values![new.hash, user, handle, new.expires_at]).await?;
        tx.commit().await
    }

    /// Takes a challenge, which is then used, whatever comes of it; nothing when there is none, or it is over.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_passkey_challenge(&self, hash: &[u8; 32], now: EventTime) -> Result<Option<PasskeyChallenge>> {
        let mut tx = self.write().await?;
        let sql = "delete from access_passkey_challenge where hash = $1 returning hash, user_name, handle, expires_at";
        let taken = tx.first(sql, values![hash], challenge).await?;
        tx.commit().await?;
        Ok(taken.filter(|challenge| now < challenge.expires_at))
    }

    /// Keeps a new passkey, unless its owner has too many; says whether it did. Their sessions end but the one kept (by hash).
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of that id; else those of the database.
    pub async fn add_passkey(&self, new: &Passkey, a_user_max: u32, keep: &[u8; 32]) -> Result<bool> {
        let mut tx = self.write().await?;
        // The owner's row is written, as it is, so that it is locked: two who register at once are counted one after the other.
        tx.execute("update access_user set disabled = disabled where name = $1", values![&new.user]).await?;
        let count = "select count(*) from access_passkey where user_name = $1";
        if tx.count(count, values![&new.user]).await? >= i64::from(a_user_max) {
            return Ok(false);
        }
        let sql = "insert into access_passkey
                       (id, user_name, handle, name, public_key, counter, synced, created_at, last_used_at)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, null)";
        let Passkey { id, user, handle, name, public_key, counter, synced, created_at, .. } = new;
        let row = values![&**id, user, handle, name, &**public_key, *counter, *synced, *created_at];
        tx.execute(sql, row).await.map_err(|error| error.clash(|| "there is such a passkey already".to_owned()))?;
        sessions::end_all(&mut tx, user, Some(keep)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The passkey of that id, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn passkey(&self, id: &[u8]) -> Result<Option<Passkey>> {
        let sql = "select id, user_name, handle, name, public_key, counter, synced, created_at, last_used_at
                   from access_passkey where id = $1";
        self.read().await?.first(sql, values![id], passkey).await
    }

    /// The passkeys of a user, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn passkeys(&self, user: &str) -> Result<Vec<Passkey>> {
        let sql = "select id, user_name, handle, name, public_key, counter, synced, created_at, last_used_at
                   from access_passkey where user_name = $1 order by created_at, id";
        self.read().await?.all(sql, values![user], passkey).await
    }

    /// Writes down that a passkey was used; says whether it was still to be had: its counter must have grown, unless it does not count.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn use_passkey(&self, id: &[u8], counter: u32, synced: bool, at: EventTime) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_passkey set counter = $2, synced = $3, last_used_at = $4
                   where id = $1 and (counter < $2 or (counter = 0 and $2 = 0))";
        let used = tx.execute(sql, values![id, counter, synced, at]).await? == 1;
        tx.commit().await?;
        Ok(used)
    }

    /// Calls a passkey something else; says whether its owner has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rename_passkey(&self, user: &str, id: &[u8], name: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "update access_passkey set name = $3 where user_name = $1 and id = $2";
        let renamed = tx.execute(sql, values![user, id, name]).await? == 1;
        tx.commit().await?;
        Ok(renamed)
    }

    /// Removes a passkey, and ends its owner's sessions but the one kept (by hash); says whether they had it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remove_passkey(&self, user: &str, id: &[u8], keep: &[u8; 32]) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "delete from access_passkey where user_name = $1 and id = $2";
        let removed = tx.execute(sql, values![user, id]).await? == 1;
        sessions::end_all(&mut tx, user, Some(keep)).await?;
        tx.commit().await?;
        Ok(removed)
    }
}

/// Removes every passkey of a user.
pub(crate) async fn remove_all(tx: &mut Tx, user: &str) -> Result<()> {
    tx.execute("delete from access_passkey where user_name = $1", values![user]).await?;
    tx.execute("delete from access_passkey_challenge where user_name = $1", values![user]).await?;
    Ok(())
}

fn challenge(row: &Row) -> Result<PasskeyChallenge> {
    let registers = match row.get::<Option<String>>(1)? {
        Some(user) => Some((user, row.hash(2)?)),
        None => None,
    };
    Ok(PasskeyChallenge { hash: row.hash(0)?, registers, expires_at: row.time(3)? })
}

fn passkey(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        id: row.get(0)?,
        user: row.get(1)?,
        handle: row.hash(2)?,
        name: row.get(3)?,
        public_key: row.get(4)?,
        counter: row.number(5).map_err(|_| StoreError::Corrupt("a passkey's counter is out of range".to_owned()))?,
        synced: row.get::<i64>(6)? != 0,
        created_at: row.time(7)?,
        last_used_at: row.get::<Option<i64>>(8)?.map(EventTime),
    })
}
