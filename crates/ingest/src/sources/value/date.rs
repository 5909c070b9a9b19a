//! Days and times of the proleptic Gregorian calendar, and ISO 8601.

use jiff::civil;

/// Microseconds of a second.
pub(in crate::sources) const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day.
pub(in crate::sources) const DAY: i64 = 24 * HOUR;
/// Digits of a fraction that microseconds can hold.
const FRACTION_DIGITS: usize = 6;

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) enum Moment {
    /// On the clock of some place.
    Local(Civil),
    /// The same everywhere: microseconds since the epoch.
    Instant(i64),
}

/// A day and a time on it, in no particular place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) struct Civil {
    /// Days since 1970-01-01.
    pub(in crate::sources) day: i32,
    /// Microseconds since midnight.
    pub(in crate::sources) micros: i64,
}

impl Civil {
    /// Microseconds since 1970-01-01T00:00:00 on the same clock.
    pub(in crate::sources) fn total_micros(self) -> i64 {
        i64::from(self.day) * DAY + self.micros
    }
}

/// Days since 1970-01-01 of a day that exists.
pub(in crate::sources) fn day_number(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=12).contains(&month) || day == 0 || day > month_length(year, month) {
        return None;
    }
    // Years that begin in March have the leap day at their end (after Howard Hinnant's `days_from_civil`).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = ((153 * month_from_march + 2) / 5 + day - 1).cast_signed();
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn month_length(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Microseconds since midnight of a time of day that exists.
pub(in crate::sources) fn time_of_day(hour: u32, minute: u32, second: u32, micros: u32) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60)
        .then(|| i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND + i64::from(micros))
}

/// As days since the epoch and microseconds since midnight; nanoseconds are cut.
pub(in crate::sources) fn civil_of(moment: civil::DateTime) -> Option<Civil> {
    let (date, time) = (moment.date(), moment.time());
    let unsigned = |n: i8| u32::try_from(n).ok();
    let day = day_number(i32::from(date.year()), unsigned(date.month())?, unsigned(date.day())?)?;
    let micros = u32::try_from(time.subsec_nanosecond() / 1000).ok()?;
    let micros = time_of_day(unsigned(time.hour())?, unsigned(time.minute())?, unsigned(time.second())?, micros)?;
    Some(Civil { day, micros })
}

/// The value of exactly two digits.
pub(in crate::sources) fn two_digits(text: &[u8]) -> Option<u32> {
    let [a, b] = text.first_chunk::<2>()?.map(|byte| byte.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| u32::from(a) * 10 + u32::from(b))
}

/// The value of exactly four digits.
pub(in crate::sources) fn four_digits(text: &[u8]) -> Option<u32> {
    Some(two_digits(text)? * 100 + two_digits(text.get(2..)?)?)
}

/// `YYYY-MM-DD` or `YYYYMMDD`, and what stands behind it.
pub(in crate::sources) fn iso_date_prefix(text: &[u8]) -> Option<(i32, &[u8])> {
    let year = four_digits(text)?.cast_signed();
    let dashed = text.get(4) == Some(&b'-');
    let (month, day, length) = if dashed {
        if text.get(7) != Some(&b'-') {
            return None;
        }
        (&text[5..], text.get(8..)?, 10)
    } else {
        (text.get(4..)?, text.get(6..)?, 8)
    };
    let number = day_number(year, two_digits(month)?, two_digits(day)?)?;
    Some((number, &text[length..]))
}

/// An ISO 8601 day. A time beside it must be midnight, with no offset: anything else is more than a day.
pub(in crate::sources) fn parse_iso_date(text: &[u8]) -> Option<i32> {
    let (day, rest) = iso_date_prefix(text)?;
    if rest.is_empty() {
        return Some(day);
    }
    match parse_iso_moment(text)? {
        Moment::Local(Civil { day, micros: 0 }) => Some(day),
        Moment::Local(_) | Moment::Instant(_) => None,
    }
}

/// An ISO 8601 time: a day; a day and a time; both and an offset.
pub(in crate::sources) fn parse_iso_moment(text: &[u8]) -> Option<Moment> {
    usual_iso_moment(text).or_else(|| rare_iso_moment(text))
}

fn usual_iso_moment(text: &[u8]) -> Option<Moment> {
    let (day, rest) = iso_date_prefix(text)?;
    let [b'T' | b't' | b' ', time @ ..] = rest else {
        return rest.is_empty().then_some(Moment::Local(Civil { day, micros: 0 }));
    };
    let (micros, rest) = clock(time)?;
    let civil = Civil { day, micros };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    if rest.is_empty() {
        return Some(Moment::Local(civil));
    }
    Some(Moment::Instant(civil.total_micros() - offset_seconds(rest)? * SECOND))
}

/// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fff…`, and what stands behind it.
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let hour = two_digits(text)?;
    let minute = two_digits(text.get(2..)?.strip_prefix(b":")?)?;
    let Some(seconds) = text.get(5..).and_then(|t| t.strip_prefix(b":")) else {
        return Some((time_of_day(hour, minute, 0, 0)?, &text[5..]));
    };
    let second = two_digits(seconds)?;
    let (micros, rest) = match &seconds[2..] {
        [b'.' | b',', fraction @ ..] => fraction_micros(fraction)?,
        rest => (0, rest),
    };
    Some((time_of_day(hour, minute, second, micros)?, rest))
}

/// The digits of a fraction of a second, as microseconds; further digits are cut.
pub(in crate::sources) fn fraction_micros(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let kept = &text[..digits.min(FRACTION_DIGITS)];
    let value = kept.iter().fold(0, |value, b| value * 10 + u32::from(b - b'0'));
    Some((value * 10_u32.pow((FRACTION_DIGITS - kept.len()) as u32), &text[digits..]))
}

/// `Z`, `+HH`, `+HHMM`, `+HH:MM`.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let minutes = match digits {
        [_, _] => 0,
        [_, _, b':', minutes @ ..] | [_, _, minutes @ ..] if minutes.len() == 2 => two_digits(minutes)?,
        _ => return None,
    };
    let hours = two_digits(digits)?;
    (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

/// What else ISO 8601 and RFC 9557 allow: `20240619T152245Z`, `…+02:00[Europe/Prague]`.
#[cold]
fn rare_iso_moment(text: &[u8]) -> Option<Moment> {
    // Without a day that exists at its beginning, nothing was meant that could be read.
    iso_date_prefix(text)?;
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(zoned) = text.parse::<jiff::Zoned>() {
        return Some(Moment::Instant(zoned.timestamp().as_microsecond()));
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Moment::Instant(instant.as_microsecond()));
    }
    civil_of(text.parse().ok()?).map(Moment::Local)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> Moment {
        Moment::Local(civil_of(text.parse().unwrap()).unwrap())
    }

    fn instant(text: &str) -> Moment {
        Moment::Instant(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn iso_times() {
        let cases = [
            ("2024-02-29", Some(local("2024-02-29T00:00"))),
            ("20240229", Some(local("2024-02-29T00:00"))),
            ("2023-02-29", None),
            ("2024-06-19 15:22", Some(local("2024-06-19T15:22"))),
            ("2024-06-19T15:22:45.1234567", Some(local("2024-06-19T15:22:45.123456"))),
            ("2024-06-19T15:22:45Z", Some(instant("2024-06-19T15:22:45Z"))),
            ("2018-08-01T01:01:15.000+0000", Some(instant("2018-08-01T01:01:15Z"))),
            ("2024-06-19 15:22:45 +02:00", Some(instant("2024-06-19T13:22:45Z"))),
            ("2024-06-19T15:22:45-03", Some(instant("2024-06-19T18:22:45Z"))),
            ("20240619T152245Z", Some(instant("2024-06-19T15:22:45Z"))),
            ("2024-06-19T15:22:45+02:00[Europe/Prague]", Some(instant("2024-06-19T13:22:45Z"))),
            ("2024-06-19T24:00:00", None),
            ("2024-06-19T15:61:00", None),
            ("2024-06-19T", None),
            ("2024-06-19T15:22:45.", None),
            ("24-06-19", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_iso_moment(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_day_is_not_a_time() {
        assert_eq!(parse_iso_date(b"1970-01-02"), Some(1));
        assert_eq!(parse_iso_date(b"1970-01-02 00:00:00"), Some(1));
        assert_eq!(parse_iso_date(b"1970-01-02 08:00:00"), None);
        assert_eq!(parse_iso_date(b"1970-01-02T00:00:00Z"), None);
        assert_eq!(parse_iso_date(b"1970-01-021"), None);
    }

    proptest! {
        #[test]
        fn days_are_those_of_the_calendar(year in -400_i16..9999, month in 0_i8..14, day in 0_i8..33) {
            let number = day_number(year.into(), month.cast_unsigned().into(), day.cast_unsigned().into());
            let epoch = civil::date(1970, 1, 1);
            let expected = civil::Date::new(year, month, day).ok().map(|d| (d - epoch).get_days());
            prop_assert_eq!(number, expected);
        }
    }
}
