//! From what is held to what will be taken.
//!
//! Models foretell that a product is taken within some days; what alike customers hold says who *has* it. The two are numbers of different size: one in five may have a
//! deposit and one in two hundred open one this month. So the chance by alike customers is brought to the scale of taking: what was taken lately by those who did not have it, per customer (the rate), is
//! given to each in proportion to the chance by alike customers, whose mean over those who do not have it becomes the rate. Where alike customers say nothing (popularity measured better), everybody gets the
//! rate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Alike;
use crate::{
    error::{Result, argument},
    holdings::Holdings,
};

/// Customers whose chances are asked for their mean; more do not change it by a hundredth.
const ASKED_MAX: usize = 20_000;

/// How often an item is taken, and how chances by alike customers become chances to take it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeUp {
    /// Within how many days.
    pub days: f64,
    /// By item, the share of those without it who take it within the days.
    pub rates: BTreeMap<String, f64>,
    /// By item, the mean chance by alike customers of those who do not have it; none where alike customers say nothing.
    pub means: BTreeMap<String, f64>,
}

impl TakeUp {
    /// From what these hold, and how many took each item (in the order of items) in the last so many days.
    ///
    /// # Errors
    /// When the counts are of other items, or days are not above 0.
    pub fn of(alike: &Alike, holdings: &Holdings, takers: &[u64], (counted, days): (f64, f64)) -> Result<Self> {
        if takers.len() != holdings.items().len() {
            return Err(argument("the number of counts", takers.len(), "one for each item"));
        }
        if !(counted > 0.0 && days > 0.0 && counted.is_finite() && days.is_finite()) {
            return Err(argument("the number of days", counted.min(days), "above 0"));
        }
        let rate = |(takers, holders): (&u64, u64)| {
            // Who took it had it not before; who has it since earlier could not take it.
            let without = (holdings.customers() as u64).saturating_sub(holders.saturating_sub(*takers));
            if without == 0 { 0.0 } else { (*takers as f64 / without as f64 * days / counted).min(1.0) }
        };
        let rates = takers.iter().zip(holdings.holders()).map(rate);
        let rates = holdings.items().iter().cloned().zip(rates).collect();
        Ok(Self { days, rates, means: means(alike, holdings)? })
    }

    /// The chance (0 to 1) that one takes an item within the days whose chance by alike customers is this one; the rate where they say nothing, and nothing for an item that is not known.
    #[must_use]
    pub fn chance(&self, item: &str, alike: Option<f64>) -> Option<f64> {
        let rate = *self.rates.get(item)?;
        match alike.zip(self.means.get(item).filter(|mean| **mean > 0.0)) {
            Some((chance, mean)) => Some((rate * chance / mean).clamp(0.0, 1.0)),
            None => Some(rate),
        }
    }
}

/// Mean chances of those who do not hold an item.
fn means(alike: &Alike, holdings: &Holdings) -> Result<BTreeMap<String, f64>> {
    if alike.chances(&[])?.is_none() {
        return Ok(BTreeMap::new());
    }
    let step = holdings.customers().div_ceil(ASKED_MAX).max(1);
    let mut sums = vec![(0.0, 0u32); holdings.items().len()];
    for held in (0..holdings.customers()).step_by(step).map(|row| holdings.row(row)) {
        let chances = alike.chances(held)?.unwrap_or_default();
        for (item, (chance, sum)) in chances.into_iter().zip(&mut sums).enumerate() {
            if held.binary_search(&(item as u32)).is_err() {
                *sum = (sum.0 + chance, sum.1 + 1);
            }
        }
    }
    let mean = |(sum, many): (f64, u32)| if many == 0 { 0.0 } else { sum / f64::from(many) };
    Ok(holdings.items().iter().cloned().zip(sums.into_iter().map(mean)).collect())
}
