//! Who belongs to segments.
//!
//! A membership is read with its revision and written back under it: who was overtaken is told, and begins anew. What was
//! decided before customers were erased cannot be written after it, because it may hold them.

use roaring::RoaringBitmap;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, Tx, Value, values},
};

/// Who belongs to a segment, and who did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Membership {
    /// What it was decided from, and what else is known of it, as JSON.
    pub content: String,
    /// Those who belong.
    pub members: RoaringBitmap,
    /// Those of whom it cannot be told.
    pub unknown: RoaringBitmap,
    /// Of a clustering: the members of each cluster.
    pub clusters: Option<Vec<RoaringBitmap>>,
    /// Who entered and left when, as `features` writes it.
    pub history: Vec<u8>,
}

/// A membership as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// How often it was written.
    pub revision: i64,
    /// Who belongs.
    pub membership: Membership,
}

/// How often customers were erased: to be asked for before what a membership is decided from is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasures(i64);

impl Store {
    /// What is known of every segment's membership but the sets: name, revision and content, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn memberships(&self) -> Result<Vec<(String, i64, String)>> {
        let sql = "select segment, revision, content from membership order by segment";
        self.read().await?.all(sql, vec![], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await
    }

    /// Who belongs to a segment; `None` when it was never decided.
    ///
    /// # Errors
    /// Those of the database, and sets that cannot be read.
    pub async fn membership(&self, segment: &str) -> Result<Option<Kept>> {
        let sql = "select revision, content, members, unknown, clusters, history from membership where segment = $1";
        self.read().await?.first(sql, values![segment], kept).await
    }

    /// How often customers were erased from memberships so far.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn membership_erasures(&self) -> Result<Erasures> {
        erasures(&mut self.read().await?).await
    }

    /// Keeps who belongs to a segment, in place of the revision that the caller read (`None`: there was none). Says the new
    /// revision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote it, or customers were erased, meanwhile; else those of the
    /// database.
    pub async fn keep_membership(
        &self,
        segment: &str,
        read: Option<i64>,
        since: Erasures,
        membership: &Membership,
    ) -> Result<i64> {
        let mut tx = self.write().await?;
        if lock_erasures(&mut tx).await? != since {
            return Err(StoreError::Conflict(format!("customers were erased while segment `{segment}` was decided")));
        }
        write(&mut tx, segment, read, membership).await?;
        tx.commit().await.map_err(|error| error.clash(|| overtaken(segment)))?;
        Ok(read.unwrap_or(0) + 1)
    }

    /// Changes every membership that `change` changes, all or none, so that what is decided from the time before cannot be
    /// written afterwards.
    ///
    /// # Errors
    /// Those of `change`, and of the database.
    pub async fn erase_from_memberships<E: From<StoreError>>(
        &self,
        mut change: impl FnMut(&str, &mut Membership) -> Result<bool, E> + Send,
    ) -> Result<usize, E> {
        let mut tx = self.write().await?;
        lock_erasures(&mut tx).await?;
        tx.execute("update membership_erasures set number = number + 1", vec![]).await?;
        let names =
            tx.all("select segment from membership order by segment", vec![], |row| row.get::<String>(0)).await?;
        let mut changed = 0;
        for name in names {
            // One at a time: each may take megabytes.
            let sql =
                "select revision, content, members, unknown, clusters, history from membership where segment = $1";
            let Some(mut found) = tx.first(sql, values![&name], kept).await? else { continue };
            if change(&name, &mut found.membership)? {
                write(&mut tx, &name, Some(found.revision), &found.membership).await?;
                changed += 1;
            }
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Forgets who belonged to a segment. Says whether there was something to forget.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_membership(&self, segment: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let gone = tx.execute("delete from membership where segment = $1", values![segment]).await?;
        tx.commit().await?;
        Ok(gone > 0)
    }
}

async fn erasures(tx: &mut Tx) -> Result<Erasures> {
    Ok(Erasures(tx.count("select number from membership_erasures", vec![]).await?))
}

/// The same, and nobody else adds to it until the transaction ends.
async fn lock_erasures(tx: &mut Tx) -> Result<Erasures> {
    tx.execute("update membership_erasures set number = number", vec![]).await?;
    erasures(tx).await
}

async fn write(tx: &mut Tx, segment: &str, read: Option<i64>, membership: &Membership) -> Result<()> {
    let Membership { content, members, unknown, clusters, history } = membership;
    let clusters = clusters.as_deref().map(list_bytes).transpose()?;
    let (members, unknown) = (bytes(members)?, bytes(unknown)?);
    let written = match read {
        None => {
            let sql = "insert into membership (segment, revision, content, members, unknown, clusters, history)
                       values ($1, 1, $2, $3, $4, $5, $6) on conflict do nothing";
            tx.execute(sql, values![segment, content, members, unknown, Value::Blob(clusters), history.as_slice()])
                .await
        }
        Some(revision) => {
            let sql = "update membership set revision = revision + 1, content = $3, members = $4, unknown = $5,
                       clusters = $6, history = $7 where segment = $1 and revision = $2";
            let clusters = Value::Blob(clusters);
            tx.execute(sql, values![segment, revision, content, members, unknown, clusters, history.as_slice()]).await
        }
    };
    match written.map_err(|error| error.clash(|| overtaken(segment)))? {
        1 => Ok(()),
        _ => Err(StoreError::Conflict(overtaken(segment))),
    }
}

fn overtaken(segment: &str) -> String {
    format!("segment `{segment}` was decided at the same time")
}

fn kept(row: &Row) -> Result<Kept> {
    let clusters: Option<Vec<u8>> = row.get(4)?;
    let membership = Membership {
        content: row.get(1)?,
        members: set(&row.get::<Vec<u8>>(2)?)?,
        unknown: set(&row.get::<Vec<u8>>(3)?)?,
        clusters: clusters.as_deref().map(list).transpose()?,
        history: row.get(5)?,
    };
    Ok(Kept { revision: row.get(0)?, membership })
}

fn bytes(set: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).map_err(|error| StoreError::Invalid(error.to_string()))?;
    Ok(bytes)
}

fn set(bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).map_err(|_| damaged())
}

/// Each with its length, in eight bytes, before it.
fn list_bytes(sets: &[RoaringBitmap]) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for set in sets {
        let bytes = bytes(set)?;
        all.extend((bytes.len() as u64).to_le_bytes());
        all.extend(bytes);
    }
    Ok(all)
}

fn list(mut bytes: &[u8]) -> Result<Vec<RoaringBitmap>> {
    let mut sets = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
        let (one, after) = rest.split_at_checked(length).ok_or_else(damaged)?;
        sets.push(set(one)?);
        bytes = after;
    }
    if bytes.is_empty() { Ok(sets) } else { Err(damaged()) }
}

fn damaged() -> StoreError {
    StoreError::Corrupt("a membership of a segment cannot be read".to_owned())
}
