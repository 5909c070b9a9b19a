//! Keeps the values of traits.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::Schema,
};
use florin_domain::{EventTime, catalogue::CUSTOMER_ID, catalogue::VALID_FROM};
use florin_features::{Trait, TraitRun};
use florin_lake::write::{Overwrite, SortedRows, open_together, overwrite_together, write_sorted};

use super::{column::Whole, state::Kept};
use crate::{FlowError, House};

/// Traits whose tables are written side by side and made durable together: as many tables are open at once.
pub(super) const TOGETHER_MAX: usize = 32;
/// Rows handed to the writer at a time.
const WRITE_ROWS: usize = 64 * 1024;

/// A trait that was computed.
pub(super) struct Computed<'t> {
    pub(super) of: &'t Trait,
    pub(super) whole: Whole,
    pub(super) run: TraitRun,
    pub(super) took_ms: u64,
}

/// Puts the values in the place of those that were kept, with what they were made from, in one commit a trait. When it
/// returns, all are durable.
pub(super) async fn keep(house: &House, computed: &[Computed<'_>]) -> Result<Vec<Kept>, FlowError> {
    let names = computed.iter().map(|trait_| trait_.of.table().name.clone()).collect();
    let tables = open_together(&house.lake, names).await?;
    let scratch = house.scratch_of_work()?;
    let files: Vec<String> = computed.iter().map(|_| house.fresh_name()).collect();
    let mut common = Common::new(computed, house.now());
    let mut to_write = Vec::new();
    for ((table, name), trait_) in tables.iter().zip(&files).zip(computed) {
        let rows = common.rows(&table.def().schema(), &trait_.whole, trait_.run.as_of)?;
        let pieces = (0..rows.num_rows().max(1)).step_by(WRITE_ROWS);
        let rows = pieces.map(|from| rows.slice(from, WRITE_ROWS.min(rows.num_rows() - from))).collect();
        let sink = house.sink(table.def(), &scratch, name, 1, &|_| {});
        to_write.push(SortedRows { rows, sink });
    }
    let written = write_sorted(&to_write, house.around.threads).await?;
    drop(to_write);
    let kept: Vec<Kept> = computed.iter().map(|trait_| trait_.kept(house.now())).collect();
    let mut changes = Vec::new();
    for ((table, files), kept) in tables.into_iter().zip(written).zip(&kept) {
        let info = serde_json::to_value(kept).map_err(|e| FlowError::Internal(e.to_string()))?;
        changes.push(Overwrite { table, files, info });
    }
    overwrite_together(changes, house.now_millis()).await?;
    Ok(kept)
}

impl Computed<'_> {
    fn kept(&self, computed_at: EventTime) -> Kept {
        let filled = self.whole.filled.true_count();
        Kept {
            run: self.run.clone(),
            customers: self.whole.customers.len() - filled,
            filled,
            missing: self.whole.missing,
            computed_at,
            took_ms: self.took_ms,
        }
    }
}

/// What stands in every row of every trait: made once, as long as the longest needs it. Columns that are the same array are encoded once.
struct Common {
    /// Whose rows they are, each list once.
    customers: Vec<Int64Array>,
    /// Of which time they are said.
    said_of: Vec<(EventTime, ArrayRef)>,
    received_at: ArrayRef,
    source: ArrayRef,
    row_number: ArrayRef,
    /// No batch of the ledger.
    batch: ArrayRef,
}

impl Common {
    fn new(computed: &[Computed<'_>], now: EventTime) -> Self {
        let count = computed.iter().map(|c| c.whole.customers.len()).max().unwrap_or_default();
        let mut said_of: Vec<(EventTime, ArrayRef)> = Vec::new();
        for as_of in computed.iter().map(|c| c.run.as_of) {
            if said_of.iter().all(|(known, _)| *known != as_of) {
                said_of.push((as_of, times(count, as_of)));
            }
        }
        Self {
            customers: Vec::new(),
            said_of,
            received_at: times(count, now),
            source: Arc::new(StringArray::from(vec!["florin run"; count])),
            row_number: Arc::new((0..count as i64).collect::<Int64Array>()),
            batch: Arc::new(Int64Array::from(vec![0; count])),
        }
    }

    /// The rows of the table. What is said of a time is known from that time on.
    fn rows(&mut self, schema: &Arc<Schema>, whole: &Whole, as_of: EventTime) -> Result<RecordBatch, FlowError> {
        let count = whole.customers.len();
        let customers = self.customers(&whole.customers);
        let said_of = self.said_of.iter().find(|(known, _)| *known == as_of);
        let said_of = said_of.map_or_else(|| times(count, as_of), |(_, times)| times.slice(0, count));
        let column = |name: &str| -> ArrayRef {
            match name {
                CUSTOMER_ID => Arc::clone(&customers),
                "value" => Arc::clone(&whole.values),
                "filled" => Arc::new(whole.filled.clone()),
                VALID_FROM | "known_at" => Arc::clone(&said_of),
                "received_at" => self.received_at.slice(0, count),
                "source" => self.source.slice(0, count),
                "row_number" => self.row_number.slice(0, count),
                _ => self.batch.slice(0, count),
            }
        };
        let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }

    /// These customers, as the array that another trait has when its are the same.
    fn customers(&mut self, of: &Int64Array) -> ArrayRef {
        if let Some(known) = self.customers.iter().find(|known| known.values() == of.values()) {
            return Arc::new(known.clone());
        }
        self.customers.push(of.clone());
        Arc::new(of.clone())
    }
}

fn times(count: usize, time: EventTime) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(vec![time.micros(); count]).with_timezone("UTC"))
}
