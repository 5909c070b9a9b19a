//! Paths against writing each customer's down.

use std::collections::{BTreeMap, BTreeSet};

use florin_journeys::{
    MISSING,
    paths::{Direction, OTHER, Occurrence, PathKernel, PathSettings, Paths},
};
use proptest::prelude::*;

use crate::made::{Delivery, Event, UNIT, by_customer, deliver, deliveries, events};

fn questions() -> impl Strategy<Value = PathSettings> {
    let direction = prop_oneof![Just(Direction::After), Just(Direction::Before)];
    let occurrence = prop_oneof![Just(Occurrence::First), Just(Occurrence::Last)];
    let gap = prop_oneof![Just(u64::MAX), (0..4u64).prop_map(|n| n * UNIT as u64)];
    let anchor = prop_oneof![3 => (0..3u32).prop_map(Some), 1 => Just(None)];
    (direction, occurrence, 1..5usize, 1..4usize, gap, anchor).prop_map(
        |(direction, occurrence, depth, breadth, gap, anchor)| {
            let (direction, occurrence) =
                if anchor.is_none() { (Direction::After, Occurrence::First) } else { (direction, occurrence) };
            PathSettings { anchor, direction, occurrence, depth, breadth, gap, whole: true }
        },
    )
}

/// A customer's path, written down: cut at pauses, the part with the anchor, folded.
fn path(asked: &PathSettings, rows: &[Event]) -> Vec<u32> {
    let named: Vec<Event> = rows.iter().filter(|e| e.name != MISSING).copied().collect();
    let anchored = |e: &Event| asked.anchor.is_none_or(|anchor| anchor == e.name);
    let parts: Vec<&[Event]> = named.chunk_by(|a, b| (b.ts - a.ts) as u64 <= asked.gap).collect();
    let folded = parts.iter().map(|part| {
        let mut names: Vec<u32> = part.iter().map(|e| e.name).collect();
        names.dedup();
        names
    });
    let with: Vec<Vec<u32>> =
        parts.iter().zip(folded).filter(|(part, _)| part.iter().any(anchored)).map(|(_, names)| names).collect();
    let part = match asked.occurrence {
        Occurrence::First => with.first(),
        Occurrence::Last => with.last(),
    };
    let Some(part) = part else { return Vec::new() };
    let is_anchor = |name: &u32| asked.anchor.is_none_or(|anchor| anchor == *name);
    let at = match asked.occurrence {
        Occurrence::First => part.iter().position(is_anchor),
        Occurrence::Last => part.iter().rposition(is_anchor),
    }
    .unwrap();
    match asked.direction {
        Direction::After => part[at..].iter().take(asked.depth + 1).copied().collect(),
        Direction::Before => part[..=at].iter().rev().take(asked.depth + 1).copied().collect(),
    }
}

fn ask(asked: &PathSettings, delivery: &Delivery, events: &[Event]) -> Paths {
    let new = || PathKernel::new(asked).unwrap();
    let push = |kernel: &mut PathKernel, columns: &crate::made::Columns| {
        kernel.push(columns.rows(), &columns.name).unwrap();
    };
    deliver(delivery, events, new, push, |all, one| all.merge(one).unwrap()).finish().unwrap()
}

/// The names that stay at each position.
fn kept(asked: &PathSettings, paths: &BTreeMap<u32, Vec<u32>>) -> BTreeSet<(usize, u32)> {
    let mut kept = BTreeSet::new();
    for position in 0..=asked.depth {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        paths.values().filter_map(|path| path.get(position)).for_each(|name| *counts.entry(*name).or_default() += 1);
        let mut names: Vec<(u32, usize)> = counts.into_iter().collect();
        names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        kept.extend(names.iter().take(asked.breadth).map(|(name, _)| (position, *name)));
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn nodes_links_and_whole_paths_are_the_customers(
        asked in questions(),
        delivery in deliveries(),
        events in events(6, 10, 2, 30),
    ) {
        let paths: BTreeMap<u32, Vec<u32>> = by_customer(&events)
            .map(|(customer, rows)| (customer, path(&asked, rows)))
            .filter(|(_, path)| !path.is_empty())
            .collect();
        let kept = kept(&asked, &paths);
        let (mut nodes, mut links): (BTreeMap<_, BTreeSet<u32>>, BTreeMap<_, BTreeSet<u32>>) = Default::default();
        let mut whole: BTreeMap<Vec<u32>, BTreeSet<u32>> = BTreeMap::new();
        for (customer, path) in &paths {
            let name = |position: usize| if kept.contains(&(position, path[position])) { path[position] } else { OTHER };
            for position in 0..path.len() {
                nodes.entry((position as u8, name(position))).or_default().insert(*customer);
            }
            for position in 1..path.len() {
                let place = (position as u8 - 1, name(position - 1), name(position));
                links.entry(place).or_default().insert(*customer);
            }
            whole.entry(path.clone()).or_default().insert(*customer);
        }
        let found = ask(&asked, &delivery, &events);
        let found_nodes: Vec<_> = found.nodes.iter().map(|n| ((n.position, n.name), n.customers.iter().collect())).collect();
        prop_assert_eq!(found_nodes, nodes.into_iter().collect::<Vec<_>>());
        let found_links: Vec<_> =
            found.links.iter().map(|l| ((l.position, l.from, l.to), l.customers.iter().collect())).collect();
        prop_assert_eq!(found_links, links.into_iter().collect::<Vec<_>>());
        let found_whole: BTreeMap<Vec<u32>, BTreeSet<u32>> =
            found.whole.iter().map(|w| (w.names.clone(), w.customers.iter().collect())).collect();
        prop_assert_eq!(found_whole, whole);
        prop_assert!(found.whole.is_sorted_by(|a, b| a.customers.len() >= b.customers.len()));
    }
}
