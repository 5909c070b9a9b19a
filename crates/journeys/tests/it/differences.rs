//! P-values against scipy's (`tests/golden/distinguish.py`).

use florin_journeys::{Question, distinguish};
use roaring::RoaringBitmap;

/// Close enough for sums of a few thousand logarithms.
const TOLERANCE: f64 = 1e-9;

/// Customers `0..converted` converted, the rest did not.
fn p(converted: u32, others: u32, question: Question<'_>) -> f64 {
    let population: RoaringBitmap = (0..converted + others).collect();
    let found = distinguish(&population, &(0..converted).collect(), &[question], 0.95).unwrap();
    found[0].found.as_ref().unwrap().p
}

fn assert_near(found: f64, expected: &str, line: &str) {
    let expected: f64 = expected.parse().unwrap();
    assert!((found - expected).abs() <= TOLERANCE * expected.max(1e-3), "{found} for {line}");
}

#[test]
fn scipy_gives_the_same_p_values() {
    let mut compared = 0;
    for line in include_str!("../golden/distinguish.tsv").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        match &fields[..] {
            ["has", counts @ .., expected] => {
                let counts: Vec<u32> = counts.iter().map(|n| n.parse().unwrap()).collect();
                let converted = counts[0] + counts[1];
                let with: RoaringBitmap = (0..counts[0]).chain(converted..converted + counts[2]).collect();
                assert_near(p(converted, counts[2] + counts[3], Question::Has(&with)), expected, line);
            }
            ["number", a, b, expected] => {
                let numbers = |text: &str| -> Vec<f64> { text.split(' ').map(|n| n.parse().unwrap()).collect() };
                let (a, b) = (numbers(a), numbers(b));
                let values: Vec<(u32, f64)> = (0..).zip(a.iter().chain(&b).copied()).collect();
                assert_near(p(a.len() as u32, b.len() as u32, Question::Number(&values)), expected, line);
            }
            _ => panic!("{line}"),
        }
        compared += 1;
    }
    assert!(compared > 80);
}
