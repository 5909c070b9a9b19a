//! Records that could not be stored: kept with the reason and the sealed raw text until a retry puts them in.
//!
//! A row is there for readers once its batch is done. A row that a retry put in is not deleted: it is *resolved*, and
//! says by which batch.

use serde::{Deserialize, Serialize};

use crate::{
    batches::BatchId,
    error::Result,
    open::Store,
    sql::{Bulk, Kind, Row, Tx, values},
};

/// A row's number in the quarantine: increasing, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuarantineId(pub i64);

/// A record that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantined {
    /// Which batch it came in.
    pub batch: BatchId,
    /// Which record of the file, from 1.
    pub row_number: u64,
    /// What is wrong, for machines: `required`, `range`, `columns` …
    pub code: String,
    /// Which column is wrong, if it is one.
    pub column: Option<String>,
    /// What is wrong, for people. Never holds a value of the record.
    pub reason: String,
    /// The record as it came, sealed under the batch's key.
    pub raw: Vec<u8>,
}

/// A row of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number.
    pub id: QuarantineId,
    /// Which source it came from.
    pub source: String,
    /// Which mapping could not store it.
    pub mapping: String,
    /// What was wrong, and with what.
    pub record: NewQuarantined,
    /// The batch that put it in after all.
    pub resolved_by: Option<BatchId>,
}

/// Which rows of the quarantine. By default all that are not resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Of this source only.
    pub source: Option<String>,
    /// Of this mapping only.
    pub mapping: Option<String>,
    /// Of this batch only.
    pub batch: Option<BatchId>,
    /// Resolved rows too.
    pub resolved: bool,
    /// Rows with larger numbers only: how to go through many, a page at a time.
    pub after: Option<QuarantineId>,
}

/// How many rows of the quarantine are wrong in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuarantineCount {
    /// Which source they came from.
    pub source: String,
    /// Which mapping could not store them.
    pub mapping: String,
    /// What is wrong.
    pub code: String,
    /// With which column, if it is one.
    pub column: Option<String>,
    /// Rows still there.
    pub waiting: u64,
    /// Rows that a retry put in.
    pub resolved: u64,
}

impl Store {
    /// Rows of the quarantine whose batch is done, by number: `limit` of them after skipping `offset`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn quarantine(&self, filter: &QuarantineFilter, limit: u32, offset: u64) -> Result<Vec<Quarantined>> {
        let sql = "select q.id, b.source, b.mapping, q.batch, q.row_number, q.code, q.column_name, q.reason, q.raw,
                   r.batch from quarantine q join batch b on b.id = q.batch and b.state = 'done'
                   left join quarantine_resolution r on r.quarantine = q.id
                       and exists (select 1 from batch rb where rb.id = r.batch and rb.state = 'done')
                   where ($1 is null or b.source = $1) and ($2 is null or b.mapping = $2)
                   and ($3 is null or b.id = $3) and ($4 = 1 or r.batch is null) and q.id > $5
                   order by q.id limit $6 offset $7";
        let QuarantineFilter { source, mapping, batch, resolved, after } = filter.clone();
        let after = after.map_or(0, |id| id.0);
        let batch = batch.map(|id| id.0);
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let values = values![source, mapping, batch, resolved, after, limit, offset];
        self.read().await?.all(sql, values, quarantined).await
    }

    /// How many rows wait and how many were resolved, by source, mapping and what is wrong.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn quarantine_counts(&self) -> Result<Vec<QuarantineCount>> {
        let sql = "select b.source, b.mapping, q.code, q.column_name, count(*) - count(r.batch), count(r.batch)
                   from quarantine q join batch b on b.id = q.batch and b.state = 'done'
                   left join quarantine_resolution r on r.quarantine = q.id
                       and exists (select 1 from batch rb where rb.id = r.batch and rb.state = 'done')
                   group by b.source, b.mapping, q.code, q.column_name
                   order by b.source, b.mapping, q.code, q.column_name";
        let count = |row: &Row| {
            Ok(QuarantineCount {
                source: row.get(0)?,
                mapping: row.get(1)?,
                code: row.get(2)?,
                column: row.get(3)?,
                waiting: row.number(4)?,
                resolved: row.number(5)?,
            })
        };
        self.read().await?.all(sql, vec![], count).await
    }
}

pub(crate) async fn insert(tx: &mut Tx, rows: Vec<NewQuarantined>) -> Result<()> {
    let bulk = Bulk {
        columns: [
            ("batch", Kind::Int),
            ("row_number", Kind::Int),
            ("code", Kind::Text),
            ("column_name", Kind::Text),
            ("reason", Kind::Text),
            ("raw", Kind::Blob),
        ],
        statement: "insert into quarantine (batch, row_number, code, column_name, reason, raw)
                    select batch, row_number, code, column_name, reason, raw from v",
    };
    let values = rows.into_iter().map(|row| {
        let NewQuarantined { batch, row_number, code, column, reason, raw } = row;
        [batch.0.into(), row_number.cast_signed().into(), code.into(), column.into(), reason.into(), raw.into()]
    });
    tx.bulk(&bulk, values).await
}

/// Notes which batch puts rows in. It holds when that batch is done.
pub(crate) async fn resolve(tx: &mut Tx, resolves: &[(QuarantineId, BatchId)]) -> Result<()> {
    let bulk = Bulk {
        columns: [("quarantine", Kind::Int), ("batch", Kind::Int)],
        statement: "insert into quarantine_resolution (quarantine, batch) select quarantine, batch from v",
    };
    let rows = resolves.iter().map(|(id, batch)| [id.0.into(), batch.0.into()]);
    tx.bulk(&bulk, rows)
        .await
        .map_err(|error| error.clash(|| "a quarantined row was resolved by another batch".to_owned()))
}

fn quarantined(row: &Row) -> Result<Quarantined> {
    let record = NewQuarantined {
        batch: BatchId(row.get(3)?),
        row_number: row.number(4)?,
        code: row.get(5)?,
        column: row.get(6)?,
        reason: row.get(7)?,
        raw: row.get(8)?,
    };
    Ok(Quarantined {
        id: QuarantineId(row.get(0)?),
        source: row.get(1)?,
        mapping: row.get(2)?,
        record,
        resolved_by: row.get::<Option<i64>>(9)?.map(BatchId),
    })
}
