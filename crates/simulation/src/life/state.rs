//! How things stand with a person: what changes from month to month. It is small, since a million of them are kept.

use super::records::Loan;
use crate::{
    people::{
        Person,
        products::{Holding, Holdings},
    },
    random::{Stream, Subject},
};

/// Why somebody leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Reason {
    Dissatisfied,
    BetterOffer,
    MovedAway,
    NewEmployer,
    LostInterest,
    Died,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        ["dissatisfied", "better_offer", "moved_away", "new_employer", "lost_interest", "died"][self as usize]
    }
}

/// A departure that is decided.
#[derive(Clone, Copy)]
pub(crate) struct Departure {
    pub(crate) decided: i32,
    pub(crate) leaves: i32,
    pub(crate) reason: Reason,
    /// Accounts are closed; otherwise they are left to sleep.
    pub(crate) closes: bool,
}

/// How things stand with a person.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    /// Cents on the current account, in deposits, in funds, and owed on the credit card.
    pub(crate) balance: i64,
    pub(crate) deposit: i64,
    pub(crate) fund: i64,
    pub(crate) owed: i64,
    /// From 0 to 1.
    pub(crate) satisfaction: f32,
    /// How much of their life goes through this bank; 1 is usual.
    pub(crate) engagement: f32,
    /// What that is while they are not asleep.
    usual_engagement: f32,
    /// They hardly use the bank until this month.
    asleep_until: i16,
    /// Income beside what it was at first.
    pub(crate) income_factor: f32,
    pub(crate) holdings: Holdings,
    /// When a product was first held here: months of the calendar, −1 for before it. In the order of [`Holding::ALL`].
    pub(crate) held_since: [i32; 8],
    /// Income is lost until this month.
    pub(crate) shock_until: i16,
    pub(crate) loan: Option<Loan>,
    pub(crate) missed: u8,
    pub(crate) loans: u8,
    pub(crate) departure: Option<Departure>,
    pub(crate) marketing: bool,
    /// Offers of the last months, fading.
    pub(crate) pressure: f32,
    pub(crate) need: Option<Holding>,
    /// Which installations and browsers were used: a bit each.
    pub(crate) visitors: u16,
}

/// How much of what they usually do people do who are asleep.
const ASLEEP: f32 = 0.07;

/// A day that means "not yet".
pub(crate) const NEVER: i32 = i32::MAX;

impl Life {
    /// How things stand on the first day.
    pub(crate) fn begin(seed: u64, person: &Person, first_day: i32) -> Self {
        let mut stream = Stream::new(seed, Subject::Habit, u64::from(person.number), 1);
        let stream = &mut stream;
        let income = i64::from(person.income) * 100;
        let mut life = Self {
            balance: (income as f64 * stream.log_normal(0.35 + f64::from(person.traits.thrift), 0.6)) as i64,
            deposit: 0,
            fund: 0,
            owed: 0,
            satisfaction: stream.between(0.62, 0.86) as f32,
            engagement: 0.0,
            usual_engagement: engagement(stream),
            asleep_until: -1,
            income_factor: 1.0,
            holdings: Holdings::default(),
            held_since: [NEVER; 8],
            shock_until: -1,
            loan: None,
            missed: 0,
            loans: 0,
            departure: None,
            marketing: stream.chance(0.45 + 0.35 * f64::from(person.traits.openness)),
            pressure: 0.0,
            need: None,
            visitors: 0,
        };
        life.engagement = life.usual_engagement;
        life.take_products(stream, person, first_day);
        life
    }

    /// What they hold when they become customers.
    fn take_products(&mut self, stream: &mut Stream, person: &Person, first_day: i32) {
        let wealth = f64::from(person.income) / 9000.0;
        let traits = person.traits;
        let since = person.joined;
        self.hold(Holding::Current, since);
        if stream.chance(0.25 + 0.4 * f64::from(traits.thrift)) {
            self.hold(Holding::Deposit, since);
            self.deposit = (stream.log_normal(2.0 * wealth, 0.9) * 1_000_000.0) as i64;
        }
        if person.age_on(first_day) < 66 && stream.chance((0.22 + 0.16 * wealth).min(0.7)) {
            self.hold(Holding::CreditCard, since);
        }
        if stream.chance((0.12 * wealth + 0.18 * f64::from(traits.digital)).min(0.55)) {
            self.hold(Holding::MoneyFund, since);
            self.fund = (stream.log_normal(wealth, 1.0) * 800_000.0) as i64;
        }
        if stream.chance((0.10 * wealth * f64::from(traits.boldness)).min(0.4)) {
            self.hold(Holding::BalancedFund, since);
        }
        if stream.chance(0.13) {
            self.hold(Holding::Insurance, since);
        }
        if person.owns_home && person.age_on(first_day) < 58 && stream.chance(0.3) {
            self.hold(Holding::Mortgage, since);
        }
    }

    /// Lets people fall asleep and wake up: for some months another bank is used, or nothing is needed, and then they are back.
    /// So silence is no departure. Who owes a loan does not sleep.
    pub(crate) fn rest(&mut self, month: u16, stream: &mut Stream) {
        let month = month as i16;
        let falls = 0.004 + 0.012 * (-2.0 * f64::from(self.usual_engagement)).exp();
        let (falls, months) = (stream.chance(falls), 2.0 + stream.exponential(5.0));
        if falls && self.loan.is_none() && month >= self.asleep_until {
            self.asleep_until = month + months as i16;
        }
        let asleep = month < self.asleep_until && self.loan.is_none();
        self.engagement = if asleep { ASLEEP * self.usual_engagement } else { self.usual_engagement };
    }

    pub(crate) fn hold(&mut self, holding: Holding, since: i32) {
        self.holdings.add(holding);
        let first = &mut self.held_since[holding as usize];
        *first = (*first).min(since);
    }

    /// Whether they are a customer on a day.
    pub(crate) fn is_here(&self, person: &Person, day: i32) -> bool {
        person.joined <= day && self.departure.is_none_or(|departure| day < departure.leaves)
    }

    /// How much of what they usually do they still do here on a day: it fades once leaving is decided.
    pub(crate) fn presence(&self, day: i32) -> f64 {
        let Some(departure) = self.departure else { return 1.0 };
        if departure.reason == Reason::Died {
            return 1.0;
        }
        let whole = f64::from((departure.leaves - departure.decided).max(1));
        (0.85 * f64::from(departure.leaves - day) / whole).clamp(0.12, 0.85)
    }

    /// Satisfaction moves by `by` and stays between 0 and 1.
    pub(crate) fn feel(&mut self, by: f32) {
        self.satisfaction = (self.satisfaction + by).clamp(0.0, 1.0);
    }
}

/// Most have a second bank; one in eight hardly uses this one.
fn engagement(stream: &mut Stream) -> f32 {
    let usual = stream.log_normal(0.85, 0.55).min(3.5);
    (if stream.chance(0.13) { 0.08 * usual } else { usual }) as f32
}
