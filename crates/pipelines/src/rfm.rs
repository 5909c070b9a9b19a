//! `florin rfm`: customers in groups by how recently, how often and for how much they paid.

use arrow::{
    array::{Array, AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Int64Type},
};
use florin_features::rfm::{Activity, Group, score};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::{FlowError, ask::Asking, segments::Number};

/// Places of money behind the point.
const SCALE: i8 = 4;
/// Digits of sums of money.
const DIGITS: u8 = 38;

/// Which payments count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RfmDef {
    /// A table with `customer_id`, `ts` and `amount`.
    pub from: String,
    /// Only rows that meet this condition, in SQL.
    #[serde(rename = "where")]
    pub condition: String,
    /// Of the last so many times 24 hours before the session's time.
    pub days: u32,
}

impl Default for RfmDef {
    /// Card payments of a year, as the trait `rfm_group` of the library.
    fn default() -> Self {
        let condition = "direction = 'out' and merchant_category is not null".to_owned();
        Self { from: "transaction".to_owned(), condition, days: 365 }
    }
}

impl RfmDef {
    fn sql(&self) -> Result<String, FlowError> {
        let Self { from, condition, days } = self;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if from.is_empty() || !from.chars().all(plain) {
            return Err(FlowError::Segment(format!("`{from}` is not the name of a table")));
        }
        Ok(format!(
            "select customer_id, \
             cast((date_part('epoch', as_of()) - date_part('epoch', max(ts))) / 86400 as bigint) as recency_days, \
             count(*) as frequency, sum(amount) as amount from \"{from}\" where customer_id is not null \
             and ts > as_of() - interval '{days} days' and ({condition}) group by customer_id"
        ))
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmGroup {
    /// Which.
    pub group: Group,
    /// Who is in it.
    pub customers: RoaringBitmap,
    /// Days since the last payment, all customers' together.
    pub recency_days: i64,
    /// Payments, all customers' together.
    pub frequency: i64,
    /// Money, all customers' together, in ten thousandths.
    pub monetary: i128,
}

/// Customers in groups.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmAnswer {
    /// The best first, without those that nobody is in.
    pub groups: Vec<RfmGroup>,
    /// How many paid, but how much may not be seen or is not known: they are in no group.
    pub untold: u64,
}

/// What is known of customers, a column each.
#[derive(Default)]
struct Known {
    customers: Vec<u32>,
    recency_days: Vec<Option<i64>>,
    frequency: Vec<i64>,
    monetary: Vec<i128>,
    untold: u64,
}

impl Asking<'_> {
    /// Groups all customers who paid, once the question is on record.
    ///
    /// # Errors
    /// As [`Self::sql`]; a table or column of another kind.
    pub async fn rfm(&self, def: &RfmDef) -> Result<RfmAnswer, FlowError> {
        let mut known = Known::default();
        for batch in self.sql(&def.sql()?).await?.collect().await? {
            known.add(&batch)?;
        }
        known.grouped()
    }

    /// The customers of a group, to be [saved](Self::save_segment).
    ///
    /// # Errors
    /// When the definition contradicts itself.
    pub fn rfm_number(&self, def: &RfmDef, group: &RfmGroup) -> Result<Number, FlowError> {
        let json = |value: serde_json::Result<serde_json::Value>| value.map_err(|e| FlowError::Internal(e.to_string()));
        let (journey, cell) = (json(serde_json::to_value(def))?, json(serde_json::to_value(group.group))?);
        Ok(Number { kind: "rfm", journey, cell, sql: def.sql()?, customers: group.customers.clone() })
    }
}

impl Known {
    fn add(&mut self, batch: &RecordBatch) -> Result<(), FlowError> {
        let whole = |column: usize| Ok::<_, FlowError>(cast(batch.column(column), &DataType::Int64)?);
        let (customers, recency, frequency) = (whole(0)?, whole(1)?, whole(2)?);
        let money = cast(batch.column(3), &DataType::Decimal128(DIGITS, SCALE))?;
        let (customers, recency) = (customers.as_primitive::<Int64Type>(), recency.as_primitive::<Int64Type>());
        let (frequency, money) = (frequency.as_primitive::<Int64Type>(), money.as_primitive::<Decimal128Type>());
        for row in 0..batch.num_rows() {
            match u32::try_from(customers.value(row)) {
                Ok(customer) if money.is_valid(row) && recency.is_valid(row) => {
                    self.customers.push(customer);
                    self.recency_days.push(Some(recency.value(row)));
                    self.frequency.push(frequency.value(row));
                    self.monetary.push(money.value(row));
                }
                _ => self.untold += 1,
            }
        }
        Ok(())
    }

    fn grouped(self) -> Result<RfmAnswer, FlowError> {
        let Self { recency_days, frequency, monetary, .. } = &self;
        let scores = score(Activity { recency_days, frequency, monetary })?;
        let mut groups: Vec<RfmGroup> = Group::ALL.into_iter().map(RfmGroup::empty).collect();
        for (row, scores) in scores.into_iter().enumerate() {
            let group = scores.map(florin_features::rfm::Scores::group);
            let Some(of) = groups.iter_mut().find(|of| Some(of.group) == group) else { continue };
            of.customers.insert(self.customers[row]);
            of.recency_days += recency_days[row].unwrap_or_default();
            of.frequency += frequency[row];
            of.monetary += monetary[row];
        }
        groups.retain(|of| !of.customers.is_empty());
        Ok(RfmAnswer { groups, untold: self.untold })
    }
}

impl RfmGroup {
    fn empty(group: Group) -> Self {
        Self { group, customers: RoaringBitmap::new(), recency_days: 0, frequency: 0, monetary: 0 }
    }

    /// The mean number of days since the last payment.
    #[must_use]
    pub fn mean_recency_days(&self) -> f64 {
        self.recency_days as f64 / self.customers.len().max(1) as f64
    }

    /// The mean number of payments.
    #[must_use]
    pub fn mean_frequency(&self) -> f64 {
        self.frequency as f64 / self.customers.len().max(1) as f64
    }

    /// The mean amount, in ten thousandths, to the nearest (halves away from zero).
    #[must_use]
    pub fn mean_monetary(&self) -> i128 {
        let many = i128::from(self.customers.len().max(1));
        let half = many / 2 * self.monetary.signum();
        (self.monetary + half) / many
    }
}
