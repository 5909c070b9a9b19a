//! Scores as they are kept: a table of the lake, and beside it what they were made from.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::SchemaRef,
};
use florin_domain::{
    EventTime,
    catalogue::{CUSTOMER_ID, VALID_FROM},
};
use florin_lake::write::{Overwrite, SortedRows, open_together, overwrite_together, write_sorted};
use florin_models::{definition::ModelDef, evaluation::SeriesDay};
use serde::{Deserialize, Serialize};

use super::drift::Drifted;
use crate::{
    FlowError, House,
    bank::{FLAGGED, MEDIAN_DAYS, Seat, score_table},
};

/// Rows handed to the writer at a time.
const WRITE_ROWS: usize = 64 * 1024;
/// Commits that are looked through for the last scoring: erasures and care come in between.
const COMMITS_MAX: usize = 50;

/// What is kept beside scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptScores {
    pub(super) version: u32,
    pub(super) content: String,
    pub(super) as_of: EventTime,
    /// When each trait that was read was computed.
    pub(super) traits: BTreeMap<String, EventTime>,
    pub(super) tables: BTreeMap<String, u64>,
    /// Who was one with whom, as a number that grows.
    pub(super) persons: u64,
    pub(super) customers: usize,
    /// The farthest first.
    pub(super) drift: Vec<Drifted>,
}

/// What is said of customers, in their order.
pub(super) struct Said {
    pub(super) scores: Vec<f64>,
    /// As JSON.
    pub(super) reasons: Vec<String>,
    /// Of models of times.
    pub(super) medians: Option<Vec<Option<f64>>>,
    /// Of models of the odd ones: who is flagged.
    pub(super) flagged: Option<Vec<bool>>,
}

/// What is kept beside a champion's scores; none when it never scored.
pub(super) async fn kept(house: &House, name: &str) -> Result<Option<KeptScores>, FlowError> {
    kept_of(house, name, Seat::Champion).await
}

/// The same of either seat.
pub(super) async fn kept_of(house: &House, name: &str, seat: Seat) -> Result<Option<KeptScores>, FlowError> {
    let table = seat.table(name);
    if house.bank.catalogue.table(&table).is_none() {
        return Ok(None);
    }
    let Some(newest) = house.lake.newest_commit(&table).await? else { return Ok(None) };
    if let Ok(kept) = serde_json::from_value(newest.info) {
        return Ok(Some(kept));
    }
    let Some(table) = house.lake.table(&table).await? else { return Ok(None) };
    let scored = |commit: &florin_lake::Commit| serde_json::from_value(commit.info.clone()).ok();
    Ok(table.history(COMMITS_MAX).await?.iter().find_map(scored))
}

/// Puts scores in the place of those that were kept.
pub(super) async fn keep(
    house: &House,
    (def, seat): (&ModelDef, Seat),
    people: &[i64],
    said: Said,
    kept: &KeptScores,
) -> Result<(), FlowError> {
    keep_with(house, &seat.table(&def.name), people, said, kept, &|_| None).await
}

/// The same with columns of one's own.
async fn keep_with(
    house: &House,
    table: &str,
    people: &[i64],
    said: Said,
    kept: &KeptScores,
    own: &(dyn Fn(&str) -> Option<ArrayRef> + Sync),
) -> Result<(), FlowError> {
    let tables = open_together(&house.lake, vec![table.to_owned()]).await?;
    let Some(table) = tables.into_iter().next() else {
        return Err(FlowError::Internal("a table of scores was not opened".to_owned()));
    };
    let rows = batch(&table.def().schema(), people, said, kept, (house.now(), own))?;
    let (scratch, file) = (house.scratch_of_work()?, house.fresh_name());
    let pieces = (0..rows.num_rows().max(1)).step_by(WRITE_ROWS);
    let rows = pieces.map(|from| rows.slice(from, WRITE_ROWS.min(rows.num_rows() - from))).collect();
    let to_write = [SortedRows { rows, sink: house.sink(table.def(), &scratch, &file, 1, &|_| {}) }];
    let written = write_sorted(&to_write, house.around.threads).await?;
    drop(to_write);
    let info = serde_json::to_value(kept).map_err(|e| FlowError::Internal(e.to_string()))?;
    let changes = written.into_iter().map(|files| Overwrite { table: table.clone(), files, info: info.clone() });
    overwrite_together(changes.collect(), house.now_millis()).await?;
    Ok(())
}

/// Columns that a kind of model has of its own, by name.
type Own<'a> = &'a dyn Fn(&str) -> Option<ArrayRef>;

/// The rows of the table. What is said of a time is known from that time on.
fn batch(
    schema: &SchemaRef,
    people: &[i64],
    said: Said,
    kept: &KeptScores,
    (now, own): (EventTime, Own<'_>),
) -> Result<RecordBatch, FlowError> {
    let count = people.len();
    let (said_of, now) = (times(count, kept.as_of), times(count, now));
    let (scores, reasons): (ArrayRef, ArrayRef) =
        (Arc::new(Float64Array::from(said.scores)), Arc::new(StringArray::from(said.reasons)));
    let medians: ArrayRef = Arc::new(Float64Array::from(said.medians.unwrap_or_else(|| vec![None; count])));
    let flagged: ArrayRef = Arc::new(BooleanArray::from(said.flagged.unwrap_or_else(|| vec![false; count])));
    let column = |name: &str| -> ArrayRef {
        if let Some(values) = own(name) {
            return values;
        }
        match name {
            CUSTOMER_ID => Arc::new(Int64Array::from(people.to_vec())),
            "score" => Arc::clone(&scores),
            "reasons" => Arc::clone(&reasons),
            MEDIAN_DAYS => Arc::clone(&medians),
            FLAGGED => Arc::clone(&flagged),
            "version" => Arc::new(Int64Array::from(vec![i64::from(kept.version); count])),
            VALID_FROM | "known_at" => Arc::clone(&said_of),
            "scored_at" | "received_at" => Arc::clone(&now),
            "source" => Arc::new(StringArray::from(vec!["florin run"; count])),
            "row_number" => Arc::new((0..count as i64).collect::<Int64Array>()),
            _ => Arc::new(Int64Array::from(vec![0; count])),
        }
    };
    let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// What is said of texts, in the order of customers and times.
pub(super) struct TextsSaid {
    pub(super) customers: Vec<i64>,
    pub(super) ids: Vec<String>,
    /// Microseconds UTC.
    pub(super) times: Vec<i64>,
    /// Of each text as it was read, so that the next run knows which are new.
    pub(super) digests: Vec<i64>,
    pub(super) labels: Vec<String>,
    pub(super) chances: Vec<f64>,
    /// As JSON.
    pub(super) reasons: Vec<String>,
}

/// Puts what is said of texts in the place of what was kept.
pub(super) async fn keep_texts(
    house: &House,
    (def, seat): (&ModelDef, Seat),
    said: TextsSaid,
    kept: &KeptScores,
) -> Result<(), FlowError> {
    let own = |name: &str| -> Option<ArrayRef> {
        Some(match name {
            "text_id" => Arc::new(StringArray::from(said.ids.clone())),
            "ts" => Arc::new(TimestampMicrosecondArray::from(said.times.clone()).with_timezone("UTC")),
            "label" => Arc::new(StringArray::from(said.labels.clone())),
            // Rows of scores are of no source: the number of a text's row is that of the text itself.
            "row_number" => Arc::new(Int64Array::from(said.digests.clone())),
            _ => return None,
        })
    };
    let plain = Said { scores: said.chances.clone(), reasons: said.reasons.clone(), medians: None, flagged: None };
    keep_with(house, &seat.table(&def.name), &said.customers, plain, kept, &own).await
}

/// The days to come, in their order.
pub(super) struct DaysSaid(pub(super) Vec<SeriesDay>);

/// Puts the days to come in the place of those that were kept.
pub(super) async fn keep_days(
    house: &House,
    def: &ModelDef,
    said: &DaysSaid,
    kept: &KeptScores,
) -> Result<(), FlowError> {
    let days = said.0.iter().map(|day| crate::models::dates::day(&day.day).map(super::train::since_1970));
    let days: Vec<i32> = days.collect::<Result<_, _>>()?;
    let numbers = |of: fn(&SeriesDay) -> f64| -> ArrayRef {
        Arc::new(said.0.iter().map(|day| Some(of(day))).collect::<Float64Array>())
    };
    let own = |name: &str| -> Option<ArrayRef> {
        Some(match name {
            "day" => Arc::new(Date32Array::from(days.clone())),
            "value" => numbers(|day| day.value),
            "low" => numbers(|day| day.low),
            "high" => numbers(|day| day.high),
            _ => return None,
        })
    };
    let count = said.0.len();
    let plain = Said { scores: vec![0.0; count], reasons: vec![String::new(); count], medians: None, flagged: None };
    keep_with(house, &score_table(&def.name), &vec![0; count], plain, kept, &own).await
}

fn times(count: usize, time: EventTime) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(vec![time.micros(); count]).with_timezone("UTC"))
}
