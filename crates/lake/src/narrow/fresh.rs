//! Rows that loads brought since a projection was made, put among those that it has.
//!
//! They are read from the table, few as they are, and go to the part that has their customer's other rows: all rows of a customer are in one
//! run, and a run is sorted by customer and time.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, UInt32Array},
    compute::{SortColumn, SortOptions, cast, concat_batches, interleave, lexsort_to_indices, take_record_batch},
    datatypes::{DataType, Int64Type, SchemaRef, TimestampMicrosecondType},
};
use datafusion::{
    common::Result,
    datasource::provider_as_source,
    execution::{SessionState, TaskContext},
    logical_expr::{Expr, LogicalPlanBuilder, TableScan},
    physical_plan::{ExecutionPlan, collect},
};

use super::{
    manifest::Manifest,
    rows::{NarrowRows, damaged, unreadable},
    segment::{Scratch, SegmentFile},
};
use crate::{LakeError, narrow::Covering, read::GovernedTable};

/// The rows that a projection lacks and a question asks for.
pub(super) struct Fresh {
    plan: Arc<dyn ExecutionPlan>,
}

impl Fresh {
    /// `None` where a projection lacks nothing; an outer `None` where it lacks so much that the table is to answer.
    pub(super) async fn of(
        covering: &Covering,
        table: &GovernedTable,
        (expressions, condition, scan): (&[Expr], &Expr, &TableScan),
        state: &SessionState,
    ) -> Option<Option<Self>> {
        if covering.lacks.is_empty() {
            return Some(None);
        }
        if covering.manifest.parts.is_empty() {
            return None;
        }
        let source = provider_as_source(Arc::new(covering.lacking(table)?));
        let plan = LogicalPlanBuilder::scan(scan.table_name.clone(), source, None).ok()?;
        let plan = plan.filter(condition.clone()).ok()?.project(expressions.to_vec()).ok()?.build().ok()?;
        let plan = state.create_physical_plan(&plan).await.ok()?;
        Some(Some(Self { plan }))
    }

    /// The rows of each part, sorted by customer and time. Customers whom no part has are of the first.
    pub(super) async fn by_part(
        &self,
        manifest: &Manifest,
        files: &[SegmentFile],
        schema: &SchemaRef,
        context: Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let batches = collect(Arc::clone(&self.plan), context).await?;
        let typed = batches.iter().map(|batch| typed(batch, schema)).collect::<Result<Vec<_>>>()?;
        let rows = concat_batches(schema, &typed)?;
        let options = Some(SortOptions { descending: false, nulls_first: false });
        let by = [0, 1].map(|column| SortColumn { values: Arc::clone(rows.column(column)), options });
        let order = lexsort_to_indices(&by, None)?;
        let rows = take_record_batch(&rows, &order)?;
        let customers = rows.column(0).as_primitive::<Int64Type>();
        let parts = parts_of(manifest, files, customers.values())?;
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); manifest.parts.len().max(1)];
        for (row, customer) in (0u32..).zip(customers.values()) {
            let part = parts.get(customer).copied().unwrap_or_default();
            places.get_mut(part).ok_or_else(damaged)?.push(row);
        }
        places.into_iter().map(|rows_of| Ok(take_record_batch(&rows, &UInt32Array::from(rows_of))?)).collect()
    }
}

/// The columns in the types that a projection's rows have.
fn typed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let column = |(column, field): (&ArrayRef, &Arc<arrow::datatypes::Field>)| -> Result<ArrayRef> {
        Ok(match field.data_type() {
            DataType::Dictionary(_, values) => cast(&cast(column, values)?, field.data_type())?,
            ty => cast(column, ty)?,
        })
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Which part has which of these customers.
fn parts_of(manifest: &Manifest, files: &[SegmentFile], customers: &[i64]) -> Result<BTreeMap<i64, usize>, LakeError> {
    let (mut parts, mut scratch) = (BTreeMap::new(), Scratch::new());
    let mut wanted: Vec<i64> = customers.to_vec();
    wanted.dedup();
    for (number, (part, file)) in manifest.parts.iter().zip(files).enumerate() {
        for segment in &part.segments {
            let people = file.people(segment, &mut scratch).map_err(unreadable)?;
            let (Some(first), Some(last)) = (people.numbers.first(), people.numbers.last()) else { continue };
            let from = wanted.partition_point(|customer| *customer < i64::from(*first));
            let theirs = wanted[from..].iter().take_while(|customer| **customer <= i64::from(*last));
            let has = |customer: &&i64| {
                u32::try_from(**customer).is_ok_and(|customer| people.numbers.binary_search(&customer).is_ok())
            };
            parts.extend(theirs.filter(has).map(|customer| (*customer, number)));
        }
    }
    Ok(parts)
}

/// The rows of a part with fresh ones among them.
pub(super) struct WithFresh {
    rows: NarrowRows,
    fresh: Option<RecordBatch>,
}

impl WithFresh {
    pub(super) fn new(rows: NarrowRows, fresh: Option<RecordBatch>) -> Self {
        Self { rows, fresh: fresh.filter(|fresh| fresh.num_rows() > 0) }
    }

    /// The next batch that has a row; `None` after the last.
    pub(super) fn next(&mut self) -> Option<Result<RecordBatch, LakeError>> {
        match self.rows.next() {
            Some(Ok(batch)) => Some(self.among(batch)),
            Some(error) => Some(error),
            None => self.fresh.take().map(Ok),
        }
    }

    /// A batch with the fresh rows that come before its last.
    fn among(&mut self, batch: RecordBatch) -> Result<RecordBatch, LakeError> {
        let Some(fresh) = &self.fresh else { return Ok(batch) };
        let (ours, theirs) = (Moments::of(&batch)?, Moments::of(fresh)?);
        let last = batch.num_rows().saturating_sub(1);
        let many = (0..fresh.num_rows()).take_while(|row| theirs.cmp(*row, &ours, last).is_lt()).count();
        if many == 0 {
            return Ok(batch);
        }
        let mut places = Vec::with_capacity(batch.num_rows() + many);
        let mut next = 0;
        for row in 0..batch.num_rows() {
            while next < many && theirs.cmp(next, &ours, row).is_lt() {
                places.push((1, next));
                next += 1;
            }
            places.push((0, row));
        }
        let columns = batch.columns().iter().zip(fresh.columns());
        let columns = columns.map(|(ours, theirs)| interleave(&[ours.as_ref(), theirs.as_ref()], &places));
        let merged = RecordBatch::try_new(batch.schema(), columns.collect::<Result<_, _>>()?)?;
        let rest = fresh.slice(many, fresh.num_rows() - many);
        self.fresh = (rest.num_rows() > 0).then_some(rest);
        Ok(merged)
    }
}

/// By what runs are sorted.
struct Moments<'a> {
    customers: &'a [i64],
    times: &'a [i64],
}

impl<'a> Moments<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, LakeError> {
        let customers = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
        let times = batch.column(1).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(damaged)?;
        Ok(Self { customers: customers.values(), times: times.values() })
    }

    fn cmp(&self, row: usize, other: &Self, of_other: usize) -> Ordering {
        (self.customers[row], self.times[row]).cmp(&(other.customers[of_other], other.times[of_other]))
    }
}
