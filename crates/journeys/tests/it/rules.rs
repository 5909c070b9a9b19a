//! Rules against counting every set of items; and what distinguishes a planted cause.

use std::collections::{BTreeMap, BTreeSet};

use florin_journeys::{
    MISSING, Question, distinguish,
    distinguish::Effect,
    rules::{AssociationRule, RuleKernel, RuleSettings},
};
use proptest::{collection::vec, prelude::*};
use roaring::RoaringBitmap;

use crate::made::{Event, deliver, deliveries};

/// Rows of customers with items 0 to 5, some without.
fn rows() -> impl Strategy<Value = Vec<Event>> {
    vec((0..12u32, prop_oneof![8 => 0..6u32, 1 => Just(MISSING)]), 0..60).prop_map(|pairs| {
        let row = |(n, (customer, name)): (usize, (u32, u32))| Event {
            customer: customer * 40_000,
            ts: n as i64,
            bits: 0,
            held: 0,
            by: 0,
            name,
        };
        let mut rows: Vec<Event> = pairs.into_iter().enumerate().map(row).collect();
        rows.sort_by_key(|e| (e.customer, e.ts));
        rows
    })
}

fn baskets(rows: &[Event]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut baskets: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for row in rows {
        let basket = baskets.entry(row.customer).or_default();
        basket.extend((row.name != MISSING).then_some(row.name));
    }
    baskets
}

/// Every pair of item sets that share nothing.
fn expected(rows: &[Event], asked: &RuleSettings) -> Vec<AssociationRule> {
    let baskets = baskets(rows);
    let items = |mask: u32| -> Vec<u32> { (0..6).filter(|item| mask >> item & 1 == 1).collect() };
    let having = |mask: u32| {
        baskets.values().filter(|basket| items(mask).iter().all(|item| basket.contains(item))).count() as u64
    };
    let mut rules = Vec::new();
    for antecedent in 1u32..64 {
        for consequent in (1u32..64).filter(|consequent| consequent & antecedent == 0) {
            let both = having(antecedent | consequent);
            let confidence = both as f64 / having(antecedent) as f64;
            let small = (antecedent | consequent).count_ones() as usize <= asked.items_max;
            if small && both >= asked.support_min && confidence >= asked.confidence_min {
                let customers = baskets.len() as f64;
                rules.push(AssociationRule {
                    antecedent: items(antecedent),
                    consequent: items(consequent),
                    both,
                    support: both as f64 / customers,
                    confidence,
                    lift: confidence * customers / having(consequent) as f64,
                });
            }
        }
    }
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn exactly_the_rules_that_hold_are_found(
        delivery in deliveries(),
        rows in rows(),
        support_min in 1..4u64,
        confidence_min in prop_oneof![Just(0.0), Just(0.5), Just(1.0)],
        items_max in 2..5usize,
    ) {
        let asked = RuleSettings { support_min, confidence_min, items_max };
        let found = deliver(
            &delivery,
            &rows,
            || RuleKernel::new(&asked).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.name).unwrap(),
            |all, one| all.merge(one).unwrap(),
        )
        .finish()
        .unwrap();
        let mut expected = expected(&rows, &asked);
        let key = |rule: &AssociationRule| (rule.antecedent.clone(), rule.consequent.clone());
        prop_assert!(found.rules.is_sorted_by(|a, b| a.lift >= b.lift));
        let baskets = baskets(&rows);
        prop_assert_eq!(found.customers, baskets.len() as u64);
        for rule in &found.rules {
            let items: Vec<u32> = [rule.antecedent.clone(), rule.consequent.clone()].concat();
            let customers: Vec<u32> = found.customers_with(&items).iter().collect();
            let having = |basket: &BTreeSet<u32>| items.iter().all(|item| basket.contains(item));
            let expected: Vec<u32> = baskets.iter().filter(|(_, basket)| having(basket)).map(|(c, _)| *c).collect();
            prop_assert_eq!(customers.len() as u64, rule.both);
            prop_assert_eq!(customers, expected);
        }
        let mut rules = found.rules;
        rules.sort_by_key(key);
        expected.sort_by_key(key);
        prop_assert_eq!(rules, expected);
    }
}

#[test]
fn a_planted_cause_is_found_among_many_that_are_none() {
    let population: RoaringBitmap = (0..4000).collect();
    // A fixed scramble instead of chance.
    let scrambled = |n: u32, salt: u32| {
        (n.wrapping_mul(2_654_435_761) ^ salt.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 16
    };
    let cause: RoaringBitmap = population.iter().filter(|n| scrambled(*n, 1) % 4 == 0).collect();
    let chance = |n: u32| if cause.contains(n) { 40 } else { 20 };
    let converted: RoaringBitmap = population.iter().filter(|n| scrambled(*n, 2) % 100 < chance(*n)).collect();
    let noise: Vec<RoaringBitmap> =
        (3..43).map(|salt| population.iter().filter(|n| scrambled(*n, salt) % 3 == 0).collect()).collect();
    let more: Vec<(u32, f64)> = population
        .iter()
        .map(|n| (n, f64::from(scrambled(n, 99) % 1000) + if converted.contains(n) { 100.0 } else { 0.0 }))
        .collect();
    let mut questions: Vec<Question<'_>> = noise.iter().map(Question::Has).collect();
    questions.push(Question::Has(&cause));
    questions.push(Question::Number(&more));
    let found = distinguish(&population, &converted, &questions, 0.95).unwrap();
    let sure: Vec<usize> =
        found.iter().filter(|d| d.found.as_ref().is_some_and(|f| f.q <= 0.01)).map(|d| d.question).collect();
    assert_eq!(sure, [40, 41]);
    let effect = |question: usize| found[question].found.clone().unwrap().effect;
    let Effect::Has { odds_ratio, difference, .. } = effect(40) else { panic!("a share") };
    // Planted: odds of 40 against 60 over odds of 20 against 80.
    assert!(odds_ratio.low < 8.0 / 3.0 && 8.0 / 3.0 < odds_ratio.high, "{odds_ratio:?}");
    assert!(difference.low > 0.0);
    let Effect::Number { g, .. } = effect(41) else { panic!("a number") };
    // Planted: 100 over the deviation of 0 to 999.
    assert!(g.low < 100.0 / 288.7 && 100.0 / 288.7 < g.high, "{g:?}");
}

#[test]
fn questions_that_cannot_be_answered_are_still_counted() {
    let population: RoaringBitmap = (0..10).collect();
    let converted: RoaringBitmap = (0..5).collect();
    let (nobody, few) = (RoaringBitmap::new(), (0..4).collect());
    let alone = distinguish(&population, &converted, &[Question::Has(&few)], 0.95).unwrap();
    let beside = distinguish(&population, &converted, &[Question::Has(&few), Question::Has(&nobody)], 0.95).unwrap();
    assert_eq!(beside[1].found, None);
    let q = |d: &florin_journeys::distinguish::Difference| d.found.as_ref().unwrap().q;
    assert!((q(&beside[0]) - 2.0 * q(&alone[0])).abs() < 1e-12);
    // Four of five against none of five: Fisher's exact test, two tables as unlikely of 210.
    assert!((q(&alone[0]) - 10.0 / 210.0).abs() < 1e-12);
}
