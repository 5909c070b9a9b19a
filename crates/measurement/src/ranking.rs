//! Lists that were recommended against what people wanted.
//!
//! Per person, at the first k of the list: precision = hits / k; recall = hits / wanted; average precision = Σ precision at
//! each hit / min(k, wanted); NDCG = DCG / best DCG with gains over log₂(place + 1) (Järvelin and Kekäläinen 2002). Then the
//! mean over people who wanted anything, whose standard error makes the interval.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, same_length, settings},
    interval::{Interval, Level},
};

/// How good the lists are for those who wanted something.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankingFigures {
    /// The length that was looked at.
    pub k: usize,
    /// People who wanted anything.
    pub people: usize,
    /// Mean precision at k.
    pub precision: Interval,
    /// Mean recall at k.
    pub recall: Interval,
    /// Mean average precision at k.
    pub map: Interval,
    /// Mean normalised discounted cumulative gain at k.
    pub ndcg: Interval,
    /// Share of people with a hit.
    pub hit_rate: Interval,
}

/// What lists look like, whoever wanted what.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Share of the catalogue that anybody is recommended.
    pub coverage: f64,
    /// Mean over lists of the share of pairs of items that are of different kinds; none when no list has two items.
    pub diversity: Option<f64>,
    /// Mean -log₂ of the share of people who have an item, over recommended items (Zhou et al. 2010), bits. An item that nobody
    /// has counts as held by half a person.
    pub novelty: f64,
    /// Gini coefficient of how often items are recommended: 0 all alike, near 1 a few take all.
    pub exposure_gini: f64,
}

/// One person: what was recommended, the best first, and what was wanted, with how much.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Items, the best first, none twice.
    pub recommended: &'a [u32],
    /// Items with gains above 0; 1 for plain wanting.
    pub wanted: &'a [(u32, f64)],
}

/// Figures of one person.
struct One([f64; 5]);

/// The figures at k.
///
/// # Errors
/// When k is 0, nobody wanted anything, a gain is not above 0, or a list names an item twice.
pub fn ranking(lists: &[List<'_>], k: usize, level: Level) -> Result<RankingFigures, MeasureError> {
    if k == 0 {
        return Err(settings("a list of length 0 has no figures"));
    }
    let mut each: Vec<One> = Vec::new();
    for (person, list) in lists.iter().enumerate() {
        check(person, list)?;
        if !list.wanted.is_empty() {
            each.push(one(list, k));
        }
    }
    if each.is_empty() {
        return Err(MeasureError::Empty);
    }
    let of = |which: usize| {
        let values: Vec<f64> = each.iter().map(|one| one.0[which]).collect();
        mean_interval(&values, level).within(0.0, 1.0)
    };
    Ok(RankingFigures {
        k,
        people: each.len(),
        precision: of(0),
        recall: of(1),
        map: of(2),
        ndcg: of(3),
        hit_rate: of(4),
    })
}

fn check(person: usize, list: &List<'_>) -> Result<(), MeasureError> {
    if let Some((_, value)) = list.wanted.iter().find(|(_, gain)| !(gain.is_finite() && *gain > 0.0)) {
        return Err(MeasureError::Value { what: "gains", row: person, value: *value, must: "finite and above 0" });
    }
    let items: BTreeSet<u32> = list.recommended.iter().copied().collect();
    if items.len() < list.recommended.len() {
        return Err(settings(format!("the list of person {person} names an item twice")));
    }
    Ok(())
}

fn one(list: &List<'_>, k: usize) -> One {
    let gains: BTreeMap<u32, f64> = list.wanted.iter().copied().collect();
    let (mut hits, mut precisions, mut dcg) = (0.0, 0.0, 0.0);
    for (place, item) in list.recommended.iter().take(k).enumerate() {
        if let Some(gain) = gains.get(item) {
            hits += 1.0;
            precisions += hits / (place + 1) as f64;
            dcg += gain / discount(place);
        }
    }
    let mut best: Vec<f64> = gains.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = best.iter().take(k).enumerate().map(|(place, gain)| gain / discount(place)).sum();
    let (wanted, hit) = (gains.len() as f64, f64::from(u8::from(hits > 0.0)));
    One([hits / k as f64, hits / wanted, precisions / wanted.min(k as f64), dcg / ideal, hit])
}

fn discount(place: usize) -> f64 {
    (place as f64 + 2.0).log2()
}

/// The mean with the interval of its standard error.
pub(crate) fn mean_interval(values: &[f64], level: Level) -> Interval {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let error = if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { f64::INFINITY };
    Interval::around(mean, error, level)
}

/// What lists look like at k. `kinds` says the kind of each item of the catalogue (items are numbers from 0), `holders` how many
/// of `people` have it.
///
/// # Errors
/// When lengths differ, k or the catalogue is 0, an item is not of the catalogue, or nothing is recommended.
pub fn spread(lists: &[&[u32]], k: usize, kinds: &[u32], holders: &[u64], people: u64) -> Result<Spread, MeasureError> {
    same_length("holders", holders.len(), kinds.len())?;
    let mut shown = vec![0u64; kinds.len()];
    let (mut novelty, mut diversities) = (0.0, Vec::new());
    for list in lists {
        let list = &list[..list.len().min(k)];
        for item in list {
            let Some(count) = shown.get_mut(*item as usize) else {
                return Err(settings(format!("item {item} is not of the catalogue of {}", kinds.len())));
            };
            *count += 1;
            novelty -= ((holders[*item as usize] as f64).max(0.5) / (people as f64).max(1.0)).log2();
        }
        diversities.extend(diversity(list, kinds));
    }
    let all = shown.iter().sum::<u64>();
    if all == 0 {
        return Err(MeasureError::Empty);
    }
    Ok(Spread {
        coverage: shown.iter().filter(|count| **count > 0).count() as f64 / kinds.len() as f64,
        diversity: (!diversities.is_empty()).then(|| diversities.iter().sum::<f64>() / diversities.len() as f64),
        novelty: novelty / all as f64,
        exposure_gini: gini(&shown),
    })
}

fn diversity(list: &[u32], kinds: &[u32]) -> Option<f64> {
    let pairs = list.len() * list.len().checked_sub(1)? / 2;
    let mut of_kind: BTreeMap<u32, usize> = BTreeMap::new();
    list.iter().for_each(|item| *of_kind.entry(kinds[*item as usize]).or_default() += 1);
    let alike: usize = of_kind.values().map(|n| n * (n - 1) / 2).sum();
    (pairs > 0).then(|| 1.0 - alike as f64 / pairs as f64)
}

fn gini(counts: &[u64]) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let (n, all) = (sorted.len() as f64, sorted.iter().sum::<u64>() as f64);
    let ranked: f64 = sorted.iter().enumerate().map(|(i, count)| (i as f64 + 1.0) * *count as f64).sum();
    2.0 * ranked / (n * all) - (n + 1.0) / n
}
