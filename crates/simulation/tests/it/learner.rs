//! Somebody who looks for the truth in artefacts: boosted trees over all of them together, judged on people they have not seen.
//!
//! Each tree cuts by one artefact drawn at random and then by the best of all on either side, and of a few such trees the best is
//! added; so pairs of artefacts are found whose members say nothing alone (boosting: Friedman, Annals of Statistics 29, 2001).
//! People, or whatever belongs together, are in one of two halves; each half is scored by trees that were grown on the other. The area
//! under the ROC curve of a half has the standard error of Obuchowski (Biometrics 53, 1997), which does not take records of one person
//! for independent. The areas of the halves are averaged, and so are their errors: they are not independent, since each half is
//! what the other is scored by, and the mean of the errors is the largest that the error of the mean can be.

use std::collections::BTreeMap;

/// One record: what belongs together has one group.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) group: u64,
    pub(crate) wanted: bool,
    pub(crate) artefacts: Vec<f64>,
}

/// The area under the ROC curve, and its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

const BINS: usize = 24;
const ROUNDS: usize = 80;
const SHRINKAGE: f64 = 0.12;
/// First cuts that are tried in a round.
const ROOTS: usize = 10;
/// Keeps leaves of few cases near zero, and cases (times p(1 − p)) that a leaf needs.
const RIDGE: f64 = 8.0;
const LEAF_MIN: f64 = 2.0;

pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How well the truth is found among people who were not learnt from.
pub(crate) fn out_of_sample(cases: &[Case]) -> Area {
    let bins = bins(cases);
    let areas: Vec<Area> = (0..2)
        .map(|half| {
            let (test, train): (Vec<usize>, Vec<usize>) =
                (0..cases.len()).partition(|at| mix(cases[*at].group) % 2 == half);
            let scores = boosted(cases, &bins, &train);
            let judge = |at: usize| Judged { group: cases[at].group, wanted: cases[at].wanted, score: scores[at] };
            area(&test.into_iter().map(judge).collect::<Vec<_>>())
        })
        .collect();
    let mean = |of: &dyn Fn(&Area) -> f64| areas.iter().map(of).sum::<f64>() / areas.len() as f64;
    Area { value: mean(&|area| area.value), error: mean(&|area| area.error) }
}

/// A record with its score.
#[derive(Clone, Copy)]
pub(crate) struct Judged {
    pub(crate) group: u64,
    pub(crate) wanted: bool,
    pub(crate) score: f64,
}

/// The area of scores, ties counted half.
pub(crate) fn area(judged: &[Judged]) -> Area {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| a.score.total_cmp(&b.score));
    let wanted = sorted.iter().filter(|j| j.wanted).count() as f64;
    let others = sorted.len() as f64 - wanted;
    // Each record's share of the opposite kind on the right side of it.
    let (mut below_wanted, mut below_others, mut sum) = (0.0, 0.0, 0.0);
    let mut groups: BTreeMap<u64, [f64; 4]> = BTreeMap::new();
    for tie in sorted.chunk_by(|a, b| a.score == b.score) {
        let hits = tie.iter().filter(|j| j.wanted).count() as f64;
        let misses = tie.len() as f64 - hits;
        for j in tie {
            let group = groups.entry(j.group).or_default();
            if j.wanted {
                let share = (below_others + misses / 2.0) / others;
                sum += share;
                *group = [group[0] + share, group[1] + 1.0, group[2], group[3]];
            } else {
                let share = (wanted - below_wanted - hits / 2.0) / wanted;
                *group = [group[0], group[1], group[2] + share, group[3] + 1.0];
            }
        }
        below_wanted += hits;
        below_others += misses;
    }
    let value = sum / wanted;
    Area { value, error: clustered_error(value, wanted, others, &groups) }
}

/// Obuchowski's: groups are independent, records of one group are not.
fn clustered_error(area: f64, wanted: f64, others: f64, groups: &BTreeMap<u64, [f64; 4]>) -> f64 {
    let with = |at: usize| groups.values().filter(|g| g[at] > 0.0).count().max(2) as f64;
    let (groups_wanted, groups_others, all) = (with(1), with(3), groups.len().max(2) as f64);
    let (mut tens, mut ones, mut both) = (0.0, 0.0, 0.0);
    for [x, m, y, n] in groups.values() {
        let (x, y) = (x - m * area, y - n * area);
        tens += x * x;
        ones += y * y;
        both += x * y;
    }
    let tens = groups_wanted / ((groups_wanted - 1.0) * wanted) * tens;
    let ones = groups_others / ((groups_others - 1.0) * others) * ones;
    let both = all / (all - 1.0) * both;
    (tens / wanted + ones / others + 2.0 * both / (wanted * others)).max(0.0).sqrt()
}

/// Each artefact as one of a few bins of as many cases, by columns.
fn bins(cases: &[Case]) -> Vec<Vec<u8>> {
    let width = cases.first().map_or(0, |case| case.artefacts.len());
    let column = |at: usize| {
        let mut values: Vec<f64> = cases.iter().map(|case| case.artefacts[at]).collect();
        values.sort_by(f64::total_cmp);
        let mut cuts: Vec<f64> = (1..BINS).map(|bin| values[bin * values.len() / BINS]).collect();
        cuts.dedup();
        cases.iter().map(|case| cuts.partition_point(|cut| *cut <= case.artefacts[at]) as u8).collect()
    };
    (0..width).map(column).collect()
}

/// The score of every case, by trees grown on some of them.
fn boosted(cases: &[Case], bins: &[Vec<u8>], train: &[usize]) -> Vec<f64> {
    let share = train.iter().filter(|at| cases[**at].wanted).count() as f64 / train.len().max(1) as f64;
    let mut scores = vec![(share / (1.0 - share)).ln(); cases.len()];
    let mut dice = 7;
    for _ in 0..ROUNDS {
        let slopes: Vec<Slope> = (0..cases.len()).map(|at| slope(scores[at], cases[at].wanted)).collect();
        let trees = (0..ROOTS).map(|_| {
            dice = mix(dice);
            let artefact = (dice % bins.len() as u64) as usize;
            let somebody = train[(dice >> 32) as usize % train.len()];
            Tree::grow(bins, &slopes, train, Cut { artefact, up_to: bins[artefact][somebody] })
        });
        let Some(tree) = trees.max_by(|a, b| a.gain.total_cmp(&b.gain)) else { continue };
        scores.iter_mut().enumerate().for_each(|(at, score)| *score += SHRINKAGE * tree.step(bins, at));
    }
    scores
}

/// First and second derivative of the logistic loss; sums of them.
type Slope = (f64, f64);

fn slope(score: f64, wanted: bool) -> Slope {
    let p = 1.0 / (1.0 + (-score).exp());
    (f64::from(u8::from(wanted)) - p, p * (1.0 - p))
}

fn worth((first, second): Slope) -> f64 {
    first * first / (second + RIDGE)
}

#[derive(Clone, Copy)]
struct Cut {
    artefact: usize,
    /// The last bin on the low side.
    up_to: u8,
}

impl Cut {
    fn is_high(self, bins: &[Vec<u8>], at: usize) -> usize {
        usize::from(bins[self.artefact][at] > self.up_to)
    }
}

/// A cut, and one more on each side.
struct Tree {
    root: Cut,
    sides: [(Cut, [f64; 2]); 2],
    gain: f64,
}

impl Tree {
    fn grow(bins: &[Vec<u8>], slopes: &[Slope], train: &[usize], root: Cut) -> Self {
        let mut sides: [Vec<usize>; 2] = Default::default();
        train.iter().for_each(|at| sides[root.is_high(bins, *at)].push(*at));
        let [low, high] = sides.map(|side| best_cut(bins, slopes, &side));
        Self { root, gain: low.2 + high.2, sides: [(low.0, low.1), (high.0, high.1)] }
    }

    fn step(&self, bins: &[Vec<u8>], at: usize) -> f64 {
        let (cut, steps) = &self.sides[self.root.is_high(bins, at)];
        steps[cut.is_high(bins, at)]
    }
}

/// The best cut of some cases by any artefact, the steps on either side of it, and what it is worth.
fn best_cut(bins: &[Vec<u8>], slopes: &[Slope], cases: &[usize]) -> (Cut, [f64; 2], f64) {
    let add = |sum: Slope, more: Slope| (sum.0 + more.0, sum.1 + more.1);
    let step = |(first, second): Slope| first / (second + RIDGE);
    let all = cases.iter().fold((0.0, 0.0), |sum, at| add(sum, slopes[*at]));
    let mut best = (Cut { artefact: 0, up_to: u8::MAX }, [step(all), 0.0], worth(all));
    for (artefact, column) in bins.iter().enumerate() {
        let mut sums = [(0.0, 0.0); BINS];
        cases.iter().for_each(|at| sums[usize::from(column[*at])] = add(sums[usize::from(column[*at])], slopes[*at]));
        let mut low = (0.0, 0.0);
        for (up_to, sum) in sums.iter().enumerate().take(BINS - 1) {
            low = add(low, *sum);
            let high = (all.0 - low.0, all.1 - low.1);
            let gain = worth(low) + worth(high);
            if gain > best.2 && low.1 >= LEAF_MIN && high.1 >= LEAF_MIN {
                best = (Cut { artefact, up_to: up_to as u8 }, [step(low), step(high)], gain);
            }
        }
    }
    best
}

#[test]
fn the_error_of_independent_scores_is_that_of_hanley_and_mcneil_under_chance() {
    let judged: Vec<Judged> =
        (0..4000).map(|at| Judged { group: at, wanted: at.is_multiple_of(4), score: (mix(at) >> 11) as f64 }).collect();
    let area = area(&judged);
    // For scores that say nothing the variance is (m + n + 1) / 12mn.
    let chance = (4001.0_f64 / (12.0 * 1000.0 * 3000.0)).sqrt();
    assert!((area.error / chance - 1.0).abs() < 0.05, "{area:?} beside {chance}");
}

#[test]
fn the_error_of_copies_is_that_of_their_originals() {
    let once: Vec<Judged> =
        (0..800).map(|at| Judged { group: at, wanted: at.is_multiple_of(4), score: (mix(at) >> 11) as f64 }).collect();
    let thrice: Vec<Judged> = once.iter().flat_map(|j| [*j; 3]).collect();
    let (one, three) = (area(&once), area(&thrice));
    assert!((one.value - three.value).abs() < 1e-9 && (one.error / three.error - 1.0).abs() < 0.01);
}
