//! What sets those who converted apart from those who did not?
//!
//! Each *question* is one thing about customers: whether they have something (did an event, hold a product, are in a
//! segment), or a number (balance, age). Its answer is how the converted differ from the others: an effect with an
//! interval, and a p-value. Many questions find differences by chance; so p-values are adjusted over all questions asked, also
//! those that could not be answered.
//!
//! **Has or has not.** With a of n₁ converted and c of n₂ others who have it:
//!
//! - the difference of shares a/n₁ − c/n₂, with Newcombe's interval (R. G. Newcombe, "Interval estimation for the difference between
//!   independent proportions", Statistics in Medicine 17, 1998, method 10, from Wilson's score intervals);
//! - the odds ratio of converting, with ½ added to each cell (Haldane 1956, Anscombe 1956) and the interval of its logarithm
//!   (B. Woolf 1955);
//! - p from Pearson's chi-squared test of the 2×2 table without correction; from Fisher's exact test (two-sided, by
//!   probability) where an expected count is below 5 (Cochran 1954).
//!
//! **A number.** The standardised difference of means g (L. V. Hedges 1981: Cohen's d with the factor 1 − 3/(4(n₁ + n₂) − 9)), its
//! interval from the large-sample variance (n₁ + n₂)/(n₁n₂) + g²/(2(n₁ + n₂)) (Hedges and Olkin 1985, p. 86), and p from Welch's t test
//! (B. L. Welch 1947). Customers without the number are left out and counted.
//!
//! **Adjustment.** Benjamini and Hochberg (1995): sorted p₍ᵢ₎ become min over j ≥ i of p₍ⱼ₎·m/j, m being all questions. A set
//! with `q ≤ 0.05` has at most one chance finding in twenty, expected.
//!
//! What distinguishes is not what causes: an event may come after the conversion, or be a part of it.

use roaring::RoaringBitmap;
use statrs::function::{
    beta::checked_beta_reg,
    erf::{erfc, erfc_inv},
    gamma::ln_gamma,
};

use crate::{JourneyError, error::settings};

/// Where every expected count is at least this, the chi-squared test stands in for Fisher's.
const EXPECTED_MIN: f64 = 5.0;

/// One thing that is asked about customers.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// Who has it.
    Has(&'a RoaringBitmap),
    /// Customers and their number, each customer once; numbers that are not finite count as missing.
    Number(&'a [(u32, f64)]),
}

/// How the converted differ in one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Which question, from 0.
    pub question: usize,
    /// What was found; `None` if a group was too small or nobody differs.
    pub found: Option<Found>,
}

/// An effect and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How large.
    pub effect: Effect,
    /// The chance of a difference like this if there were none.
    pub p: f64,
    /// The same, adjusted for all questions asked.
    pub q: f64,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How large a difference is.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Of shares.
    Has {
        /// Converted customers who have it.
        converted: u64,
        /// Others who have it.
        others: u64,
        /// Share among the converted less share among the others.
        difference: Estimate,
        /// Odds of converting with it over odds without it.
        odds_ratio: Estimate,
    },
    /// Of means.
    Number {
        /// Converted customers with a number, and its mean among them.
        converted: (u64, f64),
        /// Others with a number, and its mean among them.
        others: (u64, f64),
        /// Hedges' g; positive when the converted have more.
        g: Estimate,
    },
}

/// Asks all questions of the customers of `population`, those of `converted` against the rest.
///
/// `level` is that of the intervals, such as 0.95. Answers come in the order of the questions.
///
/// # Errors
/// When the level is not between 0 and 1.
pub fn distinguish(
    population: &RoaringBitmap,
    converted: &RoaringBitmap,
    questions: &[Question<'_>],
    level: f64,
) -> Result<Vec<Difference>, JourneyError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(settings("the level of intervals lies between 0 and 1"));
    }
    let converted = population & converted;
    let others = population - &converted;
    let z = std::f64::consts::SQRT_2 * erfc_inv(1.0 - level);
    let mut answers: Vec<Option<Found>> = questions
        .iter()
        .map(|question| match question {
            Question::Has(set) => has(set, &converted, &others, z),
            Question::Number(values) => number(values, &converted, &others, z),
        })
        .collect();
    adjust(&mut answers);
    Ok(answers.into_iter().enumerate().map(|(question, found)| Difference { question, found }).collect())
}

/// The 2×2 table of having and converting.
#[derive(Debug, Clone, Copy)]
struct Table {
    /// Converted: with, without.
    converted: [f64; 2],
    /// Others: with, without.
    others: [f64; 2],
}

fn has(set: &RoaringBitmap, converted: &RoaringBitmap, others: &RoaringBitmap, z: f64) -> Option<Found> {
    let (n1, n2) = (converted.len(), others.len());
    let (a, c) = (converted.intersection_len(set), others.intersection_len(set));
    let table = Table { converted: [a as f64, (n1 - a) as f64], others: [c as f64, (n2 - c) as f64] };
    if n1 == 0 || n2 == 0 || a + c == 0 || a + c == n1 + n2 {
        return None;
    }
    let (difference, odds_ratio) = (table.difference(z), table.odds_ratio(z));
    let p = if table.expected_min() < EXPECTED_MIN { table.fisher() } else { table.chi_squared() };
    Some(Found { effect: Effect::Has { converted: a, others: c, difference, odds_ratio }, p, q: p })
}

impl Table {
    fn totals(&self) -> (f64, f64, f64) {
        let (n1, n2) = (self.converted.iter().sum::<f64>(), self.others.iter().sum::<f64>());
        (n1, n2, self.converted[0] + self.others[0])
    }

    fn expected_min(&self) -> f64 {
        let (n1, n2, with) = self.totals();
        n1.min(n2) * with.min(n1 + n2 - with) / (n1 + n2)
    }

    fn chi_squared(&self) -> f64 {
        let (n1, n2, with) = self.totals();
        let cross = self.converted[0] * self.others[1] - self.converted[1] * self.others[0];
        let statistic = cross * cross * (n1 + n2) / (n1 * n2 * with * (n1 + n2 - with));
        erfc((statistic / 2.0).sqrt())
    }

    /// The probabilities of all tables with these margins that are at most as likely as this one.
    fn fisher(&self) -> f64 {
        let (n1, n2, with) = self.totals();
        let all = ln_choose(n1 + n2, with);
        let probability = |a: f64| (ln_choose(n1, a) + ln_choose(n2, with - a) - all).exp();
        let observed = probability(self.converted[0]);
        let least = (with - n2).max(0.0) as u64;
        let most = n1.min(with) as u64;
        // As likely, but for rounding.
        let limit = observed * (1.0 + 1e-7);
        (least..=most).map(|a| probability(a as f64)).filter(|p| *p <= limit).sum::<f64>().min(1.0)
    }

    fn difference(&self, z: f64) -> Estimate {
        let (n1, n2, _) = self.totals();
        let (p1, p2) = (self.converted[0] / n1, self.others[0] / n2);
        let ((l1, u1), (l2, u2)) = (wilson(p1, n1, z), wilson(p2, n2, z));
        let value = p1 - p2;
        Estimate { value, low: value - (p1 - l1).hypot(u2 - p2), high: value + (u1 - p1).hypot(p2 - l2) }
    }

    fn odds_ratio(&self, z: f64) -> Estimate {
        let [a, b] = self.converted.map(|n| n + 0.5);
        let [c, d] = self.others.map(|n| n + 0.5);
        let log = (a * d / (b * c)).ln();
        let error = z * (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
        Estimate { value: log.exp(), low: (log - error).exp(), high: (log + error).exp() }
    }
}

fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Wilson's score interval of a share (E. B. Wilson 1927).
fn wilson(p: f64, n: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let middle = p + z2 / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    ((middle - half) / scale, (middle + half) / scale)
}

/// Count, mean and squared deviations of one group, added up in order (B. P. Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.n += 1.0;
        let away = value - self.mean;
        self.mean += away / self.n;
        self.squares += away * (value - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.n - 1.0)
    }
}

fn number(values: &[(u32, f64)], converted: &RoaringBitmap, others: &RoaringBitmap, z: f64) -> Option<Found> {
    let (mut a, mut b) = (Moments::default(), Moments::default());
    for (customer, value) in values.iter().filter(|(_, value)| value.is_finite()) {
        if converted.contains(*customer) {
            a.add(*value);
        } else if others.contains(*customer) {
            b.add(*value);
        }
    }
    if a.n < 2.0 || b.n < 2.0 || a.squares + b.squares == 0.0 {
        return None;
    }
    let g = hedges(&a, &b, z);
    let p = welch(&a, &b)?;
    let effect = Effect::Number { converted: (a.n as u64, a.mean), others: (b.n as u64, b.mean), g };
    Some(Found { effect, p, q: p })
}

fn hedges(a: &Moments, b: &Moments, z: f64) -> Estimate {
    let n = a.n + b.n;
    let pooled = ((a.squares + b.squares) / (n - 2.0)).sqrt();
    let value = (a.mean - b.mean) / pooled * (1.0 - 3.0 / (4.0 * n - 9.0));
    let error = z * (n / (a.n * b.n) + value * value / (2.0 * n)).sqrt();
    Estimate { value, low: value - error, high: value + error }
}

fn welch(a: &Moments, b: &Moments) -> Option<f64> {
    let (va, vb) = (a.variance() / a.n, b.variance() / b.n);
    let t2 = (a.mean - b.mean).powi(2) / (va + vb);
    let freedom = (va + vb).powi(2) / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
    checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t2)).ok()
}

/// Benjamini and Hochberg's step-up procedure, as adjusted p-values.
fn adjust(answers: &mut [Option<Found>]) {
    let asked = answers.len() as f64;
    let mut found: Vec<&mut Found> = answers.iter_mut().flatten().collect();
    found.sort_by(|a, b| a.p.total_cmp(&b.p));
    let mut least = 1.0f64;
    for (rank, answer) in found.iter_mut().enumerate().rev() {
        least = least.min(answer.p * asked / (rank + 1) as f64);
        answer.q = least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }

    #[test]
    fn the_difference_of_shares_has_newcombes_interval() {
        // Newcombe 1998, table II, method 10: 56/70 against 48/80.
        let table = Table { converted: [56.0, 14.0], others: [48.0, 32.0] };
        let found = table.difference(1.959_964);
        near(found.value, 0.2, 1e-12);
        near(found.low, 0.0524, 5e-5);
        near(found.high, 0.3339, 5e-5);
    }

    #[test]
    fn fishers_test_gives_the_tea_ladys_probability() {
        // Fisher 1935: three of four cups right, two-sided 0.4857.
        let table = Table { converted: [3.0, 1.0], others: [1.0, 3.0] };
        near(table.fisher(), 34.0 / 70.0, 1e-12);
        let all = Table { converted: [4.0, 0.0], others: [0.0, 4.0] };
        near(all.fisher(), 2.0 / 70.0, 1e-12);
    }

    #[test]
    fn the_chi_squared_test_is_pearsons() {
        // 2x2 table with chi-squared = 100 * (30*40 - 10*20)^2 / (40*60*50*50) = 16.67.
        let table = Table { converted: [30.0, 10.0], others: [20.0, 40.0] };
        near(table.chi_squared(), 4.455_709_060_406_7e-5, 1e-10);
    }

    #[test]
    fn welchs_test_is_the_textbooks() {
        // Two small samples; t and freedom by hand: means 3 and 6, variances 2.5 and 10, n = 5.
        let (mut a, mut b) = (Moments::default(), Moments::default());
        (1..=5).for_each(|v| a.add(f64::from(v)));
        [2.0, 4.0, 6.0, 8.0, 10.0].into_iter().for_each(|v| b.add(v));
        // t = -3 / sqrt(2.5) = -1.8974, freedom = 6.25 / (0.0625 + 1) = 5.882; p = 0.1075.
        near(welch(&a, &b).unwrap(), 0.1075, 5e-5);
    }

    #[test]
    fn p_values_are_adjusted_over_all_questions() {
        let found = |p| {
            Some(Found {
                effect: Effect::Number {
                    converted: (0, 0.0),
                    others: (0, 0.0),
                    g: Estimate { value: 0.0, low: 0.0, high: 0.0 },
                },
                p,
                q: p,
            })
        };
        // Five questions, one without an answer.
        let mut answers = vec![found(0.04), None, found(0.01), found(0.03), found(0.5)];
        adjust(&mut answers);
        let q: Vec<f64> = answers.iter().flatten().map(|f| f.q).collect();
        for (q, expected) in q.iter().zip([0.2 / 3.0, 0.05, 0.2 / 3.0, 0.625]) {
            near(*q, expected, 1e-12);
        }
    }
}
