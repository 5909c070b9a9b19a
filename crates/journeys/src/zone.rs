//! Days, weeks and months as people of a place count them.
//!
//! Rows carry UTC; a bank thinks in its own days. A [`Zone`] remembers the stretches between changes of the clock that it
//! has met, so that nearly every look-up is two comparisons and an addition. An instant has exactly one local day; where
//! the clock goes back at midnight, a local day can come in two parts, and both are that day.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

use crate::JourneyError;

/// Microseconds of a day of 24 hours.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;
/// Microseconds of an hour.
pub(crate) const HOUR_MICROS: i64 = 3_600_000_000;

/// A stretch of time with one offset from UTC.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

/// A time zone, with the stretches met so far (at most as many as the zone has changes of the clock).
#[derive(Debug, Clone)]
pub struct Zone {
    zone: TimeZone,
    now: Stretch,
    met: Vec<Stretch>,
}

impl Zone {
    /// By its IANA name, such as `Asia/Shanghai`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Self, JourneyError> {
        let zone = TimeZone::get(name).map_err(|source| JourneyError::Zone { name: name.to_owned(), source })?;
        Ok(Self::new(zone))
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self::new(TimeZone::UTC)
    }

    /// Any zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, now: Stretch { from: 0, until: 0, offset: 0 }, met: Vec::new() }
    }

    /// Microseconds to add to UTC at an instant.
    #[inline]
    pub(crate) fn offset(&mut self, ts: i64) -> i64 {
        if !(self.now.from <= ts && ts < self.now.until) {
            self.now = self.stretch(ts);
        }
        self.now.offset
    }

    /// What clocks on the wall show, as microseconds since 1970.
    #[inline]
    pub(crate) fn local(&mut self, ts: i64) -> i64 {
        ts.saturating_add(self.offset(ts))
    }

    /// The local day, counted from 1970-01-01.
    #[inline]
    pub fn day(&mut self, ts: i64) -> i32 {
        self.local(ts).div_euclid(DAY_MICROS) as i32
    }

    fn stretch(&mut self, ts: i64) -> Stretch {
        let place = self.met.partition_point(|s| s.until <= ts);
        if let Some(met) = self.met.get(place).filter(|s| s.from <= ts) {
            return *met;
        }
        let found = self.look_up(ts);
        self.met.insert(place, found);
        found
    }

    fn look_up(&self, ts: i64) -> Stretch {
        let at = timestamp(ts);
        let just_after = at.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(at);
        let from = self.zone.preceding(just_after).next().map_or(i64::MIN, |t| t.timestamp().as_microsecond());
        let until = self.zone.following(at).next().map_or(i64::MAX, |t| t.timestamp().as_microsecond());
        Stretch { from: from.min(ts), until: until.max(ts.saturating_add(1)), offset: micros(self.zone.to_offset(at)) }
    }

    /// The first instant of a local day; an instant far in the future for days beyond what the calendar holds.
    #[must_use]
    pub fn day_start(&mut self, day: i32) -> i64 {
        let local = i64::from(day).saturating_mul(DAY_MICROS);
        let offset = self.offset(local.saturating_sub(self.now.offset));
        let start = local.saturating_sub(offset);
        // Right wherever the clock does not change that night; the calendar is asked otherwise.
        let same = self.offset(start) == offset && self.offset(start.saturating_sub(1)) == offset;
        if same { start } else { self.exact_day_start(day) }
    }

    #[cold]
    fn exact_day_start(&self, day: i32) -> i64 {
        let epoch = Date::constant(1970, 1, 1);
        let date = epoch.checked_add(jiff::Span::new().try_days(i64::from(day)).unwrap_or_default());
        let start = date.and_then(|date| date.to_zoned(self.zone.clone()));
        start.map_or(i64::MAX, |start| start.timestamp().as_microsecond())
    }
}

fn micros(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

/// The nearest instant that the calendar holds.
fn timestamp(ts: i64) -> Timestamp {
    let end = if ts < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(ts).unwrap_or(end)
}

/// How long a period of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A local day.
    Day,
    /// Monday to Sunday (ISO 8601).
    Week,
    /// A month of the calendar.
    Month,
}

impl Period {
    /// The number of the period that a local day (counted from 1970-01-01) lies in: consecutive periods have consecutive
    /// numbers, and the one with 1970-01-01 in it has number 0.
    #[inline]
    #[must_use]
    pub fn of_day(self, day: i32) -> i32 {
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday: three days after a Monday.
            Self::Week => day.saturating_add(3).div_euclid(7),
            Self::Month => month_of_day(day),
        }
    }

    /// The first local day of a period, counted from 1970-01-01.
    #[must_use]
    pub fn first_day(self, number: i32) -> i32 {
        match self {
            Self::Day => number,
            Self::Week => number.saturating_mul(7).saturating_sub(3),
            Self::Month => first_day_of_month(number),
        }
    }
}

/// Days from 0000-03-01, where the months of a year follow one pattern, to 1970-01-01.
const MARCH_YEAR_0: i64 = 719_468;
/// Days of 400 years.
const ERA_DAYS: i64 = 146_097;

/// `days_from_civil` and its inverse: H. Hinnant, "chrono-compatible low-level date algorithms" (howardhinnant.github.io).
fn month_of_day(day: i32) -> i32 {
    let day = i64::from(day) + MARCH_YEAR_0;
    let era = day.div_euclid(ERA_DAYS);
    let of_era = day.rem_euclid(ERA_DAYS);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * of_year + 2) / 153;
    ((era * 400 + year_of_era - 1970) * 12 + months_from_march + 2) as i32
}

fn first_day_of_month(number: i32) -> i32 {
    let from_march = i64::from(number) - 2;
    let (year, month) = (from_march.div_euclid(12) + 1970, from_march.rem_euclid(12));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let days = of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5;
    let day = era * ERA_DAYS + days - MARCH_YEAR_0;
    day.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: i32) -> Date {
        Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap()
    }

    #[test]
    fn months_and_weeks_are_those_of_the_calendar() {
        for day in (-800_000..2_000_000).step_by(13) {
            let date = date(day);
            let month = Period::Month.of_day(day);
            assert_eq!(
                (month.div_euclid(12) + 1970, month.rem_euclid(12) + 1),
                (date.year().into(), date.month().into())
            );
            let first = Period::Month.first_day(month);
            assert_eq!(day - first, i32::from(date.day()) - 1);
            let monday = Period::Week.first_day(Period::Week.of_day(day));
            assert_eq!(day - monday, i32::from(date.weekday().to_monday_zero_offset()));
        }
    }

    #[test]
    fn days_are_those_of_the_zone_through_every_change_of_the_clock() {
        // Sao Paulo changed at midnight, Apia left out a day, Shanghai is the everyday case, Kolkata is half an hour off.
        for name in ["America/Sao_Paulo", "Pacific/Apia", "Asia/Shanghai", "Asia/Kolkata", "Europe/Amsterdam", "UTC"] {
            let mut zone = Zone::named(name).unwrap();
            let tz = TimeZone::get(name).unwrap();
            let from = "2010-12-01T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
            for hours in (0..30_000).rev().step_by(3).chain(0..30_000) {
                let ts = from + hours * HOUR_MICROS / 2;
                let expected = timestamp(ts).to_zoned(tz.clone()).date();
                let day = zone.day(ts);
                assert_eq!(date(day), expected, "{name} {ts}");
                let start = zone.day_start(day);
                assert_eq!(start, expected.to_zoned(tz.clone()).unwrap().timestamp().as_microsecond(), "{name} {ts}");
            }
        }
    }

    #[test]
    fn times_outside_the_calendar_have_a_day_too() {
        let mut zone = Zone::named("Asia/Shanghai").unwrap();
        assert!(zone.day(i64::MIN) < zone.day(0));
        assert!(zone.day(i64::MAX) > zone.day(0));
        assert!(zone.day_start(i32::MAX) > zone.day_start(0));
    }
}
