//! Anonymous visitors whose customer became known.
//!
//! What a visitor does before signing in has no customer when it is stored, and rows are never rewritten. `florin resolve`
//! finds out in which times a visitor was which customer and keeps that as the table `anonymous_span`; a session puts
//! the customer in place when rows are read, if the bank knew it by the time the session stands at.

use std::{
    hash::{DefaultHasher, Hasher as _},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch},
    compute::cast,
    datatypes::{DataType, Int64Type, TimestampMicrosecondType},
};
use datafusion::{
    common::{Result, ScalarValue},
    execution::context::SessionContext,
    logical_expr::{col, lit},
    physical_plan::execute_stream,
};
use florin_domain::{
    TableDef,
    catalogue::{ANONYMOUS_ID, ANONYMOUS_SPAN, CUSTOMER_ID, KNOWN_AT, TS},
};
use futures::TryStreamExt as _;

use super::files::scan_files;
use crate::{Lake, LakeError, layout};

/// Spans that are added to a hash at a time.
const HASHED_TOGETHER: usize = 1024;

/// In which times a visitor was which customer. A visitor goes by a hash of 64 bits of their token: two of ten million
/// share one with a probability of 3 in a million.
#[derive(Debug)]
pub(crate) struct Visitors {
    /// By visitor and time; of one visitor they do not overlap.
    spans: Vec<Span>,
    /// Where the spans of visitors begin whose hash has these first bits: one more than there are such.
    starts: Vec<u32>,
    bits: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    visitor: u64,
    first: i64,
    last: i64,
    customer: u32,
}

impl Default for Visitors {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Span {
    /// Whether what follows is the same customer's without a moment between.
    fn goes_on(&self, next: &Self) -> bool {
        (self.visitor, self.customer) == (next.visitor, next.customer) && next.first <= self.last.saturating_add(1)
    }
}

impl Visitors {
    fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable();
        let spans = joined(spans);
        // About one visitor an entry.
        let bits = spans.len().max(1).ilog2().clamp(1, 30);
        let mut starts = vec![0u32; (1 << bits) + 1];
        for span in &spans {
            starts[first_bits(span.visitor, bits) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        Self { spans, starts, bits }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds to a hash who was whom, and when.
    pub(super) fn add_to(&self, hash: &mut blake3::Hasher) {
        let mut bytes = Vec::new();
        for some in self.spans.chunks(HASHED_TOGETHER) {
            bytes.clear();
            for Span { visitor, first, last, customer } in some {
                let times = [first.to_le_bytes(), last.to_le_bytes()];
                bytes.extend(visitor.to_le_bytes().into_iter().chain(times.into_iter().flatten()));
                bytes.extend(customer.to_le_bytes());
            }
            hash.update(&bytes);
        }
    }

    /// Whose a visitor's row at a moment is.
    fn customer(&self, visitor: &str, at: i64) -> Option<u32> {
        let visitor = hash(visitor);
        let place = first_bits(visitor, self.bits);
        let some = self.spans.get(self.starts[place] as usize..self.starts[place + 1] as usize)?;
        let span = some.get(some.partition_point(|s| (s.visitor, s.last) < (visitor, at)))?;
        (span.visitor == visitor && span.first <= at).then_some(span.customer)
    }

    /// The customers of rows, those of visitors whose customer is known put in place.
    pub(crate) fn customers(&self, customers: &ArrayRef, visitors: &ArrayRef, times: &ArrayRef) -> Result<ArrayRef> {
        if customers.null_count() == 0 {
            return Ok(Arc::clone(customers));
        }
        let visitors = cast(visitors, &DataType::Utf8View)?;
        let visitors = visitors.as_string_view();
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let known = customers.as_primitive::<Int64Type>();
        let of_visitor = |row: usize| {
            let known_visitor = visitors.is_valid(row) && times.is_valid(row);
            known_visitor.then(|| self.customer(visitors.value(row), times.value(row))).flatten().map(i64::from)
        };
        let customer = |row: usize| if known.is_valid(row) { Some(known.value(row)) } else { of_visitor(row) };
        Ok(Arc::new((0..known.len()).map(customer).collect::<Int64Array>()))
    }

    /// The customers of a batch of stored rows.
    pub(crate) fn of_stored(&self, batch: &RecordBatch) -> Result<Option<ArrayRef>> {
        let named = |name: &str| batch.column_by_name(name);
        let (Some(customers), Some(visitors), Some(times)) = (named(CUSTOMER_ID), named(ANONYMOUS_ID), named(TS))
        else {
            return Ok(None);
        };
        self.customers(customers, visitors, times).map(Some)
    }
}

/// Spans that follow one another and are the same customer's, as one.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(before) if before.goes_on(&span) => before.last = before.last.max(span.last),
            _ => joined.push(span),
        }
    }
    joined
}

fn first_bits(hash: u64, bits: u32) -> usize {
    usize::try_from(hash >> (64 - bits)).unwrap_or_default()
}

/// Within one process only.
fn hash(visitor: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(visitor.as_bytes());
    hasher.finish()
}

/// Whether rows of a table may be of anonymous visitors whose customer becomes known.
pub(crate) fn has_visitors(def: &TableDef) -> bool {
    let optional = def.column(CUSTOMER_ID).is_some_and(|c| !c.required);
    optional && def.column(ANONYMOUS_ID).is_some() && def.column(TS).is_some()
}

/// What a lake knows of visitors as of a time (UTC microseconds; now when absent).
pub(crate) async fn visitors(lake: &Lake, as_of: Option<i64>, context: &SessionContext) -> Result<Visitors, LakeError> {
    let Some(table) = lake.table(ANONYMOUS_SPAN).await? else { return Ok(Visitors::default()) };
    let schema = layout::read_schema(table.def());
    let names = [CUSTOMER_ID, ANONYMOUS_ID, "first_ts", "last_ts", KNOWN_AT];
    let columns = names.iter().map(|name| schema.index_of(name)).collect::<Result<Vec<_>, _>>()?;
    let known_by =
        as_of.map(|at| col(KNOWN_AT).lt_eq(lit(ScalarValue::TimestampMicrosecond(Some(at), Some("UTC".into())))));
    let scan = scan_files(&table, &columns, known_by.as_slice(), &context.state())?;
    let mut rows = execute_stream(scan.plan, context.task_ctx())?;
    let mut spans = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        add_spans(&batch, as_of.unwrap_or(i64::MAX), &mut spans)?;
    }
    Ok(Visitors::new(spans))
}

fn add_spans(batch: &RecordBatch, known_by: i64, spans: &mut Vec<Span>) -> Result<()> {
    let customers = batch.column(0).as_primitive::<Int64Type>();
    let visitors = cast(batch.column(1), &DataType::Utf8View)?;
    let visitors = visitors.as_string_view();
    let time = |column: usize| batch.column(column).as_primitive::<TimestampMicrosecondType>();
    let (first, last, known_at) = (time(2), time(3), time(4));
    for row in (0..batch.num_rows()).filter(|&row| known_at.value(row) <= known_by) {
        let Ok(customer) = u32::try_from(customers.value(row)) else { continue };
        let visitor = hash(visitors.value(row));
        spans.push(Span { visitor, first: first.value(row), last: last.value(row), customer });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(visitor: &str, first: i64, last: i64, customer: u32) -> Span {
        Span { visitor: hash(visitor), first, last, customer }
    }

    #[test]
    fn a_moment_is_of_the_span_that_it_lies_in() {
        let visitors =
            Visitors::new(vec![span("a", 11, 20, 1), span("a", 21, 25, 1), span("a", 31, 40, 2), span("b", 0, 99, 3)]);
        assert_eq!(visitors.spans.len(), 3, "spans of one customer that meet are one");
        let of_a: Vec<_> = [10, 11, 20, 21, 25, 26, 30, 31, 40, 41].map(|at| visitors.customer("a", at)).into();
        let (one, two) = (Some(1), Some(2));
        assert_eq!(of_a, [None, one, one, one, one, None, None, two, two, None]);
        assert_eq!((visitors.customer("b", 99), visitors.customer("c", 5)), (Some(3), None));
    }

    #[test]
    fn many_visitors_are_told_apart() {
        let spans = (0..5000u32).map(|i| span(&i.to_string(), 0, i64::from(i), i)).collect();
        let visitors = Visitors::new(spans);
        for i in 1..5000u32 {
            assert_eq!(visitors.customer(&i.to_string(), i64::from(i)), Some(i));
            assert_eq!(visitors.customer(&i.to_string(), i64::from(i) + 1), None);
        }
        assert!(Visitors::default().customer("x", 1).is_none());
    }
}
