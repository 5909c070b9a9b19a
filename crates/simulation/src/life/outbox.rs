//! What a group of people leave behind in one month.

use super::records::{
    Answer, Application, Booking, Chance, ConsentWord, Event, LoanWord, Need, Offer, Payment, Repayment, Words,
};

/// The many records of one day.
#[derive(Default)]
pub(crate) struct DayBox {
    pub(crate) bookings: Vec<Booking>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) events: Vec<Event>,
}

impl DayBox {
    pub(crate) fn len(&self) -> usize {
        self.bookings.len() + self.payments.len() + self.events.len()
    }

    /// Gives back the room that was reserved and not used.
    pub(crate) fn shrink(&mut self) {
        self.bookings.shrink_to_fit();
        self.payments.shrink_to_fit();
        self.events.shrink_to_fit();
    }

    /// Appends a copy of another's records.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.bookings.extend_from_slice(&other.bookings);
        self.payments.extend_from_slice(&other.payments);
        self.events.extend_from_slice(&other.events);
    }
}

/// All records of a month: the many by day, the few in one list each.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) days: Vec<DayBox>,
    pub(crate) words: Vec<Words>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) consents: Vec<ConsentWord>,
    pub(crate) applications: Vec<Application>,
    pub(crate) loans: Vec<LoanWord>,
    pub(crate) repayments: Vec<Repayment>,
    pub(crate) needs: Vec<Need>,
    pub(crate) chances: Vec<Chance>,
}

impl Outbox {
    pub(crate) fn of_days(days: usize) -> Self {
        Self { days: std::iter::repeat_with(DayBox::default).take(days).collect(), ..Self::default() }
    }

    /// Appends the few of another.
    pub(crate) fn take_few(&mut self, other: &mut Self) {
        self.words.append(&mut other.words);
        self.offers.append(&mut other.offers);
        self.answers.append(&mut other.answers);
        self.consents.append(&mut other.consents);
        self.applications.append(&mut other.applications);
        self.loans.append(&mut other.loans);
        self.repayments.append(&mut other.repayments);
        self.needs.append(&mut other.needs);
        self.chances.append(&mut other.chances);
    }

    /// The few in the order of time; who comes first at the same time is the one with the lower number.
    pub(crate) fn sort_few(&mut self) {
        self.words.sort_by_key(|w| (w.day, w.at, w.person));
        self.offers.sort_by_key(|o| (o.day, o.at, o.person));
        self.answers.sort_by_key(|a| (a.day, a.at, a.person));
        self.consents.sort_by_key(|c| (c.day, c.at, c.person));
        self.applications.sort_by_key(|a| (a.day, a.at, a.person));
        self.loans.sort_by_key(|l| (l.day, l.person));
        self.repayments.sort_by_key(|r| (r.due, r.person));
        self.chances.sort_by_key(|c| c.person);
    }
}
