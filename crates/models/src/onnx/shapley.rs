//! Shapley values of any function against a usual row: exact for few features, sampled for many.
//!
//! A set of features is worth what the function says when those are the row's and the others the usual row's. Sampled (Castro, Gómez and Tejada 2009): along an order of the features each
//! gets what the function gained when it came; orders come in pairs, one the other's reverse. Either way values add up to what the function says of the row, less what it says of the usual one.

use crate::{error::Result, random::Random};

/// Up to so many features all sets are tried.
pub(super) const EXACT_MAX: usize = 8;
/// Pairs of orders that are drawn beyond; 64 orders.
const PAIRS: usize = 32;
/// Rows of several orders that the function is asked of together.
const ROWS_TOGETHER: usize = 4096;
/// Every row is explained along the same orders, in every run.
const SEED: u64 = 0x5eed_0f5a_9e11;

/// What each feature of a row brings. `at` says what the function says of rows, which lie one after the other.
pub(super) fn values(row: &[f64], usual: &[f64], at: &dyn Fn(&[f64]) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    match row.len() <= EXACT_MAX {
        true => exact(row, usual, at),
        false => sampled(row, usual, at),
    }
}

fn exact(row: &[f64], usual: &[f64], at: &dyn Fn(&[f64]) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let features = row.len();
    let sets = 0..1_usize << features;
    let cell = |set: usize, feature: usize| if set >> feature & 1 == 1 { row[feature] } else { usual[feature] };
    let cells: Vec<f64> = sets
        .clone()
        .flat_map(|set| (0..features).map(move |feature| (set, feature)))
        .map(|(s, f)| cell(s, f))
        .collect();
    let worth = at(&cells)?;
    // |S|! (n − |S| − 1)! / n!
    let factorial = |n: usize| (1..=n).map(|n| n as f64).product::<f64>();
    let weight = |size: usize| factorial(size) * factorial(features - size - 1) / factorial(features);
    let weights: Vec<f64> = (0..features).map(weight).collect();
    let value = |feature: usize| {
        let without = sets.clone().filter(|set| set >> feature & 1 == 0);
        without.map(|set| weights[set.count_ones() as usize] * (worth[set | 1 << feature] - worth[set])).sum()
    };
    Ok((0..features).map(value).collect())
}

fn sampled(row: &[f64], usual: &[f64], at: &dyn Fn(&[f64]) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let features = row.len();
    let mut random = Random::new(SEED);
    let pair = |_| {
        let order = random.permutation(features);
        let reversed = order.iter().rev().copied().collect();
        [order, reversed]
    };
    let orders: Vec<Vec<usize>> = (0..PAIRS).flat_map(pair).collect();
    let mut values = vec![0.0; features];
    for orders in orders.chunks((ROWS_TOGETHER / (features + 1)).max(1)) {
        let worth = at(&orders.iter().flat_map(|order| path(row, usual, order)).collect::<Vec<f64>>())?;
        for (worth, order) in worth.chunks_exact(features + 1).zip(orders) {
            for (gained, feature) in worth.windows(2).zip(order) {
                values[*feature] += gained[1] - gained[0];
            }
        }
    }
    values.iter_mut().for_each(|value| *value /= (2 * PAIRS) as f64);
    Ok(values)
}

/// The rows from the usual one to the row itself, when features come in an order.
fn path(row: &[f64], usual: &[f64], order: &[usize]) -> Vec<f64> {
    let mut now = usual.to_vec();
    let mut rows = now.clone();
    for feature in order {
        now[*feature] = row[*feature];
        rows.extend(&now);
    }
    rows
}
