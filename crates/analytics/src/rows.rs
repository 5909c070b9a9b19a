//! From which rows a journey is told, as SQL.

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Int64Type, TimestampMicrosecondType, UInt8Type, UInt64Type},
};
use florin_journeys::{Period, Rows, Zone};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{AnalyticsError, error::setting};

/// Where a journey is asked.
#[derive(Debug, Clone)]
pub struct Around {
    /// The bank's time zone, an IANA name: what days are.
    pub zone: String,
    /// Until when rows are known, microseconds UTC.
    pub as_of: i64,
    /// How many parts are read side by side.
    pub threads: usize,
}

impl Around {
    pub(crate) fn zone(&self) -> Result<Zone, AnalyticsError> {
        Ok(Zone::named(&self.zone)?)
    }

    fn time_zone(&self) -> Result<TimeZone, AnalyticsError> {
        TimeZone::get(&self.zone).map_err(|e| setting("time_zone", e.to_string()))
    }

    /// The number of the period that a day is in.
    pub(crate) fn period_of(&self, period: PeriodDef, day: Date) -> Result<i32, AnalyticsError> {
        let day = self.zone()?.day(self.day_start(day)?);
        Ok(period.period().of_day(day))
    }

    /// The first moment of a day of the zone, microseconds UTC.
    pub(crate) fn day_start(&self, day: Date) -> Result<i64, AnalyticsError> {
        let start = day.to_zoned(self.time_zone()?).map_err(|e| setting("a day", e.to_string()))?;
        Ok(start.timestamp().as_microsecond())
    }
}

/// `[rows]`: from which rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsDef {
    /// A table with `customer_id` and `ts`.
    #[serde(default = "event")]
    pub from: String,
    /// Only rows that meet this condition, in SQL.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The first day, in the bank's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The last day, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Default for RowsDef {
    fn default() -> Self {
        Self { from: event(), condition: None, since: None, until: None }
    }
}

fn event() -> String {
    "event".to_owned()
}

/// Days, weeks or months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodDef {
    /// Natural days.
    Day,
    /// Weeks from Monday.
    Week,
    /// Calendar months.
    Month,
}

impl PeriodDef {
    pub(crate) fn period(self) -> Period {
        match self {
            Self::Day => Period::Day,
            Self::Week => Period::Week,
            Self::Month => Period::Month,
        }
    }

    /// The first day of a period by its number, as text.
    #[must_use]
    pub fn first_day(self, number: i32) -> String {
        let epoch = Date::constant(1970, 1, 1);
        let day = jiff::Span::new().try_days(i64::from(self.period().first_day(number)));
        let day = day.and_then(|days| epoch.checked_add(days));
        day.map_or_else(|_| number.to_string(), |day| day.to_string())
    }
}

/// The rows of a definition, checked.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    table: String,
    condition: String,
}

impl Source {
    pub(crate) fn new(rows: &RowsDef, around: &Around) -> Result<Self, AnalyticsError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if rows.from.is_empty() || !rows.from.chars().all(plain) {
            return Err(setting("from", format!("`{}` is not the name of a table", rows.from)));
        }
        let mut conditions = vec!["customer_id is not null".to_owned(), "ts is not null".to_owned()];
        conditions.extend(rows.condition.as_ref().map(|condition| format!("({condition})")));
        if let Some(since) = rows.since {
            conditions.push(format!("ts >= {}", moment(around.day_start(since)?)));
        }
        if let Some(until) = rows.until {
            let next = until.tomorrow().map_err(|e| setting("until", e.to_string()))?;
            conditions.push(format!("ts < {}", moment(around.day_start(next)?)));
        }
        Ok(Self { table: rows.from.clone(), condition: conditions.join(" and ") })
    }

    /// What stands after FROM.
    pub(crate) fn sql(&self) -> String {
        format!("(select * from \"{}\" where {}) as source", self.table, self.condition)
    }

    /// A question whose rows come in runs: the customer, the time, and these columns.
    pub(crate) fn runs(&self, columns: &[(&'static str, String)]) -> String {
        let columns: String = columns.iter().map(|(name, sql)| format!(", {sql} as {name}")).collect();
        format!("select customer_id, ts{columns} from \"{}\" where {}", self.table, self.condition)
    }

    /// The same with only the rows before a moment, microseconds UTC.
    pub(crate) fn before(&self, end: i64) -> Self {
        let condition = format!("{} and ts < {}", self.condition, moment(end));
        Self { table: self.table.clone(), condition }
    }

    /// The same with only those rows that meet one of the conditions: the scan leaves the others out before anything is made of them.
    pub(crate) fn meeting(&self, conditions: &[&str]) -> Self {
        let any: Vec<String> = conditions.iter().map(|condition| format!("({condition})")).collect();
        let condition = format!("{} and ({})", self.condition, any.join(" or "));
        Self { table: self.table.clone(), condition }
    }
}

fn moment(micros: i64) -> String {
    format!("arrow_cast({micros}, 'Timestamp(Microsecond, Some(\"UTC\"))')")
}

/// Bit `i` of a row says whether it meets condition `i`.
pub(crate) fn bits(conditions: &[&str]) -> String {
    let bit = |(i, condition): (usize, &&str)| format!("case when ({condition}) then {} else 0 end", 1u64 << i);
    let sum: Vec<String> = conditions.iter().enumerate().map(bit).collect();
    let width = match conditions.len() {
        0..=8 => "UInt8",
        9..=16 => "UInt16",
        17..=32 => "UInt32",
        _ => "UInt64",
    };
    format!("arrow_cast({}, '{width}')", sum.join(" + "))
}

/// An expression as text.
pub(crate) fn text(expression: &str) -> String {
    format!("cast(({expression}) as varchar)")
}

/// Most conditions of one journey: bits of a number that SQL can add up.
pub(crate) const CONDITIONS_MAX: usize = 62;

/// Bits of whatever width, as 64.
pub(crate) fn wide(bits: &ArrayRef) -> Result<Vec<u64>, AnalyticsError> {
    let bits = arrow::compute::cast(bits, &DataType::UInt64)?;
    Ok(bits.as_primitive::<UInt64Type>().values().to_vec())
}

/// Bits of few conditions, as they are.
pub(crate) fn narrow(bits: &ArrayRef) -> Result<&[u8], AnalyticsError> {
    let bits = bits.as_primitive_opt::<UInt8Type>();
    bits.map(|bits| &bits.values()[..]).ok_or_else(|| setting("rows", "conditions did not come as bits"))
}

/// Events go by the column `name` unless a definition says otherwise.
pub(crate) fn name() -> String {
    "name".to_owned()
}

/// Every row is activity unless a definition says otherwise.
pub(crate) fn every_row() -> String {
    "true".to_owned()
}

/// The customers and times of a batch.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Rows<'_>, AnalyticsError> {
    let (Some(customers), Some(times)) = (
        batch.column(0).as_primitive_opt::<Int64Type>(),
        batch.column(1).as_primitive_opt::<TimestampMicrosecondType>(),
    ) else {
        return Err(setting("from", "the table needs `customer_id`, a number, and `ts`, a time"));
    };
    Ok(Rows::new(customers.values(), times.values())?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_banks() {
        let around = Around { zone: "Asia/Shanghai".to_owned(), as_of: 0, threads: 1 };
        let rows = RowsDef { since: Some("2025-01-02".parse().unwrap()), ..RowsDef::default() };
        let sql = Source::new(&rows, &around).unwrap().sql();
        // Eight hours before midnight in Greenwich.
        assert!(sql.contains("1735747200000000"), "{sql}");
    }

    #[test]
    fn a_table_is_a_name() {
        let around = Around { zone: "UTC".to_owned(), as_of: 0, threads: 1 };
        let rows = RowsDef { from: "event\" where 1 = 1 --".to_owned(), ..RowsDef::default() };
        assert!(Source::new(&rows, &around).is_err());
    }
}
