//! Whether today's customers still look like those the model was made on.
//!
//! PSI = Σ (aᵢ - eᵢ) ln(aᵢ / eᵢ) over bins, a the shares now and e those expected (Lewis 1994; a symmetric Kullback-Leibler
//! divergence). The usual reading, below 0.10 stable and from 0.25 act, ignores how many rows there are; under no change PSI
//! is about (1/N + 1/M) χ² with bins - 1 degrees of freedom (Yurdakul and Naranjo 2020), so what stays within the 95th
//! percentile of that is stable whatever it is.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, every, same_length, settings},
    interval::quantile,
};

/// From here on, watch.
pub const WATCH_FROM: f64 = 0.10;
/// From here on, act.
pub const ACT_FROM: f64 = 0.25;
/// What counts as this many rows in a bin that is empty on one side: half a row, so that the index stays finite and a bin that
/// is empty for want of rows weighs little.
pub const EMPTY_COUNTS_AS: f64 = 0.5;
/// Bins that may be asked for.
const BINS_MAX: usize = 1000;

/// What a drift means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// As expected, or no more than chance brings.
    Stable,
    /// Look at it more often.
    Watch,
    /// Look into it; the model may need training.
    Act,
}

/// A population index with its bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// The population stability index.
    pub psi: f64,
    /// What 95 of 100 comparisons stay below when nothing changed.
    pub by_chance: f64,
    /// What to make of it.
    pub drift: Drift,
    /// The bins, as they were given.
    pub bins: Vec<StabilityBin>,
}

/// One bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StabilityBin {
    /// For people.
    pub name: String,
    /// Share expected.
    pub expected: f64,
    /// Share now.
    pub actual: f64,
    /// What it adds to the index.
    pub adds: f64,
}

/// The index of counts by bin. Bins that are empty on both sides are left out of it.
///
/// # Errors
/// When lengths differ, a count is negative or not finite, or a side is empty.
pub fn psi(names: &[String], expected: &[f64], actual: &[f64]) -> Result<Stability, MeasureError> {
    same_length("expected", expected.len(), names.len())?;
    same_length("actual", actual.len(), names.len())?;
    every("expected", "finite and not negative", expected, |n| n.is_finite() && n >= 0.0)?;
    every("actual", "finite and not negative", actual, |n| n.is_finite() && n >= 0.0)?;
    let (before, now) = (expected.iter().sum::<f64>(), actual.iter().sum::<f64>());
    if before <= 0.0 || now <= 0.0 {
        return Err(MeasureError::Empty);
    }
    let bins: Vec<StabilityBin> = names
        .iter()
        .zip(expected.iter().zip(actual))
        .map(|(name, (e, a))| bin(name, (*e, before), (*a, now)))
        .collect();
    let psi: f64 = bins.iter().map(|bin| bin.adds).sum();
    let used = expected.iter().zip(actual).filter(|(e, a)| **e > 0.0 || **a > 0.0).count();
    let by_chance = (1.0 / before + 1.0 / now) * chi_squared_95(used.saturating_sub(1));
    Ok(Stability { psi, by_chance, drift: verdict(psi, by_chance), bins })
}

fn bin(name: &str, (e, before): (f64, f64), (a, now): (f64, f64)) -> StabilityBin {
    let kept = |n: f64, all: f64| if n > 0.0 { n } else { EMPTY_COUNTS_AS } / all;
    let (expected, actual) = (kept(e, before), kept(a, now));
    let adds = if e > 0.0 || a > 0.0 { (actual - expected) * (actual / expected).ln() } else { 0.0 };
    StabilityBin { name: name.to_owned(), expected: e / before, actual: a / now, adds }
}

/// What to make of an index.
#[must_use]
pub fn verdict(psi: f64, by_chance: f64) -> Drift {
    match psi {
        _ if psi <= by_chance => Drift::Stable,
        _ if psi >= ACT_FROM => Drift::Act,
        _ if psi >= WATCH_FROM => Drift::Watch,
        _ => Drift::Stable,
    }
}

/// The 95th percentile of χ², by Wilson and Hilferty's cube root (1931), within 1 % from 3 degrees of freedom on.
fn chi_squared_95(freedom: usize) -> f64 {
    if freedom == 0 {
        return 0.0;
    }
    let part = 2.0 / (9.0 * freedom as f64);
    freedom as f64 * (1.0 - part + 1.644_853_626_951_472_7 * part.sqrt()).powi(3)
}

/// Bins of numbers, cut where the expected ones have their quantiles; missing values (not a number) have a bin of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberBins {
    /// Where they are cut, rising; a value on a cut belongs below.
    cuts: Vec<f64>,
}

impl NumberBins {
    /// Cuts expected values into so many bins of about as many values; fewer where values are tied.
    ///
    /// # Errors
    /// When bins are fewer than 2 or more than a thousand, or there is no value.
    pub fn of(expected: &[f64], bins: usize) -> Result<Self, MeasureError> {
        if !(2..=BINS_MAX).contains(&bins) {
            return Err(settings(format!("{bins} bins: take 2 to {BINS_MAX}")));
        }
        let mut sorted: Vec<f64> = expected.iter().copied().filter(|v| !v.is_nan()).collect();
        if sorted.is_empty() {
            return Err(MeasureError::Empty);
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let largest = sorted[sorted.len() - 1];
        let mut cuts: Vec<f64> = (1..bins).map(|i| quantile(&sorted, i as f64 / bins as f64)).collect();
        cuts.retain(|cut| *cut < largest);
        cuts.dedup();
        Ok(Self { cuts })
    }

    /// For people: `≤ 3`, `3 – 7`, `> 7`, `missing`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (i, cut) in self.cuts.iter().enumerate() {
            names.push(if i == 0 { format!("≤ {cut}") } else { format!("{} – {cut}", self.cuts[i - 1]) });
        }
        names.push(self.cuts.last().map_or_else(|| "any".to_owned(), |last| format!("> {last}")));
        names.push("missing".to_owned());
        names
    }

    /// How many values each bin holds, in the order of [`Self::names`].
    #[must_use]
    pub fn count(&self, values: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; self.cuts.len() + 2];
        for value in values {
            let bin = if value.is_nan() { self.cuts.len() + 1 } else { self.cuts.partition_point(|cut| cut < value) };
            counts[bin] += 1.0;
        }
        counts
    }

    /// The index of values now against those expected.
    ///
    /// # Errors
    /// When a side is empty.
    pub fn psi(&self, expected: &[f64], actual: &[f64]) -> Result<Stability, MeasureError> {
        psi(&self.names(), &self.count(expected), &self.count(actual))
    }
}

/// How far a characteristic's drift moves a score: CSI = Σ (aᵢ - eᵢ) × pointsᵢ over its bins (Siddiqi 2006), in points.
///
/// # Errors
/// When lengths differ.
pub fn characteristic_shift(drifted: &Stability, points: &[f64]) -> Result<f64, MeasureError> {
    same_length("points", points.len(), drifted.bins.len())?;
    Ok(drifted.bins.iter().zip(points).map(|(bin, points)| (bin.actual - bin.expected) * points).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_chi_squared_are_close_enough() {
        for (freedom, exact) in [(1, 3.841), (3, 7.815), (9, 16.919), (20, 31.410)] {
            let found = chi_squared_95(freedom);
            assert!((found / exact - 1.0).abs() < 0.03, "{freedom}: {found}");
        }
    }
}
