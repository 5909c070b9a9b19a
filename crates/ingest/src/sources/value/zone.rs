//! From the clock of a place to UTC.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::date::{Civil, DAY, SECOND};

/// How near to a change of the clocks a local time is looked up rather than remembered.
const MARGIN_MICROS: i64 = 2 * DAY;
/// How many stretches of constant offset are remembered (two a year: more than a century).
const STRETCHES_MAX: usize = 256;

/// A time zone that remembers the stretches of constant offset it came across: looking one up costs a hundred times
/// more than reading the text.
#[derive(Debug, Clone)]
pub(in crate::sources) struct Zone {
    zone: TimeZone,
    /// Ascending and disjoint.
    stretches: Vec<Stretch>,
    last: usize,
}

/// Local times from `start` to before `end` have one offset.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: i64,
    end: i64,
    offset: i64,
}

impl Zone {
    pub(in crate::sources) fn new(zone: TimeZone) -> Self {
        let stretches = match zone.to_fixed_offset() {
            Ok(fixed) => vec![Stretch { start: i64::MIN, end: i64::MAX, offset: i64::from(fixed.seconds()) * SECOND }],
            Err(_) => Vec::new(),
        };
        Self { zone, stretches, last: 0 }
    }

    /// Microseconds since the epoch of a local time. A time that a change of the clocks skipped or repeated is taken as
    /// jiff's `compatible` does: after the gap, or the first of the two. `None` outside the years that exist.
    pub(in crate::sources) fn instant(&mut self, local: Civil) -> Option<i64> {
        let micros = local.total_micros();
        if let Some(stretch) = self.stretches.get(self.last)
            && (stretch.start..stretch.end).contains(&micros)
        {
            return micros.checked_sub(stretch.offset);
        }
        self.look_up(micros)
    }

    /// Day and time there at an instant.
    pub(in crate::sources) fn local(&self, micros: i64) -> Option<Civil> {
        let instant = Timestamp::from_microsecond(micros).ok()?;
        let local = micros + i64::from(self.zone.to_offset(instant).seconds()) * SECOND;
        Some(Civil { day: i32::try_from(local.div_euclid(DAY)).ok()?, micros: local.rem_euclid(DAY) })
    }

    #[cold]
    fn look_up(&mut self, micros: i64) -> Option<i64> {
        let at = self.stretches.partition_point(|s| s.end <= micros);
        if let Some(stretch) = self.stretches.get(at)
            && stretch.start <= micros
        {
            self.last = at;
            return micros.checked_sub(stretch.offset);
        }
        let instant = self.zone.to_ambiguous_timestamp(datetime(micros)?).compatible().ok()?;
        self.remember(micros, instant);
        Some(instant.as_microsecond())
    }

    fn remember(&mut self, micros: i64, instant: Timestamp) {
        let offset = i64::from(self.zone.to_offset(instant).seconds()) * SECOND;
        // A change at this very instant is the beginning of the stretch.
        let Ok(just_after) = instant.checked_add(jiff::SignedDuration::from_secs(1)) else { return };
        let before = self.zone.preceding(just_after).next().map(|t| t.timestamp().as_microsecond());
        let after = self.zone.following(instant).next().map(|t| t.timestamp().as_microsecond());
        let stretch = Stretch {
            start: before.map_or(i64::MIN, |t| t + offset + MARGIN_MICROS),
            end: after.map_or(i64::MAX, |t| t + offset - MARGIN_MICROS),
            offset,
        };
        if !(stretch.start..stretch.end).contains(&micros) {
            return;
        }
        if self.stretches.len() == STRETCHES_MAX {
            self.stretches.clear();
        }
        let at = self.stretches.partition_point(|s| s.end <= stretch.start);
        self.stretches.insert(at, stretch);
        self.last = at;
    }
}

fn datetime(local_micros: i64) -> Option<civil::DateTime> {
    let as_if_utc = Timestamp::from_microsecond(local_micros).ok()?;
    Some(TimeZone::UTC.to_datetime(as_if_utc))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::value::date::civil_of;

    proptest! {
        #[test]
        fn remembered_offsets_are_the_zones_own(
            name in prop::sample::select(vec!["Europe/Prague", "Asia/Shanghai", "America/St_Johns", "UTC", "Pacific/Apia"]),
            times in prop::collection::vec(-2_000_000_000_i64..4_000_000_000, 1..200),
        ) {
            let zone = TimeZone::get(name).unwrap();
            let mut remembering = Zone::new(zone.clone());
            for seconds in times {
                let local = datetime(seconds * SECOND).unwrap();
                let expected = zone.to_ambiguous_timestamp(local).compatible().unwrap().as_microsecond();
                prop_assert_eq!(remembering.instant(civil_of(local).unwrap()), Some(expected));
            }
        }
    }

    #[test]
    fn a_time_that_was_skipped_or_repeated_has_one_answer() {
        let mut zone = Zone::new(TimeZone::get("Europe/Prague").unwrap());
        let mut instant = |text: &str| zone.instant(civil_of(text.parse().unwrap()).unwrap()).unwrap();
        let utc = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        assert_eq!(instant("2024-03-31T02:30"), utc("2024-03-31T01:30Z"));
        assert_eq!(instant("2024-10-27T02:30"), utc("2024-10-27T00:30Z"));
    }
}
