//! Offsets of classes that make the mean F1 of all classes best: a rare class may need less than the highest probability to be called.

use super::calibrate::softmax;

/// Sweeps over all classes at most.
const SWEEPS_MAX: usize = 10;
/// No class is moved further than this, in logits.
const OFFSET_MAX: f64 = 4.0;

/// The class with the highest value; the first of equals.
pub(super) fn highest(values: &[f64]) -> usize {
    let mut best = 0;
    for (class, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = class;
        }
    }
    best
}

/// Hits, called and count of each class, and the mean F1 they make.
struct Tally {
    hits: Vec<f64>,
    called: Vec<f64>,
    count: Vec<f64>,
}

impl Tally {
    fn f1(&self, class: usize) -> f64 {
        let all = self.called[class] + self.count[class];
        if all == 0.0 { 0.0 } else { 2.0 * self.hits[class] / all }
    }

    fn mean_f1(&self) -> f64 {
        (0..self.count.len()).map(|class| self.f1(class)).sum::<f64>() / self.count.len() as f64
    }

    fn call(&mut self, class: usize, is: usize, by: f64) {
        self.called[class] += by;
        if class == is {
            self.hits[class] += by;
        }
    }
}

/// What to add to the logits of each class. Coordinate ascent: one class after the other takes the offset that is best given the
/// others', in the middle of the range that is as good.
pub(super) fn for_macro_f1(logits: &[f64], truth: &[usize], classes: usize) -> Vec<f64> {
    let mut offsets = vec![0.0; classes];
    for _ in 0..SWEEPS_MAX {
        let before = offsets.clone();
        for class in 0..classes {
            offsets[class] = best_offset(logits, truth, &offsets, class);
        }
        if offsets.iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-9) {
            break;
        }
    }
    let mean = offsets.iter().sum::<f64>() / classes.max(1) as f64;
    offsets.iter().map(|offset| offset - mean).collect()
}

fn best_offset(logits: &[f64], truth: &[usize], offsets: &[f64], class: usize) -> f64 {
    let classes = offsets.len();
    let zeros = || vec![0.0; classes];
    let mut tally = Tally { hits: zeros(), called: zeros(), count: zeros() };
    // (offset from which the row is called `class`, the class it is called below, its own class)
    let mut rows: Vec<(f64, usize, usize)> = Vec::with_capacity(truth.len());
    let mut others = zeros();
    for (row, &is) in logits.chunks_exact(classes).zip(truth) {
        others.iter_mut().zip(row).zip(offsets).for_each(|((other, logit), offset)| *other = logit + offset);
        others[class] = f64::NEG_INFINITY;
        let next = highest(&others);
        tally.count[is] += 1.0;
        tally.call(next, is, 1.0);
        rows.push((others[next] - row[class], next, is));
    }
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = (f64::NEG_INFINITY, offsets[class]);
    let mut low = -OFFSET_MAX;
    let mut at = 0;
    loop {
        let high = rows.get(at).map_or(OFFSET_MAX, |row| row.0.min(OFFSET_MAX));
        if high > low {
            let mean = tally.mean_f1();
            if mean > best.0 + 1e-12 {
                best = (mean, f64::midpoint(low, high));
            }
            low = high;
        }
        let Some(&(from, next, is)) = rows.get(at) else { break };
        if from >= OFFSET_MAX {
            break;
        }
        tally.call(next, is, -1.0);
        tally.call(class, is, 1.0);
        at += 1;
    }
    best.1
}

/// Probabilities of a row of logits.
pub(super) fn probabilities(logits: &[f64]) -> Vec<f64> {
    let mut shares = logits.to_vec();
    softmax(&mut shares);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{evaluate::Scores, random::Random};

    #[test]
    fn a_rare_class_is_called_once_offsets_are_fitted() {
        let mut random = Random::new(9);
        let (mut logits, mut truth) = (Vec::new(), Vec::new());
        for at in 0..2000 {
            let is = usize::from(at % 20 == 0);
            let rare = random.unit() * 2.0 - 3.0 + 1.5 * is as f64;
            logits.extend([0.0, rare]);
            truth.push(is);
        }
        let f1 = |offsets: &[f64]| {
            let said: Vec<usize> =
                logits.chunks_exact(2).map(|row| highest(&[row[0] + offsets[0], row[1] + offsets[1]])).collect();
            Scores::of(&truth, &said, 2).macro_f1
        };
        let offsets = for_macro_f1(&logits, &truth, 2);
        assert!(f1(&offsets) > f1(&[0.0, 0.0]) + 0.1);
        for by in [-0.2, -0.1, 0.1, 0.2] {
            assert!(f1(&offsets) >= f1(&[offsets[0], offsets[1] + by]) - 1e-12);
        }
    }
}
