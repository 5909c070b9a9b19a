//! Crime, planned before anybody lives: who is robbed when, by whom, along which way the money goes.
//!
//! Six scenarios. Three are those of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi, 2022,
//! chapter 3, "Transaction data simulator"): an amount over a threshold, a terminal that is compromised for 28 days, a
//! customer whose card data were stolen for 14 days. They live in card payments ([`cards`]). Three go through accounts:
//! a takeover seen in the app ([`takeover`]), mule networks ([`mules`]) and structuring below a threshold
//! ([`structuring`]).

pub(crate) mod cards;
mod mules;
mod structuring;
mod takeover;

use crate::{
    Settings,
    calendar::Calendar,
    life::records::{Plot, Scenario},
    people::Person,
    random::{Stream, Subject},
};

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Deed {
    /// Somebody else signs in from a new device and prepares a transfer.
    Intrusion,
    TransferOut,
    TransferIn,
    CashDeposit,
    CashOut,
}

/// One thing that happens to an account because of a crime.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) person: u32,
    pub(crate) day: i32,
    pub(crate) at: u32,
    pub(crate) deed: Deed,
    /// Cents.
    pub(crate) amount: i64,
    pub(crate) other: u32,
    pub(crate) plot: Plot,
}

/// Somebody whose card data are misused for [`cards::STOLEN_DAYS`] days.
#[derive(Clone, Copy)]
pub(crate) struct Stolen {
    pub(crate) person: u32,
    pub(crate) from: i32,
    pub(crate) case: u32,
}

/// All plans, in the order of people and time.
#[derive(Default)]
pub(crate) struct Plots {
    steps: Vec<Step>,
    stolen: Vec<Stolen>,
}

impl Plots {
    pub(crate) fn plan(settings: &Settings, people: &[Person], calendar: &Calendar) -> Self {
        let (seed, much) = (settings.seed, settings.frauds);
        let scene =
            Scene { seed, much, people, first: calendar.first(), end: calendar.end(), months: calendar.months.len() };
        let networks = mules::networks(&scene);
        let mut steps = mules::steps(&scene, &networks);
        steps.extend(takeover::steps(&scene, &networks));
        steps.extend(structuring::steps(&scene));
        steps.sort_by_key(|s| (s.person, s.day, s.at, s.deed));
        Self { steps, stolen: cards::stolen(&scene) }
    }

    /// The steps of a person between two days (the second not included), in the order of time.
    pub(crate) fn steps(&self, person: u32, from: i32, end: i32) -> &[Step] {
        let first = self.steps.partition_point(|s| (s.person, s.day) < (person, from));
        let last = self.steps.partition_point(|s| (s.person, s.day) < (person, end));
        &self.steps[first..last]
    }

    /// The theft that a person suffers from on a day.
    pub(crate) fn stolen(&self, person: u32) -> &[Stolen] {
        let first = self.stolen.partition_point(|s| s.person < person);
        let last = self.stolen.partition_point(|s| s.person <= person);
        &self.stolen[first..last]
    }
}

/// Among whom and when crimes are planned.
struct Scene<'a> {
    seed: u64,
    /// How much more than usual.
    much: f64,
    people: &'a [Person],
    first: i32,
    end: i32,
    months: usize,
}

impl Scene<'_> {
    fn stream(&self, scenario: Scenario, case: usize) -> Stream {
        Stream::new(self.seed, Subject::Plot, scenario as u64, case as u64)
    }

    /// How many cases there are, for a rate of one person and month; at least `least`.
    fn cases(&self, rate: f64, least: usize) -> usize {
        ((self.people.len() as f64 * self.months as f64 * rate * self.much).round() as usize).max(least)
    }

    /// A day on which there are still `after` days to come.
    fn day(&self, stream: &mut Stream, after: i32) -> i32 {
        self.first + stream.below((self.end - self.first - after).max(1) as usize) as i32
    }

    /// Somebody who is a customer by then and whom `fits` likes; after many tries, whoever came last.
    fn somebody(&self, stream: &mut Stream, day: i32, fits: impl Fn(&Person) -> bool) -> &Person {
        const TRIES_MAX: usize = 400;
        let mut person = &self.people[stream.below(self.people.len())];
        for _ in 0..TRIES_MAX {
            if person.joined < day && fits(person) {
                break;
            }
            person = &self.people[stream.below(self.people.len())];
        }
        person
    }
}
