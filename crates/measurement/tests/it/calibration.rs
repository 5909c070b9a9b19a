//! Calibration against scikit-learn and statsmodels.

use florin_measurement::{
    Interval, Level, Sample,
    calibration::{Cut, Isotonic, Platt, Repair, Scale, calibration_curve, calibration_line, hosmer_lemeshow},
    difference, ratio, wilson,
};

use crate::golden::{Golden, all_close, close};

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

#[test]
fn intervals_of_shares_are_those_of_statsmodels() {
    let golden = Golden::read("calibration");
    let of = |part, whole| wilson(part, whole, Level::USUAL).expect("rows");
    all_close(&ends(of(7.0, 40.0)), &golden.numbers("/wilson_7_of_40"), 1e-12);
    all_close(&ends(difference(of(7.0, 40.0), of(12.0, 35.0))), &golden.numbers("/newcombe_7_40_12_35"), 1e-12);
    let katz = ratio((7.0, 40.0), (12.0, 35.0), Level::USUAL).expect("rows");
    all_close(&ends(katz), &golden.numbers("/log_ratio_7_40_12_35"), 1e-12);
}

#[test]
fn the_curve_is_that_of_scikit_learn() {
    let golden = Golden::read("calibration");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    for (name, cut) in [("even", Cut::Even), ("quantiles", Cut::Quantiles)] {
        let curve = calibration_curve(&sample, 10, cut, Level::USUAL).expect("probabilities");
        let said: Vec<f64> = curve.bins.iter().map(|bin| bin.said).collect();
        let happened: Vec<f64> = curve.bins.iter().map(|bin| bin.happened.value).collect();
        all_close(&said, &golden.numbers(&format!("/{name}/said")), 1e-12);
        all_close(&happened, &golden.numbers(&format!("/{name}/happened")), 1e-12);
        assert_eq!(curve.bins.iter().map(|bin| bin.rows).sum::<usize>(), scores.len());
        if cut == Cut::Even {
            close(curve.expected_error, golden.number("/ece"), 1e-12);
        }
    }
}

#[test]
fn the_line_of_what_happened_on_what_was_said_is_that_of_statsmodels() {
    let golden = Golden::read("calibration");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let line = calibration_line(&Sample::new(&scores, &labels).expect("sound")).expect("overlapping");
    close(line.slope, golden.number("/line/slope"), 1e-8);
    close(line.intercept, golden.number("/line/intercept"), 1e-8);
    assert!(line.slope < 1.0, "the scores were made too extreme");
}

#[test]
fn platt_is_that_of_scikit_learn() {
    let golden = Golden::read("calibration");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let map = Platt::fit(&Sample::new(&scores, &labels).expect("sound"), Scale::Score).expect("overlapping");
    // scikit-learn stops its optimiser at 1e-5 or so.
    close(map.slope, golden.number("/platt/slope"), 2e-4);
    close(map.intercept, golden.number("/platt/intercept"), 2e-4);
}

#[test]
fn isotonic_is_that_of_scikit_learn_with_and_without_weights() {
    let golden = Golden::read("calibration");
    let (scores, labels, weights) = (golden.numbers("/scores"), golden.bools("/labels"), golden.numbers("/weights"));
    let plain = Sample::new(&scores, &labels).expect("sound");
    let weighted = plain.weighted(&weights).expect("sound");
    for (sample, name) in [(plain, "/isotonic"), (weighted, "/isotonic_weighted")] {
        let map = Isotonic::fit(&sample).expect("both kinds");
        let found: Vec<f64> = golden.numbers("/grid").into_iter().map(|x| map.apply(x)).collect();
        all_close(&found, &golden.numbers(name), 1e-9);
    }
}

#[test]
fn repairs_bring_calibration_and_survive_being_written_down() {
    let golden = Golden::read("calibration");
    let (scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    let sample = Sample::new(&scores, &labels).expect("sound");
    let error = |scores: &[f64]| {
        let sample = Sample::new(scores, &labels).expect("sound");
        calibration_curve(&sample, 10, Cut::Quantiles, Level::USUAL).expect("probabilities").expected_error
    };
    let platt = Repair::Platt(Platt::fit(&sample, Scale::LogOdds).expect("overlapping"));
    let isotonic = Repair::Isotonic(Isotonic::fit(&sample).expect("both kinds"));
    for repair in [platt, isotonic] {
        let mended: Vec<f64> = scores.iter().map(|score| repair.apply(*score)).collect();
        assert!(error(&mended) < error(&scores) / 2.0, "{repair:?}");
        let text = serde_json::to_string(&repair).expect("serialises");
        let read: Repair = serde_json::from_str(&text).expect("reads back");
        // serde_json reads a number to within its last digit unless told otherwise.
        scores.iter().for_each(|score| close(read.apply(*score), repair.apply(*score), 1e-14));
    }
    let broken = r#"{"kind":"isotonic","scores":[1.0,0.5],"probabilities":[0.1,0.2]}"#;
    assert!(serde_json::from_str::<Repair>(broken).is_err());
}

#[test]
fn hosmer_and_lemeshow_find_what_the_reference_finds() {
    let golden = Golden::read("calibration");
    let (mut scores, labels) = (golden.numbers("/scores"), golden.bools("/labels"));
    scores.iter_mut().enumerate().for_each(|(i, score)| *score += i as f64 * 1e-9);
    let found = hosmer_lemeshow(&Sample::new(&scores, &labels).expect("sound"), 10, true).expect("ten groups");
    close(found.chi_squared, golden.number("/hosmer_lemeshow/chi"), 1e-9);
    close(found.p, golden.number("/hosmer_lemeshow/p"), 1e-12);
    assert_eq!(found.freedom, 8);
}

#[test]
fn the_order_of_tied_rows_does_not_change_the_test() {
    let labels: Vec<bool> = (0..60).map(|i| i % 3 == 0).collect();
    let scores: Vec<f64> = (0..60).map(|i| if i % 2 == 0 { 0.3 } else { 0.4 }).collect();
    let turned = |values: &[bool]| values.iter().rev().copied().collect::<Vec<bool>>();
    let back: Vec<f64> = scores.iter().rev().copied().collect();
    let one = hosmer_lemeshow(&Sample::new(&scores, &labels).expect("sound"), 5, false).expect("five groups");
    let other = hosmer_lemeshow(&Sample::new(&back, &turned(&labels)).expect("sound"), 5, false).expect("five groups");
    close(one.chi_squared, other.chi_squared, 1e-9);
}

#[test]
fn scores_that_separate_perfectly_have_no_line() {
    let sample = Sample::new(&[0.1, 0.2, 0.8, 0.9], &[false, false, true, true]).expect("sound");
    assert!(calibration_line(&sample).expect_err("separated").to_string().contains("separate the labels"));
    assert!(Platt::fit(&sample, Scale::Score).is_ok(), "smoothed targets settle all the same");
}
