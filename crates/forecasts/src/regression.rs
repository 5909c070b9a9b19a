//! Weighted ridge regression.

/// Coefficients of the least weighted squares plus `ridge` times the squared coefficients; the first column, the level, is not
/// shrunk. Zeros when the columns say nothing at all.
pub(crate) fn fit(rows: &[Vec<f64>], y: &[f64], weights: &[f64], ridge: f64) -> Vec<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let (mut normal, mut right) = (vec![vec![0.0; width]; width], vec![0.0; width]);
    for ((row, y), weight) in rows.iter().zip(y).zip(weights) {
        for i in 0..width {
            let scaled = weight * row[i];
            right[i] += scaled * y;
            for j in 0..=i {
                normal[i][j] += scaled * row[j];
            }
        }
    }
    for (i, line) in normal.iter_mut().enumerate() {
        line[i] += if i == 0 { 1e-9 } else { ridge };
    }
    solve(normal, right)
}

/// Cholesky: the lower half of a positive definite matrix is given.
fn solve(mut lower: Vec<Vec<f64>>, mut x: Vec<f64>) -> Vec<f64> {
    let n = x.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left = lower[i][j] - sum;
            lower[i][j] = if i == j { left.max(1e-300).sqrt() } else { left / lower[j][j] };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i][i];
    }
    x
}

pub(crate) fn predict(row: &[f64], coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(a, b)| a * b).sum()
}
