//! When rows were.

use crate::error::{Result, argument};

/// More periods than these are put together: days to months, months to quarters, quarters to years.
const PERIODS_MAX: usize = 24;

/// Periods in their order, and which each row is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    names: Vec<String>,
    of: Vec<u32>,
}

impl Periods {
    /// Names in the order of time, and for each row the place of its period's name.
    ///
    /// # Errors
    /// When a row names a place that is not there.
    pub fn new(names: Vec<String>, of: Vec<u32>) -> Result<Self> {
        match of.iter().find(|place| **place as usize >= names.len()) {
            Some(place) => Err(argument("a period", place, "it is one of those that have names")),
            None => Ok(Self { names, of }),
        }
    }

    /// From days since 1970: the days themselves where there are at most 24 different ones, or else their months, quarters or years.
    #[must_use]
    pub fn of_days(days: &[i32]) -> Self {
        let mut known: Vec<i32> = days.to_vec();
        known.sort_unstable();
        known.dedup();
        let mut names: Vec<String> = Vec::new();
        for form in [day as fn(i32) -> String, month, quarter, year] {
            names = known.iter().map(|day| form(*day)).collect();
            names.dedup();
            if names.len() <= PERIODS_MAX {
                let of = |day: &i32| names.iter().position(|name| *name == form(*day)).unwrap_or(0) as u32;
                // Each different day is looked up once.
                let places: Vec<u32> = known.iter().map(of).collect();
                let place = |day: &i32| known.binary_search(day).map_or(0, |at| places[at]);
                return Self { of: days.iter().map(place).collect(), names };
            }
        }
        let place = |day: &i32| names.iter().position(|name| *name == year(*day)).unwrap_or(0) as u32;
        Self { of: days.iter().map(place).collect(), names }
    }

    /// As they are called.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Which each row is of.
    #[must_use]
    pub fn of(&self) -> &[u32] {
        &self.of
    }

    /// Of these rows only.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { names: self.names.clone(), of: rows.iter().map(|&row| self.of[row]).collect() }
    }

    /// The first and the last that have rows.
    #[must_use]
    pub fn ends(&self) -> Option<(String, String)> {
        let (first, last) = (self.of.iter().min()?, self.of.iter().max()?);
        Some((self.names[*first as usize].clone(), self.names[*last as usize].clone()))
    }
}

fn day(day: i32) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

fn month(day: i32) -> String {
    let (year, month, _) = civil(day);
    format!("{year:04}-{month:02}")
}

fn quarter(day: i32) -> String {
    let (year, month, _) = civil(day);
    format!("{year:04} Q{}", (month - 1) / 3 + 1)
}

fn year(day: i32) -> String {
    format!("{:04}", civil(day).0)
}

/// Year, month and day of a number of days since 1970, by eras of 400 years from 1 March (Hinnant, "chrono-compatible low-level date algorithms", 2013).
fn civil(day: i32) -> (i64, i64, i64) {
    let from_era_start = i64::from(day) + 719_468;
    let era = from_era_start.div_euclid(146_097);
    let day_of_era = from_era_start.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(-1), "1969-12-31");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(19_782), "2024-02-29");
        assert_eq!(quarter(19_782), "2024 Q1");
    }

    #[test]
    fn many_days_become_months_and_few_stay_days() {
        let few = Periods::of_days(&[19_782, 19_782, 19_700]);
        assert_eq!((few.names(), few.of()), (&["2023-12-09".to_owned(), "2024-02-29".to_owned()][..], &[1, 1, 0][..]));
        let many = Periods::of_days(&(0..365).collect::<Vec<i32>>());
        assert_eq!(many.names().len(), 12);
        assert_eq!(many.ends(), Some(("1970-01".to_owned(), "1970-12".to_owned())));
        assert!(Periods::new(vec!["a".to_owned()], vec![1]).is_err());
    }
}
