//! Spherical k-means on sparse rows.

use rayon::prelude::*;

use crate::{
    random::{Random, mixed},
    rows::{Row, Rows},
};

/// Rounds of moving centres at most.
const ROUNDS_MAX: usize = 40;

/// Unit vectors, those of one column side by side.
#[derive(Debug, Clone)]
pub(super) struct Centres {
    count: usize,
    /// `width` × `count`.
    values: Vec<f32>,
}

impl Centres {
    /// The best of several starts over chosen rows: the one with the largest sum of cosines.
    pub(super) fn best(rows: &Rows, chosen: &[u32], count: usize, starts: usize, seed: u64) -> Self {
        let mut tried: Vec<(f64, Self)> = (0..starts as u64)
            .into_par_iter()
            .map(|start| Self::fit(rows, chosen, count, mixed(seed ^ start)))
            .collect();
        let mut best = 0;
        for at in 1..tried.len() {
            if tried[at].0 > tried[best].0 {
                best = at;
            }
        }
        tried.swap_remove(best).1
    }

    fn fit(rows: &Rows, chosen: &[u32], count: usize, seed: u64) -> (f64, Self) {
        let mut centres = Self::spread_out(rows, chosen, count, seed);
        let mut before = f64::NEG_INFINITY;
        for _ in 0..ROUNDS_MAX {
            let near = centres.assign(rows, chosen);
            let cosines: f64 = near.iter().map(|near| near.1).sum();
            if cosines <= before * (1.0 + 1e-6) {
                break;
            }
            before = cosines;
            centres = Self::means(rows, chosen, &near, count);
        }
        (before, centres)
    }

    /// Greedy k-means++ (Arthur & Vassilvitskii 2007): of a few rows drawn in proportion to their distance (1 − cosine) from the centres
    /// there are, the one becomes a centre that leaves the least distance.
    fn spread_out(rows: &Rows, chosen: &[u32], count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let draws = 2 + (count as f64).ln() as usize;
        let mut picked = vec![chosen[random.below(chosen.len())]];
        let mut distance = nearer(rows, chosen, picked[0], &vec![f64::INFINITY; chosen.len()]);
        while picked.len() < count {
            let tried: Vec<usize> = (0..draws).map(|_| drawn(&distance, random.unit())).collect();
            let left = tried.iter().map(|&at| (at, nearer(rows, chosen, chosen[at], &distance)));
            let best = left.min_by(|a, b| a.1.iter().sum::<f64>().total_cmp(&b.1.iter().sum()));
            let Some((at, nearest)) = best else { break };
            picked.push(chosen[at]);
            distance = nearest;
        }
        let near: Vec<(usize, f64)> = (0..picked.len()).map(|centre| (centre, 1.0)).collect();
        Self::means(rows, &picked, &near, count)
    }

    /// Sums of each centre's rows, scaled to length 1. A centre without rows stays at nothing and takes none.
    fn means(rows: &Rows, chosen: &[u32], near: &[(usize, f64)], count: usize) -> Self {
        let mut values = vec![0.0_f32; rows.width() * count];
        for (&row, &(centre, _)) in chosen.iter().zip(near) {
            rows.row(row as usize).entries().for_each(|(column, value)| values[column * count + centre] += value);
        }
        let mut squares = vec![0.0_f64; count];
        for column in values.chunks_exact(count) {
            squares.iter_mut().zip(column).for_each(|(sum, &value)| *sum += f64::from(value) * f64::from(value));
        }
        let factors: Vec<f32> =
            squares.iter().map(|sum| if *sum > 0.0 { (1.0 / sum.sqrt()) as f32 } else { 0.0 }).collect();
        for column in values.chunks_exact_mut(count) {
            column.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
        }
        Self { count, values }
    }

    /// The centre with the highest cosine; none when no column of the row is known.
    pub(super) fn nearest(&self, row: &Row<'_>) -> Option<(usize, f64)> {
        let mut cosines = vec![0.0_f32; self.count];
        for (column, value) in row.entries() {
            let Some(of) = self.values.get(column * self.count..(column + 1) * self.count) else { continue };
            cosines.iter_mut().zip(of).for_each(|(sum, &centre)| *sum += value * centre);
        }
        let mut best = 0;
        for at in 1..self.count {
            if cosines[at] > cosines[best] {
                best = at;
            }
        }
        (!row.columns.is_empty()).then(|| (best, f64::from(cosines[best])))
    }

    fn assign(&self, rows: &Rows, chosen: &[u32]) -> Vec<(usize, f64)> {
        chosen.par_iter().map(|&row| self.nearest(&rows.row(row as usize)).unwrap_or((0, 0.0))).collect()
    }

    pub(super) fn assign_all(&self, rows: &Rows) -> Vec<Option<(usize, f64)>> {
        (0..rows.len()).into_par_iter().map(|row| self.nearest(&rows.row(row))).collect()
    }

    /// Renumbers centres: the one with the most rows is 0.
    pub(super) fn order_by_size(&mut self, rows: &Rows, chosen: &[u32]) {
        let mut sizes: Vec<(usize, usize)> = (0..self.count).map(|centre| (0, centre)).collect();
        self.assign(rows, chosen).iter().for_each(|near| sizes[near.0].0 += 1);
        sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut ordered = vec![0.0; self.count];
        for column in self.values.chunks_exact_mut(self.count) {
            ordered.iter_mut().zip(&sizes).for_each(|(to, &(_, from))| *to = column[from]);
            column.copy_from_slice(&ordered);
        }
    }
}

/// Distances of rows from the nearest centre when this row becomes one.
fn nearer(rows: &Rows, chosen: &[u32], centre: u32, distance: &[f64]) -> Vec<f64> {
    let mut dense = vec![0.0_f32; rows.width()];
    rows.row(centre as usize).entries().for_each(|(column, value)| dense[column] = value);
    let each = chosen.iter().zip(distance).map(|(&row, &distance)| {
        let cosine: f32 = rows.row(row as usize).entries().map(|(column, value)| value * dense[column]).sum();
        distance.min(f64::from(1.0 - cosine).max(0.0))
    });
    each.collect()
}

/// The place that a number from 0 to 1 falls on when places are as wide as their weights.
fn drawn(weights: &[f64], unit: f64) -> usize {
    let all: f64 = weights.iter().filter(|weight| weight.is_finite()).sum();
    let mut left = unit * all;
    for (at, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return at;
        }
    }
    weights.len().saturating_sub(1)
}
