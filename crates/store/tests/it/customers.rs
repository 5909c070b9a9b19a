//! Numbers of customers.

use florin_domain::CustomerId;
use florin_store::{Extras, NewCustomer, Store, StoreError};

use crate::support::on_each_store;

fn customer(system: &str, key: i64, id: u32) -> NewCustomer {
    NewCustomer { system: system.to_owned(), key, customer: CustomerId(id) }
}

async fn add(store: &Store, customers: Vec<NewCustomer>) -> Result<(), StoreError> {
    store.prepare_batches(&[], Extras { customers, ..Extras::default() }).await
}

#[test]
fn customers_are_found_by_system_and_sorted_by_key() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.max_customer_id().await.unwrap(), None);
        add(store, vec![customer("core", i64::MAX, 1), customer("cards", 7, 2), customer("core", 3, 3)]).await.unwrap();
        assert_eq!(store.customers("core").await.unwrap(), [(3, CustomerId(3)), (i64::MAX, CustomerId(1))]);
        assert_eq!(store.customers("cards").await.unwrap(), [(7, CustomerId(2))]);
        assert_eq!(store.customers("crm").await.unwrap(), []);
        add(store, vec![customer("core", 4, u32::MAX)]).await.unwrap();
        assert_eq!(store.max_customer_id().await.unwrap(), Some(CustomerId(u32::MAX)));
    });
}

#[test]
fn a_key_or_a_number_given_twice_is_refused_with_all_that_came_along() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        add(store, vec![customer("core", 1, 1)]).await.unwrap();
        for clash in [customer("core", 1, 2), customer("cards", 9, 1)] {
            let error = add(store, vec![customer("core", 5, 5), clash]).await.expect_err("clash");
            assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
        }
        assert_eq!(store.customers("core").await.unwrap(), [(1, CustomerId(1))]);
    });
}
