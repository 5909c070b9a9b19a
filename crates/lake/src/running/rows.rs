//! Cuts a stream of sorted rows where no group of peers is torn, and says where partitions begin.

use std::{collections::VecDeque, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch},
    buffer::BooleanBuffer,
    compute::{concat_batches, kernels::cmp},
};
use datafusion::{common::Result, physical_expr::PhysicalExpr};

use super::function::Bounds;

/// Rows whose peers are all there, and what is before them.
pub(super) struct Complete {
    pub(super) rows: RecordBatch,
    pub(super) bounds: Bounds,
}

/// Holds back the rows at the end of what came so far whose peers may still come.
pub(super) struct Cutter {
    partition_by: Vec<Arc<dyn PhysicalExpr>>,
    order_by: Vec<Arc<dyn PhysicalExpr>>,
    /// Whether peers have to stay together at all.
    by_peers: bool,
    /// Rows of one group of peers, the last that came.
    held: Vec<RecordBatch>,
    /// The last row that was let go.
    before: Option<RecordBatch>,
    ready: VecDeque<Complete>,
}

impl Cutter {
    pub(super) fn new(
        partition_by: Vec<Arc<dyn PhysicalExpr>>,
        order_by: Vec<Arc<dyn PhysicalExpr>>,
        by_peers: bool,
    ) -> Self {
        Self { partition_by, order_by, by_peers, held: Vec::new(), before: None, ready: VecDeque::new() }
    }

    /// Takes in the next rows.
    pub(super) fn push(&mut self, rows: &RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        if !self.by_peers {
            return self.let_go(rows.clone());
        }
        let begins = self.peer_starts(self.held.last(), rows)?;
        let (Some(first), Some(last)) = (begins.set_indices().next(), begins.set_indices().last()) else {
            self.held.push(rows.clone());
            return Ok(());
        };
        if first > 0 {
            self.held.push(rows.slice(0, first));
        }
        self.finish()?;
        if last > first {
            self.let_go(rows.slice(first, last - first))?;
        }
        self.held.push(rows.slice(last, rows.num_rows() - last));
        Ok(())
    }

    /// Lets go what was held back.
    pub(super) fn finish(&mut self) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        let Some(first) = held.first() else { return Ok(()) };
        let rows = if held.len() == 1 { first.clone() } else { concat_batches(&first.schema(), &held)? };
        self.let_go(rows)
    }

    pub(super) fn next(&mut self) -> Option<Complete> {
        self.ready.pop_front()
    }

    fn let_go(&mut self, rows: RecordBatch) -> Result<()> {
        let starts = self.changes(&self.partition_by, self.before.as_ref(), &rows)?;
        let ends = match self.by_peers {
            true => shifted(&self.peer_starts(None, &rows)?),
            false => BooleanBuffer::new_set(rows.num_rows()),
        };
        self.before = Some(rows.slice(rows.num_rows() - 1, 1));
        self.ready.push_back(Complete { rows, bounds: Bounds { starts, ends } });
        Ok(())
    }

    fn peer_starts(&self, before: Option<&RecordBatch>, rows: &RecordBatch) -> Result<BooleanBuffer> {
        let partitions = self.changes(&self.partition_by, before, rows)?;
        Ok(&partitions | &self.changes(&self.order_by, before, rows)?)
    }

    /// For each row, whether it differs in `keys` from the one before. The first of all differs.
    fn changes(
        &self,
        keys: &[Arc<dyn PhysicalExpr>],
        before: Option<&RecordBatch>,
        rows: &RecordBatch,
    ) -> Result<BooleanBuffer> {
        let mut changed = vec![false; rows.num_rows()];
        changed[0] = before.is_none();
        for key in keys {
            let values = values(key, rows)?;
            let differ = cmp::distinct(&values.slice(1, values.len() - 1), &values.slice(0, values.len() - 1))?;
            differ.values().set_indices().for_each(|row| changed[row + 1] = true);
            if let Some(before) = before {
                let last = values_of_last(key, before)?;
                changed[0] |= cmp::distinct(&last, &values.slice(0, 1))?.value(0);
            }
        }
        Ok(BooleanBuffer::from(changed))
    }
}

/// From where groups begin to where they end.
fn shifted(starts: &BooleanBuffer) -> BooleanBuffer {
    let rows = starts.len();
    BooleanBuffer::collect_bool(rows, |row| row + 1 == rows || starts.value(row + 1))
}

fn values(key: &Arc<dyn PhysicalExpr>, rows: &RecordBatch) -> Result<ArrayRef> {
    key.evaluate(rows)?.into_array(rows.num_rows())
}

fn values_of_last(key: &Arc<dyn PhysicalExpr>, rows: &RecordBatch) -> Result<ArrayRef> {
    values(key, &rows.slice(rows.num_rows() - 1, 1))
}
