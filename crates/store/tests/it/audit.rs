//! The audit log: appended one at a time, by many.

use florin_store::{AuditHead, AuditRow, Store, StoreError};

use crate::{
    locks::{Child, child_url},
    support::{at, on_each_store},
};

fn entry(head: Option<AuditHead>, word: u8) -> AuditRow {
    let (seq, previous) = head.unwrap_or((0, [0; 32]));
    let seq = seq + 1;
    let mut hash = [word; 32];
    hash[..8].copy_from_slice(&seq.to_le_bytes());
    AuditRow {
        seq,
        at: at(seq),
        payload: format!("{{\"who\":\"安娜 {word}\"}}"),
        previous,
        hash,
        signature: vec![word; 64],
    }
}

/// Appends one entry, again when somebody else was first. Says how often that was.
async fn append(store: &Store, word: u8) -> u32 {
    for overtaken in 0..1000 {
        let head = store.audit_head().await.unwrap();
        match store.audit_append(head, &entry(head, word)).await {
            Ok(()) => return overtaken,
            Err(error) => assert!(error.retryable(), "{error:?}"),
        }
    }
    panic!("never got its turn");
}

#[test]
fn entries_are_read_back_in_order_as_they_were_given() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.audit_head().await.unwrap(), None);
        let first = entry(None, 1);
        store.audit_append(None, &first).await.unwrap();
        let unsigned = AuditRow { signature: vec![], ..entry(Some((1, first.hash)), 2) };
        store.audit_append(Some((1, first.hash)), &unsigned).await.unwrap();
        assert_eq!(store.audit_head().await.unwrap(), Some((2, unsigned.hash)));
        assert_eq!(store.audit_rows(0, 10).await.unwrap(), [first.clone(), unsigned.clone()]);
        assert_eq!(store.audit_rows(2, 10).await.unwrap(), [unsigned]);
        assert_eq!(store.audit_rows(1, 1).await.unwrap(), [first]);
    });
}

#[test]
fn an_entry_behind_another_head_is_a_conflict_and_is_not_kept() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let first = entry(None, 1);
        store.audit_append(None, &first).await.unwrap();
        let head = Some((1, first.hash));
        for wrong in [None, Some((1, [9; 32])), Some((2, first.hash))] {
            let error = store.audit_append(wrong, &entry(head, 2)).await.expect_err("another head");
            assert!(matches!(error, StoreError::Conflict(_)) && error.retryable(), "{error:?}");
        }
        let error = store.audit_append(head, &entry(None, 2)).await.expect_err("not behind");
        assert!(matches!(error, StoreError::Invalid(_)), "{error:?}");
        assert_eq!(store.audit_rows(0, 10).await.unwrap(), [first]);
    });
}

#[test]
fn of_two_that_race_for_the_same_place_one_is_told_to_try_again() {
    on_each_store(async |fresh| {
        let (one, two) = (fresh.again().await, fresh.again().await);
        for _ in 0..20 {
            let head = fresh.store.audit_head().await.unwrap();
            let (a, b) = (entry(head, 1), entry(head, 2));
            let (first, second) = tokio::join!(one.audit_append(head, &a), two.audit_append(head, &b));
            let winner = match (&first, &second) {
                (Ok(()), Err(StoreError::Conflict(_))) => a,
                (Err(StoreError::Conflict(_)), Ok(())) => b,
                other => panic!("{other:?}"),
            };
            assert_eq!(fresh.store.audit_head().await.unwrap(), Some((winner.seq, winner.hash)));
        }
    });
}

#[test]
fn many_writers_lose_no_entry_and_the_chain_has_no_gap() {
    on_each_store(async |fresh| {
        let mut writers = Vec::new();
        for word in 1..=4 {
            let store = fresh.again().await;
            writers.push(tokio::spawn(async move {
                for _ in 0..25 {
                    append(&store, word).await;
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let rows = fresh.store.audit_rows(0, 1000).await.unwrap();
        assert_eq!(rows.len(), 100);
        assert!((1..).zip(&rows).all(|(seq, row)| row.seq == seq));
        assert!(rows.windows(2).all(|pair| pair[1].previous == pair[0].hash));
        for word in 1..=4 {
            assert_eq!(rows.iter().filter(|row| row.signature[0] == word).count(), 25);
        }
    });
}

/// Not a test of its own: what the next test starts as another process, and kills.
#[test]
fn child_that_appends_until_killed() {
    let Some(url) = child_url() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&url).await.unwrap();
        loop {
            append(&store, 3).await;
            println!("\nappended {}", store.audit_head().await.unwrap().unwrap().0);
        }
    });
}

#[test]
fn what_was_acknowledged_survives_kill_9_and_nothing_is_half_there() {
    on_each_store(async |fresh| {
        for round in 1..=5 {
            let mut child = Child::start("audit::child_that_appends_until_killed", &fresh.url);
            let mut last = 0;
            for _ in 0..round * 7 {
                last = child.word_after("appended ").parse::<i64>().unwrap();
            }
            child.kill();
            let rows = fresh.store.audit_rows(0, 10_000).await.unwrap();
            assert!(rows.last().unwrap().seq >= last);
            assert!((1..).zip(&rows).all(|(seq, row)| row.seq == seq));
            assert!(rows.windows(2).all(|pair| pair[1].previous == pair[0].hash));
        }
        if fresh.is_sqlite() {
            assert_eq!(
                fresh.number("select count(*) from pragma_integrity_check where integrity_check = 'ok'").await,
                1
            );
        }
    });
}
