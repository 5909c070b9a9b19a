//! From what a mapping gives to rows as they are stored: every column of the table, the common ones filled.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
        new_null_array,
    },
    buffer::BooleanBuffer,
    compute::{filter_record_batch, kernels::zip::zip},
    datatypes::{Field, Schema, SchemaRef, TimestampMicrosecondType},
};
use florin_domain::{EventTime, TableDef, catalogue::KNOWN_AT};
use florin_store::BatchId;

use crate::FlowError;

/// Where the rows of one file come from.
pub(super) struct Origin<'a> {
    pub(super) source: &'a str,
    pub(super) batch: BatchId,
    pub(super) received_at: EventTime,
}

/// The stored columns of a table, all of which may be missing until rows are checked.
pub(super) fn unchecked_schema(table: &TableDef) -> SchemaRef {
    let stored = table.schema();
    let fields = stored.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

/// Rows with every stored column, from the columns that a mapping gave.
pub(super) fn fill(
    mapped: &RecordBatch,
    schema: &SchemaRef,
    origin: &Origin<'_>,
    row_numbers: &[u64],
) -> Result<RecordBatch, FlowError> {
    let rows = mapped.num_rows();
    let received = || -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(vec![origin.received_at.micros(); rows]).with_timezone("UTC"))
    };
    let column = |field: &Arc<Field>| -> Result<ArrayRef, FlowError> {
        Ok(match (field.name().as_str(), mapped.column_by_name(field.name())) {
            (KNOWN_AT, Some(known)) => known_or_received(known, &received())?,
            (KNOWN_AT | "received_at", _) => received(),
            (_, Some(given)) => Arc::clone(given),
            ("source", None) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(origin.source, rows))),
            ("batch", None) => Arc::new(Int64Array::from(vec![origin.batch.0; rows])),
            ("row_number", None) => Arc::new(row_numbers.iter().map(|n| n.cast_signed()).collect::<Int64Array>()),
            (_, None) => new_null_array(field.data_type(), rows),
        })
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// A record that does not say when it was known was known when it was received.
fn known_or_received(known: &ArrayRef, received: &ArrayRef) -> Result<ArrayRef, FlowError> {
    if known.null_count() == 0 {
        return Ok(Arc::clone(known));
    }
    let says = arrow::compute::is_not_null(known)?;
    let known = known.as_primitive::<TimestampMicrosecondType>();
    let received = received.as_primitive::<TimestampMicrosecondType>();
    Ok(zip(&says, known, received)?)
}

/// The rows that are kept, and where each stood, with the ordinal as last column: what is spilled.
pub(super) fn kept(
    rows: &RecordBatch,
    ordinals: Vec<u64>,
    keep: Option<BooleanBuffer>,
    schema: &SchemaRef,
) -> Result<RecordBatch, FlowError> {
    let ordinals: ArrayRef = Arc::new(UInt64Array::from(ordinals));
    let columns: Vec<ArrayRef> = rows.columns().iter().cloned().chain([ordinals]).collect();
    let Some(keep) = keep else { return Ok(RecordBatch::try_new(Arc::clone(schema), columns)?) };
    // Rows that are not kept may lack what the stored schema requires: they go before it is demanded.
    let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
    let lenient = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
    let all = RecordBatch::try_new(lenient, columns)?;
    let left = filter_record_batch(&all, &arrow::array::BooleanArray::new(keep, None))?;
    Ok(RecordBatch::try_new(Arc::clone(schema), left.columns().to_vec())?)
}
