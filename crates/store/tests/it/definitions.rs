//! Versions of definitions.

use florin_store::{ChangeKind, Definition, StoreError};

use crate::support::{at, on_each_store};

fn definition(name: &str, content: u8) -> Definition {
    Definition {
        kind: "source".to_owned(),
        name: name.to_owned(),
        content: [content; 32],
        text: format!("# {content}"),
    }
}

/// Name, version and what happened, in order.
type Expected<'a> = &'a [(&'a str, u32, ChangeKind)];

#[test]
fn each_change_adds_a_version_and_the_same_again_adds_none() {
    use ChangeKind::{Changed, New, Removed, Same};
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let steps: [(&[Definition], Expected<'_>); 6] = [
            (&[definition("b", 1), definition("a", 1)], &[("a", 1, New), ("b", 1, New)]),
            (&[definition("a", 1), definition("b", 1)], &[("a", 1, Same), ("b", 1, Same)]),
            (&[definition("a", 2), definition("b", 1)], &[("a", 2, Changed), ("b", 1, Same)]),
            (&[definition("a", 2)], &[("a", 2, Same), ("b", 2, Removed)]),
            (&[definition("a", 2)], &[("a", 2, Same)]),
            (&[definition("a", 2), definition("b", 1)], &[("a", 2, Same), ("b", 3, New)]),
        ];
        for (number, (definitions, expected)) in (0..).zip(steps) {
            let planned = store.plan_definitions(definitions).await.unwrap();
            let recorded = store.record_definitions(definitions, at(number), "anna").await.unwrap();
            assert_eq!(planned, recorded, "step {number}");
            let changes: Vec<_> = recorded.iter().map(|c| (c.name.as_str(), c.version, c.what)).collect();
            assert_eq!(changes, expected, "step {number}");
        }
    });
}

#[test]
fn every_version_can_be_read_back() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.record_definitions(&[definition("a", 1)], at(1), "anna").await.unwrap();
        store.record_definitions(&[definition("a", 2)], at(2), "ben").await.unwrap();
        store.record_definitions(&[], at(3), "cyd").await.unwrap();
        let first = store.definition("source", "a", Some(1)).await.unwrap().unwrap();
        assert_eq!(first.content, Some(([1; 32], "# 1".to_owned())));
        assert_eq!((first.recorded_at, first.recorded_by.as_str()), (at(1), "anna"));
        let latest = store.definition("source", "a", None).await.unwrap().unwrap();
        assert_eq!((latest.version, latest.content, latest.recorded_by.as_str()), (3, None, "cyd"));
        assert_eq!(store.definition("source", "a", Some(4)).await.unwrap(), None);
        assert_eq!(store.definition("table", "a", None).await.unwrap(), None);
    });
}

#[test]
fn planning_writes_nothing_and_a_name_twice_is_refused() {
    on_each_store(async |fresh| {
        fresh.store.plan_definitions(&[definition("a", 1)]).await.unwrap();
        assert_eq!(fresh.number("select count(*) from definition").await, 0);
        let twice = [definition("a", 1), definition("b", 1), definition("a", 2)];
        let error = fresh.store.record_definitions(&twice, at(1), "anna").await.expect_err("twice");
        assert!(matches!(error, StoreError::Invalid(_)), "{error}");
        assert_eq!(error.to_string(), "source `a` is defined twice");
        assert_eq!(fresh.number("select count(*) from definition").await, 0);
    });
}
