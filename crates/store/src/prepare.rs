//! From planned to prepared: everything that a load writes into the store before the lake commits.

use std::collections::BTreeSet;

use florin_domain::Counts;

use crate::{
    batches::BatchId,
    consent::ConsentWord,
    customers::NewCustomer,
    error::{Result, StoreError},
    open::Store,
    quarantine::{NewQuarantined, QuarantineId},
    sql::{Tx, values},
    vault::{SealedValue, WrappedKey},
};

/// A batch whose records have all found their outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Which batch.
    pub batch: BatchId,
    /// What became of its records; they must balance, and match the quarantined rows.
    pub counts: Counts,
    /// The columns of the file, as found.
    pub header: Vec<String>,
    /// What was stored with a warning, in the loader's own shape.
    pub warned: serde_json::Value,
}

/// What batches bring along. The batches it names must be planned.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Rows that could not be stored. Readers see them when their batch is done.
    pub quarantined: Vec<NewQuarantined>,
    /// Rows of the quarantine that a retry put in, and the batch that did. They leave when that batch is done.
    pub resolves: Vec<(QuarantineId, BatchId)>,
    /// What customers said of purposes. Said twice is said once.
    pub consent: Vec<ConsentWord>,
    /// New customers, with numbers that the caller gave out under the load lock.
    pub customers: Vec<NewCustomer>,
    /// Keys of new subjects. A subject that has one already is an error: values under the second could not be read.
    pub subject_keys: Vec<WrappedKey>,
    /// Identifying values. The same token of the same subject is kept once.
    pub values: Vec<SealedValue>,
}

impl Store {
    /// Takes batches from planned to prepared, with what they bring along, in one transaction. Then the caller commits
    /// to the lake, and calls [`Store::finish_batches`].
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when a batch is not planned, its counts do not balance, or they do not match its
    /// quarantined rows (a retry's rows stay where they are, so its counts are not compared); [`StoreError::Conflict`]
    /// when a customer, a key or a retried row is there already. Nothing is then written.
    pub async fn prepare_batches(&self, prepared: &[Prepared], extras: Extras) -> Result<()> {
        let mut tx = self.write().await?;
        insert_extras(&mut tx, extras).await?;
        for batch in prepared {
            prepare(&mut tx, batch).await?;
        }
        tx.commit().await
    }

    /// Writes some of what planned batches bring along ahead of [`Store::prepare_batches`], so that a load of any size
    /// runs in bounded memory. Readers see none of it before the batch is done, and abandoning the batch removes it.
    ///
    /// # Errors
    /// As for [`Store::prepare_batches`].
    pub async fn stage(&self, extras: Extras) -> Result<()> {
        let mut tx = self.write().await?;
        insert_extras(&mut tx, extras).await?;
        tx.commit().await
    }
}

async fn insert_extras(tx: &mut Tx, extras: Extras) -> Result<()> {
    let quarantined = extras.quarantined.iter().map(|row| row.batch);
    let consent = extras.consent.iter().filter_map(ConsentWord::batch);
    let resolving = extras.resolves.iter().map(|(_, batch)| *batch);
    for id in quarantined.chain(consent).chain(resolving).collect::<BTreeSet<_>>() {
        check_planned(tx, id).await?;
    }
    crate::customers::insert(tx, extras.customers).await?;
    crate::sealed::insert_keys(tx, extras.subject_keys).await?;
    crate::sealed::insert_values(tx, extras.values).await?;
    crate::consent::insert(tx, extras.consent).await?;
    crate::quarantine::insert(tx, extras.quarantined).await?;
    crate::quarantine::resolve(tx, &extras.resolves).await
}

async fn check_planned(tx: &mut Tx, id: BatchId) -> Result<()> {
    match tx.count("select count(*) from batch where id = $1 and state = 'planned'", values![id.0]).await? {
        0 => Err(not_planned(id)),
        _ => Ok(()),
    }
}

fn not_planned(id: BatchId) -> StoreError {
    StoreError::Invalid(format!("batch {id} cannot be prepared: it is not planned"))
}

async fn prepare(tx: &mut Tx, prepared: &Prepared) -> Result<()> {
    let Prepared { batch, counts, header, warned } = prepared;
    check_counts(tx, *batch, counts).await?;
    let sql = "update batch set state = 'prepared', records_read = $2, records_stored = $3, records_duplicate = $4,
               records_quarantined = $5, records_refused = $6, header = $7, warned = $8
               where id = $1 and state = 'planned'";
    let values = values![
        batch.0,
        signed(counts.read)?,
        signed(counts.stored)?,
        signed(counts.duplicate)?,
        signed(counts.quarantined)?,
        signed(counts.refused)?,
        serde_json::Value::from(header.clone()).to_string(),
        warned.to_string(),
    ];
    if tx.execute(sql, values).await? == 0 {
        return Err(not_planned(*batch));
    }
    Ok(())
}

async fn check_counts(tx: &mut Tx, batch: BatchId, counts: &Counts) -> Result<()> {
    if !counts.balanced() {
        return Err(StoreError::Invalid(format!("the counts of batch {batch} do not balance: {counts:?}")));
    }
    let sql = "select count(distinct row_number) from quarantine where batch = $1";
    let retry = tx.count("select count(*) from batch where id = $1 and retry = 1", values![batch.0]).await? > 0;
    let rows = tx.count(sql, values![batch.0]).await?;
    if !retry && rows != signed(counts.quarantined)? {
        let counted = counts.quarantined;
        return Err(StoreError::Invalid(format!(
            "batch {batch} counts {counted} quarantined records but keeps {rows}"
        )));
    }
    Ok(())
}

fn signed(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(|_| StoreError::Invalid(format!("a count of {count} is too large")))
}
