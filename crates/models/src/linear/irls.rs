//! Maximum likelihood of a logistic regression: iteratively reweighted least squares, and coordinate descent where the penalty has corners.
//!
//! What is made small is `Σ w·loss + strength·(l1·Σ|β| + (1 − l1)/2·Σβ²)` over standardised columns, the intercept unpenalised: scikit-learn's
//! objective with `C = 1 / strength` behind a `StandardScaler`, and glmnet's with `λ = strength / Σw`.

use rayon::prelude::*;

use super::solve;
use crate::{
    error::{ModelError, Result},
    learner::logistic,
};

/// The most Newton steps.
const STEPS_MAX: usize = 100;
/// The most rounds of coordinate descent within a step.
const ROUNDS_MAX: usize = 10_000;
/// Coefficients (of standardised columns) have settled when none moves by more.
const SETTLED: f64 = 1e-9;
/// How often a step that makes things worse is halved.
const HALVINGS_MAX: usize = 30;
/// Standardised coefficients beyond this mean that the outcome is told apart without error.
const COEFFICIENT_MAX: f64 = 1e3;
/// Rows that are summed together; the sums of blocks are added in order, whatever the threads.
const BLOCK_ROWS: usize = 2048;

/// A regression to be solved: the design (by row, a leading 1 for the intercept), labels, weights, penalty.
pub(crate) struct Problem<'a> {
    pub(crate) design: &'a [f64],
    pub(crate) columns: usize,
    pub(crate) label: &'a [f64],
    pub(crate) weights: &'a [f64],
    pub(crate) strength: f64,
    pub(crate) l1: f64,
}

/// What was found.
pub(crate) struct Fitted {
    /// The intercept, then a coefficient a column.
    pub(crate) beta: Vec<f64>,
    /// The covariance of `beta`, by rows; nothing with an l1 penalty.
    pub(crate) covariance: Option<Vec<f64>>,
    pub(crate) log_likelihood: f64,
    pub(crate) steps: usize,
}

/// The Fisher information and the score at some coefficients.
struct Moments {
    information: Vec<f64>,
    score: Vec<f64>,
}

impl Problem<'_> {
    pub(crate) fn solve(&self) -> Result<Fitted> {
        let mut beta = vec![0.0; self.columns];
        beta[0] = self.log_odds();
        let mut value = self.objective(&beta);
        for step in 1..=STEPS_MAX {
            let moments = self.moments(&beta);
            let next = match self.l1 > 0.0 && self.strength > 0.0 {
                true => self.descend(&moments, &beta)?,
                false => self.newton(&moments, &beta)?,
            };
            let (taken, reached) = self.shortened(&beta, &next, value);
            let moved = beta.iter().zip(&taken).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            (beta, value) = (taken, reached);
            if beta.iter().skip(1).any(|b| b.abs() > COEFFICIENT_MAX) {
                return Err(unsettled(
                    "a feature tells the outcomes apart without error, so its coefficient has no bound; take it out or set a penalty",
                ));
            }
            if moved < SETTLED {
                return self.finished(beta, step);
            }
        }
        Err(unsettled("coefficients still move after 100 steps; set a penalty"))
    }

    fn finished(&self, beta: Vec<f64>, steps: usize) -> Result<Fitted> {
        let covariance = match self.l1 > 0.0 && self.strength > 0.0 {
            true => None,
            false => Some(self.covariance(&self.moments(&beta))?),
        };
        let log_likelihood = -self.loss(&beta);
        Ok(Fitted { beta, covariance, log_likelihood, steps })
    }

    fn log_odds(&self) -> f64 {
        let all: f64 = self.weights.iter().sum();
        let yes: f64 = self.weights.iter().zip(self.label).map(|(w, y)| w * y).sum();
        (yes / (all - yes)).ln()
    }

    fn rows(&self) -> impl IndexedParallelIterator<Item = (&[f64], &[f64], &[f64])> {
        let design = self.design.par_chunks(BLOCK_ROWS * self.columns);
        let labels = self.label.par_chunks(BLOCK_ROWS).zip(self.weights.par_chunks(BLOCK_ROWS));
        design.zip(labels).map(|(design, (label, weights))| (design, label, weights))
    }

    fn loss(&self, beta: &[f64]) -> f64 {
        let block = |(design, label, weights): (&[f64], &[f64], &[f64])| {
            let rows = design.chunks_exact(self.columns).zip(label.iter().zip(weights));
            rows.map(|(row, (label, weight))| {
                let margin = dot(row, beta);
                weight * (margin.max(0.0) + (-margin.abs()).exp().ln_1p() - label * margin)
            })
            .sum::<f64>()
        };
        self.rows().map(block).collect::<Vec<f64>>().iter().sum()
    }

    fn objective(&self, beta: &[f64]) -> f64 {
        let penalty = |b: &f64| self.l1 * b.abs() + (1.0 - self.l1) / 2.0 * b * b;
        self.loss(beta) + self.strength * beta.iter().skip(1).map(penalty).sum::<f64>()
    }

    fn moments(&self, beta: &[f64]) -> Moments {
        let size = self.columns;
        let block = |(design, label, weights): (&[f64], &[f64], &[f64])| {
            let mut moments = Moments { information: vec![0.0; size * size], score: vec![0.0; size] };
            for (row, (label, weight)) in design.chunks_exact(size).zip(label.iter().zip(weights)) {
                let probability = logistic(dot(row, beta));
                let (residual, spread) = (weight * (label - probability), weight * probability * (1.0 - probability));
                for (a, &x) in row.iter().enumerate() {
                    moments.score[a] += residual * x;
                    let scaled = spread * x;
                    if scaled != 0.0 {
                        let line = &mut moments.information[a * size..a * size + a + 1];
                        line.iter_mut().zip(row).for_each(|(sum, y)| *sum += scaled * y);
                    }
                }
            }
            moments
        };
        let blocks: Vec<Moments> = self.rows().map(block).collect();
        let mut all = Moments { information: vec![0.0; size * size], score: vec![0.0; size] };
        for block in blocks {
            all.information.iter_mut().zip(block.information).for_each(|(sum, x)| *sum += x);
            all.score.iter_mut().zip(block.score).for_each(|(sum, x)| *sum += x);
        }
        for row in 0..size {
            (0..row).for_each(|column| all.information[column * size + row] = all.information[row * size + column]);
        }
        all
    }

    fn ridge(&self) -> f64 {
        self.strength * (1.0 - self.l1)
    }

    fn penalised(&self, information: &[f64]) -> Vec<f64> {
        let mut matrix = information.to_vec();
        (1..self.columns).for_each(|at| matrix[at * self.columns + at] += self.ridge());
        matrix
    }

    fn newton(&self, moments: &Moments, beta: &[f64]) -> Result<Vec<f64>> {
        let lower = self.factored(moments)?;
        let slope = moments.score.iter().zip(beta).enumerate();
        let slope: Vec<f64> = slope.map(|(at, (s, b))| if at == 0 { *s } else { s - self.ridge() * b }).collect();
        let step = solve::solve(&lower, self.columns, &slope);
        Ok(beta.iter().zip(step).map(|(b, s)| b + s).collect())
    }

    fn factored(&self, moments: &Moments) -> Result<Vec<f64>> {
        let collinear = "columns are sums of one another, or an outcome is told apart without error; take some out or set a penalty";
        solve::cholesky(&self.penalised(&moments.information), self.columns).ok_or_else(|| unsettled(collinear))
    }

    /// Coordinate descent on the quadratic around `beta` (Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear
    /// models via coordinate descent", 2010, with covariance updates).
    fn descend(&self, moments: &Moments, beta: &[f64]) -> Result<Vec<f64>> {
        let size = self.columns;
        let line = |at: usize| &moments.information[at * size..(at + 1) * size];
        let target: Vec<f64> = (0..size).map(|at| moments.score[at] + dot(line(at), beta)).collect();
        let mut found = beta.to_vec();
        for _ in 0..ROUNDS_MAX {
            let mut moved = 0.0_f64;
            for at in 0..size {
                let curve = line(at)[at];
                if curve <= 0.0 {
                    continue;
                }
                let rest = target[at] - dot(line(at), &found) + curve * found[at];
                let value = match at {
                    0 => rest / curve,
                    _ => soft(rest, self.strength * self.l1) / (curve + self.ridge()),
                };
                moved = moved.max((value - found[at]).abs());
                found[at] = value;
            }
            if moved < SETTLED / 10.0 {
                return Ok(found);
            }
        }
        Err(unsettled("coordinate descent does not settle; set a larger penalty"))
    }

    /// The step, halved until it makes things better.
    fn shortened(&self, from: &[f64], to: &[f64], value: f64) -> (Vec<f64>, f64) {
        let mut taken = to.to_vec();
        for _ in 0..HALVINGS_MAX {
            let reached = self.objective(&taken);
            // Near the bottom, rounding makes equal values look worse.
            if reached <= value + 1e-12 * value.abs().max(1.0) {
                return (taken, reached);
            }
            taken.iter_mut().zip(from).for_each(|(t, f)| *t = f64::midpoint(*t, *f));
        }
        (from.to_vec(), value)
    }

    /// The inverse of the information; with a ridge, of the estimator that it shrinks: H⁻¹·I·H⁻¹.
    fn covariance(&self, moments: &Moments) -> Result<Vec<f64>> {
        let size = self.columns;
        let inverse = solve::inverse(&self.factored(moments)?, size);
        if self.ridge() == 0.0 {
            return Ok(inverse);
        }
        Ok(product(&product(&inverse, &moments.information, size), &inverse, size))
    }
}

fn product(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let cell = |row: usize, column: usize| (0..size).map(|k| a[row * size + k] * b[k * size + column]).sum();
    (0..size * size).map(|at| cell(at / size, at % size)).collect()
}

fn soft(value: f64, by: f64) -> f64 {
    value.signum() * (value.abs() - by).max(0.0)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn unsettled(why: &str) -> ModelError {
    ModelError::NotConverged { model: "logistic regression", why: why.to_owned() }
}
