//! How good a resolution is, when the truth is known.

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::link::Link;

/// Precision, recall and F1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// The share of what is claimed that is true; 1 when nothing is claimed.
    pub precision: f64,
    /// The share of what is true that is claimed; 1 when nothing is true.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// Scores of clusters as wholes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClusterScores {
    /// Clusters that are exactly one person's records: by all clusters (precision), by all persons (recall).
    pub exact: Scores,
    /// B-cubed (Bagga & Baldwin 1998): for each record, how much of its cluster is its person's (precision) and how much
    /// of its person's records is in its cluster (recall), averaged over records.
    pub b_cubed: Scores,
}

/// The best of all thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestThreshold {
    /// Links of at least this weight are taken, in bits.
    pub weight: f64,
    /// The scores then.
    pub scores: Scores,
}

impl Scores {
    /// From the numbers of true claims, of claims and of truths.
    #[must_use]
    pub fn of(found: u64, claimed: u64, truths: u64) -> Self {
        let share = |of: u64| if of == 0 { 1.0 } else { found as f64 / of as f64 };
        Self::from_rates(share(claimed), share(truths))
    }

    fn from_rates(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { precision, recall, f1 }
    }
}

/// Over pairs of records: those in one cluster against those of one person. Both are given as a label by row.
#[must_use]
pub fn pairwise(clusters: &[u32], truth: &[u32]) -> Scores {
    let pairs = |counts: &mut dyn Iterator<Item = u64>| counts.map(|n| n * (n - 1) / 2).sum();
    let cells = cells(clusters, truth);
    Scores::of(
        pairs(&mut cells.values().copied()),
        pairs(&mut sizes(clusters).values().copied()),
        pairs(&mut sizes(truth).values().copied()),
    )
}

/// Over clusters as wholes.
#[must_use]
pub fn clusterwise(clusters: &[u32], truth: &[u32]) -> ClusterScores {
    let (cells, of_cluster, of_person) = (cells(clusters, truth), sizes(clusters), sizes(truth));
    let exact = cells.iter().filter(|((c, p), n)| of_cluster[c] == **n && of_person[p] == **n).count() as u64;
    let mean = |size: &dyn Fn(u32, u32) -> u64| {
        let sum: f64 = cells.iter().map(|((c, p), n)| (n * n) as f64 / size(*c, *p) as f64).sum();
        if truth.is_empty() { 1.0 } else { sum / truth.len() as f64 }
    };
    ClusterScores {
        exact: Scores::of(exact, of_cluster.len() as u64, of_person.len() as u64),
        b_cubed: Scores::from_rates(mean(&|c, _| of_cluster[&c]), mean(&|_, p| of_person[&p])),
    }
}

/// Over weighed links of at least that weight, taken as claims one by one (not closed transitively).
#[must_use]
pub fn of_links(links: &[Link], truth: &[u32], weight_min: f64) -> Scores {
    let strong = links.iter().filter(|link| link.evidence.weight().is_none_or(|weight| weight >= weight_min));
    let claims: Vec<bool> = strong.map(|link| is_true(link, truth)).collect();
    Scores::of(claims.iter().filter(|claim| **claim).count() as u64, claims.len() as u64, true_pairs(truth))
}

/// The threshold of the weight at which links have the best F1; None without links.
#[must_use]
pub fn best_threshold(links: &[Link], truth: &[u32]) -> Option<BestThreshold> {
    let mut weighed: Vec<(f64, bool)> =
        links.iter().filter_map(|link| Some((link.evidence.weight()?, is_true(link, truth)))).collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let truths = true_pairs(truth);
    let (mut found, mut best) = (0, None::<BestThreshold>);
    for (at, (weight, is_true)) in weighed.iter().enumerate() {
        found += u64::from(*is_true);
        let last_of_its_weight = weighed.get(at + 1).is_none_or(|next| next.0 != *weight);
        let scores = Scores::of(found, at as u64 + 1, truths);
        if last_of_its_weight && best.is_none_or(|best| scores.f1 > best.scores.f1) {
            best = Some(BestThreshold { weight: *weight, scores });
        }
    }
    best
}

fn is_true(link: &Link, truth: &[u32]) -> bool {
    truth[link.left as usize] == truth[link.right as usize]
}

fn true_pairs(truth: &[u32]) -> u64 {
    sizes(truth).values().map(|n| n * (n - 1) / 2).sum()
}

fn sizes(labels: &[u32]) -> FxHashMap<u32, u64> {
    let mut sizes = FxHashMap::default();
    labels.iter().for_each(|label| *sizes.entry(*label).or_insert(0) += 1);
    sizes
}

/// How many records each pair of cluster and person has.
fn cells(clusters: &[u32], truth: &[u32]) -> FxHashMap<(u32, u32), u64> {
    let mut cells = FxHashMap::default();
    clusters.iter().zip(truth).for_each(|(c, p)| *cells.entry((*c, *p)).or_insert(0) += 1);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_clusters_have_perfect_scores() {
        let truth = [1, 1, 2, 3, 3, 3];
        let scores = clusterwise(&[9, 9, 8, 7, 7, 7], &truth);
        assert_eq!(pairwise(&[9, 9, 8, 7, 7, 7], &truth).f1, 1.0);
        assert_eq!((scores.exact.f1, scores.b_cubed.f1), (1.0, 1.0));
    }

    #[test]
    fn a_record_in_the_wrong_cluster_costs_both() {
        // Truth {a b} {c}; claimed {a} {b c}: no true pair; b-cubed precision (1 + 1/2 + 1/2) / 3, recall (1/2 + 1/2 + 1) / 3.
        let scores = clusterwise(&[1, 2, 2], &[1, 1, 2]);
        assert_eq!(pairwise(&[1, 2, 2], &[1, 1, 2]).f1, 0.0);
        assert!((scores.b_cubed.precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((scores.b_cubed.recall - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(scores.exact.f1, 0.0);
    }
}
