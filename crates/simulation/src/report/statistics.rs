//! Quantiles and the distance of two samples.

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

#[cfg(test)]
mod tests {
    use super::*;

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
