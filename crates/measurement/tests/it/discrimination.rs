//! Discrimination against scikit-learn and the definition of DeLong's components.

use florin_measurement::{
    Confusion, Figures, Level, MeasureError, Resampling, Sample, auc_interval, compare_auc, discriminate, gains, roc,
};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::golden::{Golden, close};

const EXACT: f64 = 1e-12;

fn compare(figures: &Figures, golden: &Golden, which: &str) {
    close(figures.auc, golden.number(&format!("/{which}/auc")), EXACT);
    close(figures.gini, 2.0 * figures.auc - 1.0, EXACT);
    close(figures.ks, golden.number(&format!("/{which}/ks")), EXACT);
    close(figures.average_precision, golden.number(&format!("/{which}/average_precision")), EXACT);
    close(figures.brier.expect("probabilities"), golden.number(&format!("/{which}/brier")), EXACT);
    close(figures.log_loss.expect("probabilities"), golden.number(&format!("/{which}/log_loss")), EXACT);
}

#[test]
fn figures_are_those_of_scikit_learn_with_ties_and_with_weights() {
    let golden = Golden::read("discrimination");
    let (scores, labels, weights) = (golden.numbers("/scores"), golden.bools("/labels"), golden.numbers("/weights"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    compare(&Figures::of(&sample.ranked().expect("both kinds")), &golden, "plain");
    let weighted = sample.weighted(&weights).expect("sound");
    compare(&Figures::of(&weighted.ranked().expect("both kinds")), &golden, "weighted");
}

#[test]
fn a_threshold_gets_right_and_wrong_what_scikit_learn_says() {
    let golden = Golden::read("discrimination");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    let found = Confusion::at(&sample, golden.number("/confusion/threshold"));
    let counts = [found.true_positives, found.false_positives, found.true_negatives, found.false_negatives];
    assert_eq!(counts, ["tp", "fp", "tn", "fn"].map(|name| golden.number(&format!("/confusion/{name}"))));
    let shares = [found.accuracy(), found.precision(), found.true_positive_rate(), found.f1(), found.matthews()]
        .map(Option::unwrap);
    for (share, name) in shares.into_iter().zip(["accuracy", "precision", "recall", "f1", "matthews"]) {
        close(share, golden.number(&format!("/confusion/{name}")), EXACT);
    }
    let each = Confusion::at_each(&sample.ranked().expect("both kinds"));
    for (threshold, confusion) in each {
        assert_eq!(confusion, Confusion::at(&sample, threshold));
    }
}

#[test]
fn delong_by_mid_ranks_is_delong_by_definition() {
    let golden = Golden::read("discrimination");
    let (first, second, labels) = (golden.numbers("/scores"), golden.numbers("/second"), golden.bools("/labels"));
    let found = compare_auc(&first, &second, &labels, Level::USUAL).expect("sound");
    close(found.first.value, golden.number("/delong/first"), EXACT);
    close(found.second.value, golden.number("/delong/second"), EXACT);
    let error = golden.number("/delong/error");
    close(found.z, found.difference.value / error, 1e-9);
    let z = Level::USUAL.z();
    close(found.difference.high - found.difference.value, z * error, EXACT);
    let alone = auc_interval(&first, &labels, Level::USUAL).expect("sound");
    close(alone.value - alone.low, z * golden.number("/delong/first_error"), EXACT);
    let same = compare_auc(&first, &first, &labels, Level::USUAL).expect("sound");
    assert_eq!((same.difference.value, same.p), (0.0, 1.0));
}

#[test]
fn deciles_add_up_and_the_curve_ends_in_its_corner() {
    let golden = Golden::read("discrimination");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let ranked = Sample::new(&scores, &labels).expect("sound").ranked().expect("both kinds");
    let parts = gains(&ranked, 10).expect("ten parts");
    close(parts.iter().map(|part| part.positives).sum(), ranked.positives(), 1e-9);
    assert_eq!((parts[9].gain, parts[9].cumulative_lift), (1.0, 1.0));
    close(parts[0].lift, Figures::of(&ranked).lift, EXACT);
    let curve = roc(&ranked, 1000);
    let area: f64 = curve
        .windows(2)
        .map(|pair| {
            let wide = pair[1].false_positive_rate - pair[0].false_positive_rate;
            wide * (pair[1].true_positive_rate + pair[0].true_positive_rate) / 2.0
        })
        .sum();
    close(area, Figures::of(&ranked).auc, EXACT);
    assert!(roc(&ranked, 20).len() < 30);
}

#[test]
fn rows_tied_across_a_cut_count_in_proportion() {
    let scores = [0.5; 10];
    let labels = [true, false, false, false, false, true, false, false, false, false];
    let ranked = Sample::new(&scores, &labels).expect("sound").ranked().expect("both kinds");
    for part in gains(&ranked, 5).expect("five parts") {
        close(part.lift, 1.0, EXACT);
    }
    close(Figures::of(&ranked).auc, 0.5, EXACT);
}

#[test]
fn the_bootstrap_is_the_same_on_any_number_of_threads_and_close_to_delong() {
    let golden = Golden::read("discrimination");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    let how = Resampling { resamples: 2000, ..Resampling::new(7) };
    let on = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| discriminate(&sample, &how)).expect("sound")
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one, three);
    let delong = auc_interval(&scores, &labels, Level::USUAL).expect("sound");
    close(one.auc.low, delong.low, 0.006);
    close(one.auc.high, delong.high, 0.006);
    let other = discriminate(&sample, &Resampling { seed: 8, ..how }).expect("sound");
    assert_ne!(one.auc, other.auc);
    assert!(one.brier.is_some_and(|brier| brier.low < brier.value && brier.value < brier.high));
}

#[test]
fn scores_that_are_no_probabilities_have_no_brier_score() {
    let sample = Sample::new(&[300.0, 640.0, 700.0], &[false, true, true]).expect("sound");
    let found = discriminate(&sample, &Resampling::new(1)).expect("both kinds");
    assert_eq!((found.brier, found.log_loss, found.auc.value), (None, None, 1.0));
}

#[test]
fn what_cannot_be_measured_is_an_error_that_says_why() {
    let said = |scores: &[f64], labels: &[bool]| -> String {
        let found = Sample::new(scores, labels).and_then(|s| discriminate(&s, &Resampling::new(1)));
        found.expect_err("not sound").to_string()
    };
    assert_eq!(said(&[], &[]), "there are no rows to measure");
    assert_eq!(said(&[0.1], &[]), "`labels` has 0 values where 1 were expected: give one a row");
    assert_eq!(said(&[0.1, f64::NAN], &[true, false]), "`scores` of row 1 is NaN; it must be a finite number");
    assert_eq!(said(&[0.1, 0.2], &[true, true]), "no row is negative: both kinds are needed to compare them");
    let few = Resampling { resamples: 1, ..Resampling::new(1) };
    let sample = Sample::new(&[0.1, 0.2], &[true, false]).expect("sound");
    assert!(matches!(discriminate(&sample, &few), Err(MeasureError::Settings(_))));
}

proptest! {
    #[test]
    fn auc_is_what_counting_all_pairs_gives(rows in prop::collection::vec((0u8..12, any::<bool>(), 0u8..4), 2..60)) {
        let scores: Vec<f64> = rows.iter().map(|(s, ..)| f64::from(*s) / 11.0).collect();
        let labels: Vec<bool> = rows.iter().map(|(_, label, _)| *label).collect();
        let weights: Vec<f64> = rows.iter().map(|(.., w)| f64::from(*w)).collect();
        let sample = Sample::new(&scores, &labels).and_then(|s| s.weighted(&weights)).expect("sound");
        if let Ok(ranked) = sample.ranked() {
            let (mut won, mut all) = (0.0, 0.0);
            for p in (0..rows.len()).filter(|i| labels[*i]) {
                for n in (0..rows.len()).filter(|i| !labels[*i]) {
                    let pair = weights[p] * weights[n];
                    all += pair;
                    won += pair * if scores[p] > scores[n] { 1.0 } else if scores[p] == scores[n] { 0.5 } else { 0.0 };
                }
            }
            let figures = Figures::of(&ranked);
            prop_assert!((figures.auc - won / all).abs() < 1e-12);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&figures.ks) && (0.0..=1.0 + 1e-12).contains(&figures.captured));
        }
    }
}
