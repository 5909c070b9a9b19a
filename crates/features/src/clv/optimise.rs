//! The maximum of a likelihood with a handful of positive parameters.
//!
//! *Options.* Nelder–Mead needs no derivatives but hundreds of evaluations and says nothing of the curvature; L-BFGS (`argmin`) needs the
//! gradient and gives no Hessian to read standard errors from. *Decision*: Newton's method on the logarithms of the parameters, with
//! the analytic gradient, the Hessian by central differences of it, and Levenberg's damping (Levenberg 1944; Marquardt 1963) where the
//! Hessian is not positive definite or the step does not descend. The Hessian is needed for the standard errors anyway, and
//! ten steps or so are enough.

use crate::error::{FeatureError, Result};

/// Steps before it is given up.
const STEPS_MAX: usize = 200;
/// Tries of one step with growing damping.
const DAMPINGS_MAX: usize = 60;
/// Where the largest part of the gradient counts as zero: the objective is a mean over customers, about 1.
const GRADIENT_ZERO: f64 = 1e-10;
/// The largest change of a logarithm in one step.
const STEP_MAX: f64 = 1.5;
/// A logarithm beyond this is a parameter that has run away.
const LOGARITHM_MAX: f64 = 25.0;

/// What is made least: gives its value and its gradient at logarithms of the parameters.
pub type Objective<'a, const N: usize> = &'a dyn Fn(&[f64; N]) -> (f64, [f64; N]);

/// A square matrix of a few rows.
pub type Matrix<const N: usize> = [[f64; N]; N];

/// Where the objective is least, in logarithms of the parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum<const N: usize> {
    /// Logarithms of the parameters.
    pub at: [f64; N],
    /// The objective there.
    pub value: f64,
    /// Its second derivatives there, by logarithms.
    pub hessian: Matrix<N>,
}

/// The least of `objective`, which gives its value and gradient at logarithms of the parameters.
///
/// A minimum may be flat in some direction: the data tell nothing of that parameter (whether customers leave, where hardly any ever does),
/// and any point along it says the same of them. It is one all the same; what has no curvature has no standard error, and whoever fits a model
/// holds that parameter weakly (see `bg_nbd`).
///
/// # Errors
/// When a parameter runs away, or nothing descends any more away from a minimum.
pub fn minimise<const N: usize>(
    model: &'static str,
    start: [f64; N],
    objective: Objective<'_, N>,
) -> Result<Minimum<N>> {
    let failed = |why: String| FeatureError::NotConverged { model, why };
    let mut at = start;
    let (mut value, mut gradient) = objective(&at);
    let mut damping = 1e-3;
    for _ in 0..STEPS_MAX {
        let hessian = hessian(&at, objective);
        if largest(&gradient) < GRADIENT_ZERO {
            return Ok(Minimum { at, value, hessian });
        }
        let Some(next) = descend(&at, value, &gradient, &hessian, &mut damping, objective) else {
            // Nothing is lower: the minimum, as well as floats can tell, if the slope is nearly zero.
            return match largest(&gradient) < GRADIENT_ZERO.sqrt() {
                true => Ok(Minimum { at, value, hessian }),
                false => Err(failed(format!("no descent from a slope of {:.1e}", largest(&gradient)))),
            };
        };
        (at, value, gradient) = next;
        if let Some(runaway) = at.iter().position(|logarithm| logarithm.abs() > LOGARITHM_MAX) {
            return Err(failed(format!("parameter {} runs away to {:.0e}", runaway + 1, at[runaway].exp())));
        }
    }
    Err(failed(format!("{STEPS_MAX} steps were not enough")))
}

type Point<const N: usize> = ([f64; N], f64, [f64; N]);

fn descend<const N: usize>(
    at: &[f64; N],
    value: f64,
    gradient: &[f64; N],
    hessian: &Matrix<N>,
    damping: &mut f64,
    objective: Objective<'_, N>,
) -> Option<Point<N>> {
    for _ in 0..DAMPINGS_MAX {
        let mut damped = *hessian;
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] += *damping * (row[i].abs() + 1e-12);
        }
        if let Some(step) = inverse(&damped).map(|inverse| times(&inverse, gradient)) {
            let shrink = (STEP_MAX / largest(&step)).min(1.0);
            let next: [f64; N] = std::array::from_fn(|i| at[i] - shrink * step[i]);
            let (lower, slope) = objective(&next);
            if lower < value && slope.iter().all(|g| g.is_finite()) {
                *damping = (*damping / 10.0).max(1e-12);
                return Some((next, lower, slope));
            }
        }
        *damping *= 4.0;
    }
    None
}

/// Central differences of the gradient, made symmetric.
fn hessian<const N: usize>(at: &[f64; N], objective: Objective<'_, N>) -> Matrix<N> {
    // The cube root of the precision balances rounding against the error of the difference.
    let width = f64::EPSILON.cbrt();
    let mut rows = [[0.0; N]; N];
    for (i, row) in rows.iter_mut().enumerate() {
        let shifted = |by: f64| {
            let mut point = *at;
            point[i] += by;
            objective(&point).1
        };
        let (up, down) = (shifted(width), shifted(-width));
        *row = std::array::from_fn(|j| (up[j] - down[j]) / (2.0 * width));
    }
    std::array::from_fn(|i| std::array::from_fn(|j| f64::midpoint(rows[i][j], rows[j][i])))
}

fn largest<const N: usize>(values: &[f64; N]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

fn times<const N: usize>(matrix: &Matrix<N>, vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| (0..N).map(|j| matrix[i][j] * vector[j]).sum())
}

/// The inverse of a symmetric positive definite matrix, by Cholesky's factors; `None` of any other.
#[must_use]
pub fn inverse<const N: usize>(matrix: &Matrix<N>) -> Option<Matrix<N>> {
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - sum;
            if i == j && !(rest > 0.0 && rest.is_finite()) {
                return None;
            }
            lower[i][j] = if i == j { rest.sqrt() } else { rest / lower[j][j] };
        }
    }
    // Its rows are its columns.
    Some(std::array::from_fn(|column| solve(&lower, column)))
}

/// Solves L Lᵀ x = e of a unit vector.
fn solve<const N: usize>(lower: &Matrix<N>, unit: usize) -> [f64; N] {
    let mut forward = [0.0; N];
    for i in 0..N {
        let sum: f64 = (0..i).map(|k| lower[i][k] * forward[k]).sum();
        forward[i] = (f64::from(u8::from(i == unit)) - sum) / lower[i][i];
    }
    let mut x = [0.0; N];
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (forward[i] - sum) / lower[i][i];
    }
    x
}

/// Standard errors of the parameters themselves, given the Hessian (by logarithms) of the mean objective over `customers`:
/// by the delta method, the parameter times the standard error of its logarithm. NaN where the minimum is flat.
pub(super) fn standard_errors<const N: usize>(minimum: &Minimum<N>, customers: f64) -> [f64; N] {
    let covariance = inverse(&minimum.hessian).unwrap_or([[f64::NAN; N]; N]);
    std::array::from_fn(|i| minimum.at[i].exp() * (covariance[i][i] / customers).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one_and_others_have_none() {
        let matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]];
        let inverse = inverse(&matrix).expect("positive definite");
        let product = |i: usize, j: usize| -> f64 { (0..3).map(|k| matrix[i][k] * inverse[k][j]).sum() };
        let cells = (0..3).flat_map(|i| (0..3).map(move |j| (i, j)));
        assert!(cells.into_iter().all(|(i, j)| (product(i, j) - f64::from(u8::from(i == j))).abs() < 1e-12));
        assert_eq!(super::inverse(&[[1.0, 2.0], [2.0, 1.0]]), None);
    }

    #[test]
    fn a_valley_that_bends_is_followed_to_its_end() {
        // Rosenbrock's, shifted: the least is 0 at (1, 1).
        let objective = |x: &[f64; 2]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
        };
        let found = minimise("a test", [-1.2, 1.0], &objective).expect("converges");
        assert!((found.at[0] - 1.0).abs() < 1e-8 && (found.at[1] - 1.0).abs() < 1e-8, "{found:?}");
    }

    #[test]
    fn a_minimum_that_is_flat_in_a_direction_is_one_without_standard_errors() {
        let found = minimise("a test", [3.0, 0.5], &|x| (x[0] * x[0], [2.0 * x[0], 0.0])).expect("converges");
        assert!(found.at[0].abs() < 1e-9 && (found.at[1] - 0.5).abs() < 1e-9, "{found:?}");
        assert!(standard_errors(&found, 100.0).iter().all(|error| error.is_nan()));
    }

    #[test]
    fn what_has_no_minimum_is_refused() {
        let falls = |x: &[f64; 1]| ((-x[0]).exp(), [-(-x[0]).exp()]);
        // The slope of exp(-x) is nearly zero far out, and its curvature too.
        assert!(minimise("a test", [0.0], &|x| (-x[0], [-1.0])).is_err());
        assert!(minimise("a test", [0.0], &falls).map(|m| m.at[0]).unwrap_or(30.0) > 20.0);
    }
}
