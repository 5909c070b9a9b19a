//! Needs: what happens in a life makes people need a product, and for some months they look for it.

use super::{
    campaigns,
    money::Intent,
    outbox::Outbox,
    records::{Driver, Need},
    rhythm::{Hours, Rhythm},
    state::Life,
    world::{MonthView, World},
};
use crate::{
    people::{Person, products::Holding},
    random::Stream,
};

/// Lets needs arise and pass, and some be met without any offer.
pub(crate) fn arise(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    stream: &mut Stream,
    (out, intents): (&mut Outbox, &mut Vec<Intent>),
) {
    if let Some(need) = life.need {
        if need != Holding::PersonalLoan && stream.chance(0.035 * f64::from(life.engagement).min(1.5)) {
            let day = view.month.first() + view.days.draw(Rhythm::Business, person.pay_day, stream) as i32;
            let at = world.clock.draw(Hours::Phone, stream);
            campaigns::buy((person, life), need, day, intents, (view, at, stream));
        } else if stream.chance(0.16) {
            life.need = None;
        }
        return;
    }
    let Some((holding, driver)) = reason(view, person, life, stream) else { return };
    if life.holdings.has(holding) {
        return;
    }
    life.need = Some(holding);
    let day = view.month.first() + stream.below(view.month.len()) as i32;
    let strength = stream.between(0.3, 1.0) as f32;
    out.needs.push(Need { day, person: person.number, holding, driver, strength });
}

fn reason(view: &MonthView<'_>, person: &Person, life: &Life, stream: &mut Stream) -> Option<(Holding, Driver)> {
    let age = person.age_on(view.month.first());
    let idle = life.balance as f64 / 100.0 > 3.0 * f64::from(person.income);
    let fund = if person.traits.boldness > 0.55 { Holding::BalancedFund } else { Holding::MoneyFund };
    let calm = if person.traits.thrift > 0.5 { Holding::Deposit } else { fund };
    let chances = [
        (if idle { 0.09 } else { 0.002 }, calm, Driver::IdleMoney),
        (if (25..38).contains(&age) { 0.006 } else { 0.0 }, Holding::Insurance, Driver::NewChild),
        (if (22..55).contains(&age) { 0.012 } else { 0.002 }, Holding::PersonalLoan, Driver::BigPurchase),
        (if life.income_factor > 1.1 { 0.03 } else { 0.002 }, Holding::CreditCard, Driver::IncomeRise),
        (if matches!(view.month.month, 5 | 6 | 9) { 0.008 } else { 0.002 }, Holding::CreditCard, Driver::Travel),
        (if (27..45).contains(&age) && !person.owns_home { 0.004 } else { 0.0 }, Holding::Mortgage, Driver::Home),
    ];
    let found = chances.into_iter().find(|(chance, _, _)| stream.chance(*chance))?;
    Some((found.1, found.2))
}
