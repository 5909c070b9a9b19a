//! Splits hide what is to be found, and logs tell what another policy would have earned.

use std::collections::BTreeMap;

use florin_decisions::{
    Holdings,
    evaluation::{Hidden, Made, Taken, by_customer, by_time, judge, ndcg_difference, off_policy},
};
use florin_domain::{CustomerId, EventTime};

fn items(n: u32) -> Vec<String> {
    (0..n).map(|item| item.to_string()).collect()
}

#[test]
fn nobody_who_tests_is_learnt_from() {
    // Each customer holds a pair of items of their own, so a row that leaked would be seen.
    let holdings = Holdings::new(items(200), (0..100).map(|c| vec![2 * c, 2 * c + 1])).expect("sound");
    let split = by_customer(&holdings, 0.2, 4).expect("enough");
    assert_eq!((split.train.customers(), split.validation.len(), split.test.len()), (60, 20, 20));
    let learnt = split.train.holders();
    for hidden in split.validation.iter().chain(&split.test) {
        assert_eq!((hidden.shown.len(), hidden.wanted.len()), (1, 1));
        assert_ne!(hidden.shown, hidden.wanted);
        assert!([hidden.shown[0], hidden.wanted[0]].iter().all(|item| learnt[*item as usize] == 0));
    }
    assert_eq!(by_customer(&holdings, 0.2, 4).expect("enough"), split);
    assert_ne!(by_customer(&holdings, 0.2, 5).expect("enough"), split);
}

#[test]
fn a_split_by_time_shows_only_what_was_held_before() {
    let take = |customer, item, at| Taken { customer: CustomerId(customer), item, at: EventTime(at) };
    let taken = [
        take(1, 0, 1),
        take(2, 1, 2),
        take(3, 0, 3),
        take(3, 1, 4),
        take(1, 1, 10),
        take(2, 0, 11),
        take(2, 1, 12),
        take(1, 2, 20),
        take(4, 2, 21),
        take(3, 0, 22),
    ];
    let split = by_time(&items(3), &taken, EventTime(10), EventTime(20)).expect("enough");
    assert_eq!(split.train.rows().map(<[u32]>::to_vec).collect::<Vec<_>>(), [vec![0], vec![1], vec![0, 1]]);
    let hidden = |shown: &[u32], wanted: &[u32]| Hidden { shown: shown.to_vec(), wanted: wanted.to_vec() };
    assert_eq!(split.validation, [hidden(&[0], &[1]), hidden(&[1], &[0])], "what was held before is not taken anew");
    assert_eq!(split.test, [hidden(&[0, 1], &[2]), hidden(&[], &[2])]);
    let mut turned = taken;
    turned.reverse();
    assert_eq!(by_time(&items(3), &turned, EventTime(10), EventTime(20)).expect("enough"), split);
    assert!(by_time(&items(3), &taken, EventTime(20), EventTime(20)).is_err());
    assert!(by_time(&items(3), &taken, EventTime(1), EventTime(20)).is_err(), "nobody to learn from");
}

#[test]
fn figures_are_those_of_the_lists() {
    let of = [Hidden { shown: vec![], wanted: vec![0] }, Hidden { shown: vec![], wanted: vec![1, 2] }];
    let (ours, theirs) = (vec![vec![0, 1], vec![1, 0]], vec![vec![1, 0], vec![0, 3]]);
    let judged = judge(&ours, &of, 2, &[4, 3, 2, 1], 10).expect("sound");
    assert!((judged.figures.map.value - (1.0 + 0.5) / 2.0).abs() < 1e-12, "{judged:?}");
    assert!((judged.figures.recall.value - 0.75).abs() < 1e-12 && (judged.spread.coverage - 0.5).abs() < 1e-12);
    let second = 1.0 / (1.0 + 1.0 / 3f64.log2());
    let difference = ndcg_difference(&ours, &theirs, &of, 2).expect("sound");
    assert!((difference.value - ((1.0 - 1.0 / 3f64.log2()) + second) / 2.0).abs() < 1e-12, "{difference:?}");
    assert!(judge(&ours[..1], &of, 2, &[1; 4], 10).is_err());
}

#[test]
fn a_log_of_chance_tells_what_a_policy_would_have_earned() {
    // Offers a and b are made with chances 0.8 and 0.2; a is taken by 10 % and b by 30 %. Always b would earn 0.3.
    let log: Vec<Made> = (0..1000u32)
        .map(|row| {
            let b = row % 5 == 0;
            let reward = if b { row / 5 % 10 < 3 } else { row % 10 == 1 && row % 4 != 0 || row % 50 == 2 };
            Made {
                customer: CustomerId(row),
                offer: if b { "b" } else { "a" }.to_owned(),
                chance: if b { 0.2 } else { 0.8 },
                reward: f64::from(u8::from(reward)),
            }
        })
        .collect();
    let first: BTreeMap<u32, &str> = (0..1000).map(|row| (row, "b")).collect();
    let policy = |customer: CustomerId, offer: &str| f64::from(u8::from(first[&customer.0] == offer));
    let value = off_policy(&log, policy, f64::INFINITY).expect("sound");
    assert!((value.ips.value - 0.3).abs() < 1e-9 && (value.snips.value - 0.3).abs() < 1e-9, "{value:?}");
    assert!(value.snips.low < 0.3 && value.snips.high > 0.3 && (value.effective_rows - 200.0).abs() < 1e-9);
    assert!(value.logged.value < 0.2);
    assert!(off_policy(&log, |_, _| 0.0, 10.0).is_err(), "a policy that makes none of these offers");
    assert!(off_policy(&[], policy, 10.0).is_err());
}
