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

/// Hazards of a month, in the order of [`REASONS`].
fn hazards(view: &MonthView<'_>, person: &Person, life: &Life) -> [f64; 6] {
    let age = f64::from(person.age_on(view.month.first()));
    let discontent = f64::from(0.70 - life.satisfaction);
    let price = f64::from(person.traits.price);
    let rivals = if competitors_advertise(view.month.at) { 3.2 } else { 1.0 };
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
    let hazards = hazards(view, person, life);
    let total: f64 = hazards.iter().sum();
    if !stream.chance(1.0 - (-total).exp()) {
        return;
    }
    let reason = REASONS[stream.weighted(&hazards)];
    let delay =
        if reason == Reason::Died { 1.0 + stream.unit() * 27.0 } else { 14.0 + stream.exponential(38.0).min(150.0) };
    let closes = stream.chance(if reason == Reason::LostInterest { 0.25 } else { 0.72 });
    let decided = end;
    life.departure = Some(Departure { decided, leaves: decided + delay as i32, reason, closes });
}
