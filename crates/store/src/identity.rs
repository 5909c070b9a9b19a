//! Whose records are whose: the history of merges and splits, and the values that they are found by.

use florin_domain::{CustomerId, EventTime};

use crate::{
    error::{Result, StoreError},
    open::Store,
    sealed::{Revealed, revealed},
    sql::{Bulk, Kind},
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

const EVENTS: Bulk<3> = Bulk {
    columns: [("seq", Kind::Int), ("at", Kind::Int), ("content", Kind::Text)],
    statement: "insert into identity_event (seq, at, content) select seq, at, content from v",
};
const PERSONS: Bulk<2> = Bulk {
    columns: [("customer_id", Kind::Int), ("person", Kind::Int)],
    statement: "insert into person_of (customer_id, person) select customer_id, person from v",
};

/// When the latest event was: they are numbered in the order in which they were added.
const LATEST: &str = "select at from identity_event order by seq desc limit 1";

impl Store {
    /// All events, in the order in which they happened.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity_events(&self) -> Result<Vec<IdentityEvent>> {
        let sql = "select at, content from identity_event order by seq";
        self.read().await?.all(sql, vec![], |row| Ok(IdentityEvent { at: row.time(0)?, content: row.get(1)? })).await
    }

    /// When the latest event was, and what all of them come to: pairs of a customer and the person, where that is somebody
    /// other than themselves, by customer. `None` when there was none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn persons(&self) -> Result<Option<(EventTime, Vec<(CustomerId, CustomerId)>)>> {
        let mut tx = self.read().await?;
        let Some(at) = tx.first(LATEST, vec![], |row| row.time(0)).await? else { return Ok(None) };
        let sql = "select customer_id, person from person_of order by customer_id";
        let pairs = tx.all(sql, vec![], |row| Ok((CustomerId(row.number(0)?), CustomerId(row.number(1)?)))).await?;
        Ok(Some((at, pairs)))
    }

    /// How many events there are: what was read of persons holds as long as that is the same.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity_revision(&self) -> Result<i64> {
        let sql = "select seq from identity_event order by seq desc limit 1";
        Ok(self.read().await?.first(sql, vec![], |row| row.get::<i64>(0)).await?.map_or(0, |last| last + 1))
    }

    /// When the latest event was; `None` when there was none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn persons_changed_at(&self) -> Result<Option<EventTime>> {
        self.read().await?.first(LATEST, vec![], |row| row.time(0)).await
    }

    /// Adds events after the first `known`, and what all of them now come to, all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else added some meanwhile; else those of the database.
    pub async fn add_identity_events(
        &self,
        known: usize,
        events: Vec<IdentityEvent>,
        persons: Vec<(CustomerId, CustomerId)>,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let meanwhile = || "identities were changed meanwhile".to_owned();
        if usize::try_from(tx.count("select count(*) from identity_event", vec![]).await?) != Ok(known) {
            return Err(StoreError::Conflict(meanwhile()));
        }
        let rows = (known as i64..).zip(events);
        let rows = rows.map(|(seq, event)| [seq.into(), event.at.micros().into(), event.content.into()]);
        tx.bulk(&EVENTS, rows).await.map_err(|e| e.clash(meanwhile))?;
        tx.execute("delete from person_of", vec![]).await?;
        tx.bulk(&PERSONS, persons.into_iter().map(|(customer, person)| [customer.into(), person.into()])).await?;
        tx.commit().await
    }

    /// Keeps what customers were compared by, in place of what was kept before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep_identity_model(&self, content: String) -> Result<()> {
        let mut tx = self.write().await?;
        tx.execute("delete from identity_model", vec![]).await?;
        tx.execute("insert into identity_model (content) values ($1)", vec![content.into()]).await?;
        tx.commit().await
    }

    /// What was kept last; `None` when nothing was.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity_model(&self) -> Result<Option<String>> {
        self.read().await?.first("select content from identity_model", vec![], |row| row.get(0)).await
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
                   where v.subject like 'customer:%' order by v.subject, v.kind, v.token";
        let mut tx = self.read().await?;
        tx.each(sql, vec![], |row| {
            take(revealed(vault, &row)?);
            Ok(())
        })
        .await
    }
}
