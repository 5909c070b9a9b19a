//! Files and batches: states, atomicity, recovery.

use florin_domain::{Counts, CustomerId};
use florin_store::{BatchId, BatchState, Extras, FileStamp, NewBatch, NewCustomer, StoreError};

use crate::support::{at, bad_row, counting, load, new_batch, on_each_store, prepared, vault};

#[test]
fn an_untouched_file_is_recognised_and_a_touched_one_is_not() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let file = FileStamp {
            path: "数据/trans.csv".to_owned(),
            size: 7,
            mtime_ns: 1_700_000_000_000_000_001,
            inode: u64::MAX,
        };
        assert_eq!(store.seen_file(&file).await.unwrap(), None);
        store.remember_file(&file, [1; 32]).await.unwrap();
        assert_eq!(store.seen_file(&file).await.unwrap(), Some([1; 32]));
        for touched in [
            FileStamp { size: 8, ..file.clone() },
            FileStamp { mtime_ns: file.mtime_ns + 1, ..file.clone() },
            FileStamp { inode: 3, ..file.clone() },
            FileStamp { path: "other".to_owned(), ..file.clone() },
        ] {
            assert_eq!(store.seen_file(&touched).await.unwrap(), None, "{touched:?}");
        }
        let touched = FileStamp { size: 8, ..file.clone() };
        store.remember_file(&touched, [2; 32]).await.unwrap();
        assert_eq!(store.seen_file(&touched).await.unwrap(), Some([2; 32]));
        assert_eq!(store.seen_file(&file).await.unwrap(), None);
    });
}

#[test]
fn a_batch_goes_from_planned_to_prepared_to_done() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        let state = async || store.batch(id).await.unwrap().unwrap().state;
        assert_eq!(state().await, BatchState::Planned);
        store.prepare_batches(&[prepared(id, 3, 0)], Extras::default()).await.unwrap();
        assert_eq!(state().await, BatchState::Prepared);
        store.finish_batches(&[id], Some(12), at(20)).await.unwrap();
        let batch = store.batch(id).await.unwrap().unwrap();
        assert_eq!((batch.state, batch.lake_version, batch.finished_at), (BatchState::Done, Some(12), Some(at(20))));
        assert_eq!(batch.counts, Counts { read: 3, stored: 3, ..Counts::default() });
        assert_eq!(batch.header, prepared(id, 3, 0).header);
        assert_eq!(batch.warned, serde_json::json!({"date": 3}));
        let NewBatch { source, mapping, table, file, content, .. } = new_batch(1);
        assert_eq!(
            (batch.source, batch.mapping, batch.table, batch.file, batch.content),
            (source, mapping, table, file, content)
        );
    });
}

#[test]
fn illegal_steps_are_refused_and_change_nothing() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let done = load(store, 1, 3, 1).await;
        let planned = store.plan_batch(&new_batch(2)).await.unwrap();
        let unknown = BatchId(999);
        let invalid =
            |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
        invalid(store.finish_batches(&[planned], None, at(1)).await);
        invalid(store.finish_batches(&[done], None, at(1)).await);
        invalid(store.finish_batches(&[unknown], None, at(1)).await);
        invalid(store.prepare_batches(&[prepared(done, 3, 1)], Extras::default()).await);
        invalid(store.prepare_batches(&[prepared(unknown, 3, 0)], Extras::default()).await);
        invalid(store.abandon_batches(&[done]).await);
        invalid(store.abandon_batches(&[planned, unknown]).await);
        invalid(store.stage(Extras { quarantined: vec![bad_row(done, 9)], ..Extras::default() }).await);
        assert_eq!(store.batch(planned).await.unwrap().unwrap().state, BatchState::Planned);
        assert_eq!(store.batch(done).await.unwrap().unwrap().lake_version, Some(7));
        assert_eq!(fresh.number("select count(*) from quarantine").await, 1);
    });
}

#[test]
fn counts_must_balance_and_match_the_quarantined_rows() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        let mut lost = prepared(id, 5, 0);
        lost.counts.stored = 4;
        let error = store.prepare_batches(&[lost], Extras::default()).await.expect_err("one is lost");
        assert!(error.to_string().contains("do not balance"), "{error}");
        let error = store.prepare_batches(&[prepared(id, 5, 2)], Extras::default()).await.expect_err("not kept");
        assert_eq!(error.to_string(), format!("batch {id} counts 2 quarantined records but keeps 0"));
        // Two reasons for one record are one record.
        let quarantined = vec![bad_row(id, 4), bad_row(id, 4), bad_row(id, 5)];
        store.prepare_batches(&[prepared(id, 5, 2)], Extras { quarantined, ..Extras::default() }).await.unwrap();
    });
}

#[test]
fn a_content_goes_through_a_mapping_once_whatever_its_path_and_the_mapping_version() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.batch_of_content("core", "transaction", [1; 32]).await.unwrap(), None);
        let id = load(store, 1, 3, 0).await;
        let known = store.batch_of_content("core", "transaction", [1; 32]).await.unwrap().unwrap();
        assert_eq!((known.id, known.state), (id, BatchState::Done));
        let renamed = NewBatch { file: "copy.csv".to_owned(), mapping_version: 2, ..new_batch(1) };
        let error = store.plan_batch(&renamed).await.expect_err("loaded");
        assert!(matches!(error, StoreError::Conflict(_)) && error.to_string().contains("`copy.csv`"), "{error}");
        for other in [
            NewBatch { mapping: "account".to_owned(), ..new_batch(1) },
            NewBatch { source: "cards".to_owned(), ..new_batch(1) },
            NewBatch { retry: true, ..new_batch(1) },
            NewBatch { retry: true, ..new_batch(1) },
        ] {
            store.plan_batch(&other).await.unwrap();
        }
    });
}

#[test]
fn two_loaders_that_plan_the_same_content_at_once_get_one_batch() {
    on_each_store(async |fresh| {
        let (one, two, batch) = (fresh.again().await, fresh.again().await, new_batch(1));
        let (first, second) = tokio::join!(one.plan_batch(&batch), two.plan_batch(&batch));
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
        let error = first.and(second).expect_err("one lost");
        assert!(matches!(error, StoreError::Conflict(_)) && error.retryable(), "{error:?}");
        assert_eq!(fresh.store.unfinished_batches().await.unwrap().len(), 1);
    });
}

#[test]
fn preparing_is_all_or_nothing_wherever_it_fails() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let mut random = counting();
        let kept = load(store, 1, 3, 1).await;
        let kept_row = store.quarantine(&Default::default(), 10, 0).await.unwrap()[0].id;
        let first = store.plan_batch(&new_batch(2)).await.unwrap();
        let second = store.plan_batch(&new_batch(3)).await.unwrap();
        let (key, wrapped) = vault(1).new_subject("customer:1", &mut random).unwrap();
        let value = key.seal_value("t_a".to_owned(), "phone", "123", &mut random).unwrap();
        let word = crate::consent::word(1, florin_store::ConsentState::Withdrawn, 5, Some(first));
        let extras = Extras {
            quarantined: vec![bad_row(first, 1)],
            resolves: vec![],
            consent: vec![word],
            customers: vec![NewCustomer { system: "core".to_owned(), key: 5, customer: CustomerId(1) }],
            subject_keys: vec![wrapped],
            values: vec![value],
        };
        // The last insert fails, then the last batch does.
        let clash = Extras { resolves: vec![(kept_row, first), (kept_row, second)], ..extras.clone() };
        let error = store.prepare_batches(&[prepared(first, 1, 1)], clash).await.expect_err("resolved twice");
        assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
        let both = [prepared(first, 1, 1), prepared(second, 1, 1)];
        let error = store.prepare_batches(&both, extras.clone()).await.expect_err("the second keeps no row");
        assert!(matches!(error, StoreError::Invalid(_)), "{error:?}");
        for table in ["customer_key", "consent_word", "subject_key", "sealed_value", "quarantine_resolution"] {
            assert_eq!(fresh.number(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        assert_eq!(fresh.number("select count(*) from quarantine").await, 1, "only that of batch {kept}");
        assert_eq!(
            store.unfinished_batches().await.unwrap().iter().filter(|b| b.state == BatchState::Planned).count(),
            2
        );
        store.prepare_batches(&[prepared(first, 1, 1), prepared(second, 1, 0)], extras).await.unwrap();
    });
}

#[test]
fn a_crash_leaves_batches_that_can_be_finished_or_abandoned_and_numbers_never_return() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let mut random = counting();
        let in_lake = store.plan_batch(&new_batch(1)).await.unwrap();
        store.prepare_batches(&[prepared(in_lake, 3, 0)], Extras::default()).await.unwrap();
        let not_in_lake = store.plan_batch(&new_batch(2)).await.unwrap();
        let (_, wrapped) = vault(1).new_subject(&not_in_lake.vault_subject(), &mut random).unwrap();
        let extras =
            Extras { quarantined: vec![bad_row(not_in_lake, 1)], subject_keys: vec![wrapped], ..Extras::default() };
        store.prepare_batches(&[prepared(not_in_lake, 3, 1)], extras).await.unwrap();
        let planned = store.plan_batch(&new_batch(3)).await.unwrap();
        let staged = Extras { quarantined: vec![bad_row(planned, 1)], ..Extras::default() };
        store.stage(staged).await.unwrap();

        let after_crash = fresh.again().await;
        let left: Vec<_> =
            after_crash.unfinished_batches().await.unwrap().into_iter().map(|b| (b.id, b.state)).collect();
        let expected =
            [(in_lake, BatchState::Prepared), (not_in_lake, BatchState::Prepared), (planned, BatchState::Planned)];
        assert_eq!(left, expected);
        after_crash.finish_batches(&[in_lake], Some(1), at(9)).await.unwrap();
        after_crash.abandon_batches(&[not_in_lake, planned]).await.unwrap();
        assert_eq!(after_crash.unfinished_batches().await.unwrap(), []);
        assert_eq!(fresh.number("select count(*) from quarantine").await, 0);
        assert_eq!(fresh.number("select count(*) from subject_key").await, 0);
        assert_eq!(after_crash.batch_of_content("core", "transaction", [2; 32]).await.unwrap(), None);
        assert!(load(&after_crash, 3, 3, 1).await > planned);
    });
}

#[test]
fn reports_show_the_newest_batches_and_the_totals_of_what_is_done() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let first = load(store, 1, 10, 2).await;
        let second = load(store, 2, 5, 0).await;
        let open = store.plan_batch(&NewBatch { source: "cards".to_owned(), ..new_batch(3) }).await.unwrap();
        let ids = async |source, limit| -> Vec<_> {
            store.batches(source, limit).await.unwrap().into_iter().map(|batch| batch.id).collect()
        };
        assert_eq!(ids(None, 10).await, [open, second, first]);
        assert_eq!(ids(Some("core"), 1).await, [second]);
        let latest: Vec<_> = store.latest_batches().await.unwrap().into_iter().map(|batch| batch.id).collect();
        assert_eq!(latest, [second]);
        let totals = store.source_totals().await.unwrap();
        assert_eq!(totals.len(), 1);
        assert_eq!((totals[0].batches, totals[0].finished_at), (2, at(20)));
        assert_eq!(totals[0].counts, Counts { read: 15, stored: 13, quarantined: 2, ..Counts::default() });
    });
}
