//! Bounds of a range: read once, exactly, in the column's own unit.

use florin_domain::{ColumnType, EventTime, catalogue::DECIMAL_SCALE};
use jiff::{Timestamp, civil::Date};

use crate::definition::{Bound, Range};

const MICROS_PER_HOUR: i64 = 3_600_000_000;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;
/// The word for the time at which a record was received.
const NOW: &str = "now";

/// Which end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Nothing smaller.
    Min,
    /// Nothing larger.
    Max,
}

/// The ends of a range, both included; `None` where it is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ends<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
}

/// An end of a range of dates or times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment<T> {
    At(T),
    /// When the record was received.
    Now,
}

/// A range in the unit of its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bounds {
    Int(Ends<i64>),
    /// Unscaled, at the scale of every decimal column.
    Decimal(Ends<i128>),
    Float(Ends<f64>),
    /// Days since 1970-01-01.
    Date(Ends<Moment<i32>>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(Ends<Moment<i64>>),
}

/// What is wrong with a range, and what to do about it.
pub(super) struct BadRange {
    pub(super) message: String,
    pub(super) help: &'static str,
}

fn bad(message: String, help: &'static str) -> BadRange {
    BadRange { message, help }
}

impl Bounds {
    /// The range, read for a column of that type.
    pub(super) fn read(range: &Range, column: &str, ty: ColumnType) -> Result<Self, BadRange> {
        if range.min.is_none() && range.max.is_none() {
            return Err(bad("`range` has no bound".into(), "give `min`, `max` or both"));
        }
        match ty {
            ColumnType::Int => ends(range, int).map(Self::Int),
            ColumnType::Decimal => ends(range, decimal).map(Self::Decimal),
            ColumnType::Float => ends(range, |bound, _| float(bound)).map(Self::Float),
            ColumnType::Date => moments(range, |text, _| date(text)).map(Self::Date),
            ColumnType::Timestamp => moments(range, timestamp).map(Self::Timestamp),
            ColumnType::Text | ColumnType::Bool => Err(bad(
                format!("`range` needs a column of numbers, dates or times; `{column}` is {}", ty.name()),
                "use `allowed` or `pattern`",
            )),
        }
    }
}

/// A bound as the bank wrote it, for reasons.
pub(super) fn written(bound: &Bound) -> String {
    match bound {
        Bound::Int(n) => n.to_string(),
        Bound::Float(x) => x.to_string(),
        Bound::Text(text) if text == NOW => "the record was received".to_owned(),
        Bound::Text(text) => text.clone(),
    }
}

/// Both ends, which must be in order.
fn ends<T: PartialOrd>(range: &Range, read: impl Fn(&Bound, Side) -> Result<T, BadRange>) -> Result<Ends<T>, BadRange> {
    let min = range.min.as_ref().map(|bound| read(bound, Side::Min)).transpose()?;
    let max = range.max.as_ref().map(|bound| read(bound, Side::Max)).transpose()?;
    match (&min, &max) {
        (Some(low), Some(high)) if low > high => Err(upside_down()),
        _ => Ok(Ends { min, max }),
    }
}

fn upside_down() -> BadRange {
    bad("`min` is larger than `max`, so that every row would fail".into(), "swap them")
}

fn moments<T: PartialOrd>(
    range: &Range,
    read: impl Fn(&str, Side) -> Result<T, BadRange>,
) -> Result<Ends<Moment<T>>, BadRange> {
    let moment = |bound: &Bound, side| match bound {
        Bound::Text(text) if text == NOW => Ok(Moment::Now),
        Bound::Text(text) => read(text, side).map(Moment::At),
        number => Err(bad(format!("`{}` is not a date or time", written(number)), ISO_HELP)),
    };
    let min = range.min.as_ref().map(|bound| moment(bound, Side::Min)).transpose()?;
    let max = range.max.as_ref().map(|bound| moment(bound, Side::Max)).transpose()?;
    match (&min, &max) {
        (Some(Moment::At(low)), Some(Moment::At(high))) if low > high => Err(upside_down()),
        _ => Ok(Ends { min, max }),
    }
}

const NUMBER_HELP: &str = "write a number: 0, 0.5 or \"0.01\"";
const ISO_HELP: &str = "write ISO 8601, \"1900-01-01\" or \"2020-12-31T23:00:00Z\", or \"now\"";

/// The bound as decimal text: a number that TOML read as floating point is what its shortest text says.
fn number_text(bound: &Bound) -> String {
    match bound {
        Bound::Int(n) => n.to_string(),
        Bound::Float(x) => x.to_string(),
        Bound::Text(text) => text.trim().to_owned(),
    }
}

fn int(bound: &Bound, side: Side) -> Result<i64, BadRange> {
    let value = scaled(&number_text(bound), 0, side).ok_or_else(|| not_a_number(bound))?;
    i64::try_from(value).map_err(|_| bad(format!("`{}` is larger than any int", written(bound)), "leave it out"))
}

fn decimal(bound: &Bound, side: Side) -> Result<i128, BadRange> {
    scaled(&number_text(bound), DECIMAL_SCALE.unsigned_abs().into(), side).ok_or_else(|| not_a_number(bound))
}

fn float(bound: &Bound) -> Result<f64, BadRange> {
    let value = number_text(bound).parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| not_a_number(bound))
}

fn not_a_number(bound: &Bound) -> BadRange {
    bad(format!("`{}` is not a number", written(bound)), NUMBER_HELP)
}

/// Decimal text times 10^scale. A bound finer than the scale moves inwards: values of the column are compared as if with
/// the bound itself. `None` for what is not a plain decimal number or has too many digits.
fn scaled(text: &str, scale: usize, side: Side) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let (kept, finer) = fraction.split_at(scale.min(fraction.len()));
    let magnitude: i128 = format!("{whole}{kept:0<scale$}").parse().ok()?;
    let towards_zero = if negative { -magnitude } else { magnitude };
    let rest = finer.bytes().any(|b| b != b'0');
    Some(match (side, negative) {
        (Side::Min, false) if rest => towards_zero + 1,
        (Side::Max, true) if rest => towards_zero - 1,
        _ => towards_zero,
    })
}

fn date(text: &str) -> Result<i32, BadRange> {
    let date: Date = text.parse().map_err(|_| bad(format!("`{text}` is not a date"), ISO_HELP))?;
    Ok(days(date))
}

fn days(date: Date) -> i32 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours().div_euclid(24) as i32
}

/// A time with an offset; or a day, which as `min` starts at midnight UTC and as `max` lasts until the next.
fn timestamp(text: &str, side: Side) -> Result<i64, BadRange> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_microsecond());
    }
    let is_day_alone = text.len() <= "-009999-01-01".len() && !text.contains([':', 'T', ' ']);
    match text.parse::<Date>() {
        Ok(day) if is_day_alone => Ok(match side {
            Side::Min => i64::from(days(day)) * MICROS_PER_DAY,
            Side::Max => (i64::from(days(day)) + 1) * MICROS_PER_DAY - 1,
        }),
        Ok(_) => Err(bad(format!("`{text}` has no offset"), "say the offset: \"2020-12-31T23:00:00Z\" or \"…+08:00\"")),
        Err(_) => Err(bad(format!("`{text}` is not a time"), ISO_HELP)),
    }
}

impl Ends<Moment<i32>> {
    /// The days for a record that was received then. Which day "now" is depends on where one stands, and a definition
    /// does not say: any day that was then being lived anywhere on earth (UTC−12 to UTC+14) will do.
    pub(super) fn at(self, received: EventTime) -> Ends<i32> {
        let day = |hours: i64| (received.micros() + hours * MICROS_PER_HOUR).div_euclid(MICROS_PER_DAY) as i32;
        let pick = |moment, now| match moment {
            Moment::At(day) => day,
            Moment::Now => now,
        };
        Ends { min: self.min.map(|m| pick(m, day(-12))), max: self.max.map(|m| pick(m, day(14))) }
    }
}

impl Ends<Moment<i64>> {
    /// The times for a record that was received then.
    pub(super) fn at(self, received: EventTime) -> Ends<i64> {
        let pick = |moment| match moment {
            Moment::At(time) => time,
            Moment::Now => received.micros(),
        };
        Ends { min: self.min.map(pick), max: self.max.map(pick) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_bound_finer_than_the_column_moves_inwards() {
        let cases = [
            ("0", 0, 0),
            ("0.01", 100, 100),
            ("-12.5", -125_000, -125_000),
            ("0.00001", 1, 0),
            ("-0.00001", 0, -1),
            ("1.99995", 20_000, 19_999),
            ("1.99990", 19_999, 19_999),
            ("123456789012345678901234", 1_234_567_890_123_456_789_012_340_000, 1_234_567_890_123_456_789_012_340_000),
        ];
        for (text, min, max) in cases {
            assert_eq!(scaled(text, 4, Side::Min), Some(min), "{text}");
            assert_eq!(scaled(text, 4, Side::Max), Some(max), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_plain_decimal_number_is_refused() {
        for text in ["", ".", "-", ".5", "1e5", "1,5", "inf", "NaN", "--1", "1.2.3", "９", &"9".repeat(40)] {
            assert_eq!(scaled(text, 4, Side::Min), None, "{text}");
        }
    }

    #[test]
    fn floating_point_bounds_are_what_was_written() {
        assert_eq!(decimal(&Bound::Float(0.1), Side::Max).ok(), Some(1000));
        assert_eq!(decimal(&Bound::Float(1e-7), Side::Min).ok(), Some(1));
        assert!(decimal(&Bound::Float(f64::INFINITY), Side::Max).is_err());
        assert!(float(&Bound::Float(f64::NAN)).is_err());
    }

    #[test]
    fn days_and_times_are_read_in_their_units() {
        assert_eq!(date("1970-01-02").ok(), Some(1));
        assert_eq!(date("1900-01-01").ok(), Some(-25_567));
        assert_eq!(timestamp("1970-01-01T08:00:01+08:00", Side::Min).ok(), Some(1_000_000));
        assert_eq!(timestamp("1969-12-31", Side::Min).ok(), Some(-MICROS_PER_DAY));
        assert_eq!(timestamp("1969-12-31", Side::Max).ok(), Some(-1));
    }

    #[test]
    fn now_as_a_day_is_any_day_being_lived_anywhere() {
        let now = Ends::<Moment<i32>> { min: Some(Moment::Now), max: Some(Moment::Now) };
        let noon = EventTime(12 * MICROS_PER_HOUR);
        assert_eq!(now.at(noon), Ends { min: Some(0), max: Some(1) });
        let morning = EventTime(9 * MICROS_PER_HOUR);
        assert_eq!(now.at(morning), Ends { min: Some(-1), max: Some(0) });
    }
}
