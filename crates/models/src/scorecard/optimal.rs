//! The best bins there are: of all ways to put neighbouring pre-bins together, the one with the most information that keeps to the rules.
//!
//! Dynamic programming over the last bin: the best binning of the first pre-bins that ends with the bin from `i` to `j` extends the best one
//! that ends just before `i` with a rate on the right side. With at most fifty pre-bins that is exact and takes a moment, where a
//! general solver (optbinning uses one) takes seconds.

use super::{Trend, bins::Counts};

/// Rules of a binning.
pub(super) struct Rules {
    pub(super) trend: Trend,
    /// The most bins.
    pub(super) bins_max: usize,
    /// The least that a bin weighs.
    pub(super) weight_min: f64,
}

#[derive(Clone, Copy)]
struct Best {
    information: f64,
    /// The first pre-bin of the bin before; `usize::MAX` when there is none.
    before: usize,
}

/// The first pre-bin of each bin. Everything is one bin when the rules leave no other way.
pub(super) fn bins(pre: &[Counts], total: Counts, rules: &Rules) -> Vec<usize> {
    let one_way = |rising| solve(pre, total, rules, rising);
    let ways = match rules.trend {
        Trend::Ascending => vec![one_way(Some(true))],
        Trend::Descending => vec![one_way(Some(false))],
        Trend::Auto => vec![one_way(Some(true)), one_way(Some(false))],
        Trend::Any => vec![one_way(None)],
    };
    let best = ways.into_iter().flatten().reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map_or_else(|| vec![0], |(_, starts)| starts)
}

fn solve(pre: &[Counts], total: Counts, rules: &Rules, rising: Option<bool>) -> Option<(f64, Vec<usize>)> {
    let n = pre.len();
    let sums = Segments::new(pre, total, rules.weight_min);
    // best[bins − 1][first][last]: the last bin goes from `first` to `last`.
    let mut layers: Vec<Vec<Option<Best>>> = Vec::new();
    let mut first_layer = vec![None; n * n];
    for (last, best) in first_layer.iter_mut().take(n).enumerate() {
        *best = sums.information(0, last).map(|information| Best { information, before: usize::MAX });
    }
    layers.push(first_layer);
    for _ in 1..rules.bins_max.min(n).max(1) {
        let below = layers.last()?;
        let layer = next_layer(below, &sums, n, rising);
        if layer.iter().all(Option::is_none) {
            break;
        }
        layers.push(layer);
    }
    traced(&layers, n)
}

fn next_layer(below: &[Option<Best>], sums: &Segments<'_>, n: usize, rising: Option<bool>) -> Vec<Option<Best>> {
    let mut layer = vec![None; n * n];
    for first in 1..n {
        let before: Vec<(usize, Best)> = (0..first).filter_map(|i| Some((i, below[i * n + first - 1]?))).collect();
        for last in first..n {
            let Some(information) = sums.information(first, last) else { continue };
            let rate = sums.counts(first, last).rate();
            let fits = |start: usize| match (rising, sums.counts(start, first - 1).rate()) {
                (None, _) => true,
                (Some(true), earlier) => rate > earlier,
                (Some(false), earlier) => rate < earlier,
            };
            let chosen = before
                .iter()
                .filter(|(start, _)| fits(*start))
                .max_by(|a, b| a.1.information.total_cmp(&b.1.information));
            layer[first * n + last] =
                chosen.map(|(start, best)| Best { information: best.information + information, before: *start });
        }
    }
    layer
}

/// Back from the best end.
fn traced(layers: &[Vec<Option<Best>>], n: usize) -> Option<(f64, Vec<usize>)> {
    let mut best: Option<(f64, usize, usize)> = None;
    for (depth, layer) in layers.iter().enumerate() {
        for first in 0..n {
            let Some(found) = layer[first * n + n - 1] else { continue };
            if best.is_none_or(|(information, ..)| found.information > information + 1e-12) {
                best = Some((found.information, depth, first));
            }
        }
    }
    let (information, mut depth, mut first) = best?;
    let (mut starts, mut last) = (vec![first], n - 1);
    while depth > 0 {
        let before = layers[depth][first * n + last]?.before;
        (last, first, depth) = (first - 1, before, depth - 1);
        starts.push(first);
    }
    starts.reverse();
    Some((information, starts))
}

/// Sums over runs of pre-bins.
struct Segments<'a> {
    running: Vec<Counts>,
    total: Counts,
    weight_min: f64,
    pre: &'a [Counts],
}

impl<'a> Segments<'a> {
    fn new(pre: &'a [Counts], total: Counts, weight_min: f64) -> Self {
        let mut running = vec![Counts::default()];
        for counts in pre {
            running.push(running.last().copied().unwrap_or_default().and(*counts));
        }
        Self { running, total, weight_min, pre }
    }

    fn counts(&self, first: usize, last: usize) -> Counts {
        if first == last {
            return self.pre[first];
        }
        let (from, to) = (self.running[first], self.running[last + 1]);
        Counts { no: to.no - from.no, yes: to.yes - from.yes }
    }

    /// What a bin adds; nothing, when it is too small or has one outcome only.
    fn information(&self, first: usize, last: usize) -> Option<f64> {
        let counts = self.counts(first, last);
        let allowed = counts.all() >= self.weight_min && counts.no > 1e-9 && counts.yes > 1e-9;
        allowed.then(|| counts.evidence(self.total).1)
    }
}
