//! The next event against looking at each row's successor.

use std::collections::{BTreeMap, BTreeSet};

use florin_journeys::{
    MISSING,
    next::{NextKernel, TransitionKernel},
};
use proptest::prelude::*;

use crate::{
    funnel::assert_durations,
    made::{Event, UNIT, by_customer, deliver, deliveries, events},
};

/// Each customer's rows that have a name.
fn named(events: &[Event]) -> Vec<(u32, Vec<Event>)> {
    let has_name = |e: &&Event| e.name != MISSING;
    by_customer(events).map(|(customer, rows)| (customer, rows.iter().filter(has_name).copied().collect())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn every_pair_of_neighbours_is_counted(delivery in deliveries(), events in events(5, 10, 2, 30)) {
        let found = deliver(
            &delivery,
            &events,
            || TransitionKernel::new(3).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.name).unwrap(),
            |all, one| all.merge(one).unwrap(),
        )
        .finish();
        let named = named(&events);
        for from in 0..3 {
            for to in 0..3 {
                let pairs = named.iter().flat_map(|(_, rows)| rows.windows(2));
                let pairs: Vec<i64> =
                    pairs.filter(|p| (p[0].name, p[1].name) == (from, to)).map(|p| p[1].ts - p[0].ts).collect();
                let transition = found.of(from, to);
                prop_assert_eq!(transition.count, pairs.len() as u64);
                prop_assert_eq!(transition.micros, pairs.iter().map(|t| *t as u128).sum::<u128>());
            }
            let last = named.iter().filter(|(_, rows)| rows.last().is_some_and(|e| e.name == from)).count();
            prop_assert_eq!(found.last(from), last as u64);
        }
    }

    #[test]
    fn what_follows_an_event_opens_to_its_customers(
        delivery in deliveries(),
        events in events(5, 10, 2, 30),
        within in prop_oneof![Just(u64::MAX), (0..4u64).prop_map(|n| n * UNIT as u64)],
    ) {
        let found = deliver(
            &delivery,
            &events,
            || NextKernel::new(1, 3, within).unwrap(),
            |kernel, columns| kernel.push(columns.rows(), &columns.name).unwrap(),
            NextKernel::merge,
        )
        .finish();
        // By keys of a dictionary whose values have other numbers than codes, one of them none.
        let by_keys = deliver(
            &delivery,
            &events,
            || NextKernel::new(1, 3, within).unwrap(),
            |kernel, columns| {
                let (codes, key) = ([2, MISSING, 0, 1], |name: &u32| [2, 3, 0].get(*name as usize).copied().unwrap_or(1));
                let keys: Vec<u16> = columns.name.iter().map(key).collect();
                let done = kernel.push_keys(columns.rows(), &keys, &codes).unwrap();
                assert_eq!(done, !columns.name.contains(&MISSING));
                if !done {
                    kernel.push(columns.rows(), &columns.name).unwrap();
                }
            },
            NextKernel::merge,
        );
        prop_assert_eq!(&by_keys.finish(), &found);
        let mut expected: BTreeMap<Option<u32>, (BTreeSet<u32>, Vec<i64>, u64)> = BTreeMap::new();
        for (customer, rows) in named(&events) {
            for (n, row) in rows.iter().enumerate().filter(|(_, row)| row.name == 1) {
                let next = rows.get(n + 1).filter(|next| (next.ts - row.ts) as u64 <= within);
                let cell = expected.entry(next.map(|next| next.name)).or_default();
                cell.0.insert(customer);
                cell.1.extend(next.map(|next| next.ts - row.ts));
                cell.2 += 1;
            }
        }
        prop_assert_eq!(found.len(), expected.len());
        prop_assert!(found.is_sorted_by(|a, b| a.count >= b.count));
        for next in found {
            let (customers, times, count) = expected[&next.code].clone();
            prop_assert_eq!(next.count, count);
            prop_assert_eq!(next.customers.iter().collect::<BTreeSet<_>>(), customers);
            assert_durations(&next.times, times);
        }
    }
}

#[test]
fn codes_outside_the_dictionary_are_refused() {
    let rows = florin_journeys::Rows::new(&[1], &[1]).unwrap();
    assert!(TransitionKernel::new(3).unwrap().push(rows, &[3]).is_err());
    assert!(NextKernel::new(0, 3, 1).unwrap().push(rows, &[7]).is_err());
    assert!(NextKernel::new(3, 3, 1).is_err());
    assert!(TransitionKernel::new(3).unwrap().push(rows, &[MISSING]).is_ok());
}
