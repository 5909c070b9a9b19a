//! Logistic regression with an elastic net, standard errors and p-values.
//!
//! Columns are standardised inside, so that one penalty fits all; coefficients are told per unit of the feature.

mod design;
mod irls;
mod solve;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

pub(crate) use design::terms;
pub use design::{Part, Term};
pub(crate) use irls::Problem;
pub(crate) use solve::{cholesky, inverse, solve};

use crate::{
    error::{Result, argument, saved},
    exact,
    frame::{Aligned, DataSet, Frame, Schema},
    learner::{Contributions, Learner, Model, Saved, logistic},
};

/// Settings of a logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    /// How strong the penalty is against the summed loss (1 / C of scikit-learn); 0 for none.
    pub strength: f64,
    /// The share of the penalty that is on absolute values (0 ridge, 1 lasso).
    pub l1_share: f64,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self { strength: 1.0, l1_share: 0.0 }
    }
}

/// One coefficient, per unit of its feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// What people call it: the feature, a level of it, or that it is missing.
    pub name: String,
    /// How much the log-odds change with one unit.
    #[serde(with = "exact")]
    pub value: f64,
    /// Its standard error; NaN where a penalty makes it meaningless.
    #[serde(with = "exact")]
    pub standard_error: f64,
    /// Wald's p-value, two-sided; NaN where there is no standard error.
    #[serde(with = "exact")]
    pub p_value: f64,
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogisticModel {
    schema: Schema,
    terms: Vec<Term>,
    /// The intercept first.
    coefficients: Vec<Coefficient>,
    #[serde(with = "exact")]
    log_likelihood: f64,
    steps: usize,
}

impl LogisticRegression {
    /// Fits by maximum (penalised) likelihood.
    ///
    /// # Errors
    /// When the label is not yes or no, settings are out of bounds, or there is no maximum (say, a feature tells outcomes apart
    /// without error and there is no penalty).
    pub fn regress(&self, train: &DataSet) -> Result<LogisticModel> {
        if !(self.strength >= 0.0 && self.strength.is_finite()) {
            return Err(argument("the strength of the penalty", self.strength, "it is 0 or more"));
        }
        if !(0.0..=1.0).contains(&self.l1_share) {
            return Err(argument("the l1 share", self.l1_share, "it is from 0 (ridge) to 1 (lasso)"));
        }
        let label = train.binary()?;
        let schema = Schema::of(train.frame());
        let terms = design::terms(train, &schema)?;
        let aligned = schema.align(train.frame())?;
        let columns = terms.len() + 1;
        let mut cells = vec![1.0; aligned.rows * columns];
        for (row, cells) in cells.chunks_exact_mut(columns).enumerate() {
            cells[1..].iter_mut().zip(&terms).for_each(|(cell, term)| *cell = term.standardised(&aligned, row));
        }
        let weights: Vec<f64> = (0..aligned.rows).map(|row| train.weight(row)).collect();
        let (strength, l1) = (self.strength, self.l1_share);
        let fitted = Problem { design: &cells, columns, label, weights: &weights, strength, l1 }.solve()?;
        let coefficients = per_unit(&schema, &terms, &fitted);
        Ok(LogisticModel { schema, terms, coefficients, log_likelihood: fitted.log_likelihood, steps: fitted.steps })
    }
}

impl Learner for LogisticRegression {
    fn fit(&self, train: &DataSet, _watched: Option<&DataSet>) -> Result<Box<dyn Model>> {
        Ok(Box::new(self.regress(train)?))
    }
}

/// From standardised columns back to units of features.
fn per_unit(schema: &Schema, terms: &[Term], fitted: &irls::Fitted) -> Vec<Coefficient> {
    let size = terms.len() + 1;
    let scale: Vec<f64> = terms.iter().map(|term| 1.0 / term.deviation).collect();
    let values: Vec<f64> = fitted.beta[1..].iter().zip(&scale).map(|(b, s)| b * s).collect();
    let intercept = fitted.beta[0] - values.iter().zip(terms).map(|(b, term)| b * term.mean).sum::<f64>();
    let error = |at: usize| fitted.covariance.as_ref().map_or(f64::NAN, |v| v[at * size + at].max(0.0).sqrt());
    // The intercept is a sum of all: its variance is a quadratic form in what each column takes away from it.
    let share: Vec<f64> = std::iter::once(1.0).chain(terms.iter().map(|term| -term.mean / term.deviation)).collect();
    let intercept_error = fitted.covariance.as_ref().map_or(f64::NAN, |v| {
        let form = (0..size * size).map(|at| share[at / size] * v[at] * share[at % size]).sum::<f64>();
        form.max(0.0).sqrt()
    });
    let mut all = vec![coefficient("intercept".to_owned(), intercept, intercept_error)];
    for (at, term) in terms.iter().enumerate() {
        all.push(coefficient(term.name(schema), values[at], error(at + 1) * scale[at]));
    }
    all
}

fn coefficient(name: String, value: f64, standard_error: f64) -> Coefficient {
    let p_value = match standard_error > 0.0 {
        true => 2.0 * Normal::standard().sf((value / standard_error).abs()),
        false => f64::NAN,
    };
    Coefficient { name, value, standard_error, p_value }
}

impl LogisticModel {
    /// The intercept, then one a column of the regression.
    #[must_use]
    pub fn coefficients(&self) -> &[Coefficient] {
        &self.coefficients
    }

    /// What each coefficient but the intercept belongs to.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The weighted log-likelihood of the training rows, without the penalty.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// How many Newton steps it took.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let fits = self.coefficients.len() == self.terms.len() + 1
            && self.schema.kinds.len() == self.schema.len()
            && self.terms.iter().all(|term| term.feature < self.schema.len());
        if fits {
            Ok(self)
        } else {
            Err(saved("logistic regression", "its coefficients and features do not fit together"))
        }
    }

    fn margin(&self, aligned: &Aligned<'_>, row: usize) -> f64 {
        let terms = self.terms.iter().zip(&self.coefficients[1..]);
        self.coefficients[0].value + terms.map(|(term, c)| c.value * term.value(aligned, row)).sum::<f64>()
    }
}

impl Model for LogisticModel {
    fn kind(&self) -> &'static str {
        "logistic regression"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn margins(&self, frame: &Frame) -> Result<Vec<f64>> {
        let aligned = self.schema.align(frame)?;
        Ok((0..aligned.rows).map(|row| self.margin(&aligned, row)).collect())
    }

    fn predict(&self, frame: &Frame) -> Result<Vec<f64>> {
        Ok(self.margins(frame)?.into_iter().map(logistic).collect())
    }

    /// Against the average training row: coefficient × (value − mean), the exact SHAP values of independent features.
    fn contributions(&self, frame: &Frame) -> Result<Contributions> {
        let aligned = self.schema.align(frame)?;
        let features = self.schema.len();
        let mut values = vec![0.0; aligned.rows * features];
        for (row, out) in values.chunks_exact_mut(features).enumerate() {
            for (term, c) in self.terms.iter().zip(&self.coefficients[1..]) {
                out[term.feature] += c.value * (term.value(&aligned, row) - term.mean);
            }
        }
        let means = self.terms.iter().zip(&self.coefficients[1..]).map(|(term, c)| c.value * term.mean);
        Ok(Contributions { base: self.coefficients[0].value + means.sum::<f64>(), values, features })
    }

    fn to_saved(&self) -> Saved {
        Saved::Logistic(Box::new(self.clone()))
    }
}
