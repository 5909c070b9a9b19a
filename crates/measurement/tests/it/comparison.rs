//! Models beside baselines, and learning curves.

use florin_measurement::{
    Interval, Resampling, Sample,
    comparison::{LearningCurve, LearningPoint, Verdict, compare},
};

use crate::golden::{Golden, close};

#[test]
fn a_model_beats_noise_but_not_itself() {
    let golden = Golden::read("discrimination");
    let (scores, second, labels) = (golden.numbers("/scores"), golden.numbers("/second"), golden.bools("/labels"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    let how = Resampling { resamples: 1000, ..Resampling::new(4) };
    let noise: Vec<f64> = (0..scores.len()).map(|i| (i * 37 % 100) as f64 / 100.0).collect();
    let beaten = compare(&sample, &noise, "noise", &how).expect("sound");
    assert_eq!(beaten.verdict, Verdict::Beats);
    assert!(beaten.log_loss_difference.is_some_and(|difference| difference.high < 0.0));
    let itself = compare(&sample, &scores, "itself", &how).expect("sound");
    assert_eq!((itself.verdict, itself.auc_difference.low, itself.auc_difference.high), (Verdict::Level, 0.0, 0.0));
    let second = compare(&sample, &second, "second", &how).expect("sound");
    let delong = second.auc.expect("no weights").difference;
    close(second.auc_difference.value, delong.value, 1e-12);
    close(second.auc_difference.low, delong.low, 0.012);
    close(second.auc_difference.high, delong.high, 0.012);
}

#[test]
fn a_curve_that_still_rises_asks_for_more_rows_and_a_flat_one_does_not() {
    let curve = |tests: [f64; 3]| {
        let point = |(i, value): (usize, &f64)| {
            let test = Interval { low: value - 0.01, value: *value, high: value + 0.01 };
            LearningPoint { rows: 1000 << i, train: 0.9, test }
        };
        LearningCurve { figure: "auc".to_owned(), points: tests.iter().enumerate().map(point).collect() }
    };
    let rising = curve([0.70, 0.75, 0.80]).outlook().expect("three points");
    close(rising.from_doubling, 0.025, 1e-12);
    close(rising.overfit, 0.1, 1e-12);
    assert!(rising.more_rows_help);
    assert!(!curve([0.799, 0.801, 0.8]).outlook().expect("three points").more_rows_help);
    assert_eq!(LearningCurve::default().outlook(), None);
}
