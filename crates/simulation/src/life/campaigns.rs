//! Campaigns: who is offered what, who is held back at random, and what each would do with and without the offer.
//!
//! Each person has for each campaign a probability of buying without the offer (needs drive it) and one with it (openness,
//! the price, the channel). One uniform number is compared with both: that is their true response in either case. For most the
//! offer helps a little or not at all; some impatient people who are called are put off ("sleeping dogs").

use super::{
    money::Intent,
    outbox::Outbox,
    records::{Channel, ConsentWord, Kind, OUTSIDERS, Offer, Plot},
    rhythm::{Hours, Rhythm},
    state::Life,
    visits::{Purpose, Visit},
    world::{MonthView, World},
};
use crate::{
    calendar::Calendar,
    people::{Person, products::Holding},
    random::{Stream, Subject},
};

/// Share of those who could be offered something who are not, at random.
pub(crate) const HOLDOUT: f64 = 0.2;

/// How an offer is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Way {
    Sms,
    Push,
    Call,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        ["sms", "push", "call"][self as usize]
    }

    /// Yuan, in cents.
    pub(crate) fn cost(self) -> u32 {
        [6, 1, 850][self as usize]
    }

    /// How strongly it moves people.
    fn force(self) -> f64 {
        [0.55, 0.4, 1.15][self as usize]
    }
}

/// A campaign: one product, one way, one month.
pub(crate) struct Campaign {
    pub(crate) name: String,
    pub(crate) month: u16,
    pub(crate) holding: Holding,
    pub(crate) way: Way,
}

/// What campaigns offer, one after the other; the first six are all there are.
const OFFERED: [Holding; 8] = [
    Holding::MoneyFund,
    Holding::CreditCard,
    Holding::Insurance,
    Holding::PersonalLoan,
    Holding::Deposit,
    Holding::BalancedFund,
    Holding::MoneyFund,
    Holding::CreditCard,
];

/// One campaign in each month but February, when nobody listens.
pub(crate) fn plan(calendar: &Calendar) -> Vec<Campaign> {
    let ways = [Way::Sms, Way::Push, Way::Call, Way::Sms, Way::Push];
    let months = calendar.months.iter().filter(|month| month.month != 2);
    months
        .enumerate()
        .map(|(at, month)| {
            let (holding, way) = (OFFERED[at % OFFERED.len()], ways[at % ways.len()]);
            let name = format!("{:04}{:02}-{}-{}", month.year, month.month, holding.product().code, way.name());
            Campaign { name, month: month.at, holding, way }
        })
        .collect()
}

/// Meets a person with the campaigns of the month.
pub(crate) fn meet(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    out: &mut Outbox,
    (intents, visits): (&mut Vec<Intent>, &mut Vec<Visit>),
) {
    life.pressure *= 0.6;
    for (number, campaign) in world.campaigns.iter().enumerate().filter(|(_, c)| c.month == view.month.at) {
        let mut stream = Stream::new(world.settings.seed, Subject::Campaign, u64::from(person.number), number as u64);
        let day = view.days.draw(Rhythm::Business, 3, &mut stream);
        let eligible = life.marketing && !life.holdings.has(campaign.holding) && life.engagement > 0.15;
        if !eligible || !life.is_here(person, view.month.first() + day as i32) || !stream.chance(0.4) {
            continue;
        }
        let at = world.clock.draw(Hours::Office, &mut stream);
        let offer = offer(view, (person, life), (number, campaign), (day, at), &mut stream);
        follow(world, view, (person, life), campaign, &offer, &mut stream, (out, intents, visits));
        out.offers.push(offer);
    }
}

fn offer(
    view: &MonthView<'_>,
    (person, life): (&Person, &Life),
    (number, campaign): (usize, &Campaign),
    (day, at): (usize, u32),
    stream: &mut Stream,
) -> Offer {
    let p = response(person, life, campaign.holding, campaign.way);
    let fate = stream.unit();
    let buys = p.map(|p| fate < f64::from(p));
    let treated = !stream.chance(HOLDOUT);
    let date = view.month.first() + day as i32;
    let last = view.month.first() + view.month.len() as i32 - 1;
    let bought_on = buys[usize::from(treated)].then(|| (date + 1 + stream.below(12) as i32).min(last));
    Offer {
        day: date,
        at,
        person: person.number,
        campaign: number as u16,
        treated,
        p,
        buys,
        bought_on,
        clicked: treated && stream.chance(0.04 + f64::from(p[1])),
        value: (stream.log_normal(180.0, 0.8) * f64::from(person.income) / 8000.0).clamp(10.0, 9000.0) as u16,
    }
}

/// What a person would do with a product that they do not have.
pub(crate) struct Prospect {
    pub(crate) holding: Holding,
    pub(crate) without: f32,
    /// By SMS, push and call.
    pub(crate) with: [f32; 3],
}

/// What a person would do with each product of campaigns that they do not have, as things stand.
pub(crate) fn prospects(person: &Person, life: &Life) -> Vec<Prospect> {
    let open = OFFERED[..6].iter().filter(|holding| !life.holdings.has(**holding));
    let of = |holding: &Holding| {
        let by = |way| response(person, life, *holding, way);
        let with = [by(Way::Sms), by(Way::Push), by(Way::Call)];
        Prospect { holding: *holding, without: with[0][0], with: with.map(|p| p[1]) }
    };
    open.map(of).collect()
}

/// Probability of buying within the month, without and with the offer.
fn response(person: &Person, life: &Life, holding: Holding, way: Way) -> [f32; 2] {
    let needs = life.need == Some(holding);
    let traits = person.traits;
    let wealth = (f64::from(person.income) / 9000.0).ln();
    let alone = -5.0 + if needs { 2.3 } else { 0.0 } + 0.35 * wealth + 0.5 * f64::from(life.engagement);
    let fits = match way {
        Way::Push => 2.0 * f64::from(traits.digital) - 0.5,
        Way::Sms => 0.8,
        Way::Call => 1.6 - f64::from(traits.digital),
    };
    let put_off = if way == Way::Call { 2.2 * (0.5 - f64::from(traits.patience)).max(0.0) } else { 0.0 };
    let lift = way.force() * (2.6 * f64::from(traits.openness) + 0.7 * f64::from(traits.price) - 0.6) * fits.max(0.0)
        - put_off
        - 0.3 * f64::from(life.pressure);
    // Those who need it already would come anyway: the offer adds least to them.
    let lift = if needs { 0.35 * lift } else { lift };
    [logistic(alone), logistic(alone + lift)]
}

fn logistic(value: f64) -> f32 {
    (1.0 / (1.0 + (-value).exp())) as f32
}

/// What an offer leads to: a look, a purchase, weariness, a withdrawal of consent.
fn follow(
    world: &World,
    view: &MonthView<'_>,
    (person, life): (&Person, &mut Life),
    campaign: &Campaign,
    offer: &Offer,
    stream: &mut Stream,
    (out, intents, visits): (&mut Outbox, &mut Vec<Intent>, &mut Vec<Visit>),
) {
    if offer.treated {
        life.pressure += campaign.way.force() as f32;
        if campaign.way == Way::Call {
            life.feel(-0.02 * (1.0 - person.traits.patience));
        }
        let weary = 0.006 + 0.025 * f64::from(life.pressure - 1.0).max(0.0) * (1.0 - f64::from(person.traits.patience));
        if stream.chance(weary) {
            life.marketing = false;
            out.consents.push(ConsentWord {
                day: offer.day,
                at: offer.at + 600_000,
                person: person.number,
                marketing: true,
                given: false,
            });
        }
    }
    let visit = |day: i32, purpose, at| Visit {
        day: (day - view.month.first()) as u8,
        at,
        purpose,
        web: false,
        amount: 0,
        plot: Plot::default(),
    };
    if offer.clicked && f64::from(person.traits.digital) > 0.25 {
        visits.push(visit(
            offer.day,
            Purpose::Browse(campaign.holding),
            offer.at.saturating_add(1_200_000).min(86_000_000),
        ));
    }
    if let Some(day) = offer.bought_on {
        let at = world.clock.draw(Hours::Phone, stream);
        buy((person, life), campaign.holding, day, intents, (view, at, stream));
        visits.push(visit(day, Purpose::Apply(campaign.holding), at));
    }
}

/// Takes up a product.
pub(crate) fn buy(
    (person, life): (&Person, &mut Life),
    holding: Holding,
    day: i32,
    intents: &mut Vec<Intent>,
    (view, at, stream): (&MonthView<'_>, u32, &mut Stream),
) {
    life.hold(holding, day);
    if life.need == Some(holding) {
        life.need = None;
    }
    let kind = match holding {
        Holding::MoneyFund | Holding::BalancedFund => Kind::FundBuy,
        Holding::Deposit => Kind::DepositIn,
        _ => return,
    };
    let yuan = (f64::from(person.income) * stream.log_normal(0.6, 0.6) / 100.0).round().max(1.0) * 100.0;
    let day = (day - view.month.first()).clamp(0, view.month.len() as i32 - 1) as u8;
    let (channel, other, plot) = (Channel::App, OUTSIDERS + 4, Plot::default());
    intents.push(Intent { day, at, kind, channel, amount: (yuan * 100.0) as i64, other, plot, must: false });
}
