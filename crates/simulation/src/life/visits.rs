//! Visits to the app and the web bank: sessions of events with screens and dwell times.
//!
//! A visit has a reason: a transfer that is booked, a bill, a look at the balance after wages, a need that leads to a product
//! page. Dwell times are log-normal; the number of further looks is geometric. Before login a visitor is an installation or a
//! browser and nothing else; some never log in.

use super::{
    money::Aftermath,
    outbox::Outbox,
    records::{Action, Cause, Event, Plot, screen},
    release,
    rhythm::{Hours, Rhythm},
    state::Life,
    world::{MonthView, World},
};
use crate::{
    calendar::DAY_MS,
    people::{Device, Person, products::Holding},
    random::{Stream, Subject, mix},
};

/// Why somebody comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Look,
    Transfer,
    Bill,
    Fund,
    RepayCard,
    Deposit,
    /// To read about a product.
    Browse(Holding),
    /// To apply for one.
    Apply(Holding),
    /// Somebody else, in the customer's name.
    Intrusion,
}

/// One visit.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) day: u8,
    /// When what they came for is done.
    pub(crate) at: u32,
    pub(crate) purpose: Purpose,
    pub(crate) web: bool,
    pub(crate) amount: u32,
    pub(crate) plot: Plot,
}

/// Visits for no other reason than to look, a month, by somebody fully digital.
const LOOKS: f64 = 5.0;

/// Adds the visits that no booking asks for.
pub(crate) fn wander(
    world: &World,
    view: &MonthView<'_>,
    person: &Person,
    life: &Life,
    stream: &mut Stream,
    after: &mut Aftermath,
) {
    let digital = f64::from(person.traits.digital);
    let mean = LOOKS * digital * f64::from(life.engagement).min(2.5) * stream.liveliness(4.0) * world.settings.activity;
    for _ in 0..stream.poisson(mean) {
        let purpose = match life.need {
            Some(need) if stream.chance(0.22) => Purpose::Browse(need),
            Some(need) if stream.chance(0.12) => Purpose::Apply(need),
            _ if stream.chance(0.07) => Purpose::Browse(any_holding(stream)),
            _ if stream.chance(0.03) => Purpose::Apply(any_holding(stream)),
            _ => Purpose::Look,
        };
        let web = person.web && stream.chance(0.3);
        let day = view.days.draw(Rhythm::Daily, person.pay_day, stream) as u8;
        let at = world.clock.draw(Hours::Phone, stream);
        after.visits.push(Visit { day, at, purpose, web, amount: 0, plot: Plot::default() });
    }
}

fn any_holding(stream: &mut Stream) -> Holding {
    Holding::ALL[1 + stream.below(Holding::ALL.len() - 1)]
}

/// Plays all visits of a month.
pub(crate) fn play(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    (out, after): (&mut Outbox, &mut Aftermath),
) {
    if !person.has_app() {
        return;
    }
    after.visits.sort_by_key(|visit| (visit.day, visit.at));
    for (number, visit) in after.visits.iter().enumerate() {
        let date = view.month.first() + i32::from(visit.day);
        let Some(day) = out.days.get_mut(usize::from(visit.day)).filter(|_| life.is_here(person, date)) else {
            continue;
        };
        let device = if visit.web { Device::Web } else { person.device };
        let mut session = Session {
            events: &mut day.events,
            stream,
            person,
            visitor: visitor(world, person, life, device, view.month.at),
            session: number as u32,
            device,
            now: 0,
            logged_in: false,
            plot: visit.plot,
        };
        let broke = session.play(visit, date, world);
        if broke {
            after.causes.push((Cause::ReleaseBroke, visit.day));
        } else if session.stream.chance(0.004) {
            after.causes.push((Cause::AppCrashed, visit.day));
        }
    }
}

/// Visits of somebody who is about to become a customer: no login, only a browser.
pub(crate) fn prospect(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    out: &mut Outbox,
) {
    let visits = stream.poisson(1.5 * f64::from(person.traits.digital));
    for number in 0..visits {
        let back = 1 + stream.below(25) as i32;
        let date = person.joined - back;
        let Ok(at) = usize::try_from(date - view.month.first()) else { continue };
        let Some(day) = out.days.get_mut(at) else { continue };
        let device = if stream.chance(0.6) { Device::Web } else { person.device };
        let visitor = visitor(world, person, life, device, view.month.at);
        let purpose = Purpose::Browse(any_holding(stream));
        let visit = Visit {
            day: at as u8,
            at: world.clock.draw(Hours::Phone, stream),
            purpose,
            web: true,
            amount: 0,
            plot: Plot::default(),
        };
        let session = 10_000 + number as u32;
        let (now, plot) = (0, Plot::default());
        Session { events: &mut day.events, stream, person, visitor, session, device, now, logged_in: false, plot }
            .anonymous(&visit);
    }
}

/// The installation or browser: a phone is changed at times, a browser forgets every few months.
pub(crate) fn visitor(world: &World, person: &Person, life: &mut Life, device: Device, month: u16) -> u64 {
    let generation = generation(world.settings.seed, person, device, month);
    life.visitors |= 1 << generation;
    visitor_of(world.settings.seed, person.number, generation)
}

/// Bits 0 and 1 are phones, bits 2 to 13 browsers.
fn generation(seed: u64, person: &Person, device: Device, month: u16) -> u16 {
    if device == Device::Web {
        return 2 + (month / 3).min(11);
    }
    let mut habit = Stream::new(seed, Subject::Habit, u64::from(person.number), 3);
    let changes_in = habit.below(72) as u16;
    u16::from(month >= changes_in)
}

pub(crate) fn visitor_of(seed: u64, person: u32, generation: u16) -> u64 {
    mix(mix(seed ^ (Subject::Key as u64) << 32) ^ u64::from(person) << 8 ^ u64::from(generation))
}

struct Session<'a> {
    events: &'a mut Vec<Event>,
    stream: &'a mut Stream,
    person: &'a Person,
    visitor: u64,
    session: u32,
    device: Device,
    now: u32,
    logged_in: bool,
    plot: Plot,
}

impl Session<'_> {
    /// Plays one visit; whether a broken release stopped it.
    fn play(&mut self, visit: &Visit, date: i32, world: &World) -> bool {
        // It starts about as long before its booking as people need.
        let before = (self.stream.log_normal(55.0, 0.55) * 1000.0) as u32;
        self.now = visit.at.saturating_sub(before);
        self.enter(visit);
        if visit.purpose == Purpose::Intrusion {
            self.intrude();
            return false;
        }
        if visit.purpose == Purpose::Look && self.device == Device::Web && self.stream.chance(0.25) {
            let holding = any_holding(self.stream);
            self.browse_pages(holding);
            return false;
        }
        // Some open the app by mistake, or only glance at it.
        if visit.purpose == Purpose::Look && self.stream.chance(0.12) {
            return false;
        }
        self.log_in();
        self.step(Action::View, screen::HOME, 3.5, 0);
        match visit.purpose {
            Purpose::Look => self.look(),
            Purpose::Browse(holding) => self.browse_pages(holding),
            Purpose::Apply(holding) => return self.apply(holding, date, world),
            Purpose::Bill => self.pay(screen::BILLS, visit),
            Purpose::Fund => self.pay(screen::FUNDS, visit),
            Purpose::RepayCard => self.pay(screen::CARDS, visit),
            Purpose::Deposit => self.pay(screen::DEPOSITS, visit),
            Purpose::Transfer | Purpose::Intrusion => self.pay(screen::TRANSFER, visit),
        }
        false
    }

    fn anonymous(&mut self, visit: &Visit) {
        self.now = visit.at;
        let Purpose::Browse(holding) = visit.purpose else { return };
        self.step(Action::Open, screen::LANDING, 6.0, 0);
        self.browse_pages(holding);
    }

    fn enter(&mut self, visit: &Visit) {
        let first = if self.device == Device::Web { screen::LANDING } else { screen::HOME };
        let pushed = visit.purpose == Purpose::Look && self.stream.chance(0.06);
        self.step(if pushed { Action::PushOpened } else { Action::Open }, first, 2.0, 0);
    }

    fn log_in(&mut self) {
        while self.stream.chance(0.035) {
            self.step(Action::LoginFailed, screen::HOME, 5.0, 0);
        }
        self.logged_in = true;
        self.step(Action::Login, screen::HOME, 2.2, 0);
    }

    fn look(&mut self) {
        if self.stream.chance(0.75) {
            self.step(Action::View, screen::ACCOUNTS, 7.0, 0);
        }
        self.look_around(0.58);
        if self.stream.chance(0.2) {
            self.step(Action::Logout, screen::HOME, 0.0, 0);
        }
    }

    /// Further screens, each followed by another with a probability.
    fn look_around(&mut self, another: f64) {
        while self.stream.chance(another) {
            let screens = [
                screen::TRANSACTIONS,
                screen::TRANSACTIONS,
                screen::CARDS,
                screen::MESSAGES,
                screen::SETTINGS,
                screen::HELP,
                screen::FUNDS,
            ];
            let screen = self.stream.pick(&screens);
            let action = if self.stream.chance(0.15) { Action::Tap } else { Action::View };
            self.step(action, screen, 8.0, 0);
        }
    }

    fn browse_pages(&mut self, holding: Holding) {
        if self.stream.chance(0.25) {
            self.step(Action::Search, screen::HOME, 6.0, 0);
        }
        let page = page_of(holding);
        self.step(Action::View, page, 16.0, 0);
        while self.stream.chance(0.45) {
            self.step(Action::View, page, 14.0, 0);
        }
    }

    fn pay(&mut self, page: u8, visit: &Visit) {
        self.step(Action::View, page, 5.0, 0);
        self.step(Action::TransferStart, page, 18.0, 0);
        self.step(Action::TransferConfirm, page, 7.0, visit.amount);
        self.now = self.now.max(visit.at.saturating_add(800));
        self.step(Action::TransferDone, page, 3.0, visit.amount);
        if self.stream.chance(0.4) {
            self.look_around(0.6);
        }
    }

    /// The application funnel: at each step some give up; where a release broke it, nearly all.
    fn apply(&mut self, holding: Holding, date: i32, world: &World) -> bool {
        self.step(Action::View, page_of(holding), 14.0, 0);
        let steps =
            [(Action::ApplyStart, 6.0, 0.82), (Action::ApplyForm, 48.0, 0.74), (Action::ApplyIdentity, 30.0, 0.86)];
        for (action, dwell, goes_on) in steps {
            self.step(action, screen::APPLY, dwell, 0);
            if action == Action::ApplyIdentity
                && release::is_broken(world, self.device, date)
                && self.stream.chance(0.85)
            {
                self.step(Action::Error, screen::APPLY, 4.0, 0);
                return true;
            }
            if !self.stream.chance(goes_on) {
                return false;
            }
        }
        self.step(Action::ApplySubmit, screen::APPLY, 5.0, 0);
        false
    }

    /// What a takeover looks like: see `fraud::takeover`.
    fn intrude(&mut self) {
        self.visitor = mix(self.visitor ^ u64::from(self.plot.case) ^ 0xBAD);
        self.device = [Device::Android, Device::Web][self.stream.below(2)];
        for _ in 0..1 + self.stream.below(3) {
            self.step(Action::LoginFailed, screen::HOME, 4.0, 0);
        }
        self.step(Action::PasswordReset, screen::SETTINGS, 30.0, 0);
        self.logged_in = true;
        self.step(Action::Login, screen::HOME, 1.5, 0);
        self.step(Action::DeviceBound, screen::SETTINGS, 6.0, 0);
        if self.stream.chance(0.6) {
            self.step(Action::LimitRaised, screen::SETTINGS, 6.0, 0);
        }
        self.step(Action::View, screen::ACCOUNTS, 2.5, 0);
        self.step(Action::TransferStart, screen::TRANSFER, 9.0, 0);
        self.step(Action::TransferConfirm, screen::TRANSFER, 3.0, 0);
    }

    /// One event; `median` is how long they stay, in seconds.
    fn step(&mut self, action: Action, screen: u8, median: f64, amount: u32) {
        let dwell = (self.stream.log_normal(median, 0.8) * 1000.0).min(1_200_000.0) as u32;
        if self.now >= DAY_MS {
            return;
        }
        self.events.push(Event {
            visitor: self.visitor,
            at: self.now,
            person: self.person.number,
            session: self.session,
            dwell,
            amount,
            action,
            screen,
            device: self.device as u8,
            logged_in: self.logged_in,
            plot: self.plot,
        });
        self.now = self.now.saturating_add(dwell + 50);
    }
}

fn page_of(holding: Holding) -> u8 {
    match holding {
        Holding::Current => screen::ACCOUNTS,
        Holding::Deposit => screen::DEPOSITS,
        Holding::CreditCard => screen::CARDS,
        Holding::MoneyFund | Holding::BalancedFund => screen::FUNDS,
        Holding::Insurance => screen::INSURANCE,
        Holding::PersonalLoan | Holding::Mortgage => screen::LOANS,
    }
}
