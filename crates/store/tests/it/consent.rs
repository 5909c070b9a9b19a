//! Words on purposes: which one counts.

use florin_domain::{CustomerId, Purpose};
use florin_store::{BatchId, ConsentState, ConsentWord, Extras, Origin, Store, StoreError};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::support::{at, new_batch, on_each_store, prepared};
use ConsentState::{Given, Withdrawn};

pub(crate) fn word(customer: u32, state: ConsentState, ts: i64, batch: Option<BatchId>) -> ConsentWord {
    ConsentWord {
        customer: CustomerId(customer),
        purpose: Purpose::Marketing,
        state,
        ts: at(ts),
        notice: Some("2024-05".to_owned()),
        origin: batch.map_or(Origin::Channel("branch".to_owned()), Origin::Batch),
    }
}

const LATER: i64 = 1_000_000;

async fn who(store: &Store) -> (Vec<u32>, Vec<u32>) {
    let consent = store.consent_bitmaps(Purpose::Marketing, at(LATER)).await.unwrap();
    (consent.given.iter().collect(), consent.withdrawn.iter().collect())
}

#[test]
fn the_latest_word_counts_for_its_purpose_alone() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let risk = ConsentWord { purpose: Purpose::Risk, ..word(1, Withdrawn, 99, None) };
        let words = vec![
            word(1, Withdrawn, 1, None),
            word(1, Given, 2, None),
            word(2, Given, 1, None),
            word(2, Withdrawn, 2, None),
            word(u32::MAX, Given, 1, None),
            risk.clone(),
        ];
        store.record_consent(words.clone()).await.unwrap();
        assert_eq!(who(store).await, (vec![1, u32::MAX], vec![2]));
        let consent = store.consent_bitmaps(Purpose::Risk, at(LATER)).await.unwrap();
        assert_eq!((consent.given.len(), consent.withdrawn.len()), (0, 1));
        assert_eq!(
            store.consent_of(CustomerId(1), at(LATER)).await.unwrap(),
            [words[0].clone(), words[1].clone(), risk]
        );
    });
}

#[test]
fn what_was_read_does_not_outlive_a_word_that_another_program_hears() {
    on_each_store(async |fresh| {
        let (store, other) = (&fresh.store, fresh.again().await);
        other.record_consent(vec![word(1, Given, 1, None), word(2, Given, 1, None)]).await.unwrap();
        assert_eq!(who(store).await, (vec![1, 2], vec![]));
        other.record_consent(vec![word(2, Withdrawn, 2, None)]).await.unwrap();
        assert_eq!(who(store).await, (vec![1], vec![2]));
        let id = other.plan_batch(&new_batch(1)).await.unwrap();
        let extras = Extras { consent: vec![word(3, Given, 5, Some(id))], ..Extras::default() };
        other.prepare_batches(&[prepared(id, 1, 0)], extras).await.unwrap();
        assert_eq!(who(store).await, (vec![1], vec![2]));
        other.finish_batches(&[id], None, at(1)).await.unwrap();
        assert_eq!(who(store).await, (vec![1, 3], vec![2]));
    });
}

#[test]
fn what_was_read_holds_until_a_word_that_is_dated_ahead() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.record_consent(vec![word(1, Given, 10, None), word(2, Given, 30, None)]).await.unwrap();
        let given = async |ts| store.consent_bitmaps(Purpose::Marketing, at(ts)).await.unwrap().given.len();
        for (ts, count) in [(20, 1), (29, 1), (30, 2), (31, 2), (20, 1), (9, 0)] {
            assert_eq!(given(ts).await, count, "at {ts}");
        }
    });
}

#[test]
fn said_twice_is_said_once() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        for _ in 0..3 {
            store.record_consent(vec![word(1, Given, 5, None), word(1, Given, 5, None)]).await.unwrap();
        }
        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        let extras = Extras { consent: vec![word(1, Given, 5, Some(id))], ..Extras::default() };
        store.prepare_batches(&[prepared(id, 1, 0)], extras).await.unwrap();
        store.finish_batches(&[id], None, at(1)).await.unwrap();
        assert_eq!(fresh.number("select count(*) from consent_word").await, 1);
        assert_eq!(store.consent_of(CustomerId(1), at(LATER)).await.unwrap(), [word(1, Given, 5, None)]);
    });
}

#[test]
fn an_unfinished_batch_can_withdraw_but_not_consent() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.record_consent(vec![word(2, Given, 1, None), word(3, Given, 1, None)]).await.unwrap();
        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        let consent = vec![word(1, Given, 5, Some(id)), word(2, Withdrawn, 5, Some(id))];
        store.prepare_batches(&[prepared(id, 2, 0)], Extras { consent, ..Extras::default() }).await.unwrap();
        assert_eq!(who(store).await, (vec![3], vec![2]));
        store.abandon_batches(&[id]).await.unwrap();
        assert_eq!(who(store).await, (vec![3], vec![2]), "a withdrawal, once heard, is not forgotten");

        let id = store.plan_batch(&new_batch(1)).await.unwrap();
        let consent = vec![word(1, Given, 5, Some(id)), word(2, Withdrawn, 5, Some(id))];
        store.prepare_batches(&[prepared(id, 2, 0)], Extras { consent, ..Extras::default() }).await.unwrap();
        store.finish_batches(&[id], None, at(1)).await.unwrap();
        assert_eq!(who(store).await, (vec![1, 3], vec![2]));
    });
}

#[test]
fn a_consent_that_two_batches_carry_survives_the_abandoning_of_either() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let first = store.plan_batch(&new_batch(1)).await.unwrap();
        let second = store.plan_batch(&new_batch(2)).await.unwrap();
        let consent = vec![word(1, Given, 5, Some(first)), word(1, Given, 5, Some(second))];
        let both = [prepared(first, 1, 0), prepared(second, 1, 0)];
        store.prepare_batches(&both, Extras { consent, ..Extras::default() }).await.unwrap();
        store.finish_batches(&[second], None, at(1)).await.unwrap();
        store.abandon_batches(&[first]).await.unwrap();
        assert_eq!(who(store).await, (vec![1], vec![]));
        assert_eq!(store.consent_of(CustomerId(1), at(LATER)).await.unwrap(), [word(1, Given, 5, Some(second))]);
    });
}

#[test]
fn a_consent_dated_ahead_waits_for_its_day_and_a_withdrawal_does_not() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store
            .record_consent(vec![word(1, Given, 50, None), word(2, Given, 1, None), word(2, Withdrawn, 50, None)])
            .await
            .unwrap();
        let at_ten = store.consent_bitmaps(Purpose::Marketing, at(10)).await.unwrap();
        assert_eq!((at_ten.given.len(), at_ten.withdrawn.contains(2)), (0, true));
        assert_eq!(who(store).await, (vec![1], vec![2]));
    });
}

#[test]
fn a_word_of_a_batch_is_refused_outside_its_batch() {
    on_each_store(async |fresh| {
        let error = fresh.store.record_consent(vec![word(1, Given, 5, Some(BatchId(3)))]).await.expect_err("no batch");
        assert!(matches!(error, StoreError::Invalid(_)), "{error:?}");
    });
}

/// What the words of one customer come to, worked out the plain way.
fn verdict(words: &[(bool, i64)]) -> Option<bool> {
    words.iter().map(|&(withdrawn, ts)| (ts, withdrawn)).max().map(|(_, withdrawn)| withdrawn)
}

#[test]
fn the_answer_depends_on_what_was_said_and_not_on_the_order_of_hearing_it() {
    on_each_store(async |fresh| {
        let said = prop::collection::vec((any::<bool>(), 0i64..4), 0..6);
        let mut runner = TestRunner::new(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() });
        let customers =
            prop::collection::vec(said.prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle())), 40);
        for case in 0..runner.config().cases {
            let customers = customers.new_tree(&mut runner).unwrap().current();
            let base = case * 1000;
            let mut expected = (vec![], vec![]);
            for (number, (said, shuffled)) in (base..).zip(&customers) {
                for &(withdrawn, ts) in shuffled {
                    let state = if withdrawn { Withdrawn } else { Given };
                    fresh.store.record_consent(vec![word(number, state, ts, None)]).await.unwrap();
                }
                match verdict(said) {
                    Some(false) => expected.0.push(number),
                    Some(true) => expected.1.push(number),
                    None => {}
                }
            }
            let (given, withdrawn) = who(&fresh.store).await;
            let this_case = |ids: Vec<u32>| ids.into_iter().filter(|id| *id >= base).collect::<Vec<_>>();
            assert_eq!((this_case(given), this_case(withdrawn)), expected);
        }
    });
}
