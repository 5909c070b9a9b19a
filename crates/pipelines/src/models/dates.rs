//! The dates that a model's rows are as of.

use florin_domain::EventTime;
use florin_models::definition::Every;
use jiff::{Span, ToSpan as _, civil::Date};

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

/// All dates from the first to the last that are so far apart and whose horizon is over by `known_by`. Also says how many are left out because theirs is not.
pub(super) fn dates(
    house: &House,
    name: &str,
    (first, last): (&str, &str),
    every: Every,
    horizon_days: u32,
    known_by: EventTime,
) -> Result<(Vec<Dated>, usize), FlowError> {
    let (first, last) = (day(first)?, day(last)?);
    let (mut dates, mut open) = (Vec::new(), 0);
    for step in 0..=DATES_MAX {
        let day = nth(first, every, step)?;
        if day > last {
            break;
        }
        if step == DATES_MAX {
            let what = format!("more than {DATES_MAX} dates from {first} to {last}; take them further apart");
            return Err(super::wrong(name, what));
        }
        let dated = dated(house, day, horizon_days)?;
        match dated.until <= known_by {
            true => dates.push(dated),
            false => open += 1,
        }
    }
    Ok((dates, open))
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
