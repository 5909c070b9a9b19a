//! Implicit-feedback matrix factorisation by alternating least squares (Hu, Koren and Volinsky 2008).
//!
//! Minimises Σ c (p - xᵀy)² + λ (Σ‖x‖² + Σ‖y‖²) over all pairs, p being 1 for what is held and 0 for the rest, c being 1 + α and 1. Each row is
//! solved exactly with (YᵀY + α Σ y yᵀ + λI) x = (1 + α) Σ y over what is held. Only factors of items are kept: a customer's are solved
//! anew from what the customer holds, so a saved model has no row of anybody.

use rayon::prelude::*;

use super::dense::{self, add_outer, dot};
use crate::{
    error::{DecisionError, Result, argument},
    holdings::{Holdings, PIECE_ROWS},
    random::Random,
};

/// The most factors.
pub const RANK_MAX: usize = 256;
/// The most rounds.
pub const ROUNDS_MAX: usize = 200;
/// How far from 0 factors start, over the root of their number.
const START: f64 = 0.1;

/// How to factor.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorSettings {
    /// How many factors.
    pub rank: usize,
    /// How much more what is held counts than what is not.
    pub alpha: f64,
    /// How strongly factors are kept small; above 0.
    pub lambda: f64,
    /// How often both sides are solved.
    pub rounds: usize,
    /// Draws the start.
    pub seed: u64,
}

impl FactorSettings {
    pub(super) fn check(&self) -> Result<()> {
        if !(1..=RANK_MAX).contains(&self.rank) {
            return Err(argument("`rank`", self.rank, "it is from 1 to 256"));
        }
        if !(1..=ROUNDS_MAX).contains(&self.rounds) {
            return Err(argument("`rounds`", self.rounds, "it is from 1 to 200"));
        }
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            return Err(argument("`alpha`", self.alpha, "it is not below 0"));
        }
        match self.lambda.is_finite() && self.lambda > 0.0 {
            true => Ok(()),
            false => Err(argument("`lambda`", self.lambda, "it is above 0")),
        }
    }
}

/// Factors of items with what solving a customer needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Factors {
    pub(super) settings: FactorSettings,
    /// Items × rank.
    pub(super) items: Vec<f64>,
    /// YᵀY + λI.
    base: Vec<f64>,
}

impl Factors {
    pub(super) fn fit(holdings: &Holdings, settings: FactorSettings) -> Result<Self> {
        settings.check()?;
        let rank = settings.rank;
        let mut random = Random::new(settings.seed);
        let start = START / (rank as f64).sqrt();
        let draws = holdings.items().len() * rank;
        let mut items: Vec<f64> = (0..draws).map(|_| start * (2.0 * random.unit() - 1.0)).collect();
        let by_item = holdings.by_item();
        let by_row: Vec<&[u32]> = holdings.rows().collect();
        for _ in 0..settings.rounds {
            let customers = side(&by_row, &items, &settings)?;
            let by_item: Vec<&[u32]> = by_item.iter().map(Vec::as_slice).collect();
            items = side(&by_item, &customers, &settings)?;
        }
        Ok(Self::of(settings, items))
    }

    /// With factors that were fitted before.
    pub(super) fn of(settings: FactorSettings, items: Vec<f64>) -> Self {
        let base = base(&items, &settings);
        Self { settings, items, base }
    }

    pub(super) fn item(&self, item: usize) -> &[f64] {
        &self.items[item * self.settings.rank..(item + 1) * self.settings.rank]
    }

    /// By item, how much a customer who holds these wants it: near 1 for much, near 0 for not.
    pub(super) fn scores(&self, held: &[u32]) -> Result<Vec<f64>> {
        let factors = solve_row(held, &self.items, &self.base, &self.settings)?;
        Ok(self.items.chunks_exact(self.settings.rank).map(|item| dot(item, &factors)).collect())
    }

    /// By held item, what it adds to the score of another. They add up to the score (section 5 of the paper): with W the inverse of the customer's
    /// matrix, the score is Σ (1 + α) yᵀ W y_held.
    pub(super) fn shares(&self, held: &[u32], item: usize) -> Result<Vec<f64>> {
        let rank = self.settings.rank;
        let lower = factored(held, &self.items, &self.base, &self.settings)?;
        let mut towards = self.item(item).to_vec();
        dense::solve(&lower, rank, &mut towards);
        Ok(held.iter().map(|h| (1.0 + self.settings.alpha) * dot(&towards, self.item(*h as usize))).collect())
    }
}

/// One side solved against the other, a row a task.
fn side(rows: &[&[u32]], other: &[f64], settings: &FactorSettings) -> Result<Vec<f64>> {
    let base = base(other, settings);
    let solved: Result<Vec<Vec<f64>>> = rows.par_iter().map(|held| solve_row(held, other, &base, settings)).collect();
    Ok(solved?.concat())
}

/// YᵀY + λI; pieces of a fixed size, added up in order.
fn base(y: &[f64], settings: &FactorSettings) -> Vec<f64> {
    let rank = settings.rank;
    let piece = |rows: &[f64]| {
        let mut sum = vec![0.0; rank * rank];
        rows.chunks_exact(rank).for_each(|row| add_outer(&mut sum, row, 1.0));
        sum
    };
    let pieces: Vec<Vec<f64>> = y.par_chunks(PIECE_ROWS * rank).map(piece).collect();
    let mut base = vec![0.0; rank * rank];
    for piece in pieces {
        base.iter_mut().zip(piece).for_each(|(sum, more)| *sum += more);
    }
    (0..rank).for_each(|i| base[i * rank + i] += settings.lambda);
    base
}

fn factored(held: &[u32], y: &[f64], base: &[f64], settings: &FactorSettings) -> Result<Vec<f64>> {
    let rank = settings.rank;
    let mut matrix = base.to_vec();
    for item in held {
        let at = *item as usize * rank;
        add_outer(&mut matrix, &y[at..at + rank], settings.alpha);
    }
    dense::cholesky(matrix, rank).ok_or(DecisionError::NotSolvable { what: "a customer's factors" })
}

fn solve_row(held: &[u32], y: &[f64], base: &[f64], settings: &FactorSettings) -> Result<Vec<f64>> {
    let rank = settings.rank;
    let mut row = vec![0.0; rank];
    if held.is_empty() {
        return Ok(row);
    }
    for item in held {
        let at = *item as usize * rank;
        row.iter_mut().zip(&y[at..at + rank]).for_each(|(sum, y)| *sum += (1.0 + settings.alpha) * y);
    }
    dense::solve(&factored(held, y, base, settings)?, rank, &mut row);
    Ok(row)
}
