//! Whose records are whose: the history of merges and splits, and the values that they are found by.

use florin_domain::{CustomerId, EventTime};

use crate::{
    error::{Result, StoreError},
    open::Store,
    sealed::{Revealed, revealed},
    sql::values,
    vault::Vault,
};

/// Something that happened to customers, as `identity` wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityEvent {
    /// When.
    pub at: EventTime,
    /// What, as JSON.
    pub content: String,
}

impl Store {
    /// All events, in the order in which they happened.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity_events(&self) -> Result<Vec<IdentityEvent>> {
        let sql = "select at, content from identity_event order by seq";
        self.read().await?.all(sql, vec![], |row| Ok(IdentityEvent { at: row.time(0)?, content: row.get(1)? })).await
    }

    /// Adds events after the first `known`, all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else added some meanwhile; else those of the database.
    pub async fn add_identity_events(&self, known: usize, events: Vec<IdentityEvent>) -> Result<()> {
        let mut tx = self.write().await?;
        let meanwhile = || StoreError::Conflict("identities were changed meanwhile".to_owned());
        if usize::try_from(tx.count("select count(*) from identity_event", vec![]).await?) != Ok(known) {
            return Err(meanwhile());
        }
        for (seq, event) in (known as i64..).zip(events) {
            let sql = "insert into identity_event (seq, at, content) values ($1, $2, $3)";
            let added = tx.execute(sql, values![seq, event.at.micros(), event.content]).await;
            added.map_err(|e| e.clash(|| "identities were changed meanwhile".to_owned()))?;
        }
        tx.commit().await
    }

    /// Every customer's number, with the system that knows them and their key there, by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn all_customers(&self) -> Result<Vec<(CustomerId, String, i64)>> {
        let sql = "select customer_id, system, key from customer_key order by customer_id";
        self.read().await?.all(sql, vec![], |row| Ok((CustomerId(row.number(0)?), row.get(1)?, row.get(2)?))).await
    }

    /// Hands all identifying values of customers to `take`, opened, by subject, without holding them all. Whether the
    /// asker may know them is the caller's to settle first.
    ///
    /// # Errors
    /// [`StoreError::WrongKeys`] and [`StoreError::Unsealable`] when one does not open; else those of the database.
    pub async fn each_customer_value(&self, vault: &Vault, mut take: impl FnMut(Revealed) + Send) -> Result<()> {
        let sql = "select v.token, v.subject, v.kind, v.sealed, k.wrapped from sealed_value v
                   join subject_key k on k.subject = v.subject
                   where v.subject >= 'customer:' and v.subject < 'customer;' order by v.subject, v.kind, v.token";
        let mut tx = self.read().await?;
        tx.each(sql, vec![], |row| {
            take(revealed(vault, &row)?);
            Ok(())
        })
        .await
    }
}
