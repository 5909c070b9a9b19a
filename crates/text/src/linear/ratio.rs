//! The log-count ratio of naive Bayes: how much more of a column's mass is inside a class than outside.

use crate::rows::Rows;

/// ln of (a + mass inside) / (a + mass outside), each as a share of all columns' (Wang & Manning 2012), one number a sparse
/// column; dense columns hold no counts.
pub(crate) fn log_count_ratio(rows: &Rows, chosen: &[u32], inside: &[bool], added: f64) -> Vec<f32> {
    let mut masses = [vec![added; rows.sparse_width()], vec![added; rows.sparse_width()]];
    for (&row, &inside) in chosen.iter().zip(inside) {
        for (column, value) in rows.row(row as usize).entries() {
            masses[usize::from(inside)][column] += f64::from(value);
        }
    }
    let [outside, within] = masses.map(|mass| {
        let all: f64 = mass.iter().sum();
        mass.into_iter().map(|m| (m / all).ln()).collect::<Vec<f64>>()
    });
    within.iter().zip(&outside).map(|(p, q)| (p - q) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_only_inside_speaks_for_the_class() {
        let mut rows = Rows::new(3);
        rows.push(&[(0, 1.0), (1, 1.0)]);
        rows.push(&[(1, 1.0), (2, 1.0)]);
        let ratio = log_count_ratio(&rows, &[0, 1], &[true, false], 1.0);
        assert!((f64::from(ratio[0]) - 2.0_f64.ln()).abs() < 1e-6);
        assert!(ratio[1].abs() < 1e-6 && (ratio[0] + ratio[2]).abs() < 1e-6);
    }
}
