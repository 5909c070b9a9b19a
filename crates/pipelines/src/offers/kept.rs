//! Recommendations as they are kept: a table of the lake for each purpose, and beside it what they were made from.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::SchemaRef,
};
use florin_decisions::ranking::Ranking;
use florin_domain::{
    EventTime, Purpose,
    catalogue::{CUSTOMER_ID, VALID_FROM},
};
use florin_lake::write::{Overwrite, SortedRows, open_together, overwrite_together, write_sorted};
use serde::{Deserialize, Serialize};

use super::learn::Learnt;
use crate::{FlowError, House, bank::recommendation_table};

/// Rows handed to the writer at a time.
const WRITE_ROWS: usize = 64 * 1024;
/// Commits that are looked through for the last making: erasures and care come in between.
const COMMITS_MAX: usize = 50;

/// What recommendations rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RestsOn {
    /// A hash of the definitions of offers and rules.
    pub(super) definitions: String,
    /// The version of the table of scores of each model that scored.
    pub(super) scores: BTreeMap<String, u64>,
    /// When each trait was computed.
    pub(super) traits: BTreeMap<String, EventTime>,
    /// The version of each table.
    pub(super) tables: BTreeMap<String, u64>,
    /// Who was one with whom, as a number that grows.
    pub(super) persons: u64,
}

/// What is kept beside recommendations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptOffers {
    pub(super) as_of: EventTime,
    pub(super) rests_on: RestsOn,
    pub(super) learnt: Option<Learnt>,
    pub(super) customers: usize,
    pub(super) at_most: usize,
}

/// What is kept beside the recommendations for a purpose; none when none were ever made.
pub(super) async fn kept(house: &House, purpose: Purpose) -> Result<Option<KeptOffers>, FlowError> {
    let table = recommendation_table(purpose);
    if house.bank.catalogue.table(&table).is_none() {
        return Ok(None);
    }
    let Some(newest) = house.lake.newest_commit(&table).await? else { return Ok(None) };
    if let Ok(kept) = serde_json::from_value(newest.info) {
        return Ok(Some(kept));
    }
    let Some(table) = house.lake.table(&table).await? else { return Ok(None) };
    let made = |commit: &florin_lake::Commit| serde_json::from_value(commit.info.clone()).ok();
    Ok(table.history(COMMITS_MAX).await?.iter().find_map(made))
}

/// Rows of the table, column by column, in the order of customers and, of each, of offers' names.
#[derive(Default)]
pub(super) struct Rows {
    customers: Vec<i64>,
    offers: Vec<String>,
    products: Vec<String>,
    places: Vec<i64>,
    scores: Vec<f64>,
    personalised: Vec<bool>,
    reasons: Vec<String>,
}

impl Rows {
    /// Adds what a customer is to be made.
    pub(super) fn push(&mut self, ranking: &Ranking) -> Result<(), FlowError> {
        let mut offers: Vec<_> = (1..).zip(&ranking.offers).collect();
        offers.sort_by(|a, b| a.1.offer.cmp(&b.1.offer));
        for (place, offer) in offers {
            self.customers.push(i64::from(ranking.customer.0));
            self.offers.push(offer.offer.clone());
            self.products.push(offer.product.clone());
            self.places.push(place);
            self.scores.push(offer.score);
            self.personalised.push(ranking.personalised);
            let reasons = serde_json::to_string(&offer.reasons).map_err(|e| FlowError::Internal(e.to_string()))?;
            self.reasons.push(reasons);
        }
        Ok(())
    }

    /// Adds those of customers who come later.
    pub(super) fn append(&mut self, mut later: Self) {
        self.customers.append(&mut later.customers);
        self.offers.append(&mut later.offers);
        self.products.append(&mut later.products);
        self.places.append(&mut later.places);
        self.scores.append(&mut later.scores);
        self.personalised.append(&mut later.personalised);
        self.reasons.append(&mut later.reasons);
    }

    /// As the table has them. What is said of a time is known from that time on.
    fn batch(self, schema: &SchemaRef, as_of: EventTime, now: EventTime) -> Result<RecordBatch, FlowError> {
        let count = self.customers.len();
        let (said_of, now) = (times(count, as_of), times(count, now));
        let made: BTreeMap<&str, ArrayRef> = BTreeMap::from([
            (CUSTOMER_ID, Arc::new(Int64Array::from(self.customers)) as ArrayRef),
            ("offer", Arc::new(StringArray::from(self.offers))),
            ("product", Arc::new(StringArray::from(self.products))),
            ("place", Arc::new(Int64Array::from(self.places))),
            ("score", Arc::new(Float64Array::from(self.scores))),
            ("personalised", Arc::new(BooleanArray::from(self.personalised))),
            ("reasons", Arc::new(StringArray::from(self.reasons))),
            (VALID_FROM, Arc::clone(&said_of)),
            ("known_at", said_of),
            ("made_at", Arc::clone(&now)),
            ("received_at", now),
            ("source", Arc::new(StringArray::from(vec!["florin run"; count]))),
            ("row_number", Arc::new((0..count as i64).collect::<Int64Array>())),
        ]);
        let column = |name: &str| -> ArrayRef {
            made.get(name).cloned().unwrap_or_else(|| Arc::new(Int64Array::from(vec![0; count])))
        };
        let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

fn times(count: usize, time: EventTime) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(vec![time.micros(); count]).with_timezone("UTC"))
}

/// Puts recommendations in the place of those that were kept for a purpose.
pub(super) async fn keep(house: &House, purpose: Purpose, rows: Rows, kept: &KeptOffers) -> Result<(), FlowError> {
    let tables = open_together(&house.lake, vec![recommendation_table(purpose)]).await?;
    let Some(table) = tables.into_iter().next() else {
        return Err(FlowError::Internal("a table of recommendations was not opened".to_owned()));
    };
    let rows = rows.batch(&table.def().schema(), kept.as_of, house.now())?;
    let (scratch, file) = (house.scratch_of_work()?, house.fresh_name());
    let pieces = (0..rows.num_rows().max(1)).step_by(WRITE_ROWS);
    let rows = pieces.map(|from| rows.slice(from, WRITE_ROWS.min(rows.num_rows() - from))).collect();
    let to_write = [SortedRows { rows, sink: house.sink(table.def(), &scratch, &file, 1, &|_| {}) }];
    let written = write_sorted(&to_write, house.around.threads).await?;
    drop(to_write);
    let info = serde_json::to_value(kept).map_err(|e| FlowError::Internal(e.to_string()))?;
    let changes = written.into_iter().map(|files| Overwrite { table: table.clone(), files, info: info.clone() });
    overwrite_together(changes.collect(), house.now_millis()).await?;
    Ok(())
}
