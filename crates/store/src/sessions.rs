//! Who is signed in. A token is known by a hash of it; what is not here is not signed in.

use std::fmt;

use florin_domain::EventTime;

use crate::{
    error::Result,
    open::Store,
    sql::{Row, Tx, values},
    users::{User, user},
};

/// A session to be begun. `Debug` does not show its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Of its token.
    pub hash: [u8; 32],
    /// What it is called where sessions are listed; opens nothing.
    pub id: String,
    /// Whose.
    pub user: String,
    /// When it began.
    pub created_at: EventTime,
    /// When it ends at the latest.
    pub expires_at: EventTime,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// From where.
    pub address: String,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewSession({}, {}, …)", self.id, self.user)
    }
}

/// How long sessions live, and how many a user may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// What was last seen before this is over.
    pub seen_since: EventTime,
    /// Sessions of one user; the one that was seen longest ago goes first.
    pub a_user_max: u32,
}

/// A session with whose it is, as they are now. `Debug` does not show its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Of its token.
    pub hash: [u8; 32],
    /// What it is called where sessions are listed; opens nothing.
    pub id: String,
    /// Whose.
    pub user: User,
    /// When it began.
    pub created_at: EventTime,
    /// When it was last seen, as written down.
    pub last_seen_at: EventTime,
    /// When it ends at the latest.
    pub expires_at: EventTime,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// From where it began.
    pub address: String,
}

impl fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveSession({}, {}, …)", self.id, self.user.name)
    }
}

impl Store {
    /// Begins a session unless the password it was opened with was changed since; says whether it did. Sessions that are over, and
    /// those of the user that are too many, go.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_session(&self, new: &NewSession, phc: &str, limits: SessionLimits) -> Result<bool> {
        let mut tx = self.write().await?;
        if !holds_still(&mut tx, &new.user, phc).await? {
            return Ok(false);
        }
        let over = "delete from access_session where expires_at <= $1 or last_seen_at < $2";
        tx.execute(over, values![new.created_at, limits.seen_since]).await?;
        let too_many = "delete from access_session where hash in (
                            select hash from access_session where user_name = $1
                            order by last_seen_at desc, created_at desc, id limit 1000000 offset $2)";
        tx.execute(too_many, values![&new.user, limits.a_user_max.saturating_sub(1)]).await?;
        insert(&mut tx, new).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The session of a token, by its hash, with its user as they are now; nothing when there is none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn session(&self, hash: &[u8; 32]) -> Result<Option<LiveSession>> {
        let sql = "select u.name, u.display_name, u.roles, u.disabled, u.created_at,
                          s.hash, s.id, s.created_at, s.last_seen_at, s.expires_at, s.second_factor, s.address
                   from access_session s join access_user u on u.name = s.user_name where s.hash = $1";
        self.read().await?.first(sql, values![hash], live).await
    }

    /// The sessions of a user, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sessions_of(&self, name: &str) -> Result<Vec<LiveSession>> {
        let sql = "select u.name, u.display_name, u.roles, u.disabled, u.created_at,
                          s.hash, s.id, s.created_at, s.last_seen_at, s.expires_at, s.second_factor, s.address
                   from access_session s join access_user u on u.name = s.user_name
                   where u.name = $1 order by s.created_at desc, s.id";
        self.read().await?.all(sql, values![name], live).await
    }

    /// Writes down that a session was seen.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn touch_session(&self, hash: &[u8; 32], at: EventTime) -> Result<()> {
        let mut tx = self.write().await?;
        let sql = "update access_session set last_seen_at = $2 where hash = $1 and last_seen_at < $2";
        tx.execute(sql, values![hash, at]).await?;
        tx.commit().await
    }

    /// Ends one session of a user, by its id; says whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_session(&self, name: &str, id: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "delete from access_session where user_name = $1 and id = $2";
        let ended = tx.execute(sql, values![name, id]).await? == 1;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends the sessions of a user but the one kept (by hash); says how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_sessions(&self, name: &str, keep: Option<&[u8; 32]>) -> Result<u64> {
        let mut tx = self.write().await?;
        let ended = end_all(&mut tx, name, keep).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

/// Whether the user may sign in with that password. Both rows are written, as they are, so that they are locked: whoever changes one at the
/// same time ends this session too.
async fn holds_still(tx: &mut Tx, name: &str, phc: &str) -> Result<bool> {
    let user = "update access_user set disabled = disabled where name = $1 and disabled = 0";
    let password = "update access_password set phc = phc where user_name = $1 and phc = $2";
    Ok(tx.execute(user, values![name]).await? == 1 && tx.execute(password, values![name, phc]).await? == 1)
}

/// Ends the sessions of a user but the one kept.
pub(crate) async fn end_all(tx: &mut Tx, name: &str, keep: Option<&[u8; 32]>) -> Result<u64> {
    match keep {
        Some(hash) => {
            let sql = "delete from access_session where user_name = $1 and hash <> $2";
            tx.execute(sql, values![name, hash]).await
        }
        None => tx.execute("delete from access_session where user_name = $1", values![name]).await,
    }
}

async fn insert(tx: &mut Tx, new: &NewSession) -> Result<()> {
    let NewSession { hash, id, user, created_at, expires_at, second_factor, address } = new;
    let sql = "insert into access_session
                   (hash, id, user_name, created_at, last_seen_at, expires_at, second_factor, address)
               values ($1, $2, $3, $4, $4, $5, $6, $7)";
    tx.execute(sql, values![hash, id, user, *created_at, *expires_at, *second_factor, address]).await?;
    Ok(())
}

fn live(row: &Row) -> Result<LiveSession> {
    Ok(LiveSession {
        user: user(row)?,
        hash: row.hash(5)?,
        id: row.get(6)?,
        created_at: row.time(7)?,
        last_seen_at: row.time(8)?,
        expires_at: row.time(9)?,
        second_factor: row.get::<i64>(10)? != 0,
        address: row.get(11)?,
    })
}
