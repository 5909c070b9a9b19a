//! When things happen: hours of the day, days of the month. Weekends, pay days, holidays, Spring Festival and shopping
//! days are here and nowhere else.

use crate::{
    calendar::{DAY_MS, Day, Month},
    people::work::PAY_DAYS,
    random::{Stream, Wheel},
};

/// What a day's likelihood depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Rhythm {
    /// Food, transport: every day, fewer when offices are closed.
    Daily,
    /// Going out, clothes, travel: when people are off, and after wages.
    Leisure,
    /// Shopping on the web: sales days.
    Online,
    /// Dealings with the bank: working days.
    Business,
}

pub(crate) const RHYTHMS: usize = 4;

/// What an hour's likelihood depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Hours {
    Meals,
    Shops,
    Evening,
    Commute,
    Office,
    Phone,
}

/// Weights of the 24 hours, in the order of [`Hours`].
#[rustfmt::skip]
const HOURS: [[f64; 24]; 6] = [
    [0.3,0.1,0.0,0.0,0.0,0.2,1.0,4.0,3.5,1.0,1.5,8.0,11.0,4.0,1.5,1.5,2.0,6.0,10.0,8.0,4.0,2.5,1.5,0.7],
    [0.2,0.1,0.0,0.0,0.0,0.2,0.8,2.0,3.5,5.0,6.5,6.0,4.5,4.0,4.5,5.5,6.0,6.5,7.5,8.0,6.5,4.0,1.5,0.5],
    [3.0,1.5,0.7,0.3,0.2,0.2,0.5,1.5,2.5,3.5,4.0,3.5,5.0,4.5,3.5,3.5,3.5,4.0,5.0,7.0,9.5,11.0,9.5,6.0],
    [0.3,0.1,0.0,0.0,0.2,1.0,4.0,12.0,11.0,4.0,2.5,2.5,3.0,2.5,2.5,2.5,4.0,9.0,11.0,6.0,3.5,3.0,2.5,1.2],
    [0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.3,3.0,11.0,14.0,10.0,3.5,7.0,11.0,11.0,8.0,3.0,0.6,0.3,0.2,0.1,0.0,0.0],
    [1.5,0.7,0.3,0.2,0.2,0.4,1.5,5.0,7.0,6.5,6.0,5.5,7.0,5.5,4.5,4.5,4.5,5.0,6.0,6.5,7.5,8.0,6.5,3.5],
];

/// The hours of the day, ready to be drawn from.
pub(crate) struct Clock([Wheel; 6]);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(HOURS.map(|weights| Wheel::new(&weights)))
    }

    /// Milliseconds since midnight.
    #[inline]
    pub(crate) fn draw(&self, hours: Hours, stream: &mut Stream) -> u32 {
        let hour = self.0[hours as usize].spin(stream) as u32;
        (hour * 3_600_000 + (stream.bits() >> 32) as u32 % 3_600_000).min(DAY_MS - 1)
    }
}

/// The days of one month, for each rhythm and each day of wages.
pub(crate) struct Days {
    wheels: Vec<Wheel>,
    /// How much more than usual happens in this month, by rhythm.
    pub(crate) level: [f64; RHYTHMS],
}

impl Days {
    pub(crate) fn new(month: &Month) -> Self {
        let mut wheels = Vec::with_capacity(RHYTHMS * PAY_DAYS.len());
        let mut level = [0.0; RHYTHMS];
        for (at, rhythm) in [Rhythm::Daily, Rhythm::Leisure, Rhythm::Online, Rhythm::Business].into_iter().enumerate() {
            for pay_day in PAY_DAYS {
                let paid = month.pay_day(pay_day) as i32;
                let weights: Vec<f64> =
                    month.days.iter().map(|day| of_day(rhythm, day) * after_wages(rhythm, day, paid)).collect();
                level[at] += weights.iter().sum::<f64>() / (30.4 * PAY_DAYS.len() as f64);
                wheels.push(Wheel::new(&weights));
            }
        }
        Self { wheels, level }
    }

    /// A day of the month, from 0.
    #[inline]
    pub(crate) fn draw(&self, rhythm: Rhythm, pay_day: u8, stream: &mut Stream) -> usize {
        self.wheels[rhythm as usize * PAY_DAYS.len() + usize::from(pay_day)].spin(stream)
    }
}

/// How much happens on a day; 1 is usual.
pub(crate) fn of_day(rhythm: Rhythm, day: &Day) -> f64 {
    let usual = match (rhythm, day.working) {
        (Rhythm::Daily, true) => 1.03,
        (Rhythm::Daily, false) => 0.92,
        (Rhythm::Leisure, true) => 0.72,
        (Rhythm::Leisure, false) => 1.6,
        (Rhythm::Online, true) => 0.97,
        (Rhythm::Online, false) => 1.06,
        (Rhythm::Business, true) => 1.28,
        (Rhythm::Business, false) => 0.36,
    };
    usual * around_spring_festival(rhythm, day.from_lunar_new_year) * sales(rhythm, day)
}

/// Shopping before the festival, closed doors in it, journeys around it.
fn around_spring_festival(rhythm: Rhythm, days: i32) -> f64 {
    match (rhythm, days) {
        (Rhythm::Daily, -14..=-2) => 1.35,
        (Rhythm::Daily, -1..=4) => 0.55,
        (Rhythm::Leisure, -14..=-2) => 1.45,
        (Rhythm::Leisure, -1..=0) => 0.6,
        (Rhythm::Leisure, 1..=7) => 1.3,
        (Rhythm::Online, -20..=-7) => 1.5,
        (Rhythm::Online, -3..=5) => 0.45,
        (Rhythm::Business, -10..=-2) => 1.3,
        (Rhythm::Business, -1..=6) => 0.25,
        _ => 1.0,
    }
}

/// The sales days of web shops: 618 and Double Eleven (with the days before them), 12.12.
fn sales(rhythm: Rhythm, day: &Day) -> f64 {
    match (rhythm, day.month, day.day) {
        (Rhythm::Online, 11, 11) => 3.4,
        (Rhythm::Online, 11, 1..=10) | (Rhythm::Online, 6, 10..=17) => 1.35,
        (Rhythm::Online, 6, 18) => 2.3,
        (Rhythm::Online, 12, 12) => 1.7,
        (Rhythm::Online, 11, 12..=20) | (Rhythm::Online, 6, 19..=25) => 0.75,
        _ => 1.0,
    }
}

/// People spend more in the days after wages, most on what they can put off.
fn after_wages(rhythm: Rhythm, day: &Day, paid: i32) -> f64 {
    let lift = match rhythm {
        Rhythm::Daily => 0.12,
        Rhythm::Leisure | Rhythm::Online => 0.55,
        Rhythm::Business => 0.7,
    };
    let since = (i32::from(day.day) - 1 - paid).rem_euclid(30);
    1.0 + lift * (-f64::from(since) / 2.5).exp()
}
