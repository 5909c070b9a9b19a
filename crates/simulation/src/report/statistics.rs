//! Quantiles and the distance of two samples; what happens to whom when, as rates and as gaps.

use std::collections::BTreeMap;

/// Which quantiles are shown.
pub(super) const LEVELS: [f64; 6] = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/// Values at [`LEVELS`].
pub(super) type Quantiles = [f64; 6];

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantiles of a sample; zeros for an empty one.
pub(super) fn quantiles(values: &[f64]) -> Quantiles {
    let sorted = sorted(values);
    LEVELS.map(|level| {
        let at = (level * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(at).copied().unwrap_or_default()
    })
}

/// The two-sample statistic of Kolmogorov and Smirnov.
pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (sorted(a), sorted(b));
    let (mut at_a, mut at_b, mut largest) = (0, 0, 0.0_f64);
    while at_a < a.len() && at_b < b.len() {
        let value = a[at_a].min(b[at_b]);
        while at_a < a.len() && a[at_a] <= value {
            at_a += 1;
        }
        while at_b < b.len() && b[at_b] <= value {
            at_b += 1;
        }
        largest = largest.max((at_a as f64 / a.len() as f64 - at_b as f64 / b.len() as f64).abs());
    }
    largest
}

/// A share, or a rate, with its standard error; the error is 0 where counts are not independent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) error: f64,
}

impl Share {
    /// `part` of `all`, which are counted independently of each other.
    pub(super) fn of(part: f64, all: f64) -> Self {
        let (value, all) = (part / all.max(1.0), all.max(1.0));
        Self { value, error: (value * (1.0 - value).max(0.0) / all).sqrt() }
    }
}

/// What happens to whom when: a key, and seconds since 1970.
pub(super) type Moments = Vec<(u64, f64)>;

const DAY_SECONDS: f64 = 86_400.0;

/// Only what is within so many days of the median moment: a flaw may have moved a record by decades.
pub(super) fn around_the_middle(mut moments: Moments, days: f64) -> Moments {
    let mut times: Vec<f64> = moments.iter().map(|(_, at)| *at).collect();
    times.sort_by(f64::total_cmp);
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    moments.retain(|(_, at)| (at - middle).abs() <= days * DAY_SECONDS);
    moments
}

/// The moments as days, without their hours.
pub(super) fn by_day(moments: &Moments) -> Moments {
    moments.iter().map(|(key, at)| (*key, (at / DAY_SECONDS).floor() * DAY_SECONDS)).collect()
}

fn of_each(moments: &Moments) -> BTreeMap<u64, Vec<f64>> {
    let mut each: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    moments.iter().for_each(|(key, at)| each.entry(*key).or_default().push(*at));
    each.values_mut().for_each(|times| times.sort_by(f64::total_cmp));
    each
}

/// How much happens to each of those to whom something happens.
pub(super) fn counts(moments: &Moments) -> Vec<f64> {
    of_each(moments).values().map(|times| times.len() as f64).collect()
}

/// Days between consecutive moments of the same key.
pub(super) fn gaps_days(moments: &Moments) -> Vec<f64> {
    let gaps = |times: &Vec<f64>| -> Vec<f64> { times.windows(2).map(|two| (two[1] - two[0]) / DAY_SECONDS).collect() };
    of_each(moments).values().flat_map(gaps).collect()
}

/// Gaps over the mean gap of the same key, of keys with at least `least` moments: 1 is usual, whatever the rate. For events without
/// memory they are nearly exponential.
pub(super) fn gaps_over_own_mean(moments: &Moments, least: usize) -> Vec<f64> {
    let relative = |times: &Vec<f64>| -> Vec<f64> {
        let mean = (times[times.len() - 1] - times[0]) / (times.len() - 1) as f64;
        times.windows(2).filter(|_| mean > 0.0).map(|two| (two[1] - two[0]) / mean).collect()
    };
    of_each(moments).values().filter(|times| times.len() >= least.max(2)).flat_map(relative).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_over_the_own_mean_do_not_depend_on_the_rate() {
        let moments: Moments = vec![(1, 0.0), (1, 10.0), (1, 40.0), (2, 0.0), (2, 1000.0), (2, 4000.0), (3, 7.0)];
        assert_eq!(gaps_over_own_mean(&moments, 3), [0.5, 1.5, 0.5, 1.5]);
        assert_eq!(counts(&moments), [3.0, 3.0, 1.0]);
    }

    #[test]
    fn a_record_that_was_moved_by_decades_is_left_out() {
        let moments: Moments = vec![(1, 0.0), (1, 86_400.0), (1, 2.2e9), (2, 43_200.0)];
        assert_eq!(gaps_days(&around_the_middle(moments, 3.0)), [1.0]);
    }

    #[test]
    fn the_distance_of_a_sample_from_itself_is_nothing_and_from_a_distant_one_is_all() {
        let low: Vec<f64> = (0..100).map(f64::from).collect();
        let high: Vec<f64> = (200..300).map(f64::from).collect();
        assert!(distance(&low, &low) < 1e-12);
        assert!((distance(&low, &high) - 1.0).abs() < 1e-12);
        let half: Vec<f64> = (50..150).map(f64::from).collect();
        assert!((distance(&low, &half) - 0.5).abs() < 1e-12);
    }
}
