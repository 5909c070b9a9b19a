//! How long until something happened to customers after a date, and how long they were seen.

use std::collections::HashMap;

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, Float64Array, RecordBatch},
    compute::cast,
    datatypes::{DataType, Date32Type, Float64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::EventTime;

use super::{
    dataset::{known_as, may_be_seen},
    dates::Dated,
    gather::{each, ids},
    wrong,
};
use crate::{FlowError, ask::Asking};

/// Microseconds of a day.
const DAY_MICROS: f64 = 86_400_000_000.0;
/// The column of a label's query that says until when a customer was seen.
const UNTIL: &str = "until";

/// What became of somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lived {
    /// Days after the date at which it happened; nothing where it did not while they were seen.
    pub(super) happened: Option<f64>,
    /// Days after the date for which they were seen.
    pub(super) seen: f64,
}

/// Of each of these people who may still be seen at the end of the horizon, what the label's query says. Whom it does not give was seen to the end, and it did not happen.
pub(super) async fn of(
    after: &Asking<'_>,
    model: &str,
    label: &str,
    dated: &Dated,
    people: &[i64],
) -> Result<Vec<(i64, Lived)>, FlowError> {
    let visible = may_be_seen(after).await?;
    let whole = days_between(dated.as_of, dated.until);
    let mut found: HashMap<i64, Lived> = HashMap::new();
    each(after.sql(label).await?, |batch| {
        let wrong = |what: String| wrong(model, format!("the label's query {what}"));
        let happened =
            days(batch, "value", dated).map_err(&wrong)?.ok_or_else(|| wrong("gives no column `value`".to_owned()))?;
        let until = days(batch, UNTIL, dated).map_err(&wrong)?;
        for (row, id) in ids(batch, "the label's query")?.into_iter().enumerate() {
            let Some(id) = id else { continue };
            let at = |values: &Float64Array| values.is_valid(row).then(|| values.value(row));
            let lived = lived(at(&happened), until.as_ref().and_then(at), whole)
                .map_err(|what| wrong(format!("gives customer {id} {what}")))?;
            if found.insert(id, lived).is_some_and(|other| other != lived) {
                return Err(wrong(format!("gives customer {id} two values; group by `customer_id`")));
            }
        }
        Ok(())
    })
    .await?;
    let unseen = Lived { happened: None, seen: whole };
    let of = |customer: &i64| {
        let person = known_as(after, *customer);
        visible.binary_search(&person).is_ok().then(|| (*customer, found.get(&person).copied().unwrap_or(unseen)))
    };
    Ok(people.iter().filter_map(of).collect())
}

/// What happens after the horizon, or after somebody was lost sight of, was not seen to happen.
fn lived(happened: Option<f64>, until: Option<f64>, whole: f64) -> Result<Lived, String> {
    for (what, time) in [("a time", happened), ("a time until which they were seen", until)] {
        if let Some(time) = time.filter(|time| !(*time > 0.0 && time.is_finite())) {
            return Err(format!("{what} that lies {:.2} days before the date; give what comes after it", -time));
        }
    }
    let seen = until.unwrap_or(whole).min(whole);
    let happened = happened.filter(|time| *time <= seen);
    Ok(Lived { happened, seen: happened.unwrap_or(seen) })
}

fn days_between(from: EventTime, to: EventTime) -> f64 {
    // The day ends a moment before the next begins: whole days are whole.
    ((to.micros() - from.micros()) as f64 / DAY_MICROS * 1e6).round() / 1e6
}

/// A column as days after the date: dates count to their own end, as the date itself does; numbers are days already.
fn days(batch: &RecordBatch, name: &str, dated: &Dated) -> Result<Option<Float64Array>, String> {
    let Some(values) = batch.column_by_name(name) else { return Ok(None) };
    let converted = |to: &DataType| -> Result<ArrayRef, String> { cast(values, to).map_err(|e| e.to_string()) };
    Ok(Some(match values.data_type() {
        DataType::Null => Float64Array::from(vec![None; batch.num_rows()]),
        DataType::Date32 | DataType::Date64 => {
            let day = super::train::since_1970(dated.day);
            let dates = converted(&DataType::Date32)?;
            dates.as_primitive::<Date32Type>().unary(|date| f64::from(date - day))
        }
        DataType::Timestamp(..) => {
            let times = converted(&DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let as_of = dated.as_of.micros();
            times.as_primitive::<TimestampMicrosecondType>().unary(|time| (time - as_of) as f64 / DAY_MICROS)
        }
        number if number.is_numeric() && !matches!(number, DataType::Boolean) => {
            converted(&DataType::Float64)?.as_primitive::<Float64Type>().clone()
        }
        other => {
            return Err(format!("gives a `{name}` of type {other}; make it a date, a time, or days after `as_of()`"));
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_did_not_happen_yet() {
        let of = |happened, until| lived(happened, until, 90.0);
        assert_eq!(of(None, None), Ok(Lived { happened: None, seen: 90.0 }));
        assert_eq!(of(Some(12.0), None), Ok(Lived { happened: Some(12.0), seen: 12.0 }));
        assert_eq!(
            of(Some(120.0), None),
            Ok(Lived { happened: None, seen: 90.0 }),
            "known ahead, and after the horizon"
        );
        assert_eq!(of(Some(12.0), Some(5.0)), Ok(Lived { happened: None, seen: 5.0 }));
        assert_eq!(of(None, Some(5.0)), Ok(Lived { happened: None, seen: 5.0 }));
        assert!(of(Some(0.0), None).is_err() && of(Some(-3.0), None).is_err() && of(None, Some(f64::NAN)).is_err());
    }
}
