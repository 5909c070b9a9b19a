//! A number and how sure we are of it.

use serde::{Deserialize, Deserializer, Serialize};
use statrs::function::{
    erf::{erfc, erfc_inv},
    gamma::checked_gamma_ur,
};

use crate::error::{MeasureError, settings};

/// A number with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    #[serde(deserialize_with = "or_nan")]
    pub low: f64,
    /// The number.
    #[serde(deserialize_with = "or_nan")]
    pub value: f64,
    /// The upper end.
    #[serde(deserialize_with = "or_nan")]
    pub high: f64,
}

/// JSON has no NaN and writes nothing for it.
fn or_nan<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
}

impl Interval {
    /// Whether a value lies inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// The number, give or take so many standard errors.
    #[must_use]
    pub fn around(value: f64, error: f64, level: Level) -> Self {
        let room = level.z() * error;
        Self { low: value - room, value, high: value + room }
    }

    /// The same within bounds, for numbers that cannot leave them.
    #[must_use]
    pub fn within(self, least: f64, most: f64) -> Self {
        Self { low: self.low.clamp(least, most), value: self.value, high: self.high.clamp(least, most) }
    }

    /// The number with the middle `level` of its resampled values (percentile bootstrap, Efron 1981).
    #[must_use]
    pub(crate) fn of_resamples(value: f64, mut resampled: Vec<f64>, level: Level) -> Self {
        resampled.retain(|v| v.is_finite());
        resampled.sort_unstable_by(f64::total_cmp);
        let tail = level.tail();
        Self { low: quantile(&resampled, tail), value, high: quantile(&resampled, 1.0 - tail) }
    }
}

/// How often an interval is to hold the truth: above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Level(f64);

impl Level {
    /// 95 %.
    pub const USUAL: Self = Self(0.95);

    /// A level between 0 and 1.
    ///
    /// # Errors
    /// When it is not between them.
    pub fn new(level: f64) -> Result<Self, MeasureError> {
        let sound = level > 0.0 && level < 1.0;
        if sound { Ok(Self(level)) } else { Err(settings(format!("a level of {level} is not between 0 and 1"))) }
    }

    /// Half of what lies outside.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// How many standard errors that is: 1.96 for 95 %.
    #[must_use]
    pub fn z(self) -> f64 {
        normal_quantile(1.0 - self.tail())
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::USUAL
    }
}

impl TryFrom<f64> for Level {
    type Error = MeasureError;
    fn try_from(level: f64) -> Result<Self, MeasureError> {
        Self::new(level)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// Wilson's score interval (1927) of `part` among `whole`; both may be sums of weights when `whole` is an effective number.
#[must_use]
pub fn wilson(part: f64, whole: f64, level: Level) -> Option<Interval> {
    if whole.is_nan() || whole <= 0.0 {
        return None;
    }
    let (share, z2) = (part / whole, level.z().powi(2));
    let middle = (share + z2 / (2.0 * whole)) / (1.0 + z2 / whole);
    let room = (z2 * (share * (1.0 - share) / whole + z2 / (4.0 * whole * whole))).max(0.0).sqrt() / (1.0 + z2 / whole);
    Some(Interval { low: (middle - room).clamp(0.0, share), value: share, high: (middle + room).clamp(share, 1.0) })
}

/// The difference of two independent shares with Newcombe's hybrid score interval (1998, method 10).
#[must_use]
pub fn difference(a: Interval, b: Interval) -> Interval {
    let value = a.value - b.value;
    let below = ((a.value - a.low).powi(2) + (b.high - b.value).powi(2)).sqrt();
    let above = ((a.high - a.value).powi(2) + (b.value - b.low).powi(2)).sqrt();
    Interval { low: value - below, value, high: value + above }
}

/// The ratio of two independent shares with Katz's interval on the logarithm (1978). Where one of them is 0, half a case is
/// added to each count (for the interval, never for the value).
#[must_use]
pub fn ratio((part_a, whole_a): (f64, f64), (part_b, whole_b): (f64, f64), level: Level) -> Option<Interval> {
    if whole_a <= 0.0 || whole_b <= 0.0 || part_b <= 0.0 {
        return None;
    }
    let value = (part_a / whole_a) / (part_b / whole_b);
    let half = if part_a == 0.0 { 0.5 } else { 0.0 };
    let (a, b) = (part_a + half, part_b + half);
    let error = (1.0 / a - 1.0 / (whole_a + half) + 1.0 / b - 1.0 / (whole_b + half)).max(0.0).sqrt();
    let middle = ((a / (whole_a + half)) / (b / (whole_b + half))).ln();
    let (low, high) = ((middle - level.z() * error).exp(), (middle + level.z() * error).exp());
    Some(Interval { low: low.min(value), value, high: high.max(value) })
}

/// The value below which this share of sorted values lies, linear between neighbours (Hyndman and Fan 1996, type 7). Not a
/// number for none.
#[must_use]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[(at.ceil() as usize).min(last)]);
    below + (above - below) * (at - at.floor())
}

/// The value below which a standard normal lies with this probability.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// How likely a standard normal is to be at least so far from 0.
pub(crate) fn two_sided(z: f64) -> f64 {
    if z.is_nan() { 1.0 } else { erfc(z.abs() / std::f64::consts::SQRT_2) }
}

/// How likely a χ² of so many degrees of freedom is to be at least so large.
pub(crate) fn chi_squared_above(value: f64, freedom: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    checked_gamma_ur(freedom / 2.0, value / 2.0).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_percent_are_1_96_standard_errors() {
        assert!((Level::USUAL.z() - 1.959_963_984_540_054).abs() < 1e-12);
        // statrs' erfc is good to about ten digits.
        assert!((two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-10);
        assert!((chi_squared_above(15.507_313_055_865_453, 8.0) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn a_level_lies_between_nought_and_one() {
        assert!([0.0, 1.0, -1.0, f64::NAN].into_iter().all(|level| Level::new(level).is_err()));
    }

    #[test]
    fn a_share_of_nobody_has_no_interval() {
        assert_eq!(wilson(0.0, 0.0, Level::USUAL), None);
        let none = wilson(0.0, 10.0, Level::USUAL).expect("ten rows");
        assert!(none.low == 0.0 && none.high > 0.25 && none.high < 0.31, "{none:?}");
    }
}
