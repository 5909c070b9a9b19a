//! The rows of the audit log. What the hashes mean is governance's; here they are kept, in order and durably.

use florin_domain::EventTime;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, Tx, values},
};

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place: larger than every one before.
    pub seq: i64,
    /// When it happened.
    pub at: EventTime,
    /// What happened: JSON.
    pub payload: String,
    /// The hash of the entry before.
    pub previous: [u8; 32],
    /// The hash of this entry.
    pub hash: [u8; 32],
    /// A signature over it; empty when it has none.
    pub signature: Vec<u8>,
}

/// The last entry's place and hash.
pub type AuditHead = (i64, [u8; 32]);

impl Store {
    /// Appends an entry behind `expected_head` (none: the log is empty). It is durable when this returns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the log has another head by now: read it again, and chain the entry to that.
    pub async fn audit_append(&self, expected_head: Option<AuditHead>, row: &AuditRow) -> Result<()> {
        let mut tx = self.write().await?;
        let head = head(&mut tx).await?;
        if head != expected_head {
            return Err(overtaken());
        }
        if head.is_some_and(|(seq, _)| row.seq <= seq) {
            return Err(StoreError::Invalid(format!("audit entry {} is not behind the last", row.seq)));
        }
        let sql = "insert into audit (seq, at, payload, previous, hash, signature) values ($1, $2, $3, $4, $5, $6)";
        let values = values![row.seq, row.at, &row.payload, row.previous, row.hash, row.signature.as_slice()];
        // On PostgreSQL two writers may have seen the same head; the second fails here, on the key.
        tx.execute(sql, values).await.map_err(|error| error.clash(|| OVERTAKEN.to_owned()))?;
        tx.commit().await.map_err(|error| error.clash(|| OVERTAKEN.to_owned()))
    }

    /// The last entry's place and hash. None when the log is empty.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>> {
        head(&mut self.read().await?).await
    }

    /// Entries from place `from` on, in order, at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn audit_rows(&self, from: i64, limit: u32) -> Result<Vec<AuditRow>> {
        let sql = "select seq, at, payload, previous, hash, signature from audit where seq >= $1 order by seq limit $2";
        self.read().await?.all(sql, values![from, limit], audit_row).await
    }
}

const OVERTAKEN: &str = "the audit log has a newer entry";

fn overtaken() -> StoreError {
    StoreError::Conflict(OVERTAKEN.to_owned())
}

async fn head(tx: &mut Tx) -> Result<Option<AuditHead>> {
    let sql = "select seq, hash from audit order by seq desc limit 1";
    tx.first(sql, vec![], |row| Ok((row.get(0)?, row.hash(1)?))).await
}

fn audit_row(row: &Row) -> Result<AuditRow> {
    Ok(AuditRow {
        seq: row.get(0)?,
        at: row.time(1)?,
        payload: row.get(2)?,
        previous: row.hash(3)?,
        hash: row.hash(4)?,
        signature: row.get(5)?,
    })
}
