//! Figures by group.

use florin_measurement::{Groups, Resampling, Sample, SmallGroups, by_group, discriminate, holm};

use crate::golden::{Golden, all_close, close};

#[test]
fn holm_adjusts_as_statsmodels_does() {
    let golden = Golden::read("fairness");
    all_close(&holm(&golden.numbers("/holm/p")), &golden.numbers("/holm/adjusted"), 1e-12);
}

/// 1200 rows in four groups: in "young" scores say little and are too low; "few" has 30 rows.
fn made() -> (Vec<f64>, Vec<bool>, Vec<u32>, Vec<String>) {
    let mut state = 42u64;
    let mut unit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut scores, mut labels, mut of) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..1230u32 {
        let group = if row >= 1200 { 3 } else { row % 3 };
        let p = unit();
        scores.push(if group == 1 { 0.25 + 0.5 * unit() * 0.4 } else { p });
        labels.push(unit() < if group == 1 { 0.3 + 0.4 * p } else { p });
        of.push(group);
    }
    let names = ["old", "young", "middle", "few"].map(str::to_owned).to_vec();
    (scores, labels, of, names)
}

#[test]
fn the_group_for_which_a_model_fails_comes_first_and_a_small_one_gets_no_number() {
    let (scores, labels, of, names) = made();
    let sample = Sample::new(&scores, &labels).expect("sound");
    let groups = Groups::new(&names, &of).expect("sound");
    let found = by_group(&sample, groups, SmallGroups::default(), &Resampling::new(3)).expect("sound");
    assert_eq!((found[0].name.as_str(), found[3].name.as_str()), ("young", "few"));
    assert!(found[3].figures.is_none() && found[3].rows == 30);
    let young = found[0].figures.as_ref().expect("large enough");
    let versus = young.auc_less_rest.expect("others");
    assert!(versus.worse && versus.difference.high < 0.0 && versus.p_adjusted >= versus.p);
    let fit = young.calibration.as_ref().expect("probabilities");
    assert!(fit.off && fit.said < fit.happened, "{fit:?}");
    for group in &found[1..3] {
        let figures = group.figures.as_ref().expect("large enough");
        assert!(!figures.auc_less_rest.expect("others").worse);
        assert!(!figures.calibration.as_ref().expect("probabilities").off);
    }
}

#[test]
fn the_figures_of_a_group_are_those_of_its_rows_alone() {
    let (scores, labels, of, names) = made();
    let how = Resampling::new(3);
    let groups = Groups::new(&names, &of).expect("sound");
    let sample = Sample::new(&scores, &labels).expect("sound");
    let found = by_group(&sample, groups, SmallGroups::default(), &how).expect("sound");
    let old = found.iter().find(|group| group.name == "old").expect("there");
    let rows: Vec<usize> = (0..of.len()).filter(|row| of[*row] == 0).collect();
    let (own_scores, own_labels): (Vec<f64>, Vec<bool>) = rows.iter().map(|row| (scores[*row], labels[*row])).unzip();
    let alone = discriminate(&Sample::new(&own_scores, &own_labels).expect("sound"), &how).expect("sound");
    assert_eq!(old.figures.as_ref().expect("large enough").discrimination, alone);
    let doubled = vec![2.0; scores.len()];
    let weighted = by_group(&sample.weighted(&doubled).expect("sound"), groups, SmallGroups::default(), &how);
    let weighted = weighted.expect("sound");
    let same =
        weighted.iter().find(|group| group.name == "old").expect("there").figures.as_ref().expect("large enough");
    close(same.discrimination.auc.value, alone.auc.value, 1e-12);
    assert!(same.auc_less_rest.is_none());
}

#[test]
fn a_row_of_no_group_is_an_error() {
    let names = ["only".to_owned()];
    let said = Groups::new(&names, &[0, 1]).expect_err("no group 1").to_string();
    assert_eq!(said, "row 1 is of group 1, of 1 that have names");
}
