//! Whether one payer pays a salary.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use serde::Serialize;

use super::{CURRENT_DAYS, Rule};
use crate::fill::median_of_integers;

/// Days of a month on average.
const MONTH_DAYS: f64 = 30.436_875;
/// How many in a hundred must keep to the rule.
const KEPT_PERCENT: usize = 75;

/// A salary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Salary {
    /// Who pays it.
    pub payer: u64,
    /// The median amount, in ten thousandths of the currency.
    pub monthly: i128,
    /// How many paydays were met.
    pub months: u32,
    /// The day of the month it comes, 1 to 31, in a month of 31 days.
    pub payday: u8,
    /// The day of the last payment, as days since 1970-01-01.
    pub last_day: i32,
}

/// Months since the year 0 of the month a day is in.
pub(super) fn month_of(day: i32) -> i32 {
    let date = calendar(day);
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// Days outside the calendar stay at its ends.
fn calendar(day: i32) -> Date {
    let epoch = date(1970, 1, 1);
    epoch.checked_add(i64::from(day).days()).unwrap_or(if day < 0 { Date::MIN } else { Date::MAX })
}

/// Where in the month a day is, from 0 to 1.
fn place(day: i32) -> f64 {
    let date = calendar(day);
    f64::from(date.day() - 1) / f64::from(date.days_in_month())
}

/// How far apart two places are on the circle.
fn apart(a: f64, b: f64) -> f64 {
    let direct = (a - b).abs();
    direct.min(1.0 - direct)
}

/// The place of a payment with the least sum of distances to all others; the earliest in the month among equals.
fn payday(payments: &[(i32, i128)]) -> f64 {
    let mut places: Vec<f64> = payments.iter().map(|(day, _)| place(*day)).collect();
    places.sort_unstable_by(f64::total_cmp);
    let total = |from: &f64| places.iter().map(|to| apart(*from, *to)).sum::<f64>();
    let sums: Vec<f64> = places.iter().map(total).collect();
    let least = sums.iter().copied().fold(f64::INFINITY, f64::min);
    // Sums of the same distances differ in their last digits.
    places.iter().zip(&sums).find(|(_, sum)| **sum <= least + 1e-9).map_or(0.0, |(place, _)| *place)
}

/// One payday that was met: which one, how many days off, and with how much.
struct Met {
    number: i64,
    days_off: f64,
    amount: i128,
}

/// The payment of each payday that is nearest to the median amount.
fn met(payments: &[(i32, i128)], payday: f64, median: i128) -> Vec<Met> {
    let mut all: Vec<Met> = Vec::new();
    for (day, amount) in payments {
        let since = f64::from(month_of(*day)) + place(*day) - payday;
        let number = since.round();
        let found = Met { number: number as i64, days_off: (since - number).abs() * MONTH_DAYS, amount: *amount };
        match all.last_mut().filter(|last| last.number == found.number) {
            Some(last) if (found.amount - median).abs() < (last.amount - median).abs() => *last = found,
            Some(_) => {}
            None => all.push(found),
        }
    }
    all
}

/// The salary that payments (by day) are, if they are one.
pub(super) fn detect(payer: u64, payments: &[(i32, i128)], today: i32, rule: &Rule) -> Option<Salary> {
    let last_day = payments.last().map(|(day, _)| *day).filter(|day| today.saturating_sub(*day) <= CURRENT_DAYS)?;
    let all = median_of_integers(payments.iter().map(|(_, amount)| *amount).collect())?;
    let payday = payday(payments);
    let met = met(payments, payday, all);
    let median = median_of_integers(met.iter().map(|m| m.amount).collect())?;
    let paydays = usize::try_from(met.last()?.number - met.first()?.number + 1).ok()?;
    let regular = met.iter().filter(|m| is_regular(m, median, rule)).count();
    let enough = |part: usize, whole: usize| 100 * part >= KEPT_PERCENT * whole;
    let holds = met.len() >= rule.months_min.max(1) as usize
        && enough(met.len(), paydays)
        && enough(regular, met.len())
        && 2 * payments.len() <= 3 * met.len()
        && median >= i128::from(rule.amount_min);
    holds.then(|| Salary {
        payer,
        monthly: median,
        months: met.len() as u32,
        payday: (payday * 31.0).round() as u8 % 31 + 1,
        last_day,
    })
}

fn is_regular(met: &Met, median: i128, rule: &Rule) -> bool {
    met.days_off <= f64::from(rule.day_tolerance)
        && (met.amount - median).abs() * 100 <= median * i128::from(rule.amount_tolerance_percent)
}
