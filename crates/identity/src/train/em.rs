//! Expectation-maximisation over patterns of levels.

use super::{
    PROBABILITY_MIN, normalise,
    patterns::{Patterns, level},
};
use crate::model::Model;

/// Rounds at most.
const ITERATIONS_MAX: u32 = 200;
/// No parameter changes by more than that when it ends.
const CONVERGED: f64 = 1e-6;
/// The share of matches in a block before the first round, at most.
const FIRST_SHARE_MAX: f64 = 0.5;
/// A block that tells of fewer comparisons cannot tell a share of matches from m, so its share is held.
const TOLD_MIN: usize = 2;

/// What one block tells.
pub(super) struct Fit {
    /// m by comparison and level, for those that the block tells of.
    pub(super) m: Vec<Option<Vec<f64>>>,
    /// The share of matches among its pairs.
    pub(super) matches: f64,
    pub(super) iterations: u32,
}

/// Fits m of the comparisons `told`, and the share of matches, to the patterns; u is held. The share begins with
/// what it would be if so many `matches` were in the block.
pub(super) fn maximise(patterns: &Patterns, told: &[usize], model: &Model, matches: f64) -> Fit {
    let guess = |at: usize| model.comparisons[at].levels.iter().map(|level| level.m).collect();
    let m = (0..model.comparisons.len()).map(|at| told.contains(&at).then(|| guess(at))).collect();
    let share = (matches / patterns.pairs().max(1) as f64).clamp(PROBABILITY_MIN, FIRST_SHARE_MAX);
    let mut fit = Fit { m, matches: share, iterations: 0 };
    if patterns.len() == 0 {
        fit.m.iter_mut().for_each(|m| *m = None);
        return fit;
    }
    while fit.iterations < ITERATIONS_MAX && round(&mut fit, patterns, model) > CONVERGED {}
    fit
}

/// One round. Returns the largest change of a parameter.
fn round(fit: &mut Fit, patterns: &Patterns, model: &Model) -> f64 {
    let mut mass: Vec<Option<Vec<f64>>> = fit.m.iter().map(|m| m.as_ref().map(|m| vec![0.0; m.len()])).collect();
    let (mut matched, mut total) = (0.0, 0.0);
    for (pattern, pairs) in patterns.iter() {
        let expected = pairs * posterior(fit, pattern, model);
        matched += expected;
        total += pairs;
        add(&mut mass, pattern, expected);
    }
    fit.iterations += 1;
    let matches = (matched / total).clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN);
    let held = fit.m.iter().flatten().count() < TOLD_MIN;
    let change = if held { 0.0 } else { (matches - fit.matches).abs() };
    fit.matches = if held { fit.matches } else { matches };
    fit.m.iter_mut().zip(mass).fold(change, |change, (m, mass)| change.max(replace(m, mass)))
}

/// The probability that pairs of a pattern are matches.
fn posterior(fit: &Fit, pattern: u64, model: &Model) -> f64 {
    let (mut one, mut two) = (fit.matches, 1.0 - fit.matches);
    for (at, m) in fit.m.iter().enumerate() {
        if let (Some(m), Some(level)) = (m, level(pattern, at)) {
            one *= m[level];
            two *= model.comparisons[at].levels[level].u;
        }
    }
    one / (one + two)
}

fn add(mass: &mut [Option<Vec<f64>>], pattern: u64, expected: f64) {
    for (at, mass) in mass.iter_mut().enumerate() {
        if let (Some(mass), Some(level)) = (mass, level(pattern, at)) {
            mass[level] += expected;
        }
    }
}

/// Puts the shares of the mass into m. Returns the largest change.
fn replace(m: &mut Option<Vec<f64>>, mass: Option<Vec<f64>>) -> f64 {
    let (Some(m), Some(mut mass)) = (m.as_mut(), mass) else { return 0.0 };
    let total: f64 = mass.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    mass.iter_mut().for_each(|mass| *mass /= total);
    normalise(mass.iter_mut());
    let change = m.iter().zip(&mass).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
    *m = mass;
    change
}
