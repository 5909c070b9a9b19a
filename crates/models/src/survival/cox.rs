//! Cox's proportional hazards, with Efron's treatment of ties and Breslow's baseline.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ModelError, Result, argument, saved},
    exact,
    frame::{Aligned, DataSet, Frame, Label, Schema},
    learner::{Contributions, Learner, Model, Saved},
    linear::{Term, cholesky, inverse, solve, terms},
};

/// The most Newton steps.
const STEPS_MAX: usize = 50;
/// Coefficients of standardised columns have settled when none moves by more.
const SETTLED: f64 = 1e-9;
/// How often a step that makes things worse is halved.
const HALVINGS_MAX: usize = 30;

/// Settings of a proportional-hazards regression.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxRegression {
    /// A ridge on coefficients of standardised columns; 0 for none.
    pub ridge: f64,
}

impl Default for CoxRegression {
    fn default() -> Self {
        Self { ridge: 0.0 }
    }
}

/// A fitted proportional-hazards model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoxModel {
    schema: Schema,
    terms: Vec<Term>,
    /// By unit of each term.
    #[serde(with = "exact::many")]
    coefficients: Vec<f64>,
    #[serde(with = "exact::many")]
    standard_errors: Vec<f64>,
    /// Times at which it happened, and the summed hazard of an average row up to each.
    #[serde(with = "exact::many")]
    times: Vec<f64>,
    #[serde(with = "exact::many")]
    hazard: Vec<f64>,
}

struct Rows<'a> {
    design: Vec<f64>,
    columns: usize,
    /// Rows by falling time.
    order: Vec<usize>,
    times: &'a [f64],
    happened: &'a [bool],
    weights: Vec<f64>,
    ridge: f64,
}

struct Moments {
    value: f64,
    score: Vec<f64>,
    information: Vec<f64>,
}

impl CoxRegression {
    /// Fits by (penalised) partial likelihood.
    ///
    /// # Errors
    /// When the label is no time, or there is no maximum.
    pub fn regress(&self, train: &DataSet) -> Result<CoxModel> {
        let Label::Event { times, happened } = train.label() else {
            return Err(ModelError::Label {
                found: "is no time".to_owned(),
                help: "hazards are learnt from times and whether it happened",
            });
        };
        if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            return Err(argument("the ridge", self.ridge, "it is 0 or more"));
        }
        let schema = Schema::of(train.frame());
        let terms = terms(train, &schema)?;
        let aligned = schema.align(train.frame())?;
        let columns = terms.len();
        let mut design = vec![0.0; aligned.rows * columns];
        for (row, cells) in design.chunks_exact_mut(columns.max(1)).enumerate() {
            cells.iter_mut().zip(&terms).for_each(|(cell, term)| *cell = term.standardised(&aligned, row));
        }
        let mut order: Vec<usize> = (0..aligned.rows).collect();
        order.sort_by(|&a, &b| times[b].total_cmp(&times[a]).then(a.cmp(&b)));
        let weights = (0..aligned.rows).map(|row| train.weight(row)).collect();
        let rows = Rows { design, columns, order, times, happened, weights, ridge: self.ridge };
        let (beta, moments) = rows.solve()?;
        let (times, hazard) = rows.baseline(&beta);
        let scale = |at: usize| 1.0 / terms[at].deviation;
        let lower = cholesky(&rows.penalised(&moments), columns).ok_or_else(|| unsettled(COLLINEAR))?;
        let covariance = inverse(&lower, columns);
        Ok(CoxModel {
            coefficients: beta.iter().enumerate().map(|(at, b)| b * scale(at)).collect(),
            standard_errors: (0..columns).map(|at| covariance[at * columns + at].sqrt() * scale(at)).collect(),
            schema,
            terms,
            times,
            hazard,
        })
    }
}

impl Learner for CoxRegression {
    fn fit(&self, train: &DataSet, _watched: Option<&DataSet>) -> Result<Box<dyn Model>> {
        Ok(Box::new(self.regress(train)?))
    }
}

const COLLINEAR: &str =
    "columns are sums of one another, or one of them orders all times; take some out or set a ridge";

fn unsettled(why: &str) -> ModelError {
    ModelError::NotConverged { model: "proportional hazards", why: why.to_owned() }
}

impl Rows<'_> {
    fn row(&self, row: usize) -> &[f64] {
        &self.design[row * self.columns..(row + 1) * self.columns]
    }

    fn solve(&self) -> Result<(Vec<f64>, Moments)> {
        let mut beta = vec![0.0; self.columns];
        let mut now = self.moments(&beta);
        for _ in 0..STEPS_MAX {
            let lower = cholesky(&self.penalised(&now), self.columns).ok_or_else(|| unsettled(COLLINEAR))?;
            let slope: Vec<f64> = now.score.iter().zip(&beta).map(|(s, b)| s - self.ridge * b).collect();
            let mut step = solve(&lower, self.columns, &slope);
            let mut halvings = 0;
            let (next, then) = loop {
                let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + s).collect();
                let then = self.moments(&next);
                if self.objective(&then, &next) >= self.objective(&now, &beta) - 1e-10 || halvings == HALVINGS_MAX {
                    break (next, then);
                }
                step.iter_mut().for_each(|s| *s /= 2.0);
                halvings += 1;
            };
            let moved = step.iter().map(|s| s.abs()).fold(0.0, f64::max);
            (beta, now) = (next, then);
            if moved < SETTLED {
                return Ok((beta, now));
            }
        }
        Err(unsettled("coefficients still move after 50 steps; set a ridge"))
    }

    fn objective(&self, moments: &Moments, beta: &[f64]) -> f64 {
        moments.value - self.ridge / 2.0 * beta.iter().map(|b| b * b).sum::<f64>()
    }

    fn penalised(&self, moments: &Moments) -> Vec<f64> {
        let mut matrix = moments.information.clone();
        (0..self.columns).for_each(|at| matrix[at * self.columns + at] += self.ridge);
        matrix
    }

    /// The log partial likelihood with its first two derivatives (Efron 1977), in one pass by falling time.
    fn moments(&self, beta: &[f64]) -> Moments {
        let p = self.columns;
        let mut out = Moments { value: 0.0, score: vec![0.0; p], information: vec![0.0; p * p] };
        let mut risk = Sums::new(p);
        let mut at = 0;
        while at < self.order.len() {
            let time = self.times[self.order[at]];
            let mut dead = Sums::new(p);
            let (mut deaths, mut weight) = (0.0, 0.0);
            while at < self.order.len() && self.times[self.order[at]] == time {
                let row = self.order[at];
                let x = self.row(row);
                let margin: f64 = x.iter().zip(beta).map(|(x, b)| x * b).sum();
                let hazard = self.weights[row] * margin.exp();
                risk.add(x, hazard);
                if self.happened[row] {
                    dead.add(x, hazard);
                    deaths += 1.0;
                    weight += self.weights[row];
                    out.value += self.weights[row] * margin;
                    out.score.iter_mut().zip(x).for_each(|(s, x)| *s += self.weights[row] * x);
                }
                at += 1;
            }
            for death in 0..deaths as usize {
                risk.leave(&dead, death as f64 / deaths, weight / deaths, &mut out);
            }
        }
        out
    }

    /// Breslow's summed hazard of an average row.
    fn baseline(&self, beta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let margin = |row: usize| self.row(row).iter().zip(beta).map(|(x, b)| x * b).sum::<f64>();
        let (mut risk, mut at, mut steps) = (0.0, 0, Vec::new());
        while at < self.order.len() {
            let time = self.times[self.order[at]];
            let mut deaths = 0.0;
            while at < self.order.len() && self.times[self.order[at]] == time {
                let row = self.order[at];
                risk += self.weights[row] * margin(row).exp();
                deaths += if self.happened[row] { self.weights[row] } else { 0.0 };
                at += 1;
            }
            if deaths > 0.0 {
                steps.push((time, deaths / risk));
            }
        }
        steps.reverse();
        let mut sum = 0.0;
        steps
            .into_iter()
            .map(|(time, hazard)| {
                sum += hazard;
                (time, sum)
            })
            .unzip()
    }
}

/// Sums of hazards over those at risk, with those of their columns.
struct Sums {
    hazard: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn new(p: usize) -> Self {
        Self { hazard: 0.0, first: vec![0.0; p], second: vec![0.0; p * p] }
    }

    fn add(&mut self, x: &[f64], hazard: f64) {
        let p = x.len();
        self.hazard += hazard;
        for (a, &xa) in x.iter().enumerate() {
            self.first[a] += hazard * xa;
            x.iter().enumerate().for_each(|(b, xb)| self.second[a * p + b] += hazard * xa * xb);
        }
    }

    /// One death among those at risk, when a share of the tied ones has already gone.
    fn leave(&self, dead: &Self, gone: f64, weight: f64, out: &mut Moments) {
        let p = self.first.len();
        let hazard = self.hazard - gone * dead.hazard;
        let mean: Vec<f64> = self.first.iter().zip(&dead.first).map(|(a, d)| (a - gone * d) / hazard).collect();
        out.value -= weight * hazard.ln();
        for a in 0..p {
            out.score[a] -= weight * mean[a];
            for b in 0..p {
                let second = (self.second[a * p + b] - gone * dead.second[a * p + b]) / hazard;
                out.information[a * p + b] += weight * (second - mean[a] * mean[b]);
            }
        }
    }
}

impl CoxModel {
    /// The log of the hazard ratio of one unit of each term, with its standard error.
    #[must_use]
    pub fn coefficients(&self) -> Vec<(String, f64, f64)> {
        let named = self.terms.iter().zip(self.coefficients.iter().zip(&self.standard_errors));
        named.map(|(term, (b, error))| (term.name(&self.schema), *b, *error)).collect()
    }

    /// The chance of each row that it has not happened by a time.
    ///
    /// # Errors
    /// When a feature is not there or of another type.
    pub fn survival(&self, frame: &Frame, time: f64) -> Result<Vec<f64>> {
        let steps = self.times.partition_point(|known| *known <= time);
        let hazard = steps.checked_sub(1).map_or(0.0, |last| self.hazard[last]);
        Ok(self.margins(frame)?.into_iter().map(|margin| (-hazard * margin.exp()).exp()).collect())
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let fits = self.coefficients.len() == self.terms.len()
            && self.standard_errors.len() == self.terms.len()
            && self.times.len() == self.hazard.len()
            && self.schema.kinds.len() == self.schema.len()
            && self.terms.iter().all(|term| term.feature < self.schema.len());
        if fits {
            Ok(self)
        } else {
            Err(saved("proportional-hazards model", "its coefficients and features do not fit together"))
        }
    }

    fn added(&self, aligned: &Aligned<'_>, row: usize, at: usize) -> f64 {
        let term = &self.terms[at];
        self.coefficients[at] * (term.value(aligned, row) - term.mean)
    }
}

impl Model for CoxModel {
    fn kind(&self) -> &'static str {
        "proportional hazards"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Logs of hazards against the average training row.
    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        Ok((0..aligned.rows).map(|row| (0..self.terms.len()).map(|at| self.added(&aligned, row, at)).sum()).collect())
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.margins(frame)?.into_iter().map(f64::exp).collect())
    }

    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let aligned = self.schema.align(frame)?;
        let features = self.schema.len();
        let mut values = vec![0.0; aligned.rows * features];
        for (row, out) in values.chunks_exact_mut(features).enumerate() {
            (0..self.terms.len()).for_each(|at| out[self.terms[at].feature] += self.added(&aligned, row, at));
        }
        Ok(Contributions { base: 0.0, values, features })
    }

    fn to_saved(&self) -> Saved {
        Saved::Cox(Box::new(self.clone()))
    }
}
