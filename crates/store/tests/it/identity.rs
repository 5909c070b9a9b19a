//! The history of merges and splits, and what it comes to.

use florin_domain::{CustomerId, EventTime};
use florin_store::{Extras, IdentityEvent, NewCustomer, StoreError};

use crate::support::{counting, on_each_store, vault};

fn event(at: i64) -> IdentityEvent {
    IdentityEvent { at: EventTime(at), content: format!("{{\"n\":{at}}}") }
}

fn pairs(of: &[(u32, u32)]) -> Vec<(CustomerId, CustomerId)> {
    of.iter().map(|&(customer, person)| (CustomerId(customer), CustomerId(person))).collect()
}

#[test]
fn events_come_back_in_order_with_what_they_come_to() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.persons().await.unwrap(), None);
        store.add_identity_events(0, vec![event(5), event(6)], pairs(&[(7, 2), (3, 2)])).await.unwrap();
        assert_eq!(store.persons().await.unwrap(), Some((EventTime(6), pairs(&[(3, 2), (7, 2)]))));
        store.add_identity_events(2, vec![event(9)], pairs(&[(3, 2)])).await.unwrap();
        assert_eq!(store.identity_events().await.unwrap(), [event(5), event(6), event(9)]);
        assert_eq!(fresh.again().await.persons().await.unwrap(), Some((EventTime(9), pairs(&[(3, 2)]))));
    });
}

#[test]
fn who_did_not_know_the_latest_event_changes_nothing() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        store.add_identity_events(0, vec![event(5)], pairs(&[(3, 2)])).await.unwrap();
        let late = store.add_identity_events(0, vec![event(6)], pairs(&[(4, 2)])).await.expect_err("too late");
        assert!(matches!(late, StoreError::Conflict(_)), "{late:?}");
        assert_eq!(store.identity_events().await.unwrap().len(), 1);
        assert_eq!(store.persons().await.unwrap(), Some((EventTime(5), pairs(&[(3, 2)]))));
    });
}

#[test]
fn the_model_that_was_kept_last_is_there() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.identity_model().await.unwrap(), None);
        for content in ["{\"m\":1}", "{\"m\":2}"] {
            store.keep_identity_model(content.to_owned()).await.unwrap();
            assert_eq!(store.identity_model().await.unwrap().as_deref(), Some(content));
        }
    });
}

#[test]
fn all_customers_are_listed_by_number() {
    on_each_store(async |fresh| {
        let new = |system: &str, key, id| NewCustomer { system: system.to_owned(), key, customer: CustomerId(id) };
        let customers = vec![new("crm", 9, 2), new("core", 8, 1)];
        fresh.store.prepare_batches(&[], Extras { customers, ..Extras::default() }).await.unwrap();
        let all = fresh.store.all_customers().await.unwrap();
        assert_eq!(all, [(CustomerId(1), "core".to_owned(), 8), (CustomerId(2), "crm".to_owned(), 9)]);
    });
}

#[test]
fn values_of_all_customers_are_opened_and_of_nobody_else() {
    on_each_store(async |fresh| {
        let (store, vault) = (&fresh.store, vault(1));
        let mut random = counting();
        for (subject, value) in [("customer:2", "two"), ("customer:10", "ten"), ("batch:7", "a raw record")] {
            let (key, wrapped) = vault.new_subject(subject, &mut random).unwrap();
            let sealed = key.seal_value(vault.token("name", value), "name", value, &mut random).unwrap();
            let extras = Extras { subject_keys: vec![wrapped], values: vec![sealed], ..Extras::default() };
            store.prepare_batches(&[], extras).await.unwrap();
        }
        let mut opened = Vec::new();
        let take = |found: florin_store::Revealed| opened.push((found.subject.clone(), found.value.to_string()));
        store.each_customer_value(&vault, take).await.unwrap();
        opened.sort();
        assert_eq!(opened, [("customer:10".to_owned(), "ten".to_owned()), ("customer:2".to_owned(), "two".to_owned())]);
    });
}
