//! The dates that a model's rows are as of.

use florin_domain::EventTime;
use florin_models::definition::Every;
use jiff::{Span, ToSpan as _, civil::Date};
use toml::value::Datetime;

use crate::{FlowError, House};

/// Dates of one data set at most: a year of days.
pub(super) const DATES_MAX: usize = 366;

/// A date that rows are as of, with the moments that its sessions stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    /// The day.
    pub(super) day: Date,
    /// Its end, in the bank's time zone.
    pub(super) as_of: EventTime,
    /// The end of the horizon after it.
    pub(super) until: EventTime,
}

/// Steps from the first date at most, where only the latest dates are taken: a century of weeks.
const STEPS_MAX: usize = 5300;

/// All dates from the first to the last that are so far apart and whose horizon is over by `known_by`: the latest so many, where that is said. Also says how many
/// are left out because their horizon is not over.
pub(super) fn dates(
    house: &House,
    name: &str,
    ((first, last), latest): ((&str, &str), Option<u32>),
    every: Every,
    horizon_days: u32,
    known_by: EventTime,
) -> Result<(Vec<Dated>, usize), FlowError> {
    let (first, last) = (day(first)?, day(last)?);
    let (mut dates, mut open) = (Vec::new(), 0);
    let most = if latest.is_some() { STEPS_MAX } else { DATES_MAX };
    for step in 0..=most {
        let day = nth(first, every, step)?;
        if day > last {
            break;
        }
        if step == most {
            let what = format!("more than {most} dates from {first} to {last}; take them further apart");
            return Err(super::wrong(name, what));
        }
        let dated = dated(house, day, horizon_days)?;
        match dated.until <= known_by {
            true => dates.push(dated),
            false => open += 1,
        }
    }
    if let Some(latest) = latest {
        dates.drain(..dates.len().saturating_sub(latest as usize));
    }
    Ok((dates, open))
}

/// The first day of the test: that which is said, or that from which on there are so many days to the newest.
pub(super) fn test_from(split: (Option<Datetime>, Option<u32>), newest: Date) -> Result<Date, FlowError> {
    let out_of_time =
        || FlowError::Time("a split by time says neither where the test starts nor how long it is".to_owned());
    match split {
        (Some(from), _) => day(&from.to_string()),
        (None, Some(days)) => newest.checked_sub((i64::from(days) - 1).days()).map_err(|e| out_of_range(&e)),
        (None, None) => Err(out_of_time()),
    }
}

/// A day with the moments of its sessions.
pub(super) fn dated(house: &House, day: Date, horizon_days: u32) -> Result<Dated, FlowError> {
    let end = day.checked_add(i64::from(horizon_days).days()).map_err(|e| out_of_range(&e))?;
    Ok(Dated { day, as_of: house.as_of(&day.to_string())?, until: house.as_of(&end.to_string())? })
}

/// A day as `YYYY-MM-DD`.
pub(super) fn day(text: &str) -> Result<Date, FlowError> {
    text.parse().map_err(|_| FlowError::Time(text.to_owned()))
}

fn nth(first: Date, every: Every, step: usize) -> Result<Date, FlowError> {
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let months = |n: i64| -> Result<Date, FlowError> {
        let found = first.checked_add((n * step).months()).map_err(|e| out_of_range(&e))?;
        // Who begins on a month's last day means last days.
        Ok(if first == first.last_of_month() { found.last_of_month() } else { found })
    };
    let days = |n: i64| first.checked_add(Span::new().days(n * step)).map_err(|e| out_of_range(&e));
    match every {
        Every::Day => days(1),
        Every::Week => days(7),
        Every::Month => months(1),
        Every::Quarter => months(3),
    }
}

fn out_of_range(error: &jiff::Error) -> FlowError {
    FlowError::Time(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_newest_days_are_the_test_whenever_it_is_trained() {
        let newest = |days, to: &str| test_from((None, Some(days)), day(to).unwrap()).unwrap().to_string();
        assert_eq!([newest(1, "2024-09-30"), newest(62, "2024-09-30")], ["2024-09-30", "2024-07-31"]);
        let fixed = "2024-07-01".parse::<Datetime>().unwrap();
        assert_eq!(test_from((Some(fixed), None), day("2025-01-01").unwrap()).unwrap().to_string(), "2024-07-01");
        assert!(test_from((None, None), day("2025-01-01").unwrap()).is_err());
    }

    #[test]
    fn last_days_of_months_stay_last_days() {
        let of = |first: &str, every, step| nth(day(first).unwrap(), every, step).unwrap().to_string();
        assert_eq!(of("2024-01-31", Every::Month, 1), "2024-02-29");
        assert_eq!(of("2024-02-29", Every::Month, 1), "2024-03-31");
        assert_eq!(of("2024-01-15", Every::Month, 2), "2024-03-15");
        assert_eq!(of("2024-01-31", Every::Quarter, 1), "2024-04-30");
        assert_eq!(of("2024-01-31", Every::Week, 2), "2024-02-14");
        assert_eq!(of("2024-12-31", Every::Day, 1), "2025-01-01");
    }
}
