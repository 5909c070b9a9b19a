//! Gamma-Gamma: what customers spend on average (Fader & Hardie 2013, "The Gamma-Gamma model of monetary value"; Colombo & Jiang 1999).
//!
//! A customer's purchases are Gamma(p, ν) with ν ~ Gamma(q, γ) over customers, and how much is independent of how often. Of a customer
//! we need the number of purchases x and their mean m. The logarithm of the likelihood (their eq. 1a) is
//! ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln γ + (px−1) ln m + px ln x − (px+q) ln(γ + mx).

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;
use statrs::function::gamma::{digamma, ln_gamma};

use super::{
    Estimate, ROWS_PER_TASK,
    optimise::{minimise, standard_errors},
};
use crate::error::{FeatureError, Result, argument};

/// The fewest customers that a fit takes.
pub const CUSTOMERS_MIN: usize = 10;

/// What a customer spent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spending {
    /// x: how many purchases the mean is of; at least 1.
    pub purchases: u32,
    /// m: their mean, more than 0. A measurement, in units of the currency.
    pub mean: f64,
}

impl Spending {
    fn check(&self) -> Result<()> {
        match self.purchases > 0 && self.mean > 0.0 && self.mean.is_finite() {
            true => Ok(()),
            false => {
                Err(argument("spending", format!("{self:?}"), "take customers with a purchase and a mean above zero"))
            }
        }
    }
}

/// A model: the three parameters, all positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GammaGamma {
    /// Shape of one customer's purchases.
    pub p: f64,
    /// Shape over customers.
    pub q: f64,
    /// Scale over customers, in units of the currency.
    pub gamma: f64,
}

/// A model with how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fitted {
    /// The model.
    pub model: GammaGamma,
    /// p, q, γ with their standard errors.
    pub estimates: [Estimate; 3],
    /// The logarithm of the likelihood of all customers.
    pub log_likelihood: f64,
    /// How many customers it was fitted to.
    pub customers: usize,
}

/// The parameters of greatest likelihood.
///
/// # Errors
/// Fewer than [`CUSTOMERS_MIN`] customers, spending that cannot be, or no maximum with finite parameters.
pub fn fit(spendings: &[Spending]) -> Result<Fitted> {
    if spendings.len() < CUSTOMERS_MIN {
        return Err(FeatureError::TooLittle { what: "spendings", found: spendings.len(), needed: CUSTOMERS_MIN });
    }
    spendings.iter().try_for_each(Spending::check)?;
    let customers = spendings.len() as f64;
    let mean = spendings.iter().map(|s| s.mean).sum::<f64>() / customers;
    let rows = Rows::new(spendings);
    let objective = |logarithms: &[f64; 3]| {
        let [p, q, gamma] = logarithms.map(f64::exp);
        let (value, slope) = rows.log_likelihood(p, q, gamma);
        let scale = [p, q, gamma];
        (-value / customers, std::array::from_fn(|i| -slope[i] * scale[i] / customers))
    };
    let minimum = minimise("Gamma-Gamma", [1.5, 1.0, mean.ln()], &objective)?;
    let [p, q, gamma] = minimum.at.map(f64::exp);
    let errors = standard_errors(&minimum, customers);
    let values = [p, q, gamma];
    Ok(Fitted {
        model: GammaGamma { p, q, gamma },
        estimates: std::array::from_fn(|i| Estimate { value: values[i], standard_error: errors[i] }),
        log_likelihood: -minimum.value * customers,
        customers: spendings.len(),
    })
}

/// Customers, with what depends on the number of purchases kept apart.
struct Rows {
    /// Number of purchases, their sum, and ln m (for the term that is not ln(mx)).
    customers: Vec<(u32, f64, f64)>,
    frequencies: Vec<u32>,
}

impl Rows {
    fn new(spendings: &[Spending]) -> Self {
        let mut frequencies: Vec<u32> = spendings.iter().map(|s| s.purchases).collect();
        frequencies.sort_unstable();
        frequencies.dedup();
        let place: FxHashMap<u32, u32> = (0..).zip(&frequencies).map(|(at, &x)| (x, at)).collect();
        let row = |s: &Spending| {
            (place.get(&s.purchases).copied().unwrap_or(0), f64::from(s.purchases) * s.mean, s.mean.ln())
        };
        Self { customers: spendings.iter().map(row).collect(), frequencies }
    }

    fn log_likelihood(&self, p: f64, q: f64, gamma: f64) -> (f64, [f64; 3]) {
        let tables: Vec<(f64, f64, f64, f64)> = self
            .frequencies
            .par_iter()
            .map(|&x| {
                let (x, px) = (f64::from(x), p * f64::from(x));
                let value = ln_gamma(px + q) - ln_gamma(px) - ln_gamma(q) + q * gamma.ln();
                (x, value, digamma(px + q) - digamma(px), digamma(px + q) - digamma(q) + gamma.ln())
            })
            .collect();
        let term = |&(at, total, mean_ln): &(u32, f64, f64)| {
            let (x, value, by_p, by_q) = tables[at as usize];
            let (total_ln, all_ln) = (total.ln(), (gamma + total).ln());
            [
                value + p * x * total_ln - mean_ln - (p * x + q) * all_ln,
                x * (by_p + total_ln - all_ln),
                by_q - all_ln,
                q / gamma - (p * x + q) / (gamma + total),
            ]
        };
        let add = |sum: [f64; 4], part: [f64; 4]| std::array::from_fn::<f64, 4, _>(|i| sum[i] + part[i]);
        let parts: Vec<[f64; 4]> = self
            .customers
            .par_chunks(ROWS_PER_TASK)
            .map(|rows| rows.iter().fold([0.0; 4], |sum, row| add(sum, term(row))))
            .collect();
        let sum = parts.into_iter().fold([0.0; 4], add);
        (sum[0], [sum[1], sum[2], sum[3]])
    }
}

impl GammaGamma {
    /// What a customer's purchases are expected to be on average, given those seen (their eq. 5): p (γ + mx) / (px + q − 1), the mean
    /// of all customers and the customer's own, weighed. `None` of a customer without purchases whose mean is not finite (q ≤ 1).
    #[must_use]
    pub fn expected_mean(&self, spending: Option<&Spending>) -> Option<f64> {
        let (x, total) = spending.map_or((0.0, 0.0), |s| (f64::from(s.purchases), f64::from(s.purchases) * s.mean));
        let below = self.p * x + self.q - 1.0;
        (below > 0.0).then(|| self.p * (self.gamma + total) / below)
    }
}
