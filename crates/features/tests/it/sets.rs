//! Memberships as sets: the same as one by one; histories that can be asked about any time.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{BooleanArray, Int64Array};
use florin_domain::EventTime;
use florin_features::{
    Value,
    segments::{
        Facts, Holding, Known, Predicate, Truth,
        algebra::{Overlaps, difference, intersection, union},
        behaviour::{Event, Now},
        evaluate,
        history::{History, Interval},
        predicate::{Bound, InSegment, Test, TraitTest},
        preview::{preview, stability_index},
        sets::{self, TraitColumn, TruthSets},
    },
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use roaring::RoaringBitmap;

type Row = [Option<(i64, bool)>; 2];

struct One<'a>(&'a Row);

impl Facts for One<'_> {
    fn value(&self, name: &str) -> Option<Known> {
        let at = usize::from(name == "b");
        self.0[at].map(|(value, filled)| Known { value: Value::Int(value), filled })
    }

    fn holdings(&self) -> &[Holding<'_>] {
        &[]
    }

    fn events(&self) -> &[Event<'_>] {
        &[]
    }

    fn member(&self, _: &str, _: Option<u32>) -> Truth {
        Truth::False
    }
}

fn test() -> impl Strategy<Value = Test> {
    let bound = || {
        prop::option::of((0_i64..4, any::<bool>()))
            .prop_map(|b| b.map(|(value, included)| Bound { value: Value::Int(value), included }))
    };
    prop_oneof![
        any::<bool>().prop_map(Test::Missing),
        (prop::collection::vec((0_i64..4).prop_map(Value::Int), 1..3), any::<bool>())
            .prop_map(|(values, among)| Test::OneOf { values, among }),
        (bound(), bound()).prop_map(|(low, high)| Test::Between { low, high }),
    ]
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let leaf = (test(), any::<bool>(), any::<bool>()).prop_map(|(test, measured, first)| {
        Predicate::Trait(TraitTest { name: if first { "a" } else { "b" }.to_owned(), test, measured })
    });
    leaf.prop_recursive(4, 24, 3, |part| {
        prop_oneof![
            prop::collection::vec(part.clone(), 1..4).prop_map(Predicate::All),
            prop::collection::vec(part.clone(), 1..4).prop_map(Predicate::Any),
            part.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

fn value() -> impl Strategy<Value = Option<(i64, bool)>> {
    prop::option::of((0_i64..4, any::<bool>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn deciding_for_all_at_once_is_deciding_one_by_one(
        predicate in predicate(),
        rows in prop::collection::btree_map(0_u32..200_000, [value(), value()], 0..40),
        strangers in prop::collection::btree_set(0_u32..200_000, 0..5),
    ) {
        let customers: Vec<u32> = rows.keys().copied().collect();
        let everyone: RoaringBitmap = customers.iter().copied().chain(strangers.iter().copied()).collect();
        let column = |at: usize| Int64Array::from_iter(rows.values().map(|row| row[at].map(|(value, _)| value)));
        let flags = |at: usize| BooleanArray::from_iter(rows.values().map(|row| Some(row[at].is_some_and(|(_, filled)| filled))));
        let (columns, filled) = ([column(0), column(1)], [flags(0), flags(1)]);
        let mut leaf = |part: &Predicate| match part {
            Predicate::Trait(test) => {
                let at = usize::from(test.name == "b");
                let column = TraitColumn { customers: &customers, values: &columns[at], filled: Some(&filled[at]) };
                sets::of_trait(test, column, &everyone)
            }
            _ => panic!("tests of traits only"),
        };
        let found = sets::evaluate(&predicate, &everyone, &mut leaf).expect("sound");
        prop_assert!(found.yes.is_disjoint(&found.unknown));
        let now = Now { as_of: EventTime(0), zone: TimeZone::UTC };
        let nothing: Row = [None, None];
        for customer in &everyone {
            let expected = evaluate(&predicate, &One(rows.get(&customer).unwrap_or(&nothing)), &now);
            let truth = if found.yes.contains(customer) { Truth::True } else if found.unknown.contains(customer) { Truth::Unknown } else { Truth::False };
            prop_assert_eq!(truth, expected, "{}", customer);
        }
    }

    #[test]
    fn a_history_knows_who_belonged_at_any_time(
        steps in prop::collection::vec((1_i64..5, prop::collection::btree_set(0_u32..100_000, 0..8)), 1..12),
        erased in prop::collection::btree_set(0_u32..100_000, 0..3),
    ) {
        let mut history = History::new();
        let mut truth: BTreeMap<i64, BTreeSet<u32>> = BTreeMap::new();
        let mut time = 0;
        for (later, members) in steps {
            time += later;
            let members: BTreeSet<u32> = members.into_iter().map(|m| m % 7).collect();
            history.record(EventTime(time), &members.iter().copied().collect()).expect("later");
            truth.insert(time, members);
        }
        let restored = History::from_bytes(&history.to_bytes().expect("memory")).expect("the same");
        prop_assert_eq!(&restored, &history);
        let erased: BTreeSet<u32> = erased.into_iter().map(|m| m % 7).collect();
        history.erase(&erased.iter().copied().collect());
        let at = |when: i64| -> BTreeSet<u32> {
            let members = truth.range(..=when).next_back().map(|(_, members)| members.clone()).unwrap_or_default();
            members.difference(&erased).copied().collect()
        };
        for when in -1..=time + 1 {
            prop_assert_eq!(history.at(EventTime(when)).iter().collect::<BTreeSet<_>>(), at(when));
            let moves = history.moves(EventTime(when - 2), EventTime(when));
            prop_assert_eq!(moves.entered.iter().collect::<BTreeSet<_>>(), &at(when) - &at(when - 2));
            prop_assert_eq!(moves.left.iter().collect::<BTreeSet<_>>(), &at(when - 2) - &at(when));
        }
        for customer in 0..7 {
            let intervals = history.intervals(customer);
            for when in 0..=time {
                let inside = intervals.iter().any(|i| i.from.0 <= when && i.until.is_none_or(|until| when < until.0));
                prop_assert_eq!(inside, at(when).contains(&customer));
            }
            let since = intervals.last().filter(|i| i.until.is_none()).map(|i| i.from);
            prop_assert_eq!(history.since(customer), since);
        }
    }

    #[test]
    fn sets_are_those_of_the_standard_library(
        a in prop::collection::btree_set(0_u32..300_000, 0..50),
        b in prop::collection::btree_set(0_u32..300_000, 0..50),
        c in prop::collection::btree_set(0_u32..300_000, 0..50),
    ) {
        let map = |set: &BTreeSet<u32>| set.iter().map(|m| m % 65).collect::<BTreeSet<u32>>();
        let (a, b, c) = (map(&a), map(&b), map(&c));
        let bits = |set: &BTreeSet<u32>| set.iter().copied().collect::<RoaringBitmap>();
        let (ra, rb, rc) = (bits(&a), bits(&b), bits(&c));
        prop_assert_eq!(union(&[&ra, &rb, &rc]), bits(&(&(&a | &b) | &c)));
        prop_assert_eq!(intersection(&[&ra, &rb, &rc]), bits(&(&(&a & &b) & &c)));
        prop_assert_eq!(difference(&ra, &[&rb, &rc]), bits(&(&(&a - &b) - &c)));
        let overlaps = Overlaps::of(&[&ra, &rb, &rc]);
        prop_assert_eq!(overlaps.both(2, 0), (&a & &c).len() as u64);
        prop_assert_eq!(overlaps.both(0, 2), (&a & &c).len() as u64);
        prop_assert_eq!(overlaps.both(1, 2), (&b & &c).len() as u64);
        prop_assert_eq!(overlaps.both(1, 1), b.len() as u64);
        let either = (&a | &b).len();
        prop_assert_eq!(overlaps.alike(0, 1), (either > 0).then(|| (&a & &b).len() as f64 / either as f64));
    }
}

#[test]
fn overlaps_of_dense_and_sparse_sets_are_counted_exactly() {
    // Containers of all three kinds, and sets that end in different ones.
    let sets: Vec<RoaringBitmap> = vec![
        (0..400_000).filter(|n| n % 2 == 0).collect(),
        (0..700_000).filter(|n| n % 3 == 0).collect(),
        (0..700_000).filter(|n| n % 1009 == 0).collect(),
        (100_000..300_000).collect(),
        RoaringBitmap::new(),
        [5, 4_000_000_000].into_iter().collect(),
    ];
    let mut optimized = sets.clone();
    optimized[3].optimize();
    for sets in [&sets, &optimized] {
        let overlaps = Overlaps::of(&sets.iter().collect::<Vec<_>>());
        assert_eq!((overlaps.len(), overlaps.is_empty()), (6, false));
        for a in 0..sets.len() {
            for b in 0..sets.len() {
                assert_eq!(overlaps.both(a, b), (&sets[a] & &sets[b]).len(), "{a} {b}");
            }
        }
        let saved: Vec<Vec<u8>> = sets
            .iter()
            .map(|set| {
                let mut bytes = Vec::new();
                set.serialize_into(&mut bytes).expect("memory");
                bytes
            })
            .collect();
        assert_eq!(Overlaps::of_saved(&saved.iter().map(Vec::as_slice).collect::<Vec<_>>()), Ok(overlaps.clone()));
        assert!(Overlaps::of_saved(&[&saved[0][..saved[0].len() - 1]]).is_err());
        assert_eq!(overlaps.both(0, 6), 0);
        assert_eq!(overlaps.alike(4, 4), None);
    }
}

#[test]
fn nobody_is_asked_about_once_nobody_is_left() {
    let asked = std::cell::Cell::new(0);
    let segment = |name: &str| Predicate::Segment(InSegment { name: name.to_owned(), cluster: None });
    let mut leaf = |_: &Predicate| -> Result<TruthSets, ()> {
        asked.set(asked.get() + 1);
        Ok(TruthSets::default())
    };
    let predicate = Predicate::All(vec![segment("none"), segment("expensive")]);
    let everyone = (0..10).collect();
    assert_eq!(sets::evaluate(&predicate, &everyone, &mut leaf), Ok(TruthSets::default()));
    assert_eq!(asked.get(), 1);
}

#[test]
fn times_go_forward_and_quiet_times_take_no_room() {
    let mut history = History::new();
    let members: RoaringBitmap = (0..1000).collect();
    assert_eq!(history.record(EventTime(1), &members).expect("first").entered.len(), 1000);
    let size = history.to_bytes().expect("memory").len();
    for hour in 2..1000 {
        history.record(EventTime(hour), &members).expect("later");
    }
    assert_eq!(history.last(), Some(EventTime(999)));
    assert!(history.to_bytes().expect("memory").len() < size + 60);
    assert!(history.record(EventTime(999), &members).is_err());
    assert_eq!(history.intervals(7), [Interval { from: EventTime(1), until: None }]);
    assert_eq!(history.current().len(), 1000);
}

#[test]
fn bytes_that_are_no_history_are_refused() {
    let mut history = History::new();
    history.record(EventTime(1), &(0..10).collect()).expect("first");
    let bytes = history.to_bytes().expect("memory");
    for cut in 0..bytes.len() {
        assert!(History::from_bytes(&bytes[..cut]).is_err());
    }
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        assert!(History::from_bytes(&wrong).is_err());
    }
}

#[test]
fn a_preview_says_size_moves_and_likeness() {
    let mut history = History::new();
    history.record(EventTime(1), &(0..10).collect()).expect("first");
    let (near, far): (RoaringBitmap, RoaringBitmap) = ((5..15).collect(), (90..100).collect());
    let shown = preview(
        &(5..20).collect(),
        &[99].into_iter().collect(),
        &(0..100).collect(),
        Some(&history),
        &[("far", &far), ("near", &near)],
    );
    assert_eq!((shown.size, shown.unknown, shown.entering, shown.leaving), (15, 1, 10, 5));
    assert!((shown.share - 0.15).abs() < 1e-12);
    assert_eq!(shown.beside.iter().map(|b| (b.name.as_str(), b.both)).collect::<Vec<_>>(), [("near", 10), ("far", 0)]);
    assert!((shown.beside[0].alike - 10.0 / 15.0).abs() < 1e-12);
    let first = preview(&(5..20).collect(), &RoaringBitmap::new(), &(0..100).collect(), None, &[]);
    assert_eq!((first.entering, first.leaving), (15, 0));
}

#[test]
fn the_stability_index_is_that_of_the_formula() {
    let column = |values: &[(f64, usize)]| -> Vec<Option<f64>> {
        values.iter().flat_map(|(value, times)| std::iter::repeat_n(Some(*value), *times)).collect()
    };
    // Two values: shares 0.5, 0.5 then; 0.8, 0.2 now. (0.3) ln 1.6 + (−0.3) ln 0.4.
    let (then, now) = (column(&[(1.0, 50), (2.0, 50)]), column(&[(1.0, 80), (2.0, 20)]));
    let expected = 0.3 * 1.6_f64.ln() - 0.3 * 0.4_f64.ln();
    assert!((stability_index(&then, &now).expect("some") - expected).abs() < 1e-12);
    assert_eq!(stability_index(&then, &then).expect("some"), 0.0);
    let gaps = [then.clone(), vec![None; 100]].concat();
    assert!(stability_index(&then, &gaps).expect("some") > 0.25, "missing values are a shift too");
    assert!(stability_index(&[], &now).is_err());
    let many: Vec<Option<f64>> = (0..1000).map(|n| Some(f64::from(n))).collect();
    let shifted: Vec<Option<f64>> = (0..1000).map(|n| Some(f64::from(n) + 50.0)).collect();
    let small = stability_index(&many, &shifted).expect("some");
    assert!(small > 0.01 && small < 0.1, "{small}");
}
