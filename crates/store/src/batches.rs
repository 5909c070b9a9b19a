//! The ledger of batches: what was loaded, from where, and what became of it.
//!
//! A batch is one file's records put through one mapping of one source into one table. It goes through three states:
//!
//! 1. *planned* ([`Store::plan_batch`]): it has a number; nothing of it shows anywhere.
//! 2. *prepared* ([`Store::prepare_batches`](crate::Store::prepare_batches)): counts, quarantined rows, consent, vault
//!    and customers are down, in one transaction; the rows may or may not be in the lake yet.
//! 3. *done* ([`Store::finish_batches`]): the lake has its rows, and readers see its quarantined rows.
//!
//! After a crash, [`Store::unfinished_batches`] says what to look for in the lake: what is there is finished, what is
//! not is abandoned ([`Store::abandon_batches`]) and loaded again. Numbers increase and are never given twice.

use florin_domain::{Counts, EventTime};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, Tx, values},
};

/// A batch's number: from 1, increasing, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub i64);

impl std::fmt::Display for BatchId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl BatchId {
    /// The subject of the key in the vault under which the raw rows of this batch are sealed.
    #[must_use]
    pub fn vault_subject(self) -> String {
        format!("batch:{self}")
    }
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchState {
    /// It has a number.
    Planned,
    /// All but the lake has it.
    Prepared,
    /// The lake has it too.
    Done,
}

/// A batch about to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// Which source.
    pub source: String,
    /// Which of its mappings.
    pub mapping: String,
    /// Into which table.
    pub table: String,
    /// From which file.
    pub file: String,
    /// A hash of the file's content.
    pub content: [u8; 32],
    /// The version of the definition that holds the mapping.
    pub mapping_version: u32,
    /// Whether it takes rows out of the quarantine. A content goes through a mapping once, but may be retried often.
    pub retry: bool,
    /// When the load began.
    pub started_at: EventTime,
}

/// A batch of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// Which source.
    pub source: String,
    /// Which of its mappings.
    pub mapping: String,
    /// Into which table.
    pub table: String,
    /// From which file.
    pub file: String,
    /// A hash of the file's content.
    #[serde(skip)]
    pub content: [u8; 32],
    /// The version of the definition that held the mapping.
    pub mapping_version: u32,
    /// Whether it took rows out of the quarantine.
    pub retry: bool,
    /// How far it has come.
    pub state: BatchState,
    /// When the load began.
    pub started_at: EventTime,
    /// When it was done.
    pub finished_at: Option<EventTime>,
    /// What became of its records; zeros until it is prepared.
    pub counts: Counts,
    /// The columns of the file, as found.
    pub header: Vec<String>,
    /// What was stored with a warning, as the loader put it.
    pub warned: serde_json::Value,
    /// The version of the lake's table that has it; none until it is done, and for a batch that stored nothing.
    pub lake_version: Option<i64>,
}

/// What all loads of one mapping came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceTotals {
    /// Which source.
    pub source: String,
    /// Which of its mappings.
    pub mapping: String,
    /// Batches that are done.
    pub batches: u64,
    /// What became of their records. A row that a retry put in counts in both batches.
    pub counts: Counts,
    /// When the last of them was done.
    pub finished_at: EventTime,
}

/// The columns of a [`Batch`], as [`batch`] reads them.
macro_rules! select_batch {
    ($rest:literal) => {
        concat!(
            "select id, source, mapping, target, file, content, mapping_version, retry, state, started_at, finished_at,
             records_read, records_stored, records_duplicate, records_quarantined, records_refused, header, warned,
             lake_version from batch ",
            $rest
        )
    };
}

impl Store {
    /// The batch, finished or not, by which this content went through this mapping: under whatever path, and with
    /// whatever version of the mapping. None when it never did, and the content may be loaded.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn batch_of_content(&self, source: &str, mapping: &str, content: [u8; 32]) -> Result<Option<Batch>> {
        let sql = select_batch!("where source = $1 and mapping = $2 and content = $3 and retry = 0");
        self.read().await?.first(sql, values![source, mapping, content], batch).await
    }

    /// One batch.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn batch(&self, id: BatchId) -> Result<Option<Batch>> {
        self.read().await?.first(select_batch!("where id = $1"), values![id.0], batch).await
    }

    /// Gives a batch its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the content has a batch for this mapping already, finished or not.
    pub async fn plan_batch(&self, new: &NewBatch) -> Result<BatchId> {
        let sql =
            "insert into batch (source, mapping, target, file, content, mapping_version, retry, state, started_at)
                   values ($1, $2, $3, $4, $5, $6, $7, 'planned', $8) returning id";
        let NewBatch { source, mapping, table, file, content, mapping_version, retry, started_at } = new;
        let values = values![source, mapping, table, file, content, *mapping_version, *retry, *started_at];
        let mut tx = self.write().await?;
        let id = tx.count(sql, values).await.map_err(|error| {
            error.clash(|| format!("the content of `{file}` has a batch of source `{source}`, mapping `{mapping}`"))
        })?;
        tx.commit().await?;
        Ok(BatchId(id))
    }

    /// The lake has these batches, as of `lake_version` of the table (none when they stored nothing). All or none.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when one of them is not prepared.
    pub async fn finish_batches(&self, ids: &[BatchId], lake_version: Option<i64>, at: EventTime) -> Result<()> {
        let sql = "update batch set state = 'done', lake_version = $2, finished_at = $3
                   where id = $1 and state = 'prepared'";
        let mut tx = self.write().await?;
        for id in ids {
            if tx.execute(sql, values![id.0, lake_version, at]).await? == 0 {
                return Err(StoreError::Invalid(format!("batch {id} cannot be finished: it is not prepared")));
            }
            crate::consent::settle(&mut tx, *id).await?;
        }
        tx.commit().await
    }

    /// Batches that are planned or prepared, by number: what a crash, or another loader, left or is at.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unfinished_batches(&self) -> Result<Vec<Batch>> {
        self.read().await?.all(select_batch!("where state <> 'done' order by id"), vec![], batch).await
    }

    /// Forgets batches that did not reach the lake, with their quarantined rows, their retries, the key of their raw
    /// rows and the consents they gave. Their withdrawals of consent stay, and so do customers' numbers and values in
    /// the vault, which the next load finds. All or none.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when one of them is done or unknown.
    pub async fn abandon_batches(&self, ids: &[BatchId]) -> Result<()> {
        let mut tx = self.write().await?;
        for id in ids {
            abandon(&mut tx, *id).await?;
        }
        tx.commit().await
    }

    /// The newest batches, the newest first; of one source, or of all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn batches(&self, source: Option<&str>, limit: u32) -> Result<Vec<Batch>> {
        let sql = select_batch!("where ($1 is null or source = $1) order by id desc limit $2");
        self.read().await?.all(sql, values![source.map(str::to_owned), limit], batch).await
    }

    /// The last batch of each mapping that is done and no retry, by source and mapping.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest_batches(&self) -> Result<Vec<Batch>> {
        let sql = select_batch!(
            "where id in (select max(id) from batch where state = 'done' and retry = 0 group by source, mapping)
             order by source, mapping"
        );
        self.read().await?.all(sql, vec![], batch).await
    }

    /// What all batches that are done came to, by source and mapping.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn source_totals(&self) -> Result<Vec<SourceTotals>> {
        let sql = "select source, mapping, count(*), cast(sum(records_read) as bigint),
                   cast(sum(records_stored) as bigint), cast(sum(records_duplicate) as bigint),
                   cast(sum(records_quarantined) as bigint), cast(sum(records_refused) as bigint), max(finished_at)
                   from batch where state = 'done' group by source, mapping order by source, mapping";
        let totals = |row: &Row| {
            Ok(SourceTotals {
                source: row.get(0)?,
                mapping: row.get(1)?,
                batches: row.number(2)?,
                counts: counts(row, 3)?,
                finished_at: row.time(8)?,
            })
        };
        self.read().await?.all(sql, vec![], totals).await
    }
}

async fn abandon(tx: &mut Tx, id: BatchId) -> Result<()> {
    // Quarantined rows and retries go with the batch they refer to.
    if tx.execute("delete from batch where id = $1 and state <> 'done'", values![id.0]).await? == 0 {
        return Err(StoreError::Invalid(format!("batch {id} cannot be abandoned: it is done, or there is none")));
    }
    crate::consent::settle(tx, id).await?;
    tx.execute("delete from consent_word where batch = $1 and withdrawn = 0", values![id.0]).await?;
    tx.execute("delete from sealed_value where subject = $1", values![id.vault_subject()]).await?;
    tx.execute("delete from subject_key where subject = $1", values![id.vault_subject()]).await?;
    Ok(())
}

fn batch(row: &Row) -> Result<Batch> {
    let state: String = row.get(8)?;
    Ok(Batch {
        id: BatchId(row.get(0)?),
        source: row.get(1)?,
        mapping: row.get(2)?,
        table: row.get(3)?,
        file: row.get(4)?,
        content: row.hash(5)?,
        mapping_version: row.number(6)?,
        retry: row.get::<i64>(7)? != 0,
        state: batch_state(&state)?,
        started_at: row.time(9)?,
        finished_at: row.get::<Option<i64>>(10)?.map(EventTime),
        counts: counts(row, 11)?,
        header: json(row, 16)?,
        warned: json(row, 17)?,
        lake_version: row.get(18)?,
    })
}

fn batch_state(name: &str) -> Result<BatchState> {
    match name {
        "planned" => Ok(BatchState::Planned),
        "prepared" => Ok(BatchState::Prepared),
        "done" => Ok(BatchState::Done),
        other => Err(StoreError::Corrupt(format!("a batch is in the unknown state `{other}`"))),
    }
}

/// Five numbers from column `first` on.
fn counts(row: &Row, first: usize) -> Result<Counts> {
    Ok(Counts {
        read: row.number(first)?,
        stored: row.number(first + 1)?,
        duplicate: row.number(first + 2)?,
        quarantined: row.number(first + 3)?,
        refused: row.number(first + 4)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, index: usize) -> Result<T> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Corrupt(format!("column {index} is not the JSON it should be")))
}
