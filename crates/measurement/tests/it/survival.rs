//! Times that were not all seen to the end.

use florin_measurement::{
    Level, MeasureError, Resampling, Sample, discriminate,
    survival::{KaplanMeier, Times, compare_concordance, concordance},
};

use crate::golden::close;

/// Chance without a library: the numbers of a linear congruence.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Exponential times with a rate that doubles with each unit of risk; seen until a time of chance, or 4.
fn lives(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>, Vec<f64>, Vec<f64>) {
    let mut chance = Chance(seed);
    let (mut times, mut happened, mut risks, mut truth) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let risk = 4.0 * chance.unit() - 2.0;
        let own = -(1.0 - chance.unit()).ln() / (0.2 * risk.exp2());
        let until = (6.0 * chance.unit() + 0.05).min(4.0);
        times.push(own.min(until));
        happened.push(own <= until);
        risks.push(risk);
        truth.push(own);
    }
    (times, happened, risks, truth)
}

#[test]
fn the_share_left_is_that_of_the_textbook() {
    // The treated of Freireich and others (1963): weeks in remission, as in every textbook of survival.
    let seen = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(f64::from);
    let happened: Vec<bool> = (0..21).map(|row| row < 9).collect();
    let times = Times::new(&seen, &happened).expect("times");
    let left = KaplanMeier::of(&times);
    close(left.at(5.9), 1.0, 0.0);
    close(left.at(6.0), 0.8571, 5e-5);
    close(left.at(10.0), 0.7529, 5e-5);
    close(left.at(22.5), 0.5378, 5e-5);
    close(left.at(100.0), 0.4482, 5e-5);
    let at_ten = left.interval(10.0, Level::USUAL);
    // R's survfit(conf.type = "log-log").
    close(at_ten.low, 0.5032, 5e-4);
    close(at_ten.high, 0.8894, 5e-4);
}

#[test]
fn chances_by_a_time_are_judged_as_if_nobody_had_been_lost_sight_of() {
    let (times, happened, risks, truth) = lives(20_000, 5);
    let known = Times::new(&times, &happened).expect("times");
    let chance = |risk: &f64| 1.0 - (-0.2 * risk.exp2() * 2.0).exp();
    let (mut scores, mut labels, mut weights, mut all) = (vec![], vec![], vec![], vec![]);
    for (row, outcome) in known.known_by(2.0).into_iter().enumerate() {
        all.push(truth[row] <= 2.0);
        let Some((happened, weight)) = outcome else { continue };
        scores.push(chance(&risks[row]));
        labels.push(happened);
        weights.push(weight);
    }
    assert!(labels.len() < 17_500, "many are lost sight of: {}", labels.len());
    let how = Resampling { resamples: 20, ..Resampling::new(1) };
    let found = discriminate(&Sample::new(&scores, &labels).expect("rows").weighted(&weights).expect("weights"), &how)
        .expect("figures");
    let everybody: Vec<f64> = risks.iter().map(chance).collect();
    let wanted = discriminate(&Sample::new(&everybody, &all).expect("rows"), &how).expect("figures");
    close(found.auc.value, wanted.auc.value, 0.008);
    close(found.brier.expect("chances").value, wanted.brier.expect("chances").value, 0.004);
    let rate = weights.iter().zip(&labels).filter(|(_, label)| **label).map(|(weight, _)| weight).sum::<f64>()
        / weights.iter().sum::<f64>();
    let plain = labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64;
    let truly = all.iter().filter(|label| **label).count() as f64 / all.len() as f64;
    close(rate, truly, 0.01);
    assert!((plain - truly).abs() > 0.02, "without weights the rate is another: {plain} and {truly}");
}

#[test]
fn concordance_is_the_share_of_pairs_and_its_interval_holds_the_truth() {
    let (times, happened, risks, _) = lives(150, 9);
    let known = Times::new(&times, &happened).expect("times");
    let (mut pairs, mut agreeing) = (0.0, 0.0);
    for a in 0..150 {
        for b in 0..150 {
            if happened[a] && (times[a] < times[b] || (times[a] == times[b] && !happened[b])) {
                pairs += 1.0;
                agreeing += if risks[a] > risks[b] { 1.0 } else { 0.0 };
            }
        }
    }
    let how = Resampling::new(3);
    let found = concordance(&known, &risks, &how).expect("a share");
    close(found.value, agreeing / pairs, 1e-12);
    let (long, came, risk, _) = lives(60_000, 10);
    let truth = concordance(&Times::new(&long, &came).expect("times"), &risk, &Resampling { resamples: 2, ..how })
        .expect("a share");
    assert!(found.low < truth.value && truth.value < found.high, "{found:?} and {truth:?}");
    let noise: Vec<f64> = {
        let mut chance = Chance(4);
        (0..150).map(|_| chance.unit()).collect()
    };
    let both = compare_concordance(&known, (&risks, &noise), &how).expect("a comparison");
    close(both.first.value, found.value, 1e-12);
    assert!(both.difference.low > 0.0 && both.second.contains(0.5), "{both:?}");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    assert!(matches!(Times::new(&[], &[]), Err(MeasureError::Empty)));
    assert!(Times::new(&[1.0, 0.0], &[true, true]).is_err() && Times::new(&[1.0], &[true, true]).is_err());
    let none =
        Times::new(&[1.0, 2.0], &[false, false]).map(|times| concordance(&times, &[1.0, 2.0], &Resampling::new(1)));
    assert!(none.expect("times").is_err());
}
