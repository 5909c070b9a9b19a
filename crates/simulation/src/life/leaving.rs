//! Leaving: each month everybody weighs the bank. The hazard grows with dissatisfaction, with better offers elsewhere, and with
//! what life brings: another employer, another city, death.

use super::{
    state::{Departure, Life, Reason},
    world::{MonthView, World},
};
use crate::{
    people::Person,
    random::{Stream, Subject},
};

/// Months (of all) in which competitors advertise.
fn competitors_advertise(month: u16) -> bool {
    matches!(month % 12, 4..=6) || (8..=10).contains(&month)
}

/// Days ahead of which the truth says how likely a departure is.
const AHEAD_DAYS: f64 = 90.0;
/// The least days from a decision to the departure, the mean of those beyond, and the most of them. Who dies is gone within the month.
const DELAY_LEAST: f64 = 14.0;
const DELAY_MEAN: f64 = 38.0;
const DELAY_MOST: f64 = 150.0;
const DYING_DAYS: f64 = 27.0;
/// Months within which whoever decided is gone.
const MONTHS_TO_GO: u16 = 6;
const DAYS_A_MONTH: f64 = 30.4;

/// Hazards of a month (by its number among all), in the order of [`REASONS`].
fn hazards(view: &MonthView<'_>, month: u16, person: &Person, life: &Life) -> [f64; 6] {
    let age = f64::from(person.age_on(view.month.first()));
    let discontent = f64::from(0.70 - life.satisfaction);
    let price = f64::from(person.traits.price);
    let rivals = if competitors_advertise(month) { 3.2 } else { 1.0 };
    let tie = 1.0 / f64::from(life.holdings.count().max(1)).sqrt();
    let distant = if life.engagement < 0.25 { 2.5 } else { 1.0 };
    [
        0.0046 * tie * (5.5 * discontent).exp(),
        0.0062 * tie * rivals * price * price * (1.5 * discontent).exp(),
        if (20.0..45.0).contains(&age) { 0.0012 } else { 0.0003 },
        if (20.0..58.0).contains(&age) { 0.0009 } else { 0.0 },
        0.0018 * tie * distant,
        // Gompertz: about 0.4 per mille a year at 30, doubling every eight years.
        3.0e-5 * ((age - 30.0) / 11.5).exp(),
    ]
}

const REASONS: [Reason; 6] = [
    Reason::Dissatisfied,
    Reason::BetterOffer,
    Reason::MovedAway,
    Reason::NewEmployer,
    Reason::LostInterest,
    Reason::Died,
];

/// Decides whether a person will leave, at the end of a month.
pub(crate) fn weigh(world: &World, view: &MonthView<'_>, person: &Person, life: &mut Life) {
    let end = view.month.first() + view.month.len() as i32;
    if life.departure.is_some() || person.joined > end - 45 {
        return;
    }
    let mut stream =
        Stream::new(world.settings.seed, Subject::Departure, u64::from(person.number), u64::from(view.month.at));
    let hazards = hazards(view, view.month.at, person, life);
    let total: f64 = hazards.iter().sum();
    if !stream.chance(1.0 - (-total).exp()) {
        return;
    }
    let reason = REASONS[stream.weighted(&hazards)];
    let delay = match reason {
        Reason::Died => 1.0 + stream.unit() * DYING_DAYS,
        _ => DELAY_LEAST + stream.exponential(DELAY_MEAN).min(DELAY_MOST),
    };
    let closes = stream.chance(if reason == Reason::LostInterest { 0.25 } else { 0.72 });
    let decided = end;
    life.departure = Some(Departure { decided, leaves: decided + delay as i32, reason, closes });
}

/// How likely a delay is at most so many days.
fn gone_within(days: f64, reason: Reason) -> f64 {
    match reason {
        Reason::Died => ((days - 1.0) / DYING_DAYS).clamp(0.0, 1.0),
        _ if days >= DELAY_LEAST + DELAY_MOST => 1.0,
        _ => 1.0 - (-(days - DELAY_LEAST).max(0.0) / DELAY_MEAN).exp(),
    }
}

/// How likely a person is to be gone 90 days after the end of a month, for one who knows how people are made and how they stand, and not what will be drawn: how
/// far a decision is on its way; else the hazards of the months to come as the person stands now.
pub(crate) fn chance(view: &MonthView<'_>, person: &Person, life: &Life) -> f64 {
    let end = view.month.first() + view.month.len() as i32;
    if let Some(departure) = life.departure {
        let elapsed = f64::from(end - departure.decided);
        let (by_now, by_then) =
            (gone_within(elapsed, departure.reason), gone_within(elapsed + AHEAD_DAYS, departure.reason));
        return if by_now < 1.0 { (by_then - by_now) / (1.0 - by_now) } else { 1.0 };
    }
    1.0 - (-expected_ahead(view, person, life)).exp()
}

/// How many departures the months to come decide on that happen within [`AHEAD_DAYS`], as the person stands now.
fn expected_ahead(view: &MonthView<'_>, person: &Person, life: &Life) -> f64 {
    // Decisions fall on the ends of months, this one first: three of them leave time to go.
    let ahead = [(0, AHEAD_DAYS), (1, AHEAD_DAYS - 30.0), (2, AHEAD_DAYS - 61.0)];
    let of_month = |(month, left): (u16, f64)| -> f64 {
        let hazards = hazards(view, view.month.at + month, person, life);
        hazards.iter().zip(REASONS).map(|(hazard, reason)| hazard * gone_within(left, reason)).sum()
    };
    ahead.into_iter().map(of_month).sum()
}

/// The same for one who knows the formulas and how the person stands, and not what was drawn either: whoever is here may have decided in one of the months before.
pub(crate) fn chance_by_formula(view: &MonthView<'_>, person: &Person, life: &Life) -> f64 {
    let end = view.month.first() + view.month.len() as i32;
    let mut expected = expected_ahead(view, person, life);
    for before in 1..=MONTHS_TO_GO.min(view.month.at) {
        let elapsed = DAYS_A_MONTH * f64::from(before);
        if f64::from(person.joined) > f64::from(end) - elapsed - 45.0 {
            break;
        }
        let hazards = hazards(view, view.month.at - before, person, life);
        let goes = |reason| gone_within(elapsed + AHEAD_DAYS, reason) - gone_within(elapsed, reason);
        expected += hazards.iter().zip(REASONS).map(|(hazard, reason)| hazard * goes(reason)).sum::<f64>();
    }
    1.0 - (-expected).exp()
}
