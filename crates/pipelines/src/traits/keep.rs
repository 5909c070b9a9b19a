//! Keeps the values of a trait.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::Schema,
};
use florin_domain::{EventTime, catalogue::CUSTOMER_ID, catalogue::VALID_FROM};
use florin_features::{Trait, TraitRun};
use florin_lake::write::write_sorted_rows;

use super::{column::Whole, state::Kept};
use crate::{FlowError, House};

/// Rows handed to the writer at a time.
const WRITE_ROWS: usize = 64 * 1024;

/// Puts the values in the place of those that were kept, with what they were made from, in one commit.
pub(super) async fn keep(
    house: &House,
    of: &Trait,
    whole: &Whole,
    run: &TraitRun,
    took_ms: u64,
) -> Result<Kept, FlowError> {
    let table = house.lake.table_for_writing(&of.table().name).await?;
    let filled = whole.filled.true_count();
    let kept = Kept {
        run: run.clone(),
        customers: whole.customers.len() - filled,
        filled,
        missing: whole.missing,
        computed_at: house.now(),
        took_ms,
    };
    let scratch = house.scratch()?;
    let name = house.fresh_name();
    let sink = house.sink(table.def(), &scratch, &name, 1, &|_| {});
    let rows = rows(&table.def().schema(), whole, run.as_of, house.now())?;
    let slices: Vec<RecordBatch> = (0..rows.num_rows().max(1))
        .step_by(WRITE_ROWS)
        .map(|from| rows.slice(from, WRITE_ROWS.min(rows.num_rows() - from)))
        .collect();
    let written = write_sorted_rows(&slices, &sink).await?;
    let info = serde_json::to_value(&kept).map_err(|e| FlowError::Internal(e.to_string()))?;
    table.overwrite(written, house.now_millis(), info).await?;
    Ok(kept)
}

/// The rows of the table. What is said of a time is known from that time on.
fn rows(schema: &Arc<Schema>, whole: &Whole, as_of: EventTime, now: EventTime) -> Result<RecordBatch, FlowError> {
    let count = whole.customers.len();
    let times = |time: EventTime| {
        Arc::new(TimestampMicrosecondArray::from(vec![time.micros(); count]).with_timezone("UTC")) as ArrayRef
    };
    let column = |name: &str| -> ArrayRef {
        match name {
            CUSTOMER_ID => Arc::new(whole.customers.clone()),
            "value" => Arc::clone(&whole.values),
            "filled" => Arc::new(whole.filled.clone()),
            VALID_FROM | "known_at" => times(as_of),
            "received_at" => times(now),
            "source" => Arc::new(StringArray::from(vec!["florin run"; count])),
            "row_number" => Arc::new((0..count as i64).collect::<Int64Array>()),
            // No batch of the ledger.
            _ => Arc::new(Int64Array::from(vec![0; count])),
        }
    };
    let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
