//! Card fraud after the Fraud Detection Handbook: its three scenarios, scaled to a bank where one payment in three hundred is
//! fraudulent.
//!
//! The handbook marks every payment over 220 as fraud; here the threshold holds within one category, digital goods, where honest
//! people never pay so much. Its terminals are compromised for 28 days and all their payments are fraudulent; so are ours.
//! Its customers pay five times as much on a third of their payments for 14 days; so do ours.

use super::{Scene, Stolen};
use crate::{
    life::records::Scenario,
    random::{Subject, mix},
};

/// Cents. No honest payment for digital goods is over it.
pub(crate) const DIGITAL_GOODS_MAX: u32 = 200_000;
/// How long a terminal is compromised.
const COMPROMISED_DAYS: i32 = 28;
/// How long stolen card data are used.
pub(crate) const STOLEN_DAYS: i32 = 14;
/// Stolen data: how much higher amounts are, and on which share of payments.
pub(crate) const STOLEN_FACTOR: u32 = 5;
pub(crate) const STOLEN_SHARE: f64 = 1.0 / 3.0;
/// Share of payments for digital goods that are fraudulent ones over the threshold.
pub(crate) const THRESHOLD_SHARE: f64 = 0.006;
/// Share of terminals whose 84 days hold a compromise.
const COMPROMISED_SHARE: f64 = 0.008;
const EPOCH_DAYS: i32 = 84;
const STOLEN_RATE: f64 = 0.000_5;

/// Which compromise of a terminal a day falls into. Time is cut into epochs of 84 days; a terminal has one compromise in an
/// epoch or none, and it lies wholly inside.
#[inline]
pub(crate) fn compromise(seed: u64, terminal: u32, day: i32) -> Option<u32> {
    let epoch = day.div_euclid(EPOCH_DAYS);
    let bits = mix(mix(seed ^ (Subject::Terminal as u64) << 40) ^ u64::from(terminal) << 20 ^ epoch as u64);
    if (bits >> 40) as f64 >= COMPROMISED_SHARE * (1u64 << 24) as f64 {
        return None;
    }
    let start = epoch * EPOCH_DAYS + (bits & 0xFFFF) as i32 % (EPOCH_DAYS - COMPROMISED_DAYS);
    (start..start + COMPROMISED_DAYS).contains(&day).then_some(terminal)
}

/// Whose card data are stolen, and from when on they are used.
pub(super) fn stolen(scene: &Scene<'_>) -> Vec<Stolen> {
    let cases = scene.cases(STOLEN_RATE, 2);
    let mut stolen: Vec<Stolen> = (0..cases)
        .map(|case| {
            let mut stream = scene.stream(Scenario::CompromisedCustomer, case);
            let from = scene.day(&mut stream, STOLEN_DAYS);
            let victim = scene.somebody(&mut stream, from, |_| true);
            Stolen { person: victim.number, from, case: case as u32 }
        })
        .collect();
    stolen.sort_by_key(|s| (s.person, s.from));
    stolen
}
