//! BG/NBD: how often customers buy, and whether they still do (Fader, Hardie & Lee 2005, "Counting your customers" the
//! easy way, Marketing Science 24(2), 275–284).
//!
//! While a customer is active, purchases are Poisson with rate λ ~ Gamma(r, α); after each purchase the customer leaves with
//! probability p ~ Beta(a, b). Of a customer we need: the repeat purchases x, the time t_x of the last one and the time T until now,
//! both from the first purchase on.
//!
//! Likelihood (their eq. 6, in the form of Hardie's note on numbers that overflow): L = A₁ A₂ (A₃ + δ A₄) with
//! A₁ = Γ(r+x) α^r / Γ(r), A₂ = Γ(a+b) Γ(b+x) / (Γ(b) Γ(a+b+x)), A₃ = (α+T)^−(r+x), A₄ = a / (b+x−1) · (α+t_x)^−(r+x);
//! and δ = 1 when x > 0, else 0; all of it in logarithms.

use rayon::prelude::*;
use serde::Serialize;
use statrs::function::gamma::{digamma, ln_gamma};

use super::{
    Estimate, ROWS_PER_TASK,
    optimise::{Minimum, inverse, minimise, standard_errors},
};
use crate::error::{FeatureError, Result, argument};

/// How strongly logarithms of parameters are held where the likelihood alone has no maximum that can be told: of a mean over customers, about
/// 1, what moves less than this is told by nobody.
const PULL: f64 = 1e-4;
/// A parameter whose logarithm is beyond this (80,000, or one in 80,000) has run away.
const LOGARITHM_TOLD: f64 = 11.3;
/// The fewest customers that a fit takes.
pub const CUSTOMERS_MIN: usize = 10;
/// Repeat purchases that are told apart: a table of that length is worked out at each step.
pub const FREQUENCY_MAX: u32 = 100_000;
/// Terms of the series for expected purchases; enough for horizons of 50,000 times what was observed.
const TERMS_MAX: u32 = 2_000_000;

/// What is known of one customer, in periods of any one length (weeks, days).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct History {
    /// x: purchases after the first.
    pub frequency: u32,
    /// t_x: from the first purchase to the last; 0 without a repeat.
    pub recency: f64,
    /// T: from the first purchase to now.
    pub age: f64,
}

impl History {
    fn check(self) -> Result<Self> {
        let sound = self.age > 0.0
            && self.age.is_finite()
            && (0.0..=self.age).contains(&self.recency)
            && (self.frequency > 0 || self.recency == 0.0)
            && self.frequency <= FREQUENCY_MAX;
        let allowed = "a history has 0 <= recency <= age, age more than 0, no recency without a repeat purchase, and at \
                       most 100,000 of these";
        match sound {
            true => Ok(self),
            false => Err(argument("history", format!("{self:?}"), allowed)),
        }
    }
}

/// Distinct histories with how many customers have each: all that the likelihood needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    rows: Vec<(History, f64)>,
    customers: usize,
}

impl Histories {
    /// Gathers equal histories.
    ///
    /// # Errors
    /// A history that cannot be; fewer than [`CUSTOMERS_MIN`] of them.
    pub fn gather(histories: &[History]) -> Result<Self> {
        if histories.len() < CUSTOMERS_MIN {
            return Err(FeatureError::TooLittle { what: "histories", found: histories.len(), needed: CUSTOMERS_MIN });
        }
        let mut sorted = histories.iter().map(|h| h.check()).collect::<Result<Vec<_>>>()?;
        let order = |a: &History, b: &History| {
            (a.frequency.cmp(&b.frequency)).then(a.age.total_cmp(&b.age)).then(a.recency.total_cmp(&b.recency))
        };
        sorted.par_sort_unstable_by(order);
        let rows = sorted.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as f64)).collect();
        Ok(Self { rows, customers: histories.len() })
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// How many distinct histories there are.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.rows.len()
    }

    fn mean(&self, of: impl Fn(&History) -> f64) -> f64 {
        self.rows.iter().map(|(history, count)| count * of(history)).sum::<f64>() / self.customers as f64
    }
}

/// A model: the four parameters, all positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BgNbd {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Rate of the purchase rates, in periods.
    pub alpha: f64,
    /// First shape of the probability of leaving.
    pub a: f64,
    /// Second shape of the probability of leaving.
    pub b: f64,
}

/// A model with how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fitted {
    /// The model.
    pub model: BgNbd,
    /// r, α, a, b with their standard errors.
    pub estimates: [Estimate; 4],
    /// The logarithm of the likelihood of all customers.
    pub log_likelihood: f64,
    /// How many customers it was fitted to.
    pub customers: usize,
}

/// The parameters of greatest likelihood.
///
/// # Errors
/// When nobody bought twice, or there is no maximum with finite parameters.
pub fn fit(histories: &Histories) -> Result<Fitted> {
    if histories.rows.iter().all(|(history, _)| history.frequency == 0) {
        return Err(FeatureError::NotConverged { model: "BG/NBD", why: "nobody bought twice".to_owned() });
    }
    let customers = histories.customers as f64;
    let objective = |logarithms: &[f64; 4]| {
        let model = BgNbd::from_logarithms(logarithms);
        let (value, slope) = log_likelihood(&model, histories);
        let scale = [model.r, model.alpha, model.a, model.b];
        (-value / customers, std::array::from_fn(|i| -slope[i] * scale[i] / customers))
    };
    let alpha = histories.mean(|h| h.age) / histories.mean(|h| f64::from(h.frequency)).max(0.1);
    let start = [0.0, alpha.ln(), 0.0, 3.0_f64.ln()];
    let minimum = match minimise("BG/NBD", start, &objective) {
        Ok(minimum) if is_told(&minimum) => minimum,
        // In a direction of which the data tell nothing parameters run as far as they are let, and what is foretold from them loses all digits.
        Ok(_) | Err(_) => minimise("BG/NBD", start, &|logarithms| held(objective(logarithms), logarithms, &start))?,
    };
    let model = BgNbd::from_logarithms(&minimum.at);
    let errors = standard_errors(&minimum, customers);
    let values = [model.r, model.alpha, model.a, model.b];
    Ok(Fitted {
        model,
        estimates: std::array::from_fn(|i| Estimate { value: values[i], standard_error: errors[i] }),
        log_likelihood: -minimum.value * customers,
        customers: histories.customers,
    })
}

/// Whether the likelihood tells the parameters: it bends in every direction, and none has run away.
fn is_told(minimum: &Minimum<4>) -> bool {
    inverse(&minimum.hessian).is_some() && minimum.at.iter().all(|logarithm| logarithm.abs() < LOGARITHM_TOLD)
}

/// An objective with a weak pull of the parameters' logarithms towards where they start.
fn held((value, slope): (f64, [f64; 4]), at: &[f64; 4], start: &[f64; 4]) -> (f64, [f64; 4]) {
    let away: [f64; 4] = std::array::from_fn(|i| at[i] - start[i]);
    let pull = PULL * away.iter().map(|far| far * far).sum::<f64>();
    (value + pull, std::array::from_fn(|i| slope[i] + 2.0 * PULL * away[i]))
}

/// The logarithm of the likelihood of all customers, and its derivatives by r, α, a and b.
#[must_use]
pub fn log_likelihood(model: &BgNbd, histories: &Histories) -> (f64, [f64; 4]) {
    let most = histories.rows.last().map_or(0, |(history, _)| history.frequency);
    let tables: Vec<ByFrequency> = (0..=most).into_par_iter().map(|x| ByFrequency::new(model, x)).collect();
    let parts: Vec<[f64; 5]> = histories
        .rows
        .par_chunks(ROWS_PER_TASK)
        .map(|rows| rows.iter().fold([0.0; 5], |sum, (history, count)| add(sum, *count, term(model, &tables, history))))
        .collect();
    let sum = parts.into_iter().fold([0.0; 5], |sum, part| add(sum, 1.0, part));
    (sum[0], [sum[1], sum[2], sum[3], sum[4]])
}

fn add(sum: [f64; 5], times: f64, part: [f64; 5]) -> [f64; 5] {
    std::array::from_fn(|i| sum[i] + times * part[i])
}

/// What depends on the number of purchases alone.
#[derive(Clone, Copy)]
struct ByFrequency {
    /// ln A₁ + ln A₂.
    value: f64,
    /// Derivatives of that by r, a and b (by α it is r / α).
    by_r: f64,
    by_a: f64,
    by_b: f64,
}

impl ByFrequency {
    fn new(model: &BgNbd, frequency: u32) -> Self {
        let BgNbd { r, alpha, a, b } = *model;
        let x = f64::from(frequency);
        Self {
            value: ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + ln_gamma(a + b) + ln_gamma(b + x)
                - ln_gamma(b)
                - ln_gamma(a + b + x),
            by_r: digamma(r + x) - digamma(r) + alpha.ln(),
            by_a: digamma(a + b) - digamma(a + b + x),
            by_b: digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x),
        }
    }
}

/// One customer's logarithm of the likelihood and its derivatives.
fn term(model: &BgNbd, tables: &[ByFrequency], history: &History) -> [f64; 5] {
    let BgNbd { r, alpha, a, b } = *model;
    let x = f64::from(history.frequency);
    let table = &tables[history.frequency as usize];
    let (by_age, by_recency) = ((alpha + history.age).ln(), (alpha + history.recency).ln());
    let stays = -(r + x) * by_age;
    let left = match history.frequency {
        0 => f64::NEG_INFINITY,
        _ => (a / (b + x - 1.0)).ln() - (r + x) * by_recency,
    };
    let most = stays.max(left);
    let sum = most + ((stays - most).exp() + (left - most).exp()).ln();
    let (stays, left) = ((stays - sum).exp(), (left - sum).exp());
    let by_b = if history.frequency == 0 { 0.0 } else { left / (b + x - 1.0) };
    [
        table.value + sum,
        table.by_r - stays * by_age - left * by_recency,
        r / alpha - (r + x) * (stays / (alpha + history.age) + left / (alpha + history.recency)),
        table.by_a + left / a,
        table.by_b - by_b,
    ]
}

impl BgNbd {
    fn from_logarithms(logarithms: &[f64; 4]) -> Self {
        let [r, alpha, a, b] = logarithms.map(f64::exp);
        Self { r, alpha, a, b }
    }

    /// The probability that the customer still buys (Fader, Hardie & Lee 2008, "Computing P(alive) using the BG/NBD model"):
    /// 1 / (1 + δ a / (b+x−1) · ((α+T) / (α+t_x))^(r+x)).
    #[must_use]
    pub fn probability_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.odds_gone(history))
    }

    fn odds_gone(&self, history: &History) -> f64 {
        if history.frequency == 0 {
            return 0.0;
        }
        let x = f64::from(history.frequency);
        let longer = ((history.age - history.recency) / (self.alpha + history.recency)).ln_1p();
        ((self.a / (self.b + x - 1.0)).ln() + (self.r + x) * longer).exp()
    }

    /// Purchases expected in the next `periods` (their eq. 10).
    ///
    /// The published form, (a+b+x−1)/(a−1) · [1 − ((α+T)/(α+T+t))^(r+x) ₂F₁(r+x, b+x; a+b+x−1; z)] with z = t/(α+T+t), breaks at
    /// a = 1 and overflows for many purchases. With Euler's transformation, ₂F₁ becomes (1−z)^(a−1−r−x) ₂F₁(a+b−1−r, a−1; a+b+x−1; z),
    /// and what is left, with ε = a − 1 and c = a+b+x−1, is −c · (e^(ε ln(1−z)) − 1)/ε − (1−z)^ε H, where
    /// H = Σ_{k≥1} (a+b−1−r)_k (ε+1)_{k−1} / ((c+1)_{k−1} k!) z^k: no pole, and nothing that grows with x.
    ///
    /// # Errors
    /// `periods` that are negative or not finite; a horizon of more than about 50,000 times what was observed.
    pub fn expected_purchases(&self, history: &History, periods: f64) -> Result<f64> {
        history.check()?;
        let while_alive = self.bracket(f64::from(history.frequency), history.age, periods)?;
        Ok(while_alive / (1.0 + self.odds_gone(history)))
    }

    /// Repeat purchases expected of a new customer in the first `periods` (their eq. 9).
    ///
    /// # Errors
    /// As for [`Self::expected_purchases`].
    pub fn expected_repeats(&self, periods: f64) -> Result<f64> {
        self.bracket(0.0, 0.0, periods)
    }

    fn bracket(&self, x: f64, age: f64, periods: f64) -> Result<f64> {
        if !(periods >= 0.0 && periods.is_finite()) {
            return Err(argument("periods", periods, "a horizon is finite and not negative"));
        }
        let z = periods / (self.alpha + age + periods);
        let (epsilon, c) = (self.a - 1.0, self.a + self.b + x - 1.0);
        let logarithm = -(periods / (self.alpha + age)).ln_1p();
        let falls = if epsilon == 0.0 { logarithm } else { (epsilon * logarithm).exp_m1() / epsilon };
        let series = self.series(c, epsilon, z)?;
        Ok((-c * falls - (epsilon * logarithm).exp() * series).max(0.0))
    }

    /// H of [`Self::expected_purchases`].
    fn series(&self, c: f64, epsilon: f64, z: f64) -> Result<f64> {
        let first = self.a + self.b - 1.0 - self.r;
        let (mut term, mut sum) = (first * z, first * z);
        for k in 1..TERMS_MAX {
            let k = f64::from(k);
            term *= (first + k) * (epsilon + k) / ((c + k) * (k + 1.0)) * z;
            sum += term;
            // Later terms shrink by z at least, up to what a small c adds in the beginning.
            if term.abs() <= 1e-17 * sum.abs() * (1.0 - z) && k > first.abs() {
                return Ok(sum);
            }
            if term == 0.0 {
                return Ok(sum);
            }
        }
        Err(argument("periods", format!("{z} of all time"), "the horizon is too far beyond what was observed"))
    }

    /// What the customer will bring in over a horizon, discounted to now: Σ over its steps of the purchases expected in each,
    /// times `spend` a purchase, divided by (1 + discount)^step.
    ///
    /// # Errors
    /// As for [`Self::expected_purchases`]; a discount of −1 or less.
    pub fn discounted_value(&self, history: &History, horizon: Horizon, spend: f64) -> Result<f64> {
        let Horizon { steps, step_periods, discount } = horizon;
        if !(discount > -1.0 && discount.is_finite()) {
            return Err(argument("discount", discount, "a rate a step is more than -1"));
        }
        let (mut value, mut before, mut factor) = (0.0, 0.0, 1.0);
        for step in 1..=steps {
            let until = self.expected_purchases(history, f64::from(step) * step_periods)?;
            factor /= 1.0 + discount;
            value += (until - before) * spend * factor;
            before = until;
        }
        Ok(value)
    }
}

/// How far ahead, and how later money counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Horizon {
    /// How many steps (months, say).
    pub steps: u32,
    /// Periods in a step (weeks in a month, say).
    pub step_periods: f64,
    /// The discount of a step, more than −1.
    pub discount: f64,
}
