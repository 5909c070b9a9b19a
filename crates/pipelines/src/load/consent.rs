//! Rows of `consent` on their way to the lake: what customers said also goes to the store, where sessions look.

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    buffer::BooleanBuffer,
    datatypes::{Int64Type, TimestampMicrosecondType},
};
use florin_domain::{CustomerId, EventTime, Purpose, catalogue::CUSTOMER_ID};
use florin_store::{BatchId, ConsentState, ConsentWord, Origin};

/// The table whose rows are customers' words.
pub(super) const CONSENT: &str = "consent";

/// A value that says nothing: which row, which column, and what it could have been.
pub(super) struct Unknown {
    pub(super) row: usize,
    pub(super) column: &'static str,
    pub(super) allowed: String,
}

/// The rows whose purpose or state is none. Missing values are the table's own affair: it requires them.
pub(super) fn unknown(rows: &RecordBatch) -> Vec<Unknown> {
    let purposes = || Purpose::ALL.map(Purpose::name).join(", ");
    let of_purpose = |&row: &usize| said(rows, "purpose", row).is_some_and(|p| p.parse::<Purpose>().is_err());
    let of_state = |&row: &usize| said(rows, "state", row).is_some_and(|s| state(s).is_none());
    let all = || 0..rows.num_rows();
    let purpose = all().filter(of_purpose).map(|row| Unknown { row, column: "purpose", allowed: purposes() });
    let state = all().filter(of_state);
    purpose.chain(state.map(|row| Unknown { row, column: "state", allowed: "given, withdrawn".to_owned() })).collect()
}

/// The words of the rows that are kept.
pub(super) fn words(rows: &RecordBatch, keep: Option<&BooleanBuffer>, batch: BatchId) -> Vec<ConsentWord> {
    let is_kept = |row: &usize| keep.is_none_or(|k| k.value(*row));
    (0..rows.num_rows()).filter(is_kept).filter_map(|row| word(rows, row, batch)).collect()
}

fn word(rows: &RecordBatch, row: usize, batch: BatchId) -> Option<ConsentWord> {
    let customers = rows.column_by_name(CUSTOMER_ID)?.as_primitive::<Int64Type>();
    let times = rows.column_by_name("ts")?.as_primitive::<TimestampMicrosecondType>();
    if customers.is_null(row) || times.is_null(row) {
        return None;
    }
    Some(ConsentWord {
        customer: CustomerId(u32::try_from(customers.value(row)).ok()?),
        purpose: said(rows, "purpose", row)?.parse().ok()?,
        state: state(said(rows, "state", row)?)?,
        ts: EventTime(times.value(row)),
        notice: said(rows, "notice", row).map(str::to_owned),
        origin: Origin::Batch(batch),
    })
}

fn state(name: &str) -> Option<ConsentState> {
    match name {
        "given" => Some(ConsentState::Given),
        "withdrawn" => Some(ConsentState::Withdrawn),
        _ => None,
    }
}

fn said<'a>(rows: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let values: &StringArray = rows.column_by_name(column)?.as_string_opt()?;
    values.is_valid(row).then(|| values.value(row))
}
