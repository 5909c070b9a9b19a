//! Uplift against scikit-uplift and scipy.

use florin_measurement::{
    Level, Resampling,
    uplift::{Experiment, by_part, evaluate, qini_curve, sample_ratio, uplift_at},
};

use crate::golden::{Golden, all_close, close};

struct Read {
    golden: Golden,
    uplift: Vec<f64>,
    distinct: Vec<f64>,
    treated: Vec<bool>,
    outcome: Vec<f64>,
}

fn read() -> Read {
    let golden = Golden::read("uplift");
    let [uplift, distinct, outcome] = ["/uplift", "/distinct", "/outcome"].map(|name| golden.numbers(name));
    let treated = golden.bools("/treated");
    Read { golden, uplift, distinct, treated, outcome }
}

#[test]
fn coefficients_and_curve_are_those_of_scikit_uplift() {
    let read = read();
    let rows = Experiment::new(&read.uplift, &read.treated, &read.outcome).expect("sound");
    let found = evaluate(&rows, &Resampling::new(5)).expect("sound");
    close(found.qini.expect("0 and 1").value, read.golden.number("/qini"), 1e-10);
    close(found.auuc.expect("0 and 1").value, read.golden.number("/auuc"), 1e-10);
    let treated = read.treated.iter().filter(|t| **t).count() as f64;
    let curve = qini_curve(&rows, 1_000_000);
    let x: Vec<f64> = curve.iter().map(|point| point.share * 1200.0).collect();
    let y: Vec<f64> = curve.iter().map(|point| point.gain * treated).collect();
    all_close(&x, &read.golden.numbers("/curve_x"), 1e-9);
    all_close(&y, &read.golden.numbers("/curve_y"), 1e-9);
    let end = curve.last().expect("an end");
    close(end.gain, end.at_random, 1e-12);
    close(end.gain, found.effect.value, 1e-12);
    assert!(found.qini.is_some_and(|qini| qini.low > 0.0), "the prediction has something in it");
    assert!(qini_curve(&rows, 20).len() <= 22);
}

#[test]
fn effects_by_decile_and_at_k_are_those_of_scikit_uplift() {
    let read = read();
    let rows = Experiment::new(&read.distinct, &read.treated, &read.outcome).expect("sound");
    let parts = by_part(&rows, 10, Level::USUAL).expect("ten parts");
    let effects: Vec<_> = parts.iter().map(|part| part.happened.effect.expect("enough rows")).collect();
    let values: Vec<f64> = effects.iter().map(|effect| effect.value).collect();
    let errors: Vec<f64> = effects.iter().map(|effect| (effect.high - effect.value) / Level::USUAL.z()).collect();
    all_close(&values, &read.golden.numbers("/deciles"), 1e-12);
    all_close(&errors, &read.golden.numbers("/decile_error"), 1e-12);
    let top = uplift_at(&rows, 0.3, Level::USUAL).expect("a share").effect.expect("enough rows");
    close(top.value, read.golden.number("/at_30"), 1e-12);
}

#[test]
fn with_the_same_chance_for_all_the_effect_is_the_same_and_the_coefficient_about_the_same() {
    let read = read();
    let rows = Experiment::new(&read.uplift, &read.treated, &read.outcome).expect("sound");
    let chances = vec![0.4; rows.len()];
    let how = Resampling::new(5);
    let with = evaluate(&rows.with_propensity(&chances).expect("chances"), &how).expect("sound");
    let without = evaluate(&rows, &how).expect("sound");
    close(with.qini.expect("0 and 1").value, without.qini.expect("0 and 1").value, 0.01);
    close(with.effect.value, without.effect.value, 1e-9);
}

#[test]
fn chances_undo_that_treatment_was_aimed() {
    // The outcome follows x alone, and those of high x were treated more often: treatment does nothing.
    let n = 20_000;
    let x = |i: usize| (i * 7919 % n) as f64 / n as f64;
    let chance: Vec<f64> = (0..n).map(|i| 0.1 + 0.8 * x(i)).collect();
    let unit = |i: usize, salt: usize| ((i * 104_729 + salt * 15_485_863) % 99_991) as f64 / 99_991.0;
    let treated: Vec<bool> = (0..n).map(|i| unit(i, 1) < chance[i]).collect();
    let outcome: Vec<f64> = (0..n).map(|i| f64::from(u8::from(unit(i * 31 + 7, 2) < x(i)))).collect();
    let uplift: Vec<f64> = (0..n).map(x).collect();
    let rows = Experiment::new(&uplift, &treated, &outcome).expect("sound");
    let how = Resampling::new(1);
    let naive = evaluate(&rows, &how).expect("sound").effect;
    let fair = evaluate(&rows.with_propensity(&chance).expect("chances"), &how).expect("sound").effect;
    assert!(naive.low > 0.15, "{naive:?}");
    assert!(fair.value.abs() < 0.03, "{fair:?}");
}

#[test]
fn a_split_that_was_not_as_planned_is_found() {
    let golden = Golden::read("uplift");
    let found = sample_ratio(&[380, 620], &[0.4, 0.6]).expect("two arms");
    close(found.chi_squared, golden.number("/srm/chi"), 1e-12);
    close(found.p, golden.number("/srm/p"), 1e-12);
    assert!(!found.mismatch);
    assert!(sample_ratio(&[38_000, 62_000], &[2.0, 3.0]).expect("two arms").mismatch);
    assert!(sample_ratio(&[1, 1], &[1.0, 0.0]).is_err());
}

#[test]
fn small_arms_have_no_effect_and_amounts_no_perfect_order() {
    let (uplift, treated) = ([0.3, 0.2, 0.1, 0.0], [true, false, true, false]);
    let rows = Experiment::new(&uplift, &treated, &[10.0, 2.0, 5.0, 3.0]).expect("sound");
    let found = evaluate(&rows, &Resampling::new(1)).expect("sound");
    assert_eq!((found.qini, found.effect.value), (None, 5.0));
    assert_eq!(uplift_at(&rows, 1.0, Level::USUAL).expect("a share").effect, None);
    assert!(Experiment::new(&uplift, &[true; 4], &[0.0; 4]).is_err());
}
