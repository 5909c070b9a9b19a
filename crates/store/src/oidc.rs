//! The bank's own sign-on: what is under way, and who a user is there.
//!
//! A sign-on is taken in one statement that touches a row or does not: of two who come back with the same, one gets in.

use std::fmt;

use florin_domain::EventTime;

use crate::{
    error::Result,
    open::Store,
    sql::{Row, Tx, values},
};

/// A sign-on to be begun. `Debug` does not show its hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcFlow {
    /// Of its `state`.
    pub state: [u8; 32],
    /// Of what the browser that began it holds.
    pub browser: [u8; 32],
    /// Where somebody wanted to go.
    pub next: String,
    /// When it is over.
    pub expires_at: EventTime,
}

impl fmt::Debug for OidcFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OidcFlow({}, …)", self.next)
    }
}

impl Store {
    /// Begins a sign-on. Those that are over go, and where there are too many, those that end first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_oidc_flow(&self, new: &OidcFlow, now: EventTime, flows_max: u32) -> Result<()> {
        let mut tx = self.write().await?;
        tx.execute("delete from access_oidc_flow where expires_at <= $1", values![now]).await?;
        let too_many = "delete from access_oidc_flow where state in (
                            select state from access_oidc_flow order by expires_at desc, state
                            limit 1000000 offset $1)";
        tx.execute(too_many, values![flows_max.saturating_sub(1)]).await?;
        let sql = "insert into access_oidc_flow (state, browser, next, expires_at) values ($1, $2, $3, $4)";
        tx.execute(sql, values![new.state, new.browser, &new.next, new.expires_at]).await?;
        tx.commit().await
    }

    /// Takes a sign-on, which is then used, whatever comes of it; nothing when there is none, or it is over.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_oidc_flow(&self, state: &[u8; 32], now: EventTime) -> Result<Option<OidcFlow>> {
        let mut tx = self.write().await?;
        let sql = "delete from access_oidc_flow where state = $1 returning state, browser, next, expires_at";
        let flow = |row: &Row| {
            Ok(OidcFlow { state: row.hash(0)?, browser: row.hash(1)?, next: row.get(2)?, expires_at: row.time(3)? })
        };
        let taken = tx.first(sql, values![state], flow).await?;
        tx.commit().await?;
        Ok(taken.filter(|flow| now < flow.expires_at))
    }

    /// Whose subject it is at an issuer, if anybody's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn oidc_user(&self, issuer: &str, subject: &str) -> Result<Option<String>> {
        let sql = "select user_name from access_oidc_user where issuer = $1 and subject = $2";
        self.read().await?.first(sql, values![issuer, subject], |row| row.get(0)).await
    }

    /// Writes down who a user is at an issuer, once; says whether it is so. It is not where the user or the subject is somebody else
    /// already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn link_oidc_user(&self, issuer: &str, subject: &str, user: &str, at: EventTime) -> Result<bool> {
        let mut tx = self.write().await?;
        let sql = "insert into access_oidc_user (issuer, subject, user_name, linked_at) values ($1, $2, $3, $4)
                   on conflict do nothing";
        tx.execute(sql, values![issuer, subject, user, at]).await?;
        let linked = "select count(*) from access_oidc_user where issuer = $1 and subject = $2 and user_name = $3";
        let holds = tx.count(linked, values![issuer, subject, user]).await? == 1;
        tx.commit().await?;
        Ok(holds)
    }
}

/// Forgets who a user is at the bank's sign-on.
pub(crate) async fn unlink(tx: &mut Tx, user: &str) -> Result<()> {
    tx.execute("delete from access_oidc_user where user_name = $1", values![user]).await?;
    Ok(())
}
