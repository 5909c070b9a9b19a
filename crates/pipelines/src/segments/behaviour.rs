//! Who did what, in which order and within how long: told from rows customer by customer.
//!
//! All behaviours of all segments that are decided together are told in one pass. What they mean is `features`'s.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Int64Type, TimestampMicrosecondType},
};
use florin_domain::EventTime;
use florin_features::segments::{
    Predicate,
    behaviour::{Event, Now, Span},
    sets::TruthSets,
};
use florin_lake::{Run, Session};
use futures::TryStreamExt as _;
use roaring::RoaringBitmap;
use tokio::task::JoinSet;

use super::inputs::{TRANSACTION, table_of};
use crate::FlowError;

/// No channel is known of a row.
const NO_CHANNEL: u32 = u32::MAX;

/// Asks who did each of these ([`Predicate::Did`] and [`Predicate::Sequence`]), of the customers that are meant.
pub(super) async fn told(
    session: &Session,
    wanted: &[Predicate],
    only: Option<&RoaringBitmap>,
    everyone: &RoaringBitmap,
    now: &Now,
) -> Result<Vec<TruthSets>, FlowError> {
    let Some(sql) = sql(wanted, only, now) else { return Ok(Vec::new()) };
    let asked = Arc::new(Asked::new(wanted, now));
    let mut tasks = JoinSet::new();
    for run in session.runs(&sql).await? {
        tasks.spawn(read(run, Teller::new(Arc::clone(&asked))));
    }
    let mut seen = RoaringBitmap::new();
    let mut did: Vec<RoaringBitmap> = vec![RoaringBitmap::new(); wanted.len()];
    while let Some(part) = tasks.join_next().await {
        let part = part.map_err(|e| FlowError::Internal(e.to_string()))??;
        seen |= part.seen;
        did.iter_mut().zip(part.did).for_each(|(all, part)| *all |= part);
    }
    let nothing = everyone - seen;
    for (behaviour, did) in wanted.iter().zip(&mut did) {
        if holds(behaviour, &[], now) {
            *did |= &nothing;
        }
    }
    Ok(did.into_iter().map(TruthSets::known).collect())
}

fn holds(behaviour: &Predicate, events: &[Event<'_>], now: &Now) -> bool {
    match behaviour {
        Predicate::Did(did) => did.holds(events, now),
        Predicate::Sequence(sequence) => sequence.holds(events, now),
        _ => false,
    }
}

/// What one behaviour needs of rows.
struct Need<'a> {
    names: Vec<&'a str>,
    last: Option<Span>,
    channel: bool,
    amount: bool,
}

fn need(behaviour: &Predicate) -> Option<Need<'_>> {
    match behaviour {
        Predicate::Did(did) => Some(Need {
            names: vec![&did.event.name],
            last: did.last,
            channel: did.event.channel.is_some(),
            amount: did.event.amount_at_least.is_some(),
        }),
        Predicate::Sequence(sequence) => Some(Need {
            names: sequence.steps.iter().map(String::as_str).collect(),
            last: sequence.last,
            channel: false,
            amount: false,
        }),
        _ => None,
    }
}

/// The question whose rows come in runs; `None` when there is nothing to ask.
fn sql(wanted: &[Predicate], only: Option<&RoaringBitmap>, now: &Now) -> Option<String> {
    let needs: Vec<Need<'_>> = wanted.iter().filter_map(need).collect();
    let tables: BTreeSet<&str> = needs.iter().flat_map(|need| &need.names).map(|name| table_of(name).0).collect();
    let parts: Vec<String> = tables.into_iter().map(|table| table_sql(table, &needs, only, now)).collect();
    (!parts.is_empty()).then(|| parts.join(" union all "))
}

fn table_sql(table: &str, needs: &[Need<'_>], only: Option<&RoaringBitmap>, now: &Now) -> String {
    let is_of = |name: &&&str| table_of(name).0 == table;
    let of_table: Vec<&Need<'_>> = needs.iter().filter(|need| need.names.iter().any(|n| is_of(&n))).collect();
    let names: BTreeSet<&str> = of_table.iter().flat_map(|need| &need.names).filter(is_of).copied().collect();
    let names: Vec<String> = names.iter().map(|name| quoted(name.trim_start_matches(TRANSACTION))).collect();
    let name = if table == "event" { "name".to_owned() } else { format!("concat('{TRANSACTION}', kind)") };
    let column = if table == "event" { "name" } else { "kind" };
    // Where every behaviour has a window, only the longest is read.
    let since = of_table.iter().map(|need| need.last.map(|span| now.earliest(span).0)).min().flatten();
    let mut conditions = vec![
        "customer_id is not null".to_owned(),
        format!("{column} in ({})", names.join(", ")),
        format!("ts <= {}", moment(now.as_of.0)),
    ];
    conditions.extend(since.map(|since| format!("ts >= {}", moment(since))));
    conditions.extend(only.map(|only| format!("customer_id in ({})", list(only))));
    // A union needs the same columns of both tables.
    let channel = needs.iter().any(|need| need.channel).then_some(", cast(channel as varchar) as channel");
    let amount = needs.iter().any(|need| need.amount).then_some(", amount");
    format!(
        "select customer_id, ts, {name} as name{}{} from \"{table}\" where {}",
        channel.unwrap_or_default(),
        amount.unwrap_or_default(),
        conditions.join(" and ")
    )
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn moment(micros: i64) -> String {
    format!("arrow_cast({micros}, 'Timestamp(Microsecond, Some(\"UTC\"))')")
}

/// Customers as a list of SQL.
pub(super) fn list(customers: &RoaringBitmap) -> String {
    let numbers: Vec<String> = customers.iter().map(|customer| customer.to_string()).collect();
    if numbers.is_empty() { "-1".to_owned() } else { numbers.join(", ") }
}

/// What is asked of every customer.
struct Asked {
    wanted: Vec<Predicate>,
    now: Now,
    names: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Asked {
    fn new(wanted: &[Predicate], now: &Now) -> Self {
        let needs = wanted.iter().filter_map(need);
        let names: BTreeSet<String> = needs.flat_map(|need| need.names).map(str::to_owned).collect();
        let names: Vec<String> = names.into_iter().collect();
        let codes = (0..).zip(&names).map(|(code, name)| (name.clone(), code)).collect();
        Self { wanted: wanted.to_vec(), now: now.clone(), names, codes }
    }
}

struct Row {
    ts: i64,
    name: u32,
    channel: u32,
    amount: Option<i128>,
}

/// Tells of the customers of one run.
struct Teller {
    asked: Arc<Asked>,
    current: Option<u32>,
    rows: Vec<Row>,
    channels: Vec<String>,
    channel_codes: HashMap<String, u32>,
    seen: RoaringBitmap,
    did: Vec<RoaringBitmap>,
}

async fn read(mut run: Run, mut teller: Teller) -> Result<Teller, FlowError> {
    while let Some(batch) = run.try_next().await? {
        teller.push(&batch)?;
    }
    teller.settle();
    Ok(teller)
}

impl Teller {
    fn new(asked: Arc<Asked>) -> Self {
        let did = vec![RoaringBitmap::new(); asked.wanted.len()];
        Self {
            asked,
            current: None,
            rows: Vec::new(),
            channels: Vec::new(),
            channel_codes: HashMap::new(),
            seen: RoaringBitmap::new(),
            did,
        }
    }

    fn push(&mut self, batch: &RecordBatch) -> Result<(), FlowError> {
        let wrong = || FlowError::Internal("rows of behaviour have other columns".to_owned());
        let customers = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
        let times = batch.column(1).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?;
        let names = text(batch.column(2))?;
        let names = names.as_string::<i32>();
        let channels = batch.column_by_name("channel").map(text).transpose()?;
        let channels = channels.as_ref().map(AsArray::as_string::<i32>);
        let amounts = batch.column_by_name("amount").and_then(|column| column.as_primitive_opt::<Decimal128Type>());
        for row in 0..batch.num_rows() {
            let Ok(customer) = u32::try_from(customers.value(row)) else { continue };
            let Some(&name) = names.is_valid(row).then(|| self.asked.codes.get(names.value(row))).flatten() else {
                continue;
            };
            if self.current != Some(customer) {
                self.settle();
                self.current = Some(customer);
            }
            let channel = match channels.filter(|channels| channels.is_valid(row)) {
                Some(channels) => self.channel(channels.value(row)),
                None => NO_CHANNEL,
            };
            let amount = amounts.filter(|amounts| amounts.is_valid(row)).map(|amounts| amounts.value(row));
            self.rows.push(Row { ts: times.value(row), name, channel, amount });
        }
        Ok(())
    }

    fn channel(&mut self, name: &str) -> u32 {
        if let Some(&code) = self.channel_codes.get(name) {
            return code;
        }
        let code = u32::try_from(self.channels.len()).unwrap_or(NO_CHANNEL);
        self.channels.push(name.to_owned());
        self.channel_codes.insert(name.to_owned(), code);
        code
    }

    /// The customer's rows are all there.
    fn settle(&mut self) {
        let Some(customer) = self.current.take() else { return };
        let event = |row: &Row| Event {
            ts: EventTime(row.ts),
            name: self.asked.names.get(row.name as usize).map_or("", String::as_str),
            channel: self.channels.get(row.channel as usize).map(String::as_str),
            amount: row.amount,
        };
        let events: Vec<Event<'_>> = self.rows.iter().map(event).collect();
        for (behaviour, did) in self.asked.wanted.iter().zip(&mut self.did) {
            if holds(behaviour, &events, &self.asked.now) {
                did.insert(customer);
            }
        }
        self.seen.insert(customer);
        self.rows.clear();
    }
}

fn text(column: &ArrayRef) -> Result<ArrayRef, FlowError> {
    Ok(cast(column, &DataType::Utf8)?)
}
