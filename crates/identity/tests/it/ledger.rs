//! Merges and splits, and taking them back, in random order.

use std::collections::BTreeMap;

use florin_domain::{CustomerId, EventTime};
use florin_identity::{
    RecordRef, cluster,
    ledger::{Change, EventId, Ledger, Signature, reconcile},
    link,
    table::Born,
};
use proptest::prelude::*;

use crate::small::{Raw, at, model, records, settings};

fn signed(by_person: bool) -> Signature {
    Signature { actor: "liu".into(), by_person, reason: "asked the customer".into(), at: EventTime(1) }
}

fn born(keys: std::ops::Range<u64>) -> Vec<Born> {
    keys.map(|key| Born { record: at(0, key), customer: CustomerId(key as u32 + 1) }).collect()
}

fn ledger(records: u64) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.add(born(0..records), signed(false)).expect("new records");
    ledger
}

type Table = BTreeMap<RecordRef, CustomerId>;

fn table(ledger: &Ledger) -> Table {
    ledger.table().collect()
}

/// Merges two customers or splits one, as the numbers say. None when that cannot be done now.
fn act(ledger: &mut Ledger, a: u64, b: u64, split: bool) -> Option<EventId> {
    let (x, y) = (ledger.customer(at(0, a))?, ledger.customer(at(0, b))?);
    if !split {
        return ledger.merge(x, y, signed(true)).ok();
    }
    let leaving: Vec<RecordRef> = ledger.records(x).filter(|record| record.key % 2 == b % 2).collect();
    let fresh = CustomerId(1000 + ledger.events().len() as u32);
    ledger.split(&leaving, fresh, signed(true)).ok()
}

fn moved(ledger: &Ledger, event: EventId) -> Vec<RecordRef> {
    match &ledger.events()[event.0 as usize].change {
        Change::Merged { records, .. } | Change::Split { records, .. } => records.clone(),
        Change::Added { .. } | Change::Undone { .. } => Vec::new(),
    }
}

proptest! {
    #[test]
    fn taking_everything_back_in_any_order_and_in_parts_gives_the_state_of_birth(
        actions in prop::collection::vec((0u64..12, 0u64..12, any::<bool>()), 1..24),
        order in any::<u64>(),
    ) {
        let mut ledger = ledger(12);
        let start = table(&ledger);
        let mut done: Vec<EventId> = actions.iter().filter_map(|(a, b, split)| act(&mut ledger, *a, *b, *split)).collect();
        let mut turn = order;
        while !done.is_empty() {
            let event = done.swap_remove((turn % done.len() as u64) as usize);
            turn = turn.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let records = moved(&ledger, event);
            let (first, rest) = records.split_at(records.len() / 2);
            for part in [first, rest].into_iter().filter(|part| !part.is_empty()) {
                ledger.undo(event, Some(part), signed(true)).expect("was not taken back yet");
            }
            prop_assert!(ledger.undo(event, None, signed(true)).is_err());
        }
        prop_assert_eq!(table(&ledger), start);
    }

    #[test]
    fn taking_the_last_event_back_gives_the_state_before_it(
        actions in prop::collection::vec((0u64..12, 0u64..12, any::<bool>()), 1..24),
    ) {
        let mut ledger = ledger(12);
        for (a, b, split) in actions {
            let before = table(&ledger);
            if let Some(event) = act(&mut ledger, a, b, split) {
                let mut other = ledger.clone();
                other.undo(event, None, signed(true)).expect("was not taken back yet");
                prop_assert_eq!(table(&other), before);
            }
        }
    }

    #[test]
    fn where_only_the_first_events_are_known_it_is_as_it_was_then(
        actions in prop::collection::vec((0u64..12, 0u64..12, 0u8..3), 1..24),
    ) {
        let mut ledger = ledger(12);
        let mut seen = vec![table(&ledger)];
        for (a, b, what) in actions {
            let last = ledger.events().len() as u64;
            let done = match what {
                0 => ledger.undo(EventId((a * b % last) as u32), None, signed(true)).ok(),
                what => act(&mut ledger, a, b, what == 1),
            };
            seen.extend(done.map(|_| table(&ledger)));
        }
        for (known, then) in seen.into_iter().enumerate() {
            let now: Table = ledger.table_where(|event| event.0 as usize <= known).collect();
            prop_assert_eq!(now, then);
        }
    }

    #[test]
    fn taking_a_merge_back_is_as_if_it_had_never_been(
        actions in prop::collection::vec((0u64..9, 0u64..9), 1..12), which in any::<prop::sample::Index>(),
    ) {
        let mut full = ledger(9);
        let done: Vec<_> = actions.iter().filter_map(|(a, b)| {
            let (a, b) = (full.customer(at(0, *a))?, full.customer(at(0, *b))?);
            full.merge(a, b, signed(false)).ok().map(|event| (event, a.min(b), a.max(b)))
        }).collect();
        prop_assume!(!done.is_empty());
        let (taken_back, ..) = done[which.index(done.len())];
        full.undo(taken_back, None, signed(true)).expect("was not taken back yet");
        let mut without: Table = ledger(9).table().collect();
        for (event, survivor, absorbed) in done {
            if event != taken_back {
                without.values_mut().filter(|customer| **customer == absorbed).for_each(|customer| *customer = survivor);
            }
        }
        prop_assert_eq!(table(&full), without);
    }

    #[test]
    fn the_events_alone_give_the_same_ledger_through_text(
        actions in prop::collection::vec((0u64..12, 0u64..12, any::<bool>()), 1..24),
    ) {
        let mut ledger = ledger(12);
        for (a, b, split) in actions {
            act(&mut ledger, a, b, split);
        }
        let text = serde_json::to_string(ledger.events()).expect("plain data");
        let events: Vec<_> = serde_json::from_str(&text).expect("what was written");
        prop_assert_eq!(Ledger::replay(events).expect("what happened can happen"), ledger);
    }

    #[test]
    fn events_change_no_record_of_other_customers(a in 0u64..12, b in 0u64..12, c in 0u64..12, d in 0u64..12, split in any::<bool>()) {
        let mut ledger = ledger(12);
        act(&mut ledger, a, b, false);
        let before = ledger.clone();
        act(&mut ledger, c, d, split);
        ledger.add(born(12..15), signed(false)).expect("new records");
        let named = [before.customer(at(0, c)), before.customer(at(0, d))];
        for (record, customer) in before.table().filter(|(_, customer)| !named.contains(&Some(*customer))) {
            prop_assert_eq!(ledger.customer(record), Some(customer));
        }
    }
}

#[test]
fn the_smallest_number_survives_and_a_split_takes_its_own_number_back() {
    let mut ledger = ledger(3);
    ledger.merge(CustomerId(3), CustomerId(1), signed(false)).expect("two customers");
    ledger.merge(CustomerId(2), CustomerId(1), signed(false)).expect("two customers");
    assert_eq!(ledger.records(CustomerId(1)).count(), 3);
    ledger.split(&[at(0, 2)], CustomerId(99), signed(true)).expect("one of three");
    assert_eq!(ledger.customer(at(0, 2)), Some(CustomerId(3)));
    assert!(ledger.split(&[at(0, 0), at(0, 1)], CustomerId(98), signed(true)).is_err(), "all records are no split");
    ledger.split(&[at(0, 0)], CustomerId(98), signed(true)).expect("one of two");
    assert_eq!(ledger.customer(at(0, 0)), Some(CustomerId(98)), "number 1 is still had by the other record");
}

#[test]
fn what_cannot_happen_is_refused_and_changes_nothing() {
    let mut ledger = ledger(3);
    let before = ledger.clone();
    assert!(ledger.merge(CustomerId(1), CustomerId(1), signed(true)).is_err());
    assert!(ledger.merge(CustomerId(1), CustomerId(77), signed(true)).is_err());
    assert!(ledger.add(born(2..4), signed(true)).is_err());
    assert!(ledger.undo(EventId(0), None, signed(true)).is_err());
    assert!(ledger.split(&[], CustomerId(99), signed(true)).is_err());
    assert_eq!(ledger, before);
}

#[test]
fn what_people_decided_binds_later_runs_and_runs_propose_the_rest() {
    let row = |key, phone| (at(0, key), [Some("张伟"), Some(phone), None] as Raw);
    let records = records(&[row(0, "13812345678"), row(1, "13812345678"), row(2, "13812345678")]);
    let settings = settings();
    let links = link(&records, &settings, &model(&settings), 0.0).expect("sound settings").links;
    let run = |ledger: &Ledger| {
        let clusters = cluster(&records, &settings, &links, &ledger.decisions()).expect("sound settings");
        reconcile(ledger, &records, &clusters)
    };
    let mut ledger = ledger(3);
    assert_eq!(run(&ledger).merges, [(CustomerId(1), vec![CustomerId(2), CustomerId(3)])]);
    ledger.merge(CustomerId(1), CustomerId(2), signed(false)).expect("two customers");
    let last = ledger.merge(CustomerId(1), CustomerId(3), signed(false)).expect("two customers");
    assert_eq!(run(&ledger).merges, []);
    ledger.undo(last, None, signed(true)).expect("was not taken back yet");
    assert_eq!(run(&ledger), Default::default(), "the parted record stays parted, the others stay one");
    ledger.merge(CustomerId(1), CustomerId(3), signed(true)).expect("two customers");
    assert_eq!(run(&ledger), Default::default(), "the newest word holds");
}
