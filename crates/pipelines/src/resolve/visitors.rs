//! Which customer an anonymous visitor was, and in which times: the table `anonymous_span`.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array},
    datatypes::{Int64Type, TimestampMicrosecondType},
};
use florin_domain::{
    CustomerId, EventTime,
    catalogue::{ANONYMOUS_ID, ANONYMOUS_SPAN, CUSTOMER_ID},
};
use florin_governance::Grant;
use florin_identity::anonymous::{Event, Reach, spans};
use florin_lake::{
    Consented, LakeTable, Session,
    write::{Spill, SpillPlan, write_files},
};
use futures::StreamExt as _;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use super::history::internal;
use crate::{FlowError, House, bank::IdentitySettings};

const EVENT: &str = "event";
/// Spans that are written at a time.
const SPANS_BATCH: usize = 64 * 1024;
const MINUTE_MICROS: i64 = 60_000_000;
const DAY_MICROS: i64 = 1440 * MINUTE_MICROS;

/// Who was signed in where there was a visitor, by visitor and time: the first and the last moment of each customer in a
/// session (what lies between tells no more). An event without a session is a session of its own.
const SIGNED: &str = "
    with signed as (
        select anonymous_id, customer_id, min(ts) as first_ts, max(ts) as last_ts, min(known_at) as first_known,
               max(known_at) as last_known
        from event where anonymous_id is not null and customer_id is not null
        group by anonymous_id, customer_id, coalesce(session_id, cast(event_id as varchar)))
    select anonymous_id, first_ts as at, customer_id, first_known as known_at from signed
    union all
    select anonymous_id, last_ts, customer_id, last_known from signed where last_ts > first_ts
    order by anonymous_id, at, customer_id, known_at";

/// What is known of visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitors {
    /// Those whose customer is known, at some time.
    pub visitors: u64,
    /// Times in which it is.
    pub spans: u64,
    /// The version of `event` that this was found in.
    event_version: u64,
    /// How far a sign-in told of what was before and after it.
    reach: Reach,
}

/// Finds whose visitors were, anew where `event` has changed, and keeps it.
pub(super) async fn visitors(house: &House, grant: &Grant) -> Result<Option<Visitors>, FlowError> {
    let Some(events) = house.lake.table(EVENT).await? else { return Ok(None) };
    let reach = reach(&house.bank.settings.identity);
    let table = house.lake.table_for_writing(ANONYMOUS_SPAN).await?;
    let last = table.history(1).await?.pop().and_then(|commit| serde_json::from_value::<Visitors>(commit.info).ok());
    let up_to_date = |v: &Visitors| (v.event_version, v.reach) == (events.version(), reach);
    if let Some(known) = last.filter(up_to_date) {
        return Ok(Some(known));
    }
    let mut found = Visitors { visitors: 0, spans: 0, event_version: events.version(), reach };
    find(house, grant, &events, &table, &mut found).await?;
    Ok(Some(found))
}

fn reach(settings: &IdentitySettings) -> Reach {
    Reach {
        session_gap_micros_max: i64::from(settings.anonymous_session_minutes) * MINUTE_MICROS,
        lookback_micros_max: i64::from(settings.anonymous_lookback_days) * DAY_MICROS,
    }
}

async fn find(
    house: &House,
    grant: &Grant,
    events: &LakeTable,
    table: &LakeTable,
    found: &mut Visitors,
) -> Result<(), FlowError> {
    let scratch = house.scratch_of_load()?;
    let bytes = events.live_files()?.iter().map(|file| file.size).sum();
    let plan = SpillPlan::new(table.def(), table.buckets(), bytes, i64::from(u32::MAX));
    let mut writer =
        Writer { spill: Spill::new(plan, scratch.path()), house, table, pending: Pending::default(), found };
    let session = Session::open(&house.lake, grant, &Consented::default(), Vec::new(), house.around.threads)?;
    let mut rows = session.sql(SIGNED).await?.batches;
    let mut one = OneVisitor::default();
    while let Some(batch) = rows.next().await {
        for (visitor, event) in signed(&batch?) {
            if visitor != one.visitor {
                writer.add(&one)?;
                one = OneVisitor { visitor, events: Vec::new() };
            }
            one.events.push(event);
        }
    }
    writer.add(&one)?;
    writer.flush()?;
    let Writer { spill, found, .. } = writer;
    let name = house.fresh_name();
    let sink = house.sink(table.def(), &scratch, &name, house.around.threads, &|_| {});
    let written = write_files(&spill, &RoaringTreemap::new(), &sink).await?;
    let info = serde_json::to_value(&*found).map_err(|e| internal(&e))?;
    table.overwrite(written, house.now_millis(), info).await?;
    Ok(())
}

/// The visitor of each row, and what was seen.
fn signed(batch: &RecordBatch) -> Vec<(String, Event)> {
    let visitors = batch.column(0).as_string::<i32>();
    let customers = batch.column(2).as_primitive::<Int64Type>();
    let time = |column: usize, row: usize| {
        EventTime(batch.column(column).as_primitive::<TimestampMicrosecondType>().value(row))
    };
    let event = |row: usize| {
        let customer = CustomerId(u32::try_from(customers.value(row)).ok()?);
        let event = Event { anonymous: 0, at: time(1, row), customer: Some(customer), known_at: time(3, row) };
        Some((visitors.value(row).to_owned(), event))
    };
    (0..batch.num_rows()).filter_map(event).collect()
}

/// What was seen of one visitor, in the order of time.
#[derive(Default)]
struct OneVisitor {
    visitor: String,
    events: Vec<Event>,
}

#[derive(Default)]
struct Pending {
    customers: Vec<i64>,
    visitors: Vec<String>,
    first: Vec<i64>,
    last: Vec<i64>,
    known_at: Vec<i64>,
}

struct Writer<'a> {
    spill: Spill,
    house: &'a House,
    table: &'a LakeTable,
    pending: Pending,
    found: &'a mut Visitors,
}

impl Writer<'_> {
    fn add(&mut self, one: &OneVisitor) -> Result<(), FlowError> {
        let before = self.pending.customers.len();
        for span in spans(one.events.iter().copied(), self.found.reach) {
            let span = span.map_err(|e| internal(&e))?;
            self.pending.customers.push(i64::from(span.customer.0));
            self.pending.visitors.push(one.visitor.clone());
            self.pending.first.push(span.from.micros());
            self.pending.last.push(span.until.micros());
            self.pending.known_at.push(span.known_since.micros());
        }
        self.found.visitors += u64::from(self.pending.customers.len() > before);
        if self.pending.customers.len() >= SPANS_BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), FlowError> {
        let rows = std::mem::take(&mut self.pending);
        let first = self.found.spans;
        let count = rows.customers.len();
        self.found.spans += count as u64;
        let times = |times: Vec<i64>| Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")) as ArrayRef;
        let column = |name: &str| -> ArrayRef {
            match name {
                CUSTOMER_ID => Arc::new(Int64Array::from(rows.customers.clone())),
                ANONYMOUS_ID => Arc::new(StringArray::from(rows.visitors.clone())),
                "first_ts" => times(rows.first.clone()),
                "last_ts" => times(rows.last.clone()),
                "known_at" => times(rows.known_at.clone()),
                "received_at" => times(vec![self.house.now().micros(); count]),
                "source" => Arc::new(StringArray::from(vec!["florin resolve"; count])),
                "row_number" => {
                    Arc::new((0..count as i64).map(|row| first.cast_signed() + row).collect::<Int64Array>())
                }
                // No batch of the ledger.
                _ => Arc::new(Int64Array::from(vec![0; count])),
            }
        };
        let mut columns: Vec<ArrayRef> = self.table.def().all_columns().iter().map(|c| column(&c.name)).collect();
        columns.push(Arc::new((0..count as u64).map(|row| first + row).collect::<UInt64Array>()));
        let batch = RecordBatch::try_new(Arc::clone(self.spill.schema()), columns)?;
        Ok(self.spill.add(&batch)?)
    }
}
