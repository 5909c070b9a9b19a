//! Who belongs to segments.
//!
//! A membership is read with its revision and written back under it: who was overtaken is told, and begins anew. What was
//! decided before customers were erased cannot be written after it, because it may hold them.

use roaring::RoaringBitmap;
use serde_json::Value as Json;

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
    /// Of a number that was saved: which, and who may know it, as JSON.
    pub saved: Option<String>,
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

/// What is known of a membership without reading its sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipLine {
    /// Of which segment.
    pub segment: String,
    /// How often it was written.
    pub revision: i64,
    /// How many belong.
    pub size: u64,
    /// Of how many it cannot be told.
    pub unsure: u64,
    /// As in [`Membership::saved`].
    pub saved: Option<String>,
    /// As in [`Membership::content`].
    pub content: String,
}

/// How often customers were erased: to be asked for before what a membership is decided from is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasures(i64);

impl Store {
    /// What is known of every segment's membership but the sets, which are not read; by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn memberships(&self) -> Result<Vec<MembershipLine>> {
        let sql = "select segment, revision, size, unsure, saved, content from membership order by segment";
        self.read().await?.all(sql, vec![], line).await
    }

    /// The names of segments that are saved numbers, each with what was saved, by name. Nothing else is read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn saved_memberships(&self) -> Result<Vec<(String, String)>> {
        let sql = "select segment, saved from membership where saved is not null order by segment";
        self.read().await?.all(sql, vec![], |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// Who belongs to a segment; `None` when it was never decided.
    ///
    /// # Errors
    /// Those of the database, and sets that cannot be read.
    pub async fn membership(&self, segment: &str) -> Result<Option<Kept>> {
        self.read().await?.first(WHOLE, values![segment], kept).await
    }

    /// The names of the segments that hold one of these customers, by name. Of each only its members are read.
    ///
    /// # Errors
    /// As [`Self::membership`].
    pub async fn segments_holding(&self, customers: &[u32]) -> Result<Vec<String>> {
        let holding = |row: &Row| {
            let members = set(&row.get::<Vec<u8>>(1)?)?;
            let name: String = row.get(0)?;
            Ok(customers.iter().any(|&customer| members.contains(customer)).then_some(name))
        };
        let sql = "select segment, members from membership order by segment";
        Ok(self.read().await?.all(sql, vec![], holding).await?.into_iter().flatten().collect())
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
            let Some(mut found) = tx.first(WHOLE, values![&name], kept).await? else { continue };
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
    let Membership { content, saved, members, unknown, clusters, history } = membership;
    let (size, unsure) = (counted(members)?, counted(unknown)?);
    let (members, unknown) = (bytes(members)?, bytes(unknown)?);
    let clusters = Value::Blob(clusters.as_deref().map(list_bytes).transpose()?);
    let (saved, history) = (saved.clone(), history.as_slice());
    let written = match read {
        None => {
            let sql = "insert into membership
                       (segment, revision, size, unsure, saved, content, members, unknown, clusters, history)
                       values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
            let values = values![segment, size, unsure, saved, content, members, unknown, clusters, history];
            tx.execute(sql, values).await
        }
        Some(revision) => {
            let sql = "update membership set revision = revision + 1, size = $3, unsure = $4, saved = $5, content = $6,
                       members = $7, unknown = $8, clusters = $9, history = $10 where segment = $1 and revision = $2";
            let values = values![segment, revision, size, unsure, saved, content, members, unknown, clusters, history];
            tx.execute(sql, values).await
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

/// A membership with its sets.
const WHOLE: &str =
    "select revision, saved, content, members, unknown, clusters, history from membership where segment = $1";

fn kept(row: &Row) -> Result<Kept> {
    let clusters: Option<Vec<u8>> = row.get(5)?;
    let membership = Membership {
        saved: row.get(1)?,
        content: row.get(2)?,
        members: set(&row.get::<Vec<u8>>(3)?)?,
        unknown: set(&row.get::<Vec<u8>>(4)?)?,
        clusters: clusters.as_deref().map(list).transpose()?,
        history: row.get(6)?,
    };
    Ok(Kept { revision: row.get(0)?, membership })
}

fn line(row: &Row) -> Result<MembershipLine> {
    let size = |index| Ok::<_, StoreError>(row.get::<i64>(index)?.cast_unsigned());
    Ok(MembershipLine {
        segment: row.get(0)?,
        revision: row.get(1)?,
        size: size(2)?,
        unsure: size(3)?,
        saved: row.get(4)?,
        content: row.get(5)?,
    })
}

/// Counts the members of memberships that were kept before their sizes were, and takes what was saved out of their content.
pub(crate) async fn complete(tx: &mut Tx) -> Result<()> {
    let names = tx.all("select segment from membership order by segment", vec![], |row| row.get::<String>(0)).await?;
    for name in names {
        let Some(Kept { membership, .. }) = tx.first(WHOLE, values![&name], kept).await? else { continue };
        let (size, unsure) = (counted(&membership.members)?, counted(&membership.unknown)?);
        let (content, saved) = without_saved(membership.content);
        let sql = "update membership set size = $2, unsure = $3, content = $4, saved = $5 where segment = $1";
        tx.execute(sql, values![&name, size, unsure, content, saved]).await?;
    }
    Ok(())
}

/// A content of old, and what was saved apart from it. A content that is none stays as it is, for whoever reads it to say so.
fn without_saved(content: String) -> (String, Option<String>) {
    let Ok(Json::Object(mut fields)) = serde_json::from_str(&content) else { return (content, None) };
    match fields.remove("saved") {
        Some(saved) => (Json::Object(fields).to_string(), Some(saved.to_string())),
        None => (content, None),
    }
}

fn counted(set: &RoaringBitmap) -> Result<i64> {
    i64::try_from(set.len()).map_err(|_| StoreError::Invalid("too many members".to_owned()))
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
