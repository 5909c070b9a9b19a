//! Which number a customer of another system has here.

use florin_domain::CustomerId;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Bulk, Kind, Tx, values},
};

/// A customer seen for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// Which system knows the customer.
    pub system: String,
    /// The keyed id of that system's own key ([`florin_domain::KeyHasher::id`]).
    pub key: i64,
    /// The number given to the customer: the next free one.
    pub customer: CustomerId,
}

impl Store {
    /// All customers of a system, by key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customers(&self, system: &str) -> Result<Vec<(i64, CustomerId)>> {
        let mut customers = Vec::new();
        self.each_customer(system, |key, customer| customers.push((key, customer))).await?;
        Ok(customers)
    }

    /// Hands all customers of a system to `take`, by key, without holding them all.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn each_customer(&self, system: &str, mut take: impl FnMut(i64, CustomerId) + Send) -> Result<()> {
        let sql = "select key, customer_id from customer_key where system = $1 order by key";
        let mut tx = self.read().await?;
        tx.each(sql, values![system], |row| {
            take(row.get(0)?, CustomerId(row.number(1)?));
            Ok(())
        })
        .await
    }

    /// The largest number given out so far. None when there are no customers.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn max_customer_id(&self) -> Result<Option<CustomerId>> {
        let max = self.read().await?.count("select coalesce(max(customer_id), 0) from customer_key", vec![]).await?;
        let max =
            u32::try_from(max).map_err(|_| StoreError::Corrupt("a customer's number is out of range".to_owned()))?;
        Ok((max > 0).then_some(CustomerId(max)))
    }
}

pub(crate) async fn insert(tx: &mut Tx, customers: Vec<NewCustomer>) -> Result<()> {
    let bulk = Bulk {
        columns: [("customer_id", Kind::Int), ("system", Kind::Text), ("key", Kind::Int)],
        statement: "insert into customer_key (customer_id, system, key) select customer_id, system, key from v",
    };
    let rows = customers.into_iter().map(|new| [new.customer.into(), new.system.into(), new.key.into()]);
    tx.bulk(&bulk, rows)
        .await
        .map_err(|error| error.clash(|| "a customer, or a customer's number, is there already".to_owned()))
}
