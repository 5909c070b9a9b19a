//! What happened to a customer, in all tables together, the newest first, a page at a time.

use arrow::{
    array::{Array as _, AsArray as _, RecordBatch},
    datatypes::TimestampMicrosecondType,
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_domain::{CustomerId, EventTime, TableDef, catalogue::TS};
use florin_lake::OfCustomer;

use super::TELLING;
use crate::{FlowError, ask::Asking};

/// The longest page.
const PAGE_MAX: usize = 200;

/// Which part of a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Only these tables; all when empty.
    pub tables: Vec<String>,
    /// Only what happened before that.
    pub before: Option<EventTime>,
    /// At most so many, 1 to 200.
    pub limit: usize,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub ts: EventTime,
    /// In which table it is.
    pub table: String,
    /// Columns that tell most, with their values.
    pub said: Vec<(String, String)>,
}

/// Part of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The newest first.
    pub events: Vec<Event>,
    /// What happened before this is on the next page; nothing at the end.
    pub next_before: Option<EventTime>,
    /// Tables that may be on it.
    pub tables: Vec<String>,
}

/// What happened to a customer. Pages are cut between instants, never within one, unless more happened at one instant than a page holds.
///
/// # Errors
/// When a table is none with a time that the session may see, or it cannot be put on record.
pub async fn story(asking: &Asking<'_>, customer: CustomerId, page: &Page) -> Result<Story, FlowError> {
    let known = tables(asking);
    if let Some(wrong) = page.tables.iter().find(|name| known.iter().all(|table| table.name != **name)) {
        let known = known.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(FlowError::Unknown { what: "table with a time", name: wrong.clone(), known });
    }
    let limit = page.limit.clamp(1, PAGE_MAX);
    let person = asking.persons().known_as(customer.0);
    let wanted = known.iter().filter(|table| page.tables.is_empty() || page.tables.contains(&table.name));
    let wanted: Vec<(&str, Vec<&str>)> = wanted.map(|table| (table.name.as_str(), telling(asking, table))).collect();
    let asked = wanted.iter().map(|(table, columns)| OfCustomer {
        table,
        columns,
        customer: CustomerId(person),
        before: page.before,
        order: &[(TS, true)],
        // One more than fits says that there is more.
        limit: Some(limit + 1),
    });
    let mut events = Vec::new();
    for ((table, _), batches) in wanted.iter().zip(asking.of_customer(&asked.collect::<Vec<_>>()).await?) {
        batches.iter().try_for_each(|batch| told(table, batch, &mut events))?;
    }
    events.sort_by(|a, b| b.ts.cmp(&a.ts).then_with(|| a.table.cmp(&b.table)).then_with(|| a.said.cmp(&b.said)));
    let next_before = cut(&mut events, limit);
    Ok(Story { events, next_before, tables: known.iter().map(|table| table.name.clone()).collect() })
}

/// Shortens to a page that ends between two instants.
fn cut(events: &mut Vec<Event>, limit: usize) -> Option<EventTime> {
    let beyond = events.get(limit)?.ts;
    let keep = events.partition_point(|event| event.ts > beyond);
    // Of an instant that is fuller than a page, a page is told, and the rest of it is left out.
    events.truncate(if keep == 0 { limit } else { keep });
    events.last().map(|last| last.ts)
}

fn tables<'a>(asking: &'a Asking<'_>) -> Vec<&'a TableDef> {
    let catalogue = &asking.house().bank.catalogue;
    let shown = catalogue.tables().map(AsRef::as_ref);
    shown
        .filter(|table: &&TableDef| table.is_about_customers() && !catalogue.is_derived(&table.name))
        .filter(|table| table.columns.iter().any(|column| column.name == TS))
        .filter(|table| asking.grant().table(&table.name).is_some_and(|seen| !seen.is_masked(TS)))
        .collect()
}

/// When, and the columns that tell most, of those that the session may see.
fn telling<'t>(asking: &Asking<'_>, table: &'t TableDef) -> Vec<&'t str> {
    let seen = asking.grant().table(&table.name);
    let shown = |name: &str| !seen.is_some_and(|seen| seen.is_masked(name));
    let there = |name: &&str| table.columns.iter().map(|c| c.name.as_str()).find(|c| c == name && shown(c));
    [TS].iter().chain(&TELLING).filter_map(there).collect()
}

fn told(table: &str, batch: &RecordBatch, into: &mut Vec<Event>) -> Result<(), FlowError> {
    let options = FormatOptions::default();
    let Some(times) = batch.column_by_name(TS).and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>()) else {
        return Ok(());
    };
    let schema = batch.schema();
    let named = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != TS);
    let shown = named
        .map(|(field, column)| Ok((field.name(), column, ArrayFormatter::try_new(column, &options)?)))
        .collect::<Result<Vec<_>, FlowError>>()?;
    for row in (0..batch.num_rows()).filter(|&row| times.is_valid(row)) {
        let there = shown.iter().filter(|(_, column, _)| column.is_valid(row));
        let said = there.map(|(name, _, shown)| ((*name).clone(), shown.value(row).to_string())).collect();
        into.push(Event { ts: EventTime(times.value(row)), table: table.to_owned(), said });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(times: &[i64]) -> Vec<Event> {
        times.iter().map(|&ts| Event { ts: EventTime(ts), table: "event".to_owned(), said: Vec::new() }).collect()
    }

    #[test]
    fn pages_end_between_instants() {
        for (times, limit, kept, next) in [
            (vec![5, 4, 3], 3, 3, None),
            (vec![5, 4, 3], 2, 2, Some(4)),
            (vec![5, 4, 4], 2, 1, Some(5)),
            (vec![5, 5, 5], 2, 2, Some(5)),
        ] {
            let mut events = at(&times);
            assert_eq!(cut(&mut events, limit), next.map(EventTime), "{times:?}");
            assert_eq!(events.len(), kept, "{times:?}");
        }
    }
}
