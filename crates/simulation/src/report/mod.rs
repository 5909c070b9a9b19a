//! How believable a made-up bank is: its figures beside those of real data, and in words where they differ.
//!
//! Like is compared with like: over the same horizon, by the same definition, of the same kinds of records; what cannot be made alike is
//! said beside the figures. Amounts are divided by their median before they are compared, since currencies and years differ. How
//! often things happen and how evenly are two questions: the first is a count for each customer, the second the gaps over the
//! customer's own mean gap. The distance is that of Kolmogorov and Smirnov: the largest difference between two cumulative
//! distributions, from 0 (alike) to 1. A comparison whose data are not there says so and is skipped.

mod ours;
mod real;
mod statistics;

use std::{fmt, path::Path};

use crate::SimulationError;
use ours::{Flow, Ours};
use statistics::{
    LEVELS, Moments, Quantiles, Share, by_day, counts, distance, gaps_days, gaps_over_own_mean, quantiles,
};

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
    Shapes {
        ours: Quantiles,
        real: Quantiles,
        distance: f64,
        note: &'static str,
    },
    Shares {
        ours: Share,
        real: Share,
        note: String,
    },
    /// Ours alone: theirs is no rate of anything, and why.
    Alone {
        ours: f64,
        why: &'static str,
    },
    Skipped(&'static str),
}

/// Payments that a customer needs for their gaps to be compared with their own mean.
const OWN_MEAN_OF: usize = 10;

/// Compares the bank in `bank` (as [`crate::simulate`] wrote it) with the data sets in `data`, one folder each.
///
/// # Errors
/// Files of the bank, or of a data set that is there, that cannot be read.
pub fn report(bank: &Path, data: &Path) -> Result<Report, SimulationError> {
    let ours = ours::read(bank)?;
    let mut comparisons = flows(&ours, data)?;
    comparisons.extend(rates(&ours, data)?);
    comparisons.extend(sessions(&ours, data)?);
    comparisons.push(duplicates(&ours));
    Ok(Report { comparisons })
}

fn flows(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let mut comparisons = payments(&ours.payments, real::handbook(data)?.as_ref());
    comparisons.extend(bookings(&ours.bookings, real::berka(data)?.as_ref()));
    Ok(comparisons)
}

/// A shape of both sides, each drawn from a flow in the same way.
fn both(
    (what, with, note): (&'static str, &'static str, &'static str),
    (ours, real): (&Flow, Option<&Flow>),
    of: impl Fn(&Moments) -> Vec<f64>,
) -> Comparison {
    shapes((what, with, note), &of(&ours.moments), real.map(|real| of(&real.moments)))
}

fn payments(ours: &Flow, real: Option<&Flow>) -> Vec<Comparison> {
    let with = "Fraud Detection Handbook (simulated)";
    let amount = "theirs are normal around each customer's mean; ours mix groceries and electronics";
    let count = "theirs pay up to four times a day by construction; ours pay a third by card here, the rest by wallet and elsewhere";
    let gap = "theirs come one by one around noon; ours by day and night, and in bursts on one way through town";
    vec![
        shapes(
            ("card payments: amount over the median", with, amount),
            &over_median(&ours.amounts),
            real.map(|real| over_median(&real.amounts)),
        ),
        both(("card payments: how many of one customer in a month", with, count), (ours, real), counts),
        both(
            ("card payments: gaps over the customer's own mean gap (10 payments and more)", with, gap),
            (ours, real),
            |moments| gaps_over_own_mean(moments, OWN_MEAN_OF),
        ),
    ]
}

fn bookings(ours: &Flow, real: Option<&Flow>) -> Vec<Comparison> {
    let with = "Berka (a Czech bank, first quarter of 1994)";
    let kinds =
        "three months; without what a bank of 1994 did not have (cards, wallets, funds) and what a bank books itself";
    let days = "as before, by whole days";
    vec![
        shapes(
            ("bookings: amount over the median", with, kinds),
            &over_median(&ours.amounts),
            real.map(|real| over_median(&real.amounts)),
        ),
        both(("bookings: how many of one account in three months", with, kinds), (ours, real), counts),
        both(("bookings: days between two of one account", with, days), (ours, real), |m| gaps_days(&by_day(m))),
        both(("bookings: gaps over the account's own mean gap (10 and more)", with, days), (ours, real), |m| {
            gaps_over_own_mean(&by_day(m), OWN_MEAN_OF)
        }),
    ]
}

fn rates(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let czech = "Berka (a Czech bank, 1993-98)";
    let german = "German credit was sampled to have 30 % bad ones, so that its share is no rate";
    let (departures, loans) = (&ours.departures, &ours.loans);
    let yearly = Share::of(departures.left, departures.customer_years);
    let (ended, running) =
        (Share::of(loans.ended_unpaid, loans.ended), Share::of(loans.running_in_debt, loans.running));
    let ended_note = format!(
        "{:.0} loans of ours, granted within the time, of 6 to 24 months; theirs run 12 to 60 months; both are richer in short ones",
        loans.ended
    );
    let running_note = format!("{:.0} loans of ours whose term is not over: in arrears or in default", loans.running);
    let churn = real::churn(data)?;
    let closed = departures.closed / departures.left.max(1.0);
    Ok(vec![
        shares("customers who leave, of 100 customer-years", "bank_churn (teaching data)", yearly, churn, |real| {
            same_if_counted_over(yearly.value, closed, real.value)
        }),
        shares("loans whose contract is over: not paid", czech, ended, real::berka_ended(data)?, |_| ended_note),
        shares("loans that run: in debt", czech, running, real::berka_running(data)?, |_| running_note),
        alone("loans whose contract is over: not paid", "German credit", ended.value, german),
    ])
}

/// Their period is unknown; so what is said is over which one they would be the same, under a constant hazard.
fn same_if_counted_over(yearly: f64, closed: f64, real: f64) -> String {
    let years = -(1.0 - real).ln() / yearly.max(1e-9);
    format!(
        "{:.0} % of ours close their accounts, the others fall silent; theirs is a share over an unknown time: the two are one rate if it \
         is {years:.1} years. Their share does not grow with tenure, so it is no count since joining",
        closed * 100.0
    )
}

fn sessions(ours: &Ours, data: &Path) -> Result<Vec<Comparison>, SimulationError> {
    let shop = real::shop(data)?;
    let (with, shoppers) = ("a web shop (retentioneering)", "UCI online shoppers");
    let (events, seconds) = (shop.as_ref().map(|s| s.events.clone()), shop.as_ref().map(|s| s.seconds.clone()));
    let note = "visits of the web only; people shop to look around and bank to get something done";
    let share = |value| Share { value, error: 0.0 };
    let top = shop.map(|s| share(s.top_share));
    let screens = |_| "a bank and a shop have different screens".to_owned();
    Ok(vec![
        shapes(("web sessions: events in one", with, note), &ours.sessions.events, events),
        shapes(("web sessions: pages seen in one", shoppers, note), &ours.sessions.views, real::shoppers(data)?),
        shapes(("web sessions: seconds", with, note), &ours.sessions.seconds, seconds),
        shares("web events: share of the most frequent", with, share(ours.sessions.top_share), top, screens),
    ])
}

/// Data sets of record linkage have as many duplicates as their makers wanted.
fn duplicates(ours: &Ours) -> Comparison {
    let why = "their duplicates were planted, so that their shares (20 %, 96 %, 100 %) are no bank's";
    alone("CRM records whose person has another", "RLdata10000, Splink fake_1000, FEBRL 1", ours.duplicates, why)
}

fn shapes(
    (what, with, note): (&'static str, &'static str, &'static str),
    ours: &[f64],
    real: Option<Vec<f64>>,
) -> Comparison {
    let Some(real) = real else { return skipped(what, with) };
    if ours.is_empty() || real.is_empty() {
        return Comparison { what, with, finding: Finding::Skipped("one side has no values") };
    }
    let (distance, ours, real) = (distance(ours, &real), quantiles(ours), quantiles(&real));
    Comparison { what, with, finding: Finding::Shapes { ours, real, distance, note } }
}

fn shares(
    what: &'static str,
    with: &'static str,
    ours: Share,
    real: Option<Share>,
    note: impl FnOnce(Share) -> String,
) -> Comparison {
    let Some(real) = real else { return skipped(what, with) };
    Comparison { what, with, finding: Finding::Shares { ours, real, note: note(real) } }
}

fn alone(what: &'static str, with: &'static str, ours: f64, why: &'static str) -> Comparison {
    Comparison { what, with, finding: Finding::Alone { ours, why } }
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
            Finding::Alone { ours, why } => {
                writeln!(f, "  ours {:.1} %; not compared: {why}", ours * 100.0)
            }
            Finding::Shares { ours, real, note } => {
                writeln!(f, "  ours {ours}, theirs {real}: {}", in_words_of_shares(*ours, *real))?;
                writeln!(f, "  {note}")
            }
            Finding::Shapes { ours, real, distance, note } => {
                let level = |f: &mut fmt::Formatter<'_>| {
                    LEVELS.iter().try_for_each(|l| write!(f, "{:>10}", format!("{:.0} %", l * 100.0)))
                };
                write!(f, "  {:<8}", "")?;
                level(f)?;
                writeln!(f)?;
                write_quantiles(f, "ours", ours)?;
                write_quantiles(f, "theirs", real)?;
                writeln!(f, "  distance {distance:.3}: {}", in_words(ours, real, *distance))?;
                writeln!(f, "  {note}")
            }
        }
    }
}

fn write_quantiles(f: &mut fmt::Formatter<'_>, name: &str, quantiles: &Quantiles) -> fmt::Result {
    write!(f, "  {name:<8}")?;
    quantiles.iter().try_for_each(|value| write!(f, "{value:>10.2}"))?;
    writeln!(f)
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.value * 100.0)?;
        if self.error > 0.0 { write!(f, " ± {:.1}", self.error * 100.0) } else { Ok(()) }
    }
}

/// Standard errors up to which a difference may be chance.
const CHANCE_ERRORS: f64 = 2.0;

fn in_words_of_shares(ours: Share, real: Share) -> &'static str {
    let error = ours.error.hypot(real.error);
    if error > 0.0 && (ours.value - real.value).abs() <= CHANCE_ERRORS * error {
        return "no more apart than chance would have it";
    }
    match ours.value / real.value.max(1e-9) {
        ratio if ratio > 1.5 => "ours is clearly higher",
        ratio if ratio > 1.05 => "ours is higher",
        ratio if ratio < 0.67 => "ours is clearly lower",
        ratio if ratio < 0.95 => "ours is lower",
        _ => "alike",
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
        let text = shapes(("amounts", "nobody", ""), &[1.0], None).to_string();
        assert_eq!(text, "amounts — beside nobody\n  skipped: the data set is not there\n");
    }

    #[test]
    fn shares_of_few_are_not_said_to_differ() {
        assert_eq!(
            in_words_of_shares(Share::of(7.0, 30.0), Share::of(31.0, 234.0)),
            "no more apart than chance would have it"
        );
        assert_eq!(in_words_of_shares(Share::of(700.0, 3000.0), Share::of(31.0, 234.0)), "ours is clearly higher");
        assert_eq!(Share::of(31.0, 234.0).to_string(), "13.2 % ± 2.2");
    }

    #[test]
    fn a_rate_over_an_unknown_time_is_compared_by_the_time_that_makes_it_the_same() {
        // Half of all leave in ln 2 / 0.1 years when one in ten leaves in a customer-year.
        assert!(same_if_counted_over(0.1, 0.7, 0.5).contains("if it is 6.9 years"));
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
