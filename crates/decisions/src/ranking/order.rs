//! Variety: each further offer of a group counts less.

use std::collections::BTreeMap;

/// Something to be put in order.
pub(super) struct Candidate<'a, T> {
    pub(super) what: T,
    /// Unlike all others'; decides ties.
    pub(super) name: &'a str,
    pub(super) group: &'a str,
    pub(super) score: f64,
}

/// The best first; a score above 0 counts `discount` of itself for each better one of its group. The order does not depend on that of the candidates.
pub(super) fn put_in_order<T>(mut candidates: Vec<Candidate<'_, T>>, discount: f64) -> Vec<Candidate<'_, T>> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.name.cmp(b.name)));
    let mut left: Vec<Option<Candidate<'_, T>>> = candidates.into_iter().map(Some).collect();
    let mut taken: BTreeMap<&str, f64> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(left.len());
    for _ in 0..left.len() {
        let counts = |candidate: &Candidate<'_, T>| {
            let factor = taken.get(candidate.group).copied().unwrap_or(1.0);
            if candidate.score > 0.0 { candidate.score * factor } else { candidate.score }
        };
        let mut best: Option<(usize, f64)> = None;
        for (at, candidate) in left.iter().enumerate().filter_map(|(at, c)| Some((at, c.as_ref()?))) {
            let counted = counts(candidate);
            if best.is_none_or(|(_, most)| counted > most) {
                best = Some((at, counted));
            }
        }
        if let Some(candidate) = best.and_then(|(at, _)| left[at].take()) {
            *taken.entry(candidate.group).or_insert(1.0) *= discount;
            ordered.push(candidate);
        }
    }
    ordered
}
