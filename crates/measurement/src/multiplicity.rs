//! Many questions at once.

/// Holm's step-down adjustment (1979): below α, no more than α of such families of questions have a false find. In the order given.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let (mut adjusted, mut most) = (vec![1.0; p.len()], 0.0f64);
    for (rank, which) in order.into_iter().enumerate() {
        most = most.max(p[which] * (p.len() - rank) as f64).min(1.0);
        adjusted[which] = most;
    }
    adjusted
}
