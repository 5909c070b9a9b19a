//! How good verdicts are: folds, accuracy, F1.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::random::Random;

/// Puts each example into one of `folds` folds so that every fold has about the same share of each class: the examples of a class are
/// shuffled and dealt out in turn, each class starting where the one before ended.
#[must_use]
pub fn stratified_folds(classes: &[usize], folds: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut of_class: Vec<Vec<usize>> = vec![Vec::new(); classes.iter().max().map_or(0, |most| most + 1)];
    classes.iter().enumerate().for_each(|(at, &class)| of_class[class].push(at));
    let mut fold = vec![0; classes.len()];
    let mut next = 0;
    for mut members in of_class {
        random.shuffle(&mut members);
        for at in members {
            fold[at] = next;
            next = (next + 1) % folds.max(1);
        }
    }
    fold
}

/// What verdicts are worth beside the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Share of right verdicts.
    pub accuracy: f64,
    /// Mean of the classes' F1, each class counting the same.
    pub macro_f1: f64,
    /// Each class in order of its number.
    pub classes: Vec<ClassScores>,
}

/// One class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClassScores {
    /// How many examples are of it.
    pub count: usize,
    /// Share of those called so that are; 0 when none is called so.
    pub precision: f64,
    /// Share of those that are that are called so; 0 when there is none.
    pub recall: f64,
    /// 2 hits / (called + count); 0 when there is neither.
    pub f1: f64,
}

impl Scores {
    /// Compares verdicts with the truth, both as numbers of classes below `classes`.
    #[must_use]
    pub fn of(truth: &[usize], said: &[usize], classes: usize) -> Self {
        let mut counts = vec![[0_usize; 3]; classes];
        let mut right = 0;
        for (&is, &called) in truth.iter().zip(said) {
            if let Some(count) = counts.get_mut(is) {
                count[0] += 1;
            }
            if let Some(count) = counts.get_mut(called) {
                count[1] += 1;
                count[2] += usize::from(is == called);
            }
            right += usize::from(is == called);
        }
        let classes: Vec<ClassScores> = counts.into_iter().map(ClassScores::of).collect();
        let macro_f1 = classes.iter().map(|class| class.f1).sum::<f64>() / classes.len().max(1) as f64;
        Self { accuracy: share(right, truth.len()), macro_f1, classes }
    }
}

impl ClassScores {
    fn of([count, called, hits]: [usize; 3]) -> Self {
        Self { count, precision: share(hits, called), recall: share(hits, count), f1: share(2 * hits, called + count) }
    }
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// How many examples two groupings put together, by pair of groups, and how many each group of either has.
#[derive(Default)]
struct Shared {
    both: BTreeMap<(usize, usize), f64>,
    of_a: BTreeMap<usize, f64>,
    of_b: BTreeMap<usize, f64>,
}

impl Shared {
    fn of(a: &[usize], b: &[usize]) -> Self {
        let mut shared = Self::default();
        for (&a, &b) in a.iter().zip(b) {
            *shared.both.entry((a, b)).or_default() += 1.0;
            *shared.of_a.entry(a).or_default() += 1.0;
            *shared.of_b.entry(b).or_default() += 1.0;
        }
        shared
    }
}

/// How far two groupings of the same examples agree: 1 fully, about 0 by chance (Hubert & Arabie 1985).
#[must_use]
pub fn adjusted_rand(a: &[usize], b: &[usize]) -> f64 {
    let Shared { both, of_a, of_b } = Shared::of(a, b);
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let sum = |counts: &mut dyn Iterator<Item = f64>| counts.map(pairs).sum::<f64>();
    let [together, in_a, in_b] =
        [sum(&mut both.values().copied()), sum(&mut of_a.values().copied()), sum(&mut of_b.values().copied())];
    let all = pairs(a.len() as f64);
    let expected = if all > 0.0 { in_a * in_b / all } else { 0.0 };
    let most = f64::midpoint(in_a, in_b);
    if (most - expected).abs() < 1e-12 { 1.0 } else { (together - expected) / (most - expected) }
}

/// How much one grouping tells of the other: mutual information by the mean of both entropies, from 0 to 1.
#[must_use]
pub fn mutual_information(a: &[usize], b: &[usize]) -> f64 {
    let Shared { both, of_a, of_b } = Shared::of(a, b);
    let n = a.len().min(b.len()) as f64;
    let entropy = |counts: &BTreeMap<usize, f64>| -counts.values().map(|c| c / n * (c / n).ln()).sum::<f64>();
    let told: f64 = both.iter().map(|((x, y), c)| c / n * (c * n / (of_a[x] * of_b[y])).ln()).sum();
    let mean = f64::midpoint(entropy(&of_a), entropy(&of_b));
    if mean > 0.0 { told / mean } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_count_what_is_right_by_class() {
        let scores = Scores::of(&[0, 0, 0, 1], &[0, 0, 1, 1], 3);
        assert!((scores.accuracy - 0.75).abs() < 1e-12);
        assert!((scores.classes[0].f1 - 0.8).abs() < 1e-12 && (scores.classes[1].precision - 0.5).abs() < 1e-12);
        assert!((scores.macro_f1 - (0.8 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn folds_have_the_same_share_of_each_class() {
        let classes: Vec<usize> = (0..103).map(|at| usize::from(at % 5 == 0)).collect();
        let folds = stratified_folds(&classes, 5, 1);
        for fold in 0..5 {
            let members: Vec<usize> = (0..103).filter(|&at| folds[at] == fold).collect();
            assert!((20..=21).contains(&members.len()));
            assert!((4..=5).contains(&members.iter().filter(|&&at| classes[at] == 1).count()));
        }
        assert_ne!(folds, stratified_folds(&classes, 5, 2));
    }

    #[test]
    fn groupings_agree_whatever_their_groups_are_called() {
        let a = [0, 0, 1, 1, 2, 2];
        let renamed = [5, 5, 3, 3, 9, 9];
        assert!(
            (adjusted_rand(&a, &renamed) - 1.0).abs() < 1e-12 && (mutual_information(&a, &renamed) - 1.0).abs() < 1e-12
        );
        let crossed = [0, 1, 0, 1, 0, 1];
        assert!(adjusted_rand(&a, &crossed) < 0.0 && mutual_information(&a, &crossed).abs() < 1e-12);
    }
}
