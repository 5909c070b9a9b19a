//! How believable a made-up bank is: its figures beside those of real data, and in words where they differ.
//!
//! Amounts are divided by their median before they are compared, since currencies and years differ; what is compared is the
//! shape. The distance is that of Kolmogorov and Smirnov: the largest difference between two cumulative distributions, from 0 (alike)
//! to 1. A comparison whose data are not there says so and is skipped.

mod ours;
mod real;
mod statistics;

use std::{fmt, path::Path};

use crate::SimulationError;
use ours::{Flow, Ours};
use statistics::{LEVELS, Quantiles, distance, quantiles};

/// A made-up bank beside real data.
#[derive(Debug, Clone)]
pub struct Report {
    comparisons: Vec<Comparison>,
}

/// One thing that is compared.
#[derive(Debug, Clone)]
struct Comparison {
    what: &'static str,
    with: &'static str,
    finding: Finding,
}

#[derive(Debug, Clone)]
enum Finding {
    Shapes { ours: Quantiles, real: Quantiles, distance: f64 },
    Shares { ours: f64, real: f64, note: &'static str },
    Skipped(&'static str),
}

/// Compares the bank in `bank` (as [`crate::simulate`] wrote it) with the data sets in `data`, one folder each.
///
/// # Errors
/// Files of the bank, or of a data set that is there, that cannot be read.
pub fn report(bank: &Path, data: &Path) -> Result<Report, SimulationError> {
    let ours = ours::read(bank)?;
    let mut comparisons = flows(&ours, data)?;
    comparisons.extend(rates(&ours, data)?);
    comparisons.extend(sessions(&ours, data)?);
    comparisons.extend(duplicates(&ours, data)?);
    Ok(Report { comparisons })
}

fn flows(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let (handbook, berka) = (real::handbook(data)?, real::berka(data)?);
    let (simulated, czech) = ("Fraud Detection Handbook (simulated)", "Berka (a Czech bank, 1993-94)");
    let (payments, bookings) = (&ours.payments, &ours.bookings);
    let amounts = |flow: &Option<Flow>| flow.as_ref().map(|flow| flow.amounts.clone());
    let gaps = |flow: &Option<Flow>| flow.as_ref().map(|flow| flow.gaps_hours.clone());
    Ok(vec![
        shapes("card payments: amount", simulated, true, &payments.amounts, amounts(&handbook)),
        shapes(
            "card payments: hours between two of one customer",
            simulated,
            false,
            &payments.gaps_hours,
            gaps(&handbook),
        ),
        shapes("bookings: amount", czech, true, &bookings.amounts, amounts(&berka)),
        shapes("bookings: hours between two of one account", czech, false, &bookings.gaps_hours, gaps(&berka)),
    ])
}

fn rates(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let left = "ours in a year; theirs over an unknown time";
    let german = "theirs was sampled to have 30 % bad ones";
    let berka = "theirs: finished unpaid, or running and in debt";
    Ok(vec![
        shares("customers who leave", "bank_churn (teaching data)", ours.departures_year, real::churn(data)?, left),
        shares("loans that default", "German credit", ours.defaults, real::german(data)?, german),
        shares("loans that default", "Berka", ours.defaults, real::berka_loans(data)?, berka),
    ])
}

fn sessions(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let shop = real::shop(data)?;
    let (with, shoppers) = ("a web shop (retentioneering)", "UCI online shoppers");
    let (events, seconds) = (shop.as_ref().map(|s| s.events.clone()), shop.as_ref().map(|s| s.seconds.clone()));
    let (top, note) = (shop.map(|s| s.top_share), "a bank's app and a shop have different screens");
    Ok(vec![
        shapes("sessions: events in one", with, false, &ours.sessions.events, events),
        shapes("sessions: pages in one", shoppers, false, &ours.sessions.events, real::shoppers(data)?),
        shapes("sessions: seconds", with, false, &ours.sessions.seconds, seconds),
        shares("events: share of the most frequent", with, ours.sessions.top_share, top, note),
    ])
}

fn duplicates(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let what = "CRM records whose person has another";
    let ours = ours.duplicates;
    Ok(vec![
        shares(what, "RLdata10000", ours, real::rldata(data)?, "theirs was made with 1,000 duplicates"),
        shares(what, "Splink fake_1000", ours, real::splink(data)?, "theirs has up to five records a person"),
        shares(what, "FEBRL 1", ours, real::febrl(data)?, "theirs has one duplicate of each record"),
    ])
}

fn shapes(what: &'static str, with: &'static str, money: bool, ours: &[f64], real: Option<Vec<f64>>) -> Comparison {
    let Some(real) = real else { return skipped(what, with) };
    let (ours, real) = if money { (over_median(ours), over_median(&real)) } else { (ours.to_vec(), real) };
    if ours.is_empty() || real.is_empty() {
        return Comparison { what, with, finding: Finding::Skipped("one side has no values") };
    }
    let finding = Finding::Shapes { ours: quantiles(&ours), real: quantiles(&real), distance: distance(&ours, &real) };
    Comparison { what, with, finding }
}

fn shares(what: &'static str, with: &'static str, ours: f64, real: Option<f64>, note: &'static str) -> Comparison {
    let Some(real) = real else { return skipped(what, with) };
    Comparison { what, with, finding: Finding::Shares { ours, real, note } }
}

fn skipped(what: &'static str, with: &'static str) -> Comparison {
    Comparison { what, with, finding: Finding::Skipped("the data set is not there") }
}

fn over_median(values: &[f64]) -> Vec<f64> {
    let median = quantiles(values)[2].max(f64::MIN_POSITIVE);
    values.iter().map(|value| value / median).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparisons.iter().try_for_each(|comparison| writeln!(f, "{comparison}"))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} — beside {}", self.what, self.with)?;
        match &self.finding {
            Finding::Skipped(why) => writeln!(f, "  skipped: {why}"),
            Finding::Shares { ours, real, note } => {
                writeln!(f, "  ours {:.1} %, theirs {:.1} % ({note})", ours * 100.0, real * 100.0)?;
                writeln!(f, "  {}", in_words_of_shares(*ours, *real))
            }
            Finding::Shapes { ours, real, distance } => {
                let level = |f: &mut fmt::Formatter<'_>| {
                    LEVELS.iter().try_for_each(|l| write!(f, "{:>10}", format!("{:.0} %", l * 100.0)))
                };
                write!(f, "  {:<8}", "")?;
                level(f)?;
                writeln!(f)?;
                write_quantiles(f, "ours", ours)?;
                write_quantiles(f, "theirs", real)?;
                writeln!(f, "  distance {distance:.3}: {}", in_words(ours, real, *distance))
            }
        }
    }
}

fn write_quantiles(f: &mut fmt::Formatter<'_>, name: &str, quantiles: &Quantiles) -> fmt::Result {
    write!(f, "  {name:<8}")?;
    quantiles.iter().try_for_each(|value| write!(f, "{value:>10.2}"))?;
    writeln!(f)
}

fn in_words_of_shares(ours: f64, real: f64) -> &'static str {
    match ours / real.max(1e-9) {
        ratio if ratio > 1.5 => "ours is clearly higher",
        ratio if ratio < 0.67 => "ours is clearly lower",
        _ => "of the same size",
    }
}

/// Where two distributions differ.
fn in_words(ours: &Quantiles, real: &Quantiles, distance: f64) -> String {
    if distance < 0.08 {
        return "much alike".to_owned();
    }
    let compare = |at: usize| ours[at] / real[at].max(1e-9);
    let mut words = Vec::new();
    for (at, name) in [(0, "the low end"), (2, "the middle"), (4, "the high end"), (5, "the extreme")] {
        if real[at] < 0.01 && ours[at] > 0.01 {
            words.push(format!("{name} is nothing in theirs"));
            continue;
        }
        match compare(at) {
            ratio if ratio > 1.4 => words.push(format!("{name} is higher in ours ({ratio:.1} times)")),
            ratio if ratio < 0.71 => words.push(format!("{name} is lower in ours ({ratio:.2} times)")),
            _ => {}
        }
    }
    let degree = if distance < 0.2 { "similar" } else { "different" };
    if words.is_empty() { degree.to_owned() } else { format!("{degree}: {}", words.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_data_set_is_named_as_skipped() {
        let text = shapes("amounts", "nobody", true, &[1.0], None).to_string();
        assert_eq!(text, "amounts — beside nobody\n  skipped: the data set is not there\n");
    }

    #[test]
    fn words_say_which_end_differs() {
        let ours = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let real = [1.0, 2.0, 3.0, 4.0, 10.0, 20.0];
        let words = in_words(&ours, &real, 0.3);
        assert_eq!(
            words,
            "different: the high end is lower in ours (0.50 times); the extreme is lower in ours (0.30 times)"
        );
    }
}
