//! Symmetric systems of equations of a few hundred unknowns.

/// Pivots below this share of their diagonal say that a column is a sum of others.
const PIVOT_MIN: f64 = 1e-10;

/// The lower triangle L of a symmetric matrix A = L·Lᵀ, by rows; nothing, when A is not (safely) positive definite.
pub(crate) fn cholesky(matrix: &[f64], size: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=row {
            let (left, right) =
                (&lower[row * size..row * size + column], &lower[column * size..column * size + column]);
            let rest = matrix[row * size + column] - left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
            if row == column {
                let safe = rest > PIVOT_MIN * matrix[row * size + row] && rest.is_finite();
                if !safe {
                    return None;
                }
                lower[row * size + row] = rest.sqrt();
            } else {
                lower[row * size + column] = rest / lower[column * size + column];
            }
        }
    }
    Some(lower)
}

/// Solves L·Lᵀ·x = b.
pub(crate) fn solve(lower: &[f64], size: usize, right: &[f64]) -> Vec<f64> {
    let mut x = right.to_vec();
    for row in 0..size {
        let known: f64 = (0..row).map(|k| lower[row * size + k] * x[k]).sum();
        x[row] = (x[row] - known) / lower[row * size + row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| lower[k * size + row] * x[k]).sum();
        x[row] = (x[row] - known) / lower[row * size + row];
    }
    x
}

/// The inverse of L·Lᵀ, by rows.
pub(crate) fn inverse(lower: &[f64], size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; size * size];
    for column in 0..size {
        let unit: Vec<f64> = (0..size).map(|row| f64::from(u8::from(row == column))).collect();
        let solved = solve(lower, size, &unit);
        (0..size).for_each(|row| inverse[row * size + column] = solved[row]);
    }
    inverse
}
