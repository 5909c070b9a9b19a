//! Rows that could not be stored: who sees them, and how they leave.

use florin_store::{Extras, NewBatch, QuarantineFilter, Quarantined, Store, StoreError};

use crate::support::{at, bad_row, load, new_batch, on_each_store, prepared};

async fn waiting(store: &Store) -> Vec<Quarantined> {
    store.quarantine(&QuarantineFilter::default(), 1000, 0).await.unwrap()
}

#[test]
fn rows_of_an_unfinished_batch_are_not_seen() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        store.stage(Extras { quarantined: vec![bad_row(id, 1)], ..Extras::default() }).await.unwrap();
        assert_eq!(waiting(store).await, []);
        let extras = Extras { quarantined: vec![bad_row(id, 2)], ..Extras::default() };
        store.prepare_batches(&[prepared(id, 2, 2)], extras).await.unwrap();
        assert_eq!(waiting(store).await, []);
        assert_eq!(store.quarantine_counts().await.unwrap(), []);
        store.finish_batches(&[id], None, at(2)).await.unwrap();
        let rows = waiting(store).await;
        let records: Vec<_> = rows.iter().map(|row| row.record.clone()).collect();
        assert_eq!(records, [bad_row(id, 1), bad_row(id, 2)]);
        assert_eq!((rows[0].source.as_str(), rows[0].mapping.as_str()), ("core", "transaction"));
    });
}

#[test]
fn rows_are_filtered_and_paged_by_number() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        load(store, 1, 10, 5).await;
        let second = load(store, 2, 10, 5).await;
        let all = waiting(store).await;
        assert_eq!(all.len(), 10);
        assert!(all.is_sorted_by_key(|row| row.id));
        let filter = QuarantineFilter { batch: Some(second), ..QuarantineFilter::default() };
        assert_eq!(store.quarantine(&filter, 3, 1).await.unwrap(), all[6..9]);
        let filter =
            QuarantineFilter { after: Some(all[3].id), source: Some("core".to_owned()), ..QuarantineFilter::default() };
        assert_eq!(store.quarantine(&filter, 2, 0).await.unwrap(), all[4..6]);
        for none in [
            QuarantineFilter { source: Some("cards".to_owned()), ..QuarantineFilter::default() },
            QuarantineFilter { mapping: Some("loan".to_owned()), ..QuarantineFilter::default() },
        ] {
            assert_eq!(store.quarantine(&none, 10, 0).await.unwrap(), []);
        }
        let counts = store.quarantine_counts().await.unwrap();
        assert_eq!((counts.len(), counts[0].code.as_str(), counts[0].waiting, counts[0].resolved), (1, "range", 10, 0));
    });
}

#[test]
fn a_retry_resolves_rows_when_it_is_done_and_not_before() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        load(store, 1, 10, 3).await;
        let rows = waiting(store).await;
        let plan = async || store.plan_batch(&NewBatch { retry: true, ..new_batch(9) }).await.unwrap();
        let resolving =
            |batch| Extras { resolves: vec![(rows[0].id, batch), (rows[2].id, batch)], ..Extras::default() };
        let crashed = plan().await;
        store.prepare_batches(&[prepared(crashed, 2, 0)], resolving(crashed)).await.unwrap();
        assert_eq!(waiting(store).await.len(), 3);
        let rival = plan().await;
        let error = store.prepare_batches(&[prepared(rival, 2, 0)], resolving(rival)).await.expect_err("spoken for");
        assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
        store.abandon_batches(&[crashed]).await.unwrap();

        store.prepare_batches(&[prepared(rival, 2, 0)], resolving(rival)).await.unwrap();
        store.finish_batches(&[rival], Some(3), at(5)).await.unwrap();
        let left = waiting(store).await;
        assert_eq!(left, rows[1..2]);
        let filter = QuarantineFilter { resolved: true, ..QuarantineFilter::default() };
        let by: Vec<_> = store.quarantine(&filter, 10, 0).await.unwrap().iter().map(|row| row.resolved_by).collect();
        assert_eq!(by, [Some(rival), None, Some(rival)]);
        let counts = store.quarantine_counts().await.unwrap();
        assert_eq!((counts[0].waiting, counts[0].resolved), (1, 2));
    });
}

#[test]
fn more_rows_than_fit_one_statement_all_arrive_in_order() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        for (content, rows) in [(1, 340), (2, 341), (3, 342), (4, 8192), (5, 8193), (6, 20_000)] {
            let id = load(store, content, rows, rows).await;
            let filter = QuarantineFilter { batch: Some(id), ..QuarantineFilter::default() };
            let found = store.quarantine(&filter, u32::MAX, 0).await.unwrap();
            let numbers: Vec<_> = found.iter().map(|row| row.record.row_number).collect();
            assert_eq!(numbers, (1..=rows).collect::<Vec<_>>());
        }
    });
}
