//! The rows and columns of a batch that a session sees.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array},
    buffer::BooleanBuffer,
    compute::{cast, filter_record_batch},
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
};
use datafusion::{
    common::Result,
    execution::{RecordBatchStream, SendableRecordBatchStream},
    physical_expr::PhysicalExpr,
};
use futures::Stream;

use super::{
    best_known::BestKnown,
    rules::{LatestOnly, RowRules},
};

/// Where a column that the query sees comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// A column of the scan.
    Read(usize),
    /// It reads as missing.
    Masked,
}

/// What to make of the batches of a scan.
#[derive(Debug, Clone)]
pub(super) struct Governing {
    pub(super) rules: RowRules,
    /// The columns that the session sees, those included that only `condition` needs.
    pub(super) seen: Vec<Output>,
    /// Their types.
    pub(super) seen_schema: SchemaRef,
    /// A condition of the query over the seen columns that may be looked at together with the rules.
    pub(super) condition: Option<Arc<dyn PhysicalExpr>>,
    /// Which of the seen columns go on.
    pub(super) emitted: Vec<usize>,
}

impl Governing {
    /// The columns that go on.
    pub(super) fn schema(&self) -> Result<SchemaRef> {
        Ok(Arc::new(self.seen_schema.project(&self.emitted)?))
    }

    /// Where each column that goes on comes from.
    pub(super) fn outputs(&self) -> impl Iterator<Item = Output> {
        self.emitted.iter().filter_map(|&i| self.seen.get(i).copied())
    }

    /// Whether batches of this schema pass as they are.
    pub(super) fn is_plain(&self, input: &Schema) -> bool {
        let all_in_place = self.emitted.iter().copied().eq(0..input.fields().len())
            && self.seen.iter().enumerate().all(|(i, o)| *o == Output::Read(i));
        let same_types = || {
            let types = input.fields().iter().zip(self.seen_schema.fields());
            self.seen.len() == input.fields().len() && types.into_iter().all(|(a, b)| a.data_type() == b.data_type())
        };
        self.rules.is_empty() && self.condition.is_none() && all_in_place && same_types()
    }

    /// The rows of `batch`, their versions compared already, that the session sees and the query wants.
    fn let_go(&self, batch: &RecordBatch, schema: &SchemaRef) -> Result<Option<RecordBatch>> {
        let seen = self.seen_columns(batch)?;
        let keep = match (self.rules.consented(batch), self.wanted(&seen)?) {
            (Some(consented), Some(wanted)) => Some(&consented & &wanted),
            (consented, wanted) => consented.or(wanted),
        };
        let columns = self.emitted.iter().map(|&i| Arc::clone(seen.column(i))).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let emitted = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?;
        let emitted = filtered(emitted, keep)?;
        Ok((emitted.num_rows() > 0).then_some(emitted))
    }

    fn seen_columns(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let column = |(output, field): (&Output, &Arc<arrow::datatypes::Field>)| match output {
            // Only the time zone of a time can differ: another label on the same numbers.
            Output::Read(i) => cast(batch.column(*i), field.data_type()),
            Output::Masked => Ok(new_null_array(field.data_type(), batch.num_rows())),
        };
        let columns: Vec<ArrayRef> =
            self.seen.iter().zip(self.seen_schema.fields()).map(column).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.seen_schema), columns, &options)
    }

    fn wanted(&self, seen: &RecordBatch) -> Result<Option<BooleanBuffer>> {
        let Some(condition) = &self.condition else { return Ok(None) };
        let answers = condition.evaluate(seen)?.into_array(seen.num_rows())?;
        let answers = answers.as_boolean();
        // Neither true nor false is not true.
        Ok(Some(match answers.nulls() {
            Some(nulls) => answers.values() & nulls.inner(),
            None => answers.values().clone(),
        }))
    }
}

pub(super) fn filtered(batch: RecordBatch, keep: Option<BooleanBuffer>) -> Result<RecordBatch, ArrowError> {
    match keep {
        Some(keep) if keep.count_set_bits() < keep.len() => filter_record_batch(&batch, &BooleanArray::new(keep, None)),
        _ => Ok(batch),
    }
}

/// Batches of a scan, governed.
pub(super) struct GovernedStream {
    input: SendableRecordBatchStream,
    governing: Governing,
    schema: SchemaRef,
    latest: LatestOnly,
    best: BestKnown,
    done: bool,
}

impl GovernedStream {
    pub(super) fn new(input: SendableRecordBatchStream, governing: Governing, schema: SchemaRef) -> Self {
        Self { input, governing, schema, latest: LatestOnly::default(), best: BestKnown::default(), done: false }
    }

    fn govern(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let rules = &self.governing.rules;
        let batch = rules.in_time(batch)?;
        let batch = match &rules.best_known {
            Some(versions) => self.best.push(batch, versions)?,
            None if rules.latest_of.is_empty() => Some(batch),
            None => self.latest.push(batch, &rules.latest_of)?,
        };
        self.let_go(batch)
    }

    /// What was held back at the end.
    fn rest(&mut self) -> Result<Option<RecordBatch>> {
        let held = match &self.governing.rules.best_known {
            Some(versions) => self.best.finish(versions)?,
            None => self.latest.finish(),
        };
        self.let_go(held)
    }

    fn let_go(&self, batch: Option<RecordBatch>) -> Result<Option<RecordBatch>> {
        batch.map_or(Ok(None), |batch| self.governing.let_go(&batch, &self.schema))
    }
}

impl Stream for GovernedStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.done {
            let next = ready!(Pin::new(&mut self.input).poll_next(context));
            let governed = match next {
                Some(Ok(batch)) => self.govern(batch),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    self.done = true;
                    self.rest()
                }
            };
            if let Some(batch) = governed.transpose() {
                return Poll::Ready(Some(batch));
            }
        }
        Poll::Ready(None)
    }
}

impl RecordBatchStream for GovernedStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
