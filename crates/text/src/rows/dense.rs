//! Sums over columns that are all kept, compiled once for each kind of vector instructions. The order of sums is the same in all.

use fearless_simd::{Level, Simd, dispatch};

/// Sums side by side.
const LANES: usize = 8;

/// The sum of products.
pub(super) fn dot(weights: &[f64], values: &[f32]) -> f64 {
    dispatch!(Level::new(), simd => dot_with(simd, weights, values))
}

/// Adds the values so many times.
pub(super) fn add(weights: &mut [f64], values: &[f32], times: f64) {
    dispatch!(Level::new(), simd => add_with(simd, weights, values, times));
}

#[inline(always)]
fn dot_with<S: Simd>(_: S, weights: &[f64], values: &[f32]) -> f64 {
    let (values, last) = values.as_chunks::<LANES>();
    let (weights, last_weights) = weights.as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for (weights, values) in weights.iter().zip(values) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * f64::from(values[lane]);
        }
    }
    let rest: f64 = last_weights.iter().zip(last).map(|(weight, &value)| weight * f64::from(value)).sum();
    sums.iter().sum::<f64>() + rest
}

#[inline(always)]
fn add_with<S: Simd>(_: S, weights: &mut [f64], values: &[f32], times: f64) {
    weights.iter_mut().zip(values).for_each(|(weight, &value)| *weight += times * f64::from(value));
}
