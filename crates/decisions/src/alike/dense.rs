//! Small dense matrices: what a symmetric positive definite one factors into, and what that solves. Row after row in one slice.

use rayon::prelude::*;

/// The lower triangle L of A = L Lᵀ, or nothing when A is not positive definite (to working precision).
pub(super) fn cholesky(mut a: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    for row in 0..n {
        let (above, rest) = a.split_at_mut(row * n);
        let this = &mut rest[..n];
        for column in 0..row {
            let other = &above[column * n..column * n + n];
            let sum = dot(&this[..column], &other[..column]);
            this[column] = (this[column] - sum) / other[column];
        }
        let rest = this[row] - dot(&this[..row], &this[..row]);
        if !(rest.is_finite() && rest > 0.0) {
            return None;
        }
        this[row] = rest.sqrt();
        this[row + 1..].fill(0.0);
    }
    Some(a)
}

/// x of L Lᵀ x = b, in place of b.
pub(super) fn solve(lower: &[f64], n: usize, b: &mut [f64]) {
    for row in 0..n {
        let sum = dot(&lower[row * n..row * n + row], &b[..row]);
        b[row] = (b[row] - sum) / lower[row * n + row];
    }
    for row in (0..n).rev() {
        b[row] /= lower[row * n + row];
        let value = b[row];
        b[..row].iter_mut().zip(&lower[row * n..row * n + row]).for_each(|(b, l)| *b -= l * value);
    }
}

/// The inverse of L Lᵀ, a column a task.
pub(super) fn inverse(lower: &[f64], n: usize) -> Vec<f64> {
    let column = |at: usize| {
        let mut unit = vec![0.0; n];
        unit[at] = 1.0;
        solve(lower, n, &mut unit);
        unit
    };
    (0..n).into_par_iter().map(column).collect::<Vec<_>>().concat()
}

/// Four running sums, always the same four: fast, and the same on any number of threads.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a4.zip(b4) {
        (0..4).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// a += weight · x xᵀ.
pub(super) fn add_outer(a: &mut [f64], x: &[f64], weight: f64) {
    for (row, value) in a.chunks_exact_mut(x.len()).zip(x) {
        let scaled = weight * value;
        row.iter_mut().zip(x).for_each(|(a, x)| *a += scaled * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_times_the_matrix_is_one() {
        let a = vec![4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 2.0];
        let inverse = inverse(&cholesky(a.clone(), 3).expect("positive definite"), 3);
        for row in 0..3 {
            for column in 0..3 {
                let product: f64 = (0..3).map(|k| a[row * 3 + k] * inverse[k * 3 + column]).sum();
                assert!((product - f64::from(u8::from(row == column))).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(cholesky(vec![1.0, 2.0, 2.0, 1.0], 2).is_none());
        assert!(cholesky(vec![f64::NAN], 1).is_none());
    }
}
