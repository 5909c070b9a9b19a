//! Anonymous visitors whose customer became known.
//!
//! What a visitor does before signing in has no customer when it is stored, and rows are never rewritten. `florin resolve`
//! finds out in which times a visitor was which customer and keeps that as the table `anonymous_span`; a session puts
//! the customer in place when rows are read, if the bank knew it by the time the session stands at.

use std::{
    hash::{DefaultHasher, Hasher as _},
    sync::{Arc, OnceLock},
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

use super::files::{Filtering, scan_files};
use crate::{Lake, LakeError, layout};

/// Pieces of time that a question looks for.
const TIMES_MAX: usize = 48;
/// A second, in microseconds.
const SHORTEST_GAP: i64 = 1_000_000;
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
    /// Places of spans by customer, made when somebody's are first asked for.
    by_customer: OnceLock<Vec<u32>>,
    digest: OnceLock<blake3::Hash>,
    /// When the last of it became known (UTC microseconds).
    known_at: i64,
}

/// A time in which a visitor, by the hash of their token, was a customer; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Span {
    pub(super) visitor: u64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) customer: u32,
}

impl Default for Visitors {
    fn default() -> Self {
        Self::new(Vec::new(), i64::MIN)
    }
}

impl Span {
    /// Whether what follows is the same customer's without a moment between.
    fn goes_on(&self, next: &Self) -> bool {
        (self.visitor, self.customer) == (next.visitor, next.customer) && next.first <= self.last.saturating_add(1)
    }
}

impl Visitors {
    fn new(mut spans: Vec<Span>, known_at: i64) -> Self {
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
        Self { spans, starts, bits, by_customer: OnceLock::new(), digest: OnceLock::new(), known_at }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds to a hash who was whom, and when.
    pub(super) fn add_to(&self, hash: &mut blake3::Hasher) {
        hash.update(self.digest.get_or_init(|| self.digested()).as_bytes());
    }

    fn digested(&self) -> blake3::Hash {
        let mut hash = blake3::Hasher::new();
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
        hash.finalize()
    }

    /// The times in which a visitor was one of these customers.
    pub(super) fn spans_of(&self, customers: &[u32]) -> Vec<Span> {
        let places = self.by_customer.get_or_init(|| {
            let mut places: Vec<u32> = (0..u32::try_from(self.spans.len()).unwrap_or(u32::MAX)).collect();
            places.sort_unstable_by_key(|&place| self.spans[place as usize].customer);
            places
        });
        let of = |place: &u32| self.spans[*place as usize].customer;
        let mut spans = Vec::new();
        for &customer in customers {
            let first = places.partition_point(|place| of(place) < customer);
            let theirs = places[first..].iter().take_while(|place| of(place) == customer);
            spans.extend(theirs.map(|&place| self.spans[place as usize]));
        }
        spans
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

/// The times of spans, in order and apart, in at most [`TIMES_MAX`] pieces: those that are nearest to each other are one, with the time
/// between. Both ends belong to a time.
pub(super) fn times_of(spans: &[Span]) -> Vec<(i64, i64)> {
    few(spans.iter().map(|span| (span.first, span.last)).collect())
}

fn few(mut times: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    times.sort_unstable();
    let mut gap = 0i64;
    loop {
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(times.len());
        for (first, last) in times {
            match joined.last_mut() {
                Some(before) if first.saturating_sub(before.1) <= gap => before.1 = before.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        if joined.len() <= TIMES_MAX {
            return joined;
        }
        times = joined;
        gap = gap.saturating_mul(2).max(SHORTEST_GAP);
    }
}

fn first_bits(hash: u64, bits: u32) -> usize {
    usize::try_from(hash >> (64 - bits)).unwrap_or_default()
}

/// Within one process only.
pub(super) fn hash(visitor: &str) -> u64 {
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
pub(crate) async fn visitors(
    lake: &Lake,
    as_of: Option<i64>,
    context: &SessionContext,
) -> Result<Arc<Visitors>, LakeError> {
    let now = visitors_now(lake, context).await?;
    match as_of {
        Some(time) if now.known_at > time => Ok(Arc::new(read(lake, as_of, context).await?.0)),
        _ => Ok(now),
    }
}

async fn visitors_now(lake: &Lake, context: &SessionContext) -> Result<Arc<Visitors>, LakeError> {
    if let Some(known) = lake.visitors().of(lake.location(), ANONYMOUS_SPAN).await {
        return Ok(known);
    }
    let (known, version) = read(lake, None, context).await?;
    let known = Arc::new(known);
    if let Some(version) = version {
        lake.visitors().keep(lake.location(), ANONYMOUS_SPAN, version, Arc::clone(&known)).await?;
    }
    Ok(known)
}

/// What the table of spans says, and the version of it; no version where it was never written.
async fn read(lake: &Lake, as_of: Option<i64>, context: &SessionContext) -> Result<(Visitors, Option<u64>), LakeError> {
    let Some(table) = lake.table(ANONYMOUS_SPAN).await? else { return Ok((Visitors::default(), None)) };
    let schema = layout::read_schema(table.def());
    let names = [CUSTOMER_ID, ANONYMOUS_ID, "first_ts", "last_ts", KNOWN_AT];
    let columns = names.iter().map(|name| schema.index_of(name)).collect::<Result<Vec<_>, _>>()?;
    let known_by =
        as_of.map(|at| col(KNOWN_AT).lt_eq(lit(ScalarValue::TimestampMicrosecond(Some(at), Some("UTC".into())))));
    let scan = scan_files(&table, &columns, known_by.as_slice(), Filtering::Pages, &context.state())?;
    let mut rows = execute_stream(scan.plan, context.task_ctx())?;
    let (mut spans, mut last_known) = (Vec::new(), i64::MIN);
    while let Some(batch) = rows.try_next().await? {
        last_known = last_known.max(add_spans(&batch, as_of.unwrap_or(i64::MAX), &mut spans)?);
    }
    Ok((Visitors::new(spans, last_known), Some(table.version())))
}

/// Says when the last of them became known.
fn add_spans(batch: &RecordBatch, known_by: i64, spans: &mut Vec<Span>) -> Result<i64> {
    let mut last_known = i64::MIN;
    let customers = batch.column(0).as_primitive::<Int64Type>();
    let visitors = cast(batch.column(1), &DataType::Utf8View)?;
    let visitors = visitors.as_string_view();
    let time = |column: usize| batch.column(column).as_primitive::<TimestampMicrosecondType>();
    let (first, last, known_at) = (time(2), time(3), time(4));
    for row in (0..batch.num_rows()).filter(|&row| known_at.value(row) <= known_by) {
        let Ok(customer) = u32::try_from(customers.value(row)) else { continue };
        let visitor = hash(visitors.value(row));
        spans.push(Span { visitor, first: first.value(row), last: last.value(row), customer });
        last_known = last_known.max(known_at.value(row));
    }
    Ok(last_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spans: Vec<Span>) -> Visitors {
        Visitors::new(spans, 0)
    }

    fn span(visitor: &str, first: i64, last: i64, customer: u32) -> Span {
        Span { visitor: hash(visitor), first, last, customer }
    }

    #[test]
    fn a_moment_is_of_the_span_that_it_lies_in() {
        let visitors = of(vec![span("a", 11, 20, 1), span("a", 21, 25, 1), span("a", 31, 40, 2), span("b", 0, 99, 3)]);
        assert_eq!(visitors.spans.len(), 3, "spans of one customer that meet are one");
        let of_a: Vec<_> = [10, 11, 20, 21, 25, 26, 30, 31, 40, 41].map(|at| visitors.customer("a", at)).into();
        let (one, two) = (Some(1), Some(2));
        assert_eq!(of_a, [None, one, one, one, one, None, None, two, two, None]);
        assert_eq!((visitors.customer("b", 99), visitors.customer("c", 5)), (Some(3), None));
    }

    #[test]
    fn the_times_of_customers_hold_all_their_spans_and_are_few() {
        let spans =
            (0..500u32).map(|i| span(&i.to_string(), i64::from(i) * 3_000_000, i64::from(i) * 3_000_000 + 5, i % 7));
        let visitors = of(spans.collect());
        let times_of = |visitors: &Visitors, customers: &[u32]| times_of(&visitors.spans_of(customers));
        assert_eq!(times_of(&visitors, &[9]), []);
        let few = of(vec![span("a", 1, 2, 4), span("b", 50, 60, 4), span("c", 55, 70, 4), span("d", 0, 99, 5)]);
        assert_eq!(times_of(&few, &[4]), [(1, 2), (50, 70)]);
        for customers in [vec![0], vec![3, 5], vec![0, 1, 2, 3, 4, 5, 6]] {
            let times = times_of(&visitors, &customers);
            assert!(times.len() <= TIMES_MAX && times.windows(2).all(|pair| pair[0].1 < pair[1].0), "{times:?}");
            let theirs = visitors.spans.iter().filter(|span| customers.contains(&span.customer));
            for span in theirs {
                assert!(times.iter().any(|&(first, last)| first <= span.first && span.last <= last), "{span:?}");
            }
        }
    }

    #[test]
    fn many_visitors_are_told_apart() {
        let spans = (0..5000u32).map(|i| span(&i.to_string(), 0, i64::from(i), i)).collect();
        let visitors = of(spans);
        for i in 1..5000u32 {
            assert_eq!(visitors.customer(&i.to_string(), i64::from(i)), Some(i));
            assert_eq!(visitors.customer(&i.to_string(), i64::from(i) + 1), None);
        }
        assert!(Visitors::default().customer("x", 1).is_none());
    }
}
