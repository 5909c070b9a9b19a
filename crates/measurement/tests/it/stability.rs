//! Drift.

use florin_measurement::stability::{Drift, NumberBins, characteristic_shift, psi};

use crate::golden::{Golden, close};

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("bin {i}")).collect()
}

#[test]
fn the_index_is_that_of_the_formula_and_an_empty_bin_counts_as_half_a_row() {
    let golden = Golden::read("calibration");
    let (expected, actual) = (golden.numbers("/psi/expected"), golden.numbers("/psi/actual"));
    let found = psi(&names(6), &expected, &actual).expect("sound");
    close(found.psi, golden.number("/psi/psi"), 1e-12);
    assert_eq!(found.drift, Drift::Watch);
    close(found.bins.iter().map(|bin| bin.adds).sum(), found.psi, 1e-12);
}

#[test]
fn the_same_shares_are_stable_and_few_rows_raise_no_alarm() {
    let same = psi(&names(3), &[10.0, 20.0, 30.0], &[100.0, 200.0, 300.0]).expect("sound");
    assert_eq!((same.psi, same.drift), (0.0, Drift::Stable));
    let (few, many) = ([4.0, 8.0, 8.0], [400.0, 800.0, 800.0]);
    let before = [1000.0, 1000.0, 600.0];
    assert_eq!(psi(&names(3), &before, &few).expect("sound").drift, Drift::Stable);
    assert_eq!(psi(&names(3), &before, &many).expect("sound").drift, Drift::Watch);
}

#[test]
fn numbers_are_cut_where_the_expected_ones_have_their_quantiles() {
    let expected: Vec<f64> = (0..100).map(f64::from).chain([f64::NAN; 5]).collect();
    let bins = NumberBins::of(&expected, 4).expect("values");
    assert_eq!(bins.names(), ["≤ 24.75", "24.75 – 49.5", "49.5 – 74.25", "> 74.25", "missing"]);
    assert_eq!(bins.count(&expected), [25.0, 25.0, 25.0, 25.0, 5.0]);
    let moved: Vec<f64> = expected.iter().map(|v| v + 40.0).collect();
    let found = bins.psi(&expected, &moved).expect("sound");
    assert_eq!(found.drift, Drift::Act);
    let shift = characteristic_shift(&found, &[10.0, 20.0, 30.0, 40.0, 0.0]).expect("points");
    assert!(shift > 5.0, "{shift}");
    let tied = NumberBins::of(&[0.0; 50], 10).expect("values");
    assert_eq!(tied.names(), ["any", "missing"]);
}
