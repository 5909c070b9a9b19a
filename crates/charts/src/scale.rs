//! Round numbers along an axis.

/// Round numbers from 0 to at least `most`, about `wanted` of them, 1, 2, 2.5 or 5 times a power of ten apart.
pub(crate) fn ticks(most: f64, wanted: usize) -> Vec<f64> {
    if !most.is_finite() || most <= 0.0 {
        return vec![0.0, 1.0];
    }
    let step = step(most / wanted.max(1) as f64);
    let last = (most / step - 1e-9).ceil().max(1.0) as usize;
    (0..=last).map(|i| i as f64 * step).collect()
}

/// Round numbers from at most `least` to at least `most`, about `wanted` of them.
pub(crate) fn between(least: f64, most: f64, wanted: usize) -> Vec<f64> {
    if !least.is_finite() || !most.is_finite() || most < least {
        return vec![0.0, 1.0];
    }
    // A level line stands in the middle of some room.
    let room = if most > least { most - least } else { most.abs().max(1.0) * 0.2 };
    let (least, most) = if most > least { (least, most) } else { (least - room / 2.0, most + room / 2.0) };
    let step = step(room / wanted.max(1) as f64);
    let (first, last) = ((least / step + 1e-9).floor(), (most / step - 1e-9).ceil());
    (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect()
}

/// The same for counts: never finer than 1.
pub(crate) fn count_ticks(most: u64, wanted: usize) -> Vec<f64> {
    if most <= wanted as u64 {
        return (0..=most.max(1)).map(|i| i as f64).collect();
    }
    let step = step(most as f64 / wanted.max(1) as f64).ceil();
    let last = (most as f64 / step - 1e-9).ceil().max(1.0) as usize;
    (0..=last).map(|i| i as f64 * step).collect()
}

/// The least round number that is not smaller.
fn step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let times = rough / power;
    let round = [1.0, 2.0, 2.5, 5.0].into_iter().find(|round| times <= round * (1.0 + 1e-9));
    round.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_most() {
        assert_eq!(ticks(1.0, 4), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(13_087.0, 4), [0.0, 5000.0, 10_000.0, 15_000.0]);
        assert_eq!(count_ticks(3, 4), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(count_ticks(7, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(between(0.0, 1.0, 5), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(between(-3.0, 12.0, 3), [-5.0, 0.0, 5.0, 10.0, 15.0]);
        assert_eq!(between(0.5, 0.5, 2), [0.4, 0.5, 0.6000000000000001]);
        assert_eq!(between(f64::NAN, 1.0, 5), [0.0, 1.0]);
        for most in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert_eq!(ticks(most, 4), [0.0, 1.0]);
        }
    }
}
