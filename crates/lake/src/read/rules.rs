//! Which rows of a batch a session sees.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch},
    buffer::BooleanBuffer,
    compute::{filter_record_batch, kernels::cmp},
    datatypes::{Int64Type, TimestampMicrosecondType},
    error::ArrowError,
};

use super::{CustomerSet, best_known::VersionColumns, stream::filtered};

/// The rules of one table in one session. Numbers are columns of the scanned batch.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowRules {
    /// Rows known later than this (UTC microseconds) are not seen.
    pub(crate) known_by: Option<(usize, i64)>,
    /// Versions that hold only from later than this are not seen.
    pub(crate) valid_by: Option<(usize, i64)>,
    /// Only the last row of each run of equal values in these columns is seen.
    pub(crate) latest_of: Vec<usize>,
    /// Where runs may be of several customers who are one person: one row is made of each.
    pub(crate) best_known: Option<VersionColumns>,
    /// Only rows of these customers are seen.
    pub(crate) customers: Option<(usize, Arc<CustomerSet>)>,
}

impl RowRules {
    pub(crate) fn is_empty(&self) -> bool {
        self.known_by.is_none() && self.valid_by.is_none() && self.latest_of.is_empty() && self.customers.is_none()
    }

    /// The rows in time: before versions are compared.
    pub(crate) fn in_time(&self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let mut keep: Option<BooleanBuffer> = None;
        for (column, latest) in self.known_by.iter().chain(&self.valid_by) {
            let times = batch.column(*column).as_primitive::<TimestampMicrosecondType>();
            let seen = BooleanBuffer::collect_bool(times.len(), |i| times.is_valid(i) && times.value(i) <= *latest);
            keep = Some(keep.map_or_else(|| seen.clone(), |k| &k & &seen));
        }
        filtered(batch, keep)
    }

    /// Which rows are of customers that are seen, `None` for all of them: after versions are compared.
    pub(crate) fn consented(&self, batch: &RecordBatch) -> Option<BooleanBuffer> {
        let (column, set) = self.customers.as_ref()?;
        let ids = batch.column(*column).as_primitive::<Int64Type>();
        Some(if ids.null_count() == 0 {
            let ids = ids.values();
            BooleanBuffer::collect_bool(ids.len(), |i| set.sees(ids[i]))
        } else {
            BooleanBuffer::collect_bool(ids.len(), |i| {
                if ids.is_valid(i) { set.sees(ids.value(i)) } else { set.sees_nobody() }
            })
        })
    }
}

/// Keeps the last row of each run of equal keys in a sorted stream. The last row of a batch is held back until it is known
/// what comes next.
#[derive(Default)]
pub(crate) struct LatestOnly {
    held: Option<RecordBatch>,
}

impl LatestOnly {
    /// What can be let go once `batch` has come.
    pub(crate) fn push(&mut self, batch: RecordBatch, keys: &[usize]) -> Result<Option<RecordBatch>, ArrowError> {
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let batch = match self.held.take() {
            Some(held) => arrow::compute::concat_batches(&held.schema(), [&held, &batch])?,
            None => batch,
        };
        let last = batch.num_rows() - 1;
        self.held = Some(batch.slice(last, 1));
        if last == 0 {
            return Ok(None);
        }
        let changes = changes(&batch, keys)?;
        filter_record_batch(&batch.slice(0, last), &changes).map(Some)
    }

    /// The row that was held back at the end.
    pub(crate) fn finish(&mut self) -> Option<RecordBatch> {
        self.held.take()
    }
}

/// For each row but the last, whether the next has another key.
pub(super) fn changes(batch: &RecordBatch, keys: &[usize]) -> Result<BooleanArray, ArrowError> {
    let length = batch.num_rows() - 1;
    let mut changed = BooleanBuffer::new_unset(length);
    for &key in keys {
        let column: &ArrayRef = batch.column(key);
        let differs = cmp::distinct(&column.slice(0, length), &column.slice(1, length))?;
        changed = &changed | differs.values();
    }
    Ok(BooleanArray::new(changed, None))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow::{
        array::Int64Array,
        datatypes::{DataType, Field, Schema},
    };

    use super::*;

    fn batch(rows: &[(i64, i64)]) -> RecordBatch {
        let schema =
            Schema::new(vec![Field::new("k", DataType::Int64, false), Field::new("v", DataType::Int64, false)]);
        let column = |f: fn(&(i64, i64)) -> i64| Arc::new(rows.iter().map(f).collect::<Int64Array>()) as ArrayRef;
        RecordBatch::try_new(Arc::new(schema), vec![column(|r| r.0), column(|r| r.1)]).unwrap()
    }

    fn values(batch: Option<RecordBatch>) -> Vec<i64> {
        batch.map(|b| b.column(1).as_primitive::<Int64Type>().values().to_vec()).unwrap_or_default()
    }

    #[test]
    fn the_last_version_is_kept_also_across_batches() {
        let mut latest = LatestOnly::default();
        let mut seen = values(latest.push(batch(&[(1, 10), (1, 11), (2, 20)]), &[0]).unwrap());
        seen.extend(values(latest.push(batch(&[(2, 21)]), &[0]).unwrap()));
        seen.extend(values(latest.push(batch(&[(2, 22), (3, 30)]), &[0]).unwrap()));
        seen.extend(values(latest.finish()));
        assert_eq!(seen, [11, 22, 30]);
    }
}
