//! Card payments: what people buy, how often, for how much and where.
//!
//! Amounts are mixtures within a category: with some probability one of its usual prices, otherwise a log-normal amount
//! rounded as such prices are. Counts are Poisson with a gamma-distributed liveliness of the month (so that counts are
//! over-dispersed), times what the person can afford. Where: mostly one of a few shops of one's own, otherwise any, the
//! popular ones more often (weights fall as 1/rank).

use super::{
    records::{Payment, Plot, Scenario},
    rhythm::{Hours, Rhythm},
    state::Life,
    world::{MonthView, World},
};
use crate::{
    calendar::DAY_MS,
    fraud::cards::{DIGITAL_GOODS_MAX, STOLEN_DAYS, STOLEN_FACTOR, STOLEN_SHARE, THRESHOLD_SHARE, compromise},
    people::{Person, products::Holding},
    random::{Stream, Subject, mix},
};

/// What is bought.
#[derive(Clone, Copy)]
pub(crate) struct Category {
    /// The merchant category code of ISO 18245.
    pub(crate) code: u16,
    pub(crate) name: &'static str,
    /// Payments a month by somebody of usual income whose whole life goes through this bank.
    monthly: f64,
    /// How counts grow with income.
    elasticity: f64,
    /// Yuan, and standard deviation of the logarithm.
    median: f64,
    sigma: f64,
    /// Usual prices, and how often one of them is paid.
    prices: &'static [f64],
    priced: f64,
    /// Cents that amounts are multiples of.
    step: f64,
    rhythm: Rhythm,
    hours: Hours,
    pub(crate) online: bool,
}

pub(crate) const CATEGORIES: usize = 15;
const DIGITAL_GOODS: usize = 13;
const TRANSIT: usize = 4;
/// A payer's share of spending that goes through a bank card.
const CARD_SHARE: f64 = 0.36;
/// Probability that somebody who pays in a shop pays somewhere else before they go home: payments come in bursts, as people
/// go out and come back (Goh and Barabási, Europhysics Letters 81, 2008, measure how bursty people are).
const GOES_ON: f64 = 0.28;
/// Minutes from one shop to the next: at least, and the mean of the rest.
const WALK_MINUTES: (f64, f64) = (4.0, 24.0);
/// How uneven months are: the shape of the gamma distribution.
const LIVELINESS_SHAPE: f64 = 5.0;

#[rustfmt::skip]
#[allow(clippy::too_many_arguments, reason = "a row of a table")]
const fn category(
    code: u16, name: &'static str, monthly: f64, elasticity: f64, (median, sigma): (f64, f64),
    prices: &'static [f64], priced: f64, step: f64, rhythm: Rhythm, hours: Hours, online: bool,
) -> Category {
    Category { code, name, monthly, elasticity, median, sigma, prices, priced, step, rhythm, hours, online }
}

/// All of them.
#[rustfmt::skip]
pub(crate) const CATALOGUE: [Category; CATEGORIES] = [
    category(5411, "grocery", 5.5, 0.15, (48.0, 0.85), &[], 0.0, 1.0, Rhythm::Daily, Hours::Shops, false),
    category(5499, "convenience", 4.0, 0.0, (15.0, 0.55), &[5.0, 6.5, 9.9, 12.0, 15.9], 0.25, 10.0, Rhythm::Daily, Hours::Commute, false),
    category(5812, "restaurant", 4.2, 0.55, (64.0, 0.8), &[], 0.0, 100.0, Rhythm::Leisure, Hours::Meals, false),
    category(5814, "fast_food", 5.0, -0.1, (27.0, 0.42), &[15.9, 19.9, 25.0, 29.9, 35.0], 0.3, 10.0, Rhythm::Daily, Hours::Meals, true),
    category(4111, "transit", 4.5, -0.2, (4.0, 0.4), &[2.0, 3.0, 4.0, 5.0, 6.0], 0.85, 50.0, Rhythm::Daily, Hours::Commute, false),
    category(4121, "taxi", 2.0, 0.4, (23.0, 0.55), &[], 0.0, 10.0, Rhythm::Leisure, Hours::Evening, true),
    category(5541, "fuel", 0.9, 0.5, (270.0, 0.35), &[200.0, 300.0, 400.0], 0.45, 1.0, Rhythm::Daily, Hours::Shops, false),
    category(5311, "online_shop", 4.6, 0.35, (82.0, 1.05), &[9.9, 19.9, 29.9, 39.0, 49.0, 59.0, 79.0, 99.0, 129.0, 159.0, 199.0, 299.0], 0.45, 10.0, Rhythm::Online, Hours::Evening, true),
    category(5651, "clothing", 0.7, 0.5, (230.0, 0.75), &[99.0, 129.0, 199.0, 259.0, 299.0, 399.0, 599.0], 0.55, 100.0, Rhythm::Leisure, Hours::Shops, false),
    category(5732, "electronics", 0.18, 0.6, (1300.0, 1.0), &[199.0, 499.0, 999.0, 1999.0, 2999.0, 4999.0, 6999.0], 0.5, 100.0, Rhythm::Online, Hours::Evening, true),
    category(5912, "pharmacy", 0.6, 0.1, (68.0, 0.9), &[], 0.0, 10.0, Rhythm::Daily, Hours::Shops, false),
    category(7832, "entertainment", 0.8, 0.4, (72.0, 0.6), &[39.9, 45.0, 49.9, 68.0], 0.4, 10.0, Rhythm::Leisure, Hours::Evening, false),
    category(4511, "travel", 0.25, 0.9, (620.0, 0.8), &[], 0.0, 100.0, Rhythm::Leisure, Hours::Evening, true),
    category(5816, "digital_goods", 1.0, 0.1, (26.0, 0.85), &[6.0, 12.0, 15.0, 25.0, 30.0, 68.0, 128.0, 328.0, 648.0], 0.7, 100.0, Rhythm::Online, Hours::Evening, true),
    category(8299, "education", 0.12, 0.6, (880.0, 0.8), &[], 0.0, 100.0, Rhythm::Business, Hours::Shops, false),
];

/// What a person intends to pay; whether it goes through depends on what they have.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) day: u8,
    pub(crate) payment: Payment,
}

/// All payments that a person wants to make in a month, unsorted.
pub(crate) fn wishes(
    world: &World,
    view: &MonthView<'_>,
    person: &Person,
    life: &Life,
    stream: &mut Stream,
    out: &mut Vec<Wish>,
) {
    let mut habit = Stream::new(world.settings.seed, Subject::Habit, u64::from(person.number), 0);
    let income = f64::from(person.income) * f64::from(life.income_factor);
    let wealth = (income / 8000.0).clamp(0.1, 8.0);
    let spendthrift = 1.35 - 0.7 * f64::from(person.traits.thrift);
    let lively =
        stream.liveliness(LIVELINESS_SHAPE) * f64::from(life.engagement) * CARD_SHARE * world.settings.activity;
    for (number, category) in CATALOGUE.iter().enumerate() {
        let taste = habit.log_normal(0.8, 0.65);
        let level = view.days.level[category.rhythm as usize];
        let mean = category.monthly * wealth.powf(category.elasticity) * taste * spendthrift * lively * level;
        let alone = if category.online { 1.0 } else { 1.0 - GOES_ON };
        let places = Places::new(world, person, number);
        for _ in 0..stream.poisson(mean * alone) {
            let day = view.days.draw(category.rhythm, person.pay_day, stream);
            let at = world.clock.draw(category.hours, stream);
            out.push(wish(world, view, person, life, (number, &places), (day, at), stream));
            if !category.online {
                go_on(world, view, person, life, (day, at), stream, out);
            }
        }
    }
}

/// Further shops of the same outing: any kind, as usual as it is.
fn go_on(
    world: &World,
    view: &MonthView<'_>,
    person: &Person,
    life: &Life,
    (day, mut at): (usize, u32),
    stream: &mut Stream,
    out: &mut Vec<Wish>,
) {
    let usual = CATALOGUE.map(|category| if category.online { 0.0 } else { category.monthly });
    while stream.chance(GOES_ON) {
        let minutes = WALK_MINUTES.0 + stream.exponential(WALK_MINUTES.1);
        at = at.saturating_add((minutes * 60_000.0) as u32);
        if at >= DAY_MS {
            return;
        }
        let number = stream.weighted(&usual);
        let places = Places::new(world, person, number);
        out.push(wish(world, view, person, life, (number, &places), (day, at), stream));
    }
}

fn wish(
    world: &World,
    view: &MonthView<'_>,
    person: &Person,
    life: &Life,
    (number, places): (usize, &Places),
    (day, at): (usize, u32),
    stream: &mut Stream,
) -> Wish {
    let category = &CATALOGUE[number];
    let mut payment = Payment {
        at,
        person: person.number,
        amount: amount(category, world.price_level(person, category.online), stream),
        terminal: places.draw(stream),
        category: number as u8,
        credit: life.holdings.has(Holding::CreditCard) && stream.chance(0.55),
        declined: false,
        plot: Plot::default(),
    };
    taint(world, view.month.first() + day as i32, &mut payment, stream);
    Wish { day: day as u8, payment }
}

/// Cents.
fn amount(category: &Category, level: f64, stream: &mut Stream) -> u32 {
    if stream.chance(category.priced) {
        return (stream.pick(category.prices) * 100.0).round() as u32;
    }
    let cents = stream.log_normal(category.median * level, category.sigma) * 100.0;
    let cents = ((cents / category.step).round() * category.step).clamp(100.0, 6_000_000.0) as u32;
    if category.code == CATALOGUE[DIGITAL_GOODS].code { cents.min(DIGITAL_GOODS_MAX) } else { cents }
}

/// Makes a payment fraudulent when its terminal, its category or its card is under attack.
fn taint(world: &World, day: i32, payment: &mut Payment, stream: &mut Stream) {
    let category = usize::from(payment.category);
    if category == DIGITAL_GOODS && stream.chance(THRESHOLD_SHARE) {
        let tens = 1 + stream.log_normal(90.0, 0.8) as u32;
        payment.amount = with_last_digits_of(payment.amount, DIGITAL_GOODS_MAX + tens * 1000);
        payment.plot = Plot { scenario: Scenario::AmountThreshold, case: payment.person };
        return;
    }
    let offline = !CATALOGUE[category].online && category != TRANSIT;
    if let Some(case) = compromise(world.settings.seed, payment.terminal, day).filter(|_| offline) {
        payment.plot = Plot { scenario: Scenario::CompromisedTerminal, case };
        return;
    }
    let stolen = world.plots.stolen(payment.person).iter().find(|s| (s.from..s.from + STOLEN_DAYS).contains(&day));
    if let Some(stolen) = stolen.filter(|_| stream.chance(STOLEN_SHARE)) {
        payment.amount = with_last_digits_of(payment.amount, payment.amount.saturating_mul(STOLEN_FACTOR));
        payment.plot = Plot { scenario: Scenario::CompromisedCustomer, case: stolen.case };
    }
}

/// About `much` cents with the last three digits of an honest price: five times 9.90 is 49.90, and looks like a price.
fn with_last_digits_of(price: u32, much: u32) -> u32 {
    much - much % 1000 + price % 1000
}

/// Where somebody buys things of a category.
struct Places {
    own: [u32; 4],
    first: u32,
    count: f64,
}

/// The web shops' own city.
const ONLINE: u32 = 255;
/// Terminals of a category in a city have consecutive numbers of so many bits.
const TERMINAL_BITS: u32 = 12;

impl Places {
    fn new(world: &World, person: &Person, category: usize) -> Self {
        let city = if CATALOGUE[category].online { ONLINE } else { u32::from(person.home.city) };
        let first = (city * 16 + category as u32) << TERMINAL_BITS;
        let count = if city == ONLINE { 60.0 } else { world.shops(person.home.city) };
        let bits = mix(u64::from(person.number) << 8 | category as u64);
        let own = [0, 16, 32, 48]
            .map(|shift| first + (count.powf(((bits >> shift) & 0xFFFF) as f64 / 65_536.0) - 1.0) as u32);
        Self { own, first, count }
    }

    fn draw(&self, stream: &mut Stream) -> u32 {
        if stream.chance(0.62) {
            return self.own[stream.below(4).min(stream.below(4))];
        }
        // Log-uniform ranks: popularity falls as 1/rank.
        self.first + (self.count.powf(stream.unit()) - 1.0) as u32
    }
}

/// The city a terminal stands in; none for web shops.
pub(crate) fn terminal_city(terminal: u32) -> Option<u8> {
    let city = terminal >> (TERMINAL_BITS + 4);
    (city != ONLINE).then_some(city as u8)
}
