//! Items that go together: a weight for each pair of a held item and another.
//!
//! Cosine: who hold both, over the root of the product of who hold either, plus a shrinkage that keeps rare pairs small (Sarwar et al. 2001; Bell and Koren
//! 2007). EASE: the linear map with zero diagonal that gives the table back best under a ridge, in closed form (Steck 2019):
//! with P = (XᵀX + λI)⁻¹, B_ij = -P_ij / P_jj.

use super::dense;
use crate::{
    error::{DecisionError, Result, argument},
    holdings::Holdings,
};

/// The most items whose pairs are kept: 32 MB of weights.
pub const PAIRED_ITEMS_MAX: usize = 2000;

/// n × n; the row is the held item, the column the other.
pub(super) fn cosine(holdings: &Holdings, shrinkage: f64) -> Result<Vec<f64>> {
    check(holdings, shrinkage, "the shrinkage")?;
    let n = holdings.items().len();
    let (together, holders) = (holdings.together(), holdings.holders());
    let weight = |at: usize| {
        let (held, other) = (at / n, at % n);
        let scale = ((holders[held] * holders[other]) as f64).sqrt() + shrinkage;
        if held == other || scale <= 0.0 { 0.0 } else { f64::from(together[at]) / scale }
    };
    Ok((0..n * n).map(weight).collect())
}

/// n × n, as [`cosine`].
pub(super) fn ease(holdings: &Holdings, ridge: f64) -> Result<Vec<f64>> {
    check(holdings, ridge, "the ridge")?;
    let n = holdings.items().len();
    let mut gram: Vec<f64> = holdings.together().into_iter().map(f64::from).collect();
    (0..n).for_each(|i| gram[i * n + i] += ridge);
    let lower = dense::cholesky(gram, n).ok_or(DecisionError::NotSolvable { what: "the map of items" })?;
    let inverse = dense::inverse(&lower, n);
    let weight = |at: usize| {
        let (held, other) = (at / n, at % n);
        if held == other { 0.0 } else { -inverse[at] / inverse[other * n + other] }
    };
    Ok((0..n * n).map(weight).collect())
}

fn check(holdings: &Holdings, number: f64, what: &'static str) -> Result<()> {
    if holdings.items().len() > PAIRED_ITEMS_MAX {
        let allowed = "at most 2,000 can be paired: take `Method::Factors`";
        return Err(argument("the number of items", holdings.items().len(), allowed));
    }
    match number.is_finite() && number >= 0.0 {
        true => Ok(()),
        false => Err(argument(what, number, "it is not below 0")),
    }
}
