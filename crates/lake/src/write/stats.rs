//! What the Delta log says of a file: rows, smallest and largest values, missing values.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute,
    datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use serde_json::{Map, Value, json};

/// Gathers the statistics of one file, batch by batch. Only numbers, dates and times get bounds: text may say too much
/// and prunes too little.
#[derive(Default)]
pub(super) struct StatsBuilder {
    rows: u64,
    columns: BTreeMap<String, ColumnStats>,
}

#[derive(Default)]
struct ColumnStats {
    nulls: u64,
    bounds: Option<(i128, i128)>,
    ty: Option<DataType>,
}

impl StatsBuilder {
    pub(super) fn add(&mut self, batch: &arrow::array::RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let stats = self.columns.entry(field.name().clone()).or_default();
            stats.nulls += column.null_count() as u64;
            stats.ty.get_or_insert_with(|| field.data_type().clone());
            if let Some((low, high)) = bounds(column) {
                stats.bounds = Some(match stats.bounds {
                    Some((l, h)) => (l.min(low), h.max(high)),
                    None => (low, high),
                });
            }
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The `stats` field of an `add` action.
    pub(super) fn json(&self) -> String {
        let (mut low, mut high, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, stats) in &self.columns {
            nulls.insert(name.clone(), json!(stats.nulls));
            let bounds = stats.bounds.zip(stats.ty.as_ref());
            let bounds = bounds.and_then(|((min, max), ty)| bound(min, ty, false).zip(bound(max, ty, true)));
            if let Some((min, max)) = bounds {
                low.insert(name.clone(), min);
                high.insert(name.clone(), max);
            }
        }
        json!({ "numRecords": self.rows, "minValues": low, "maxValues": high, "nullCount": nulls }).to_string()
    }
}

/// The latest time of a column that is never missing in a file (UTC microseconds), from the file's `stats`.
pub(crate) fn latest_of(stats: &str, column: &str) -> Option<i64> {
    let stats: Value = serde_json::from_str(stats).ok()?;
    let all_there = stats.get("nullCount")?.get(column)?.as_u64()? == 0;
    let latest = chrono::DateTime::parse_from_rfc3339(stats.get("maxValues")?.get(column)?.as_str()?).ok()?;
    all_there.then(|| latest.timestamp_micros())
}

fn bounds(column: &ArrayRef) -> Option<(i128, i128)> {
    match column.data_type() {
        DataType::Int64 => integer_bounds(column.as_primitive::<Int64Type>()),
        DataType::Date32 => integer_bounds(column.as_primitive::<Date32Type>()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            integer_bounds(column.as_primitive::<TimestampMicrosecondType>())
        }
        DataType::Decimal128(_, _) => integer_bounds(column.as_primitive::<Decimal128Type>()),
        _ => None,
    }
}

fn integer_bounds<T>(column: &arrow::array::PrimitiveArray<T>) -> Option<(i128, i128)>
where
    T: arrow::array::ArrowNumericType,
    T::Native: Into<i128>,
{
    Some((compute::min(column)?.into(), compute::max(column)?.into()))
}

/// A bound as Delta's JSON has it. Times are in milliseconds there, so a bound is moved outwards to the next one.
fn bound(value: i128, ty: &DataType, upper: bool) -> Option<Value> {
    let value = i64::try_from(value).ok()?;
    match ty {
        DataType::Int64 => Some(json!(value)),
        DataType::Date32 => {
            let day = chrono::DateTime::from_timestamp(value.checked_mul(86_400)?, 0)?;
            Some(json!(day.format("%Y-%m-%d").to_string()))
        }
        DataType::Timestamp(_, _) => {
            let outward = if upper {
                value.div_euclid(1000) + i64::from(value.rem_euclid(1000) != 0)
            } else {
                value.div_euclid(1000)
            };
            let time = chrono::DateTime::from_timestamp_millis(outward)?;
            Some(json!(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()))
        }
        DataType::Decimal128(_, scale) => decimal_bound(value, *scale),
        _ => None,
    }
}

/// A decimal as a JSON number with all its digits.
fn decimal_bound(value: i64, scale: i8) -> Option<Value> {
    let scale = usize::try_from(scale).ok()?;
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    serde_json::from_str(&format!("{sign}{whole}.{fraction}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_times_move_outwards() {
        let ty = DataType::Timestamp(TimeUnit::Microsecond, None);
        assert_eq!(bound(1_500, &ty, false), Some(json!("1970-01-01T00:00:00.001Z")));
        assert_eq!(bound(1_500, &ty, true), Some(json!("1970-01-01T00:00:00.002Z")));
        assert_eq!(bound(-1, &ty, false), Some(json!("1969-12-31T23:59:59.999Z")));
    }

    #[test]
    fn the_latest_time_is_known_where_none_is_missing() {
        let stats = |nulls: u64| json!({ "maxValues": { "known_at": "1970-01-01T00:00:01.002Z" }, "nullCount": { "known_at": nulls } });
        assert_eq!(latest_of(&stats(0).to_string(), "known_at"), Some(1_002_000));
        assert_eq!(latest_of(&stats(1).to_string(), "known_at"), None);
        assert_eq!(latest_of(&stats(0).to_string(), "ts"), None);
    }

    #[test]
    fn decimals_keep_their_sign_and_places() {
        assert_eq!(decimal_bound(-5, 4).map(|v| v.to_string()), Some("-0.0005".into()));
        assert_eq!(decimal_bound(1_234_500, 4).map(|v| v.to_string()), Some("123.45".into()));
    }
}
