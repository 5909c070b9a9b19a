//! Spans of time, as people write them.

use florin_journeys::Window;

use crate::{AnalyticsError, error::setting};

/// Units of a fixed length, in microseconds.
const UNITS: [(&[&str], u64); 5] = [
    (&["s", "second", "seconds"], 1_000_000),
    (&["min", "minute", "minutes"], 60_000_000),
    (&["h", "hour", "hours"], 3_600_000_000),
    (&["d", "day", "days"], 86_400_000_000),
    (&["w", "week", "weeks"], 604_800_000_000),
];

/// `30 min`, `14 days` (of 24 hours) or `14 natural days` (of the bank's time zone, the first one included).
pub(crate) fn window(text: &str) -> Result<Window, AnalyticsError> {
    let natural = text.trim().strip_suffix("natural days").or_else(|| text.trim().strip_suffix("natural day"));
    if let Some(days) = natural {
        return days.trim().parse().map(Window::Days).map_err(|_| wrong(text));
    }
    micros(text).map(Window::Micros)
}

/// The same without natural days, in microseconds.
pub(crate) fn micros(text: &str) -> Result<u64, AnalyticsError> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let micros = UNITS.iter().find(|(names, _)| names.contains(&unit.trim())).map(|(_, micros)| *micros);
    let number: Option<u64> = number.parse().ok();
    number.zip(micros).and_then(|(number, micros)| number.checked_mul(micros)).ok_or_else(|| wrong(text))
}

fn wrong(text: &str) -> AnalyticsError {
    setting("a span of time", format!("`{text}` is none; write `30 min`, `24 h`, `14 days` or `14 natural days`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(window("30 min").unwrap(), Window::Micros(1_800_000_000));
        assert_eq!(window("14d").unwrap(), window("2 weeks").unwrap());
        assert_eq!(window(" 7 natural days ").unwrap(), Window::Days(7));
        assert_eq!(window("1 natural day").unwrap(), Window::Days(1));
        for wrong in ["", "14", "days", "-3 days", "1.5 h", "3 fortnights", "99999999999999999 w", "x natural days"] {
            assert!(window(wrong).is_err(), "{wrong}");
        }
    }
}
