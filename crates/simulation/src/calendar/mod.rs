//! The days that the made-up bank lives through: which month, weekday and holiday each is, and whether people work.
//!
//! A day is a number: days since 1970-01-01 in the bank's own zone (Asia/Shanghai, UTC+8 without summer time).

mod holidays;

use jiff::{ToSpan, civil::Date};

use holidays::{HOLIDAYS, LUNAR_NEW_YEARS};

/// Milliseconds of a day.
pub(crate) const DAY_MS: u32 = 86_400_000;
/// How far the bank's local time is ahead of UTC.
pub(crate) const ZONE_MS: i64 = 8 * 3_600_000;
/// The months that can be lived through: the holidays of these years are known.
pub(crate) const FIRST_YEAR: i16 = 2023;
pub(crate) const MONTHS_MAX: u16 = 48;

/// One day.
#[derive(Clone, Copy)]
pub(crate) struct Day {
    /// Days since 1970-01-01.
    pub(crate) number: i32,
    pub(crate) year: i16,
    pub(crate) month: i8,
    pub(crate) day: i8,
    /// 0 is Monday.
    pub(crate) weekday: u8,
    /// Whether offices are open: a weekday that is no holiday, or a weekend day worked in exchange.
    pub(crate) working: bool,
    /// Days to the nearest first day of a lunar year; negative before it.
    pub(crate) from_lunar_new_year: i32,
    pub(crate) holiday: Option<&'static str>,
    /// A weekend day that is worked.
    pub(crate) moved: bool,
}

/// One month.
pub(crate) struct Month {
    /// 0 is the first.
    pub(crate) at: u16,
    pub(crate) year: i16,
    pub(crate) month: i8,
    pub(crate) days: Vec<Day>,
}

impl Month {
    pub(crate) fn first(&self) -> i32 {
        self.days.first().map_or(0, |day| day.number)
    }

    pub(crate) fn len(&self) -> usize {
        self.days.len()
    }

    /// `2023-01`.
    pub(crate) fn name(&self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// The first day not before this one (from 0) on which banks work; the last of the month if there is none.
    pub(crate) fn next_working(&self, at: usize) -> usize {
        let last = self.len().saturating_sub(1);
        (at..=last).find(|at| self.days[*at].working).unwrap_or(last)
    }

    /// The last day not after this day of the month on which people work: when wages are paid.
    pub(crate) fn pay_day(&self, day: usize) -> usize {
        let wanted = day.min(self.len()).saturating_sub(1);
        (0..=wanted).rev().find(|at| self.days[*at].working).unwrap_or(wanted)
    }
}

/// All months.
pub(crate) struct Calendar {
    pub(crate) months: Vec<Month>,
}

impl Calendar {
    /// The first `months` months from January 2023 on.
    pub(crate) fn new(months: u16) -> Self {
        Self { months: (0..months.min(MONTHS_MAX)).map(month).collect() }
    }

    /// The first day of all.
    pub(crate) fn first(&self) -> i32 {
        self.months.first().map_or(0, Month::first)
    }

    /// The day after the last.
    pub(crate) fn end(&self) -> i32 {
        self.months.last().map_or(0, |month| month.first() + month.len() as i32)
    }

    /// The month a day is in; `None` outside.
    pub(crate) fn month_of(&self, day: i32) -> Option<u16> {
        let at = self.months.partition_point(|month| month.first() <= day).checked_sub(1)?;
        (day < self.end()).then_some(at as u16)
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = &Day> {
        self.months.iter().flat_map(|month| &month.days)
    }
}

fn month(at: u16) -> Month {
    let (year, month) = (FIRST_YEAR + (at / 12) as i16, (at % 12) as i8 + 1);
    let days = (1..=days_of(year, month)).map(|day| make_day(year, month, day)).collect();
    Month { at, year, month, days }
}

fn make_day(year: i16, month: i8, day: i8) -> Day {
    let number = day_number(year, month, day);
    let weekday = (number + 3).rem_euclid(7) as u8;
    let off = HOLIDAYS.iter().find(|holiday| (0..holiday.days).contains(&(number - number_of(holiday.from))));
    let moved = HOLIDAYS.iter().any(|h| h.worked.iter().any(|(m, d)| day_number(h.from.0, *m, *d) == number));
    let nearest = LUNAR_NEW_YEARS.into_iter().map(|from| number - number_of(from)).min_by_key(|days| days.abs());
    Day {
        number,
        year,
        month,
        day,
        weekday,
        working: moved || (weekday < 5 && off.is_none()),
        from_lunar_new_year: nearest.unwrap_or(i32::MAX),
        holiday: off.map(|holiday| holiday.name),
        moved,
    }
}

fn number_of((year, month, day): (i16, i8, i8)) -> i32 {
    day_number(year, month, day)
}

fn date(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).unwrap_or(Date::ZERO)
}

fn days_of(year: i16, month: i8) -> i8 {
    date(year, month, 1).days_in_month()
}

/// Days since 1970-01-01.
pub(crate) fn day_number(year: i16, month: i8, day: i8) -> i32 {
    (date(year, month, day) - Date::constant(1970, 1, 1)).get_days()
}

/// Year, month and day of a day's number.
pub(crate) fn civil(number: i32) -> (i16, i8, i8) {
    let date = Date::constant(1970, 1, 1).saturating_add(number.days());
    (date.year(), date.month(), date.day())
}

/// How many months of the calendar one day is after another; days of one month are none.
pub(crate) fn months_between(from: i32, to: i32) -> i32 {
    let (from, to) = (civil(from), civil(to));
    i32::from(to.0 - from.0) * 12 + i32::from(to.1 - from.1)
}

/// UTC milliseconds of a local moment: a day's number and the milliseconds since its midnight.
pub(crate) fn utc_ms(day: i32, at_ms: u32) -> i64 {
    i64::from(day) * i64::from(DAY_MS) + i64::from(at_ms) - ZONE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(calendar: &Calendar, year: i16, month: i8, day: i8) -> Day {
        *calendar.days().find(|d| (d.year, d.month, d.day) == (year, month, day)).unwrap()
    }

    #[test]
    fn spring_festival_is_off_and_its_exchanged_sundays_are_worked() {
        let calendar = Calendar::new(24);
        let eve = find(&calendar, 2023, 1, 21);
        assert_eq!((eve.working, eve.holiday, eve.from_lunar_new_year), (false, Some("spring_festival"), -1));
        let sunday = find(&calendar, 2024, 2, 18);
        assert_eq!((sunday.weekday, sunday.working, sunday.moved), (6, true, true));
        assert_eq!(find(&calendar, 2024, 2, 10).from_lunar_new_year, 0);
        assert!(!find(&calendar, 2023, 1, 2).working && find(&calendar, 2023, 1, 3).working);
    }

    #[test]
    fn wages_come_before_the_weekend() {
        let calendar = Calendar::new(24);
        let july_2023 = &calendar.months[6];
        assert_eq!(july_2023.days[july_2023.pay_day(15)].day, 14);
    }

    #[test]
    fn two_years_have_731_days() {
        let calendar = Calendar::new(24);
        assert_eq!(calendar.end() - calendar.first(), 731);
        assert_eq!(calendar.days().count(), 731);
        assert_eq!(calendar.month_of(calendar.first() + 31), Some(1));
        assert_eq!(civil(day_number(2024, 2, 29)), (2024, 2, 29));
    }
}
