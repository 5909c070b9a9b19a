//! Values as PostgreSQL writes them in its text format.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};

const DAY: i64 = 86_400_000_000;

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's civil calendar).
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_index + 2) / 5 + 1) as u32;
    let month = (if month_index < 10 { month_index + 3 } else { month_index - 9 }) as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A day, counted from 1970-01-01.
pub(crate) fn date(days: i64) -> String {
    let mut text = String::with_capacity(10);
    push_date(&mut text, days);
    if civil(days).0 < 1 {
        text.push_str(" BC");
    }
    text
}

fn push_date(text: &mut String, days: i64) {
    let (year, month, day) = civil(days);
    let year = if year < 1 { 1 - year } else { year };
    let _ = write!(text, "{year:04}-{month:02}-{day:02}");
}

/// A time of day, in microseconds.
pub(crate) fn time(micros: i64) -> String {
    let mut text = String::with_capacity(15);
    push_time(&mut text, micros);
    text
}

fn push_time(text: &mut String, micros: i64) {
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest != 0 {
        let fraction = format!("{rest:06}");
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
}

/// A moment, in microseconds since 1970; with a time zone, in that and with its offset.
pub(crate) fn timestamp(micros: i64, zone: Option<&str>) -> String {
    let zone = zone.map(|name| TimeZone::get(name).unwrap_or(TimeZone::UTC));
    timestamp_in(micros, zone.as_ref())
}

/// As [`timestamp`], for many.
pub(crate) fn timestamp_in(micros: i64, zone: Option<&TimeZone>) -> String {
    let offset = zone.map(|zone| offset_seconds(micros, zone));
    let local = micros + i64::from(offset.unwrap_or_default()) * 1_000_000;
    let mut text = String::with_capacity(32);
    let days = local.div_euclid(DAY);
    push_date(&mut text, days);
    text.push(' ');
    push_time(&mut text, local.rem_euclid(DAY));
    if let Some(offset) = offset {
        push_offset(&mut text, offset);
    }
    if civil(days).0 < 1 {
        text.push_str(" BC");
    }
    text
}

fn offset_seconds(micros: i64, zone: &TimeZone) -> i32 {
    Timestamp::from_microsecond(micros).map(|at| zone.to_offset(at).seconds()).unwrap_or_default()
}

fn push_offset(text: &mut String, seconds: i32) {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let _ = write!(text, "{sign}{:02}", seconds / 3600);
    if !seconds.is_multiple_of(3600) {
        let _ = write!(text, ":{:02}", seconds / 60 % 60);
    }
}

/// A span of time.
pub(crate) fn interval(months: i32, days: i32, micros: i64) -> String {
    let mut parts = Vec::new();
    let mut part = |number: i32, one: &str, many: &str| {
        if number != 0 {
            parts.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    };
    part(months / 12, "year", "years");
    part(months % 12, "mon", "mons");
    part(days, "day", "days");
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        parts.push(format!("{sign}{}", time(micros.saturating_abs())));
    }
    parts.join(" ")
}

/// A floating-point number: as short as it can be and still be the same.
pub(crate) fn float(
    number: f64,
    digits_before_exponent: i32,
    exponent_form: impl Fn() -> String,
    plain: impl Fn() -> String,
) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let shown = exponent_form();
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number != 0.0 && !(-4..digits_before_exponent).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    plain()
}

/// A 64-bit floating-point number.
pub(crate) fn float8(number: f64) -> String {
    float(number, 15, || format!("{number:e}"), || format!("{number}"))
}

/// A 32-bit floating-point number.
pub(crate) fn float4(number: f32) -> String {
    float(f64::from(number), 6, || format!("{number:e}"), || format!("{number}"))
}

/// A decimal number of so many digits after the point.
pub(crate) fn decimal(number: i128, scale: usize) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Bytes.
pub(crate) fn bytea(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_postgres_writes_them() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(19_782), "2024-02-29");
        assert_eq!(date(-719_529), "0002-12-31 BC");
        assert_eq!(timestamp(1_700_000_000_123_400, None), "2023-11-14 22:13:20.1234");
        assert_eq!(timestamp(1_700_000_000_000_000, Some("Asia/Shanghai")), "2023-11-15 06:13:20+08");
        assert_eq!(timestamp(1_700_000_000_000_000, Some("Asia/Kolkata")), "2023-11-15 03:43:20+05:30");
        assert_eq!(interval(14, -3, 3_600_000_001), "1 year 2 mons -3 days 01:00:00.000001");
        assert_eq!(interval(0, 0, 0), "00:00:00");
        assert_eq!(
            (float8(0.1), float8(1e300), float8(-0.0), float8(1e-5), float8(123_456_789_012_345.0)),
            ("0.1".into(), "1e+300".into(), "-0".into(), "1e-05".into(), "123456789012345".into())
        );
        assert_eq!(float4(3.4e38), "3.4e+38");
        assert_eq!(
            (decimal(-5, 4), decimal(1_234_500, 4), decimal(7, 0)),
            ("-0.0005".into(), "123.4500".into(), "7".into())
        );
        assert_eq!(bytea(&[0, 255]), "\\x00ff");
    }
}
