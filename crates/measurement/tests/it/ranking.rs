//! Recommendations against scikit-learn and the formulas.

use florin_measurement::{
    Interval, Level,
    policy::{Expected, Log, policy_value},
    ranking::{List, ranking, spread},
};

use crate::golden::{Golden, close};

#[test]
fn figures_at_k_are_those_of_the_references() {
    let golden = Golden::read("ranking");
    let rows = |name: &str| -> Vec<Vec<f64>> {
        (0..golden.at(name).as_array().expect("rows").len()).map(|i| golden.numbers(&format!("{name}/{i}"))).collect()
    };
    let (gains, ranked) = (rows("/gains"), rows("/ranked"));
    let recommended: Vec<Vec<u32>> = ranked.iter().map(|row| row.iter().map(|item| *item as u32).collect()).collect();
    let wanted: Vec<Vec<(u32, f64)>> = gains
        .iter()
        .map(|row| row.iter().enumerate().filter(|(_, g)| **g > 0.0).map(|(i, g)| (i as u32, *g)).collect())
        .collect();
    let lists: Vec<List<'_>> =
        recommended.iter().zip(&wanted).map(|(recommended, wanted)| List { recommended, wanted }).collect();
    let found = ranking(&lists, 5, Level::USUAL).expect("sound");
    close(found.map.value, golden.number("/map"), 1e-12);
    close(found.precision.value, golden.number("/precision"), 1e-12);
    close(found.recall.value, golden.number("/recall"), 1e-12);
    close(found.ndcg.value, golden.number("/ndcg"), 1e-12);
    assert_eq!(found.people, wanted.iter().filter(|w| !w.is_empty()).count());
    assert!(found.map.low < found.map.value && found.hit_rate.value <= 1.0);
}

#[test]
fn lists_show_more_of_the_catalogue_or_less() {
    // Items 0 and 1 are of one kind, 2 and 3 of another; everybody has item 0, nobody item 3.
    let (kinds, holders) = ([0, 0, 1, 1], [8, 4, 2, 0]);
    let same = spread(&[&[0, 1], &[0, 1]], 2, &kinds, &holders, 8).expect("sound");
    assert_eq!((same.coverage, same.diversity, same.novelty, same.exposure_gini), (0.5, Some(0.0), 0.5, 0.5));
    let wide = spread(&[&[0, 2], &[1, 3]], 2, &kinds, &holders, 8).expect("sound");
    assert_eq!((wide.coverage, wide.diversity, wide.exposure_gini), (1.0, Some(1.0), 0.0));
    close(wide.novelty, (0.0 + 1.0 + 2.0 + 4.0) / 4.0, 1e-12);
    assert!(spread(&[&[9]], 2, &kinds, &holders, 8).is_err());
    assert!(spread(&[], 2, &kinds, &holders, 8).is_err());
}

#[test]
fn a_list_that_repeats_itself_is_an_error() {
    let list = List { recommended: &[1, 1], wanted: &[(1, 1.0)] };
    let said = ranking(&[list], 2, Level::USUAL).expect_err("twice").to_string();
    assert_eq!(said, "the list of person 0 names an item twice");
}

fn compare(found: Interval, golden: &Golden, name: &str) {
    close(found.value, golden.number(&format!("/policy/{name}")), 1e-12);
    let error = golden.number(&format!("/policy/{name}_error"));
    close(found.high - found.value, Level::USUAL.z() * error, 1e-12);
}

#[test]
fn another_policys_value_is_that_of_the_formulas() {
    let golden = Golden::read("ranking");
    let of = |name: &str| golden.numbers(&format!("/policy/{name}"));
    let (logged, target, reward, predicted) = (of("logged"), of("target"), of("reward"), of("predicted"));
    let value = vec![golden.number("/policy/value"); logged.len()];
    let expected = Some(Expected { of_action: &predicted, of_policy: &value });
    let log = Log { logged: &logged, target: &target, reward: &reward, expected };
    let found = policy_value(&log, f64::INFINITY, Level::USUAL).expect("sound");
    compare(found.ips, &golden, "ips");
    compare(found.snips, &golden, "snips");
    compare(found.doubly_robust.expect("expectations"), &golden, "dr");
    assert!(found.effective_rows < 300.0 && found.cut == 0.0);
    assert!((found.mean_weight - 1.0).abs() < 0.15);
    let cut = policy_value(&log, 1.5, Level::USUAL).expect("sound");
    assert!(cut.cut > 0.0 && cut.effective_rows > found.effective_rows);
    let same = Log { target: &logged, ..log };
    let own = policy_value(&same, f64::INFINITY, Level::USUAL).expect("sound");
    close(own.ips.value, own.logged.value, 1e-12);
    assert!(policy_value(&Log { target: &[0.0; 300], ..log }, 10.0, Level::USUAL).is_err());
}
