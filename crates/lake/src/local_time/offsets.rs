//! What a zone adds to UTC, and from when until when.

use jiff::{Timestamp, tz::TimeZone};

/// Transitions are known from here (1900-01-01, UTC microseconds) …
const FIRST: i64 = -2_208_988_800_000_000;
/// … until here (2200-01-01).
const LAST: i64 = 7_258_118_400_000_000;

/// A time with one offset: from `from` until before `until`, in UTC microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
    /// Microseconds that local time is ahead of UTC.
    pub(super) ahead: i64,
}

impl Span {
    #[inline]
    pub(super) fn holds(&self, time: i64) -> bool {
        self.from <= time && time < self.until
    }
}

/// All offsets of a zone between 1900 and 2200.
#[derive(Debug)]
pub(super) struct Offsets {
    /// One after the other, without gaps.
    spans: Vec<Span>,
}

impl Offsets {
    /// Of a zone by its name in the zone database; `None` when it has none of that name.
    pub(super) fn of(zone: &str) -> Option<Self> {
        let zone = TimeZone::get(zone).ok()?;
        let first = Timestamp::from_microsecond(FIRST).ok()?;
        let mut current = Span { from: FIRST, until: LAST, ahead: micros(zone.to_offset(first)) };
        let mut spans = Vec::new();
        for transition in zone.following(first) {
            let at = transition.timestamp().as_microsecond();
            if at >= LAST {
                break;
            }
            spans.push(Span { until: at, ..current });
            current = Span { from: at, until: LAST, ahead: micros(transition.offset()) };
        }
        spans.push(current);
        Some(Self { spans })
    }

    /// The span that a time lies in; `None` before 1900 and from 2200 on.
    #[inline]
    pub(super) fn at(&self, time: i64) -> Option<Span> {
        let after = self.spans.partition_point(|span| span.until <= time);
        self.spans.get(after).copied().filter(|span| span.holds(time))
    }
}

fn micros(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_zone_without_changes_is_one_span() {
        let utc = Offsets::of("UTC").unwrap();
        assert_eq!(utc.spans, [Span { from: FIRST, until: LAST, ahead: 0 }]);
        assert_eq!(utc.at(FIRST - 1), None);
        assert_eq!(utc.at(LAST), None);
    }

    #[test]
    fn summer_time_begins_and_ends_to_the_microsecond() {
        let berlin = Offsets::of("Europe/Berlin").unwrap();
        let begins: Timestamp = "2024-03-31T01:00:00Z".parse().unwrap();
        let ahead = |micros| berlin.at(micros).unwrap().ahead;
        assert_eq!(ahead(begins.as_microsecond() - 1), HOUR);
        assert_eq!(ahead(begins.as_microsecond()), 2 * HOUR);
        assert!(berlin.spans.windows(2).all(|pair| pair[0].until == pair[1].from));
    }

    #[test]
    fn a_zone_that_is_not_known_has_no_offsets() {
        assert!(Offsets::of("Mars/Olympus_Mons").is_none());
    }
}
