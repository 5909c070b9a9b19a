//! One month of one person, as a sentence of verbs.

use super::{
    campaigns, credit, leaving,
    money::{self, Aftermath, Intent, Planner},
    needs,
    outbox::Outbox,
    records::{Cause, Chance, Channel, ConsentWord, Kind, Plot, Scenario},
    service,
    spending::{self, Wish},
    state::Life,
    visits::{self, Purpose, Visit},
    world::{MonthView, World},
};
use crate::{
    fraud::{Deed, Step, cards::STOLEN_DAYS},
    people::Person,
    random::{Stream, Subject},
};

/// Room to work in, kept from person to person.
#[derive(Default)]
pub(crate) struct Desk {
    intents: Vec<Intent>,
    wishes: Vec<Wish>,
    after: Aftermath,
}

/// Lives one month of one person.
pub(crate) fn live(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    desk: &mut Desk,
    out: &mut Outbox,
) {
    let (first, end) = (view.month.first(), view.month.first() + view.month.len() as i32);
    let mut stream =
        Stream::new(world.settings.seed, Subject::Month, u64::from(person.number), u64::from(view.month.at));
    if person.joined > first - 1 && person.joined - 26 < end {
        visits::prospect(world, view, (person, life), &mut stream, out);
    }
    if person.joined >= end || life.departure.is_some_and(|departure| departure.leaves <= first) {
        return;
    }
    desk.intents.clear();
    desk.wishes.clear();
    desk.after.clear();
    let (intents, after) = (&mut desk.intents, &mut desk.after);
    life.rest(view.month.at, &mut stream);
    word_on_joining(world, view, person, life, out);
    credit::fortunes(view, person, life, &mut stream);
    needs::arise(world, view, (person, life), &mut stream, (out, intents));
    credit::ask(world, view, (person, life), &mut stream, (out, &mut after.visits, &mut after.causes));
    credit::plan(world, view, (person, life), &mut stream, (out, intents));
    campaigns::meet(world, view, (person, life), out, (intents, &mut after.visits));
    money::plan(&mut Planner { world, view, person, life, stream: &mut stream, out: intents });
    suffer(world, view, person, (intents, after));
    spending::wishes(world, view, person, life, &mut stream, &mut desk.wishes);
    visits::wander(world, view, person, life, &mut stream, after);
    money::settle((person, life), first, (intents, &mut desk.wishes), &mut stream, (out, after));
    visits::play(world, view, (person, life), &mut stream, (out, after));
    service::speak(world, view, (person, life), &mut stream, (out, after));
    service::survey(world, view, person, life, &mut stream, out);
    // Before it is drawn who decides to leave at the end of this month: what was not drawn yet nobody can know.
    if life.is_here(person, end - 1) {
        let p = leaving::chance(view, person, life) as f32;
        let by_formula = leaving::chance_by_formula(view, person, life) as f32;
        out.chances.push(Chance { day: end - 1, person: person.number, p, by_formula });
    }
    leaving::weigh(world, view, person, life);
}

/// New customers are asked what the bank may do with their data; old ones were asked before.
fn word_on_joining(world: &World, view: &MonthView<'_>, person: &Person, life: &mut Life, out: &mut Outbox) {
    let mut stream =
        Stream::new(world.settings.seed, Subject::Consent, u64::from(person.number), u64::from(view.month.at));
    let joins = (0..view.month.len() as i32).contains(&(person.joined - view.month.first()));
    let at = 36_000_000 + stream.below(18_000_000) as u32;
    let mut word =
        |day, marketing, given| out.consents.push(ConsentWord { day, at, person: person.number, marketing, given });
    if joins || view.month.at == 0 {
        word(person.joined, true, life.marketing);
    } else if stream.chance(0.0022 * (1.2 - f64::from(life.satisfaction))) {
        let day = view.month.first() + stream.below(view.month.len()) as i32;
        if life.marketing && life.is_here(person, day) {
            life.marketing = false;
            word(day, true, false);
        }
    } else if stream.chance(0.000_35) && life.is_here(person, view.month.first()) {
        word(view.month.first() + stream.below(view.month.len()) as i32, false, false);
    }
}

/// What crimes do to a person in a month.
fn suffer(world: &World, view: &MonthView<'_>, person: &Person, (intents, after): (&mut Vec<Intent>, &mut Aftermath)) {
    let (first, end) = (view.month.first(), view.month.first() + view.month.len() as i32);
    for step in world.plots.steps(person.number, first, end) {
        let day = (step.day - first) as u8;
        if step.deed == Deed::Intrusion {
            let (purpose, plot) = (Purpose::Intrusion, step.plot);
            after.visits.push(Visit { day, at: step.at, purpose, web: false, amount: 0, plot });
            after.causes.push((Cause::FraudSuffered, day));
        } else {
            intents.push(crime(step, day));
        }
    }
    let stolen = world.plots.stolen(person.number).iter().map(|theft| theft.from + STOLEN_DAYS / 2);
    after
        .causes
        .extend(stolen.filter(|day| (first..end).contains(day)).map(|day| (Cause::FraudSuffered, (day - first) as u8)));
}

fn crime(step: &Step, day: u8) -> Intent {
    let (kind, channel) = match step.deed {
        Deed::TransferIn => (Kind::TransferIn, Channel::App),
        Deed::CashDeposit => (Kind::CashDeposit, Channel::Branch),
        Deed::CashOut => (Kind::CashWithdrawal, Channel::Atm),
        Deed::TransferOut | Deed::Intrusion => (Kind::TransferOut, Channel::App),
    };
    let must = step.plot.scenario != Scenario::Honest;
    let plot: Plot = step.plot;
    Intent { day, at: step.at, kind, channel, amount: step.amount, other: step.other, plot, must }
}
