//! The vault in the store: looking up, shredding, changing keys.

use florin_domain::KeyHasher;
use florin_store::{Extras, SealedValue, Store, StoreError, Vault, WrappedKey};

use crate::support::{counting, on_each_store, vault};

const PHONE: &str = "13800138000";

fn sealed(vault: &Vault, subject: &str, values: &[(&str, &str)]) -> (WrappedKey, Vec<SealedValue>) {
    let mut random = counting();
    let (key, wrapped) = vault.new_subject(subject, &mut random).unwrap();
    let seal =
        |&(kind, value): &(&str, &str)| key.seal_value(vault.token(kind, value), kind, value, &mut random).unwrap();
    (wrapped, values.iter().map(seal).collect())
}

async fn put(store: &Store, key: WrappedKey, values: Vec<SealedValue>) -> Result<(), StoreError> {
    store.prepare_batches(&[], Extras { subject_keys: vec![key], values, ..Extras::default() }).await
}

async fn look_up(store: &Store, vault: &Vault, token: &str) -> Vec<(String, String)> {
    let revealed = store.reveal(vault, token).await.unwrap();
    revealed.into_iter().map(|found| (found.subject, found.value.to_string())).collect()
}

#[test]
fn a_value_is_found_by_its_token_for_every_subject_that_has_it() {
    on_each_store(async |fresh| {
        let (store, vault) = (&fresh.store, vault(1));
        for subject in ["customer:2", "customer:1"] {
            let (key, values) = sealed(&vault, subject, &[("phone", PHONE), ("name", "王小明")]);
            put(store, key, values).await.unwrap();
        }
        let token = vault.token("phone", PHONE);
        let both = [("customer:1".to_owned(), PHONE.to_owned()), ("customer:2".to_owned(), PHONE.to_owned())];
        assert_eq!(look_up(store, &vault, &token).await, both);
        let all: Vec<_> = store.reveal_subject(&vault, "customer:2").await.unwrap();
        let shown: Vec<_> = all.iter().map(|found| (found.kind.as_str(), found.value.as_str())).collect();
        assert_eq!(shown, [("name", "王小明"), ("phone", PHONE)]);
        assert!(!format!("{all:?}").contains(PHONE), "{all:?}");
        assert_eq!(store.sealed_by_subject("customer:1").await.unwrap().len(), 2);
        assert_eq!(store.sealed_by_token(&token).await.unwrap().len(), 2);
        assert_eq!(look_up(store, &vault, "t_nothing").await, []);
    });
}

#[test]
fn a_value_again_is_kept_once_and_a_second_key_is_refused() {
    on_each_store(async |fresh| {
        let (store, vault) = (&fresh.store, vault(1));
        let (key, values) = sealed(&vault, "customer:1", &[("phone", PHONE)]);
        put(store, key.clone(), values.clone()).await.unwrap();
        store.prepare_batches(&[], Extras { values: values.clone(), ..Extras::default() }).await.unwrap();
        assert_eq!(store.sealed_by_subject("customer:1").await.unwrap(), values);
        let error = put(store, key.clone(), vec![]).await.expect_err("a second key");
        assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
        let asked = ["customer:1".to_owned(), "customer:9".to_owned()];
        assert_eq!(store.subject_keys_unsorted(&asked).await.unwrap(), [key]);
        let orphan = Extras { values: sealed(&vault, "customer:3", &[("phone", PHONE)]).1, ..Extras::default() };
        store.prepare_batches(&[], orphan).await.expect_err("no key could ever open it");
    });
}

#[test]
fn a_shredded_subject_cannot_be_read_even_from_a_copy() {
    on_each_store(async |fresh| {
        let (store, vault) = (&fresh.store, vault(1));
        let (key, values) = sealed(&vault, "customer:1", &[("phone", PHONE)]);
        let (other_key, other_values) = sealed(&vault, "customer:2", &[("phone", PHONE)]);
        put(store, key.clone(), values.clone()).await.unwrap();
        put(store, other_key.clone(), other_values).await.unwrap();
        assert_eq!(store.shred_subjects(&["customer:1".to_owned(), "customer:7".to_owned()]).await.unwrap(), 1);
        let token = vault.token("phone", PHONE);
        assert_eq!(look_up(store, &vault, &token).await, [("customer:2".to_owned(), PHONE.to_owned())]);
        assert_eq!(store.subject_keys_unsorted(&["customer:1".to_owned()]).await.unwrap(), []);
        // A copy of the value was kept; the keys that are left do not open it.
        let left = vault.open_subject(&other_key).unwrap();
        assert!(matches!(left.open_value(&values[0]), Err(StoreError::Unsealable(_))));
        if fresh.is_sqlite() {
            assert!(!on_disk(fresh.folder.path(), &key.wrapped), "the key is still in a file");
            assert!(on_disk(fresh.folder.path(), &other_key.wrapped), "the search finds what is there");
        }
    });
}

fn on_disk(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn nothing_identifying_is_on_disk_in_the_clear() {
    on_each_store(async |fresh| {
        let vault = vault(1);
        let (key, values) = sealed(&vault, "customer:1", &[("phone", PHONE), ("name", "CANARY Nováková")]);
        put(&fresh.store, key, values).await.unwrap();
        if fresh.is_sqlite() {
            assert!(!on_disk(fresh.folder.path(), PHONE.as_bytes()));
            assert!(!on_disk(fresh.folder.path(), b"CANARY"));
        }
    });
}

#[test]
fn wrong_keys_are_refused_when_the_vault_is_first_shown_to_the_store() {
    on_each_store(async |fresh| {
        let (store, mut random) = (&fresh.store, counting());
        store.verify_keys(&vault(1), &mut random).await.unwrap();
        store.verify_keys(&vault(1), &mut random).await.unwrap();
        let error = fresh.again().await.verify_keys(&vault(2), &mut random).await.expect_err("another master key");
        assert!(matches!(error, StoreError::WrongKeys(_)) && error.to_string().contains("master key"), "{error}");
        let rehashed = Vault::new(&[1; 32], KeyHasher::new([6; 32]));
        let error = store.verify_keys(&rehashed, &mut random).await.expect_err("another hashing key");
        assert!(error.to_string().contains("hashing key"), "{error}");
        assert!(error.help().is_some());
        let (key, _) = sealed(&vault(2), "customer:1", &[]);
        let error = put(store, key, vec![]).await.expect_err("nobody could open it later");
        assert!(matches!(error, StoreError::WrongKeys(_)), "{error:?}");
    });
}

#[test]
fn a_value_that_was_tampered_with_or_swapped_does_not_open() {
    on_each_store(async |fresh| {
        let (store, vault) = (&fresh.store, vault(1));
        for subject in ["customer:1", "customer:2"] {
            let (key, values) = sealed(&vault, subject, &[("phone", PHONE)]);
            put(store, key, values).await.unwrap();
        }
        fresh
            .sql(
                "update sealed_value set sealed =
            (select o.sealed from sealed_value o where o.subject = 'customer:2') where subject = 'customer:1'",
            )
            .await;
        let error = store.reveal_subject(&vault, "customer:1").await.expect_err("another's value");
        assert!(matches!(error, StoreError::Unsealable(_)), "{error:?}");
        fresh
            .sql(
                "update subject_key set wrapped =
            (select o.wrapped from subject_key o where o.subject = 'customer:2') where subject = 'customer:1'",
            )
            .await;
        let error = store.reveal_subject(&vault, "customer:1").await.expect_err("another's key");
        assert!(matches!(error, StoreError::Unsealable(_)), "{error:?}");
        assert_eq!(store.reveal_subject(&vault, "customer:2").await.unwrap().len(), 1);
    });
}

#[test]
fn the_master_key_can_be_changed_and_the_old_one_is_then_refused() {
    on_each_store(async |fresh| {
        let (store, mut random) = (&fresh.store, counting());
        let (old, new) = (vault(1), vault(2));
        store.verify_keys(&old, &mut random).await.unwrap();
        let subjects = 1..=5000;
        let keys = subjects.clone().map(|n| old.new_subject(&format!("customer:{n}"), &mut random).unwrap().1);
        store.prepare_batches(&[], Extras { subject_keys: keys.collect(), ..Extras::default() }).await.unwrap();
        let (key, values) = sealed(&old, "customer:9999", &[("phone", PHONE)]);
        put(store, key, values).await.unwrap();

        let error = store.rewrap(&new, &old, &mut random).await.expect_err("the wrong way round");
        assert!(matches!(error, StoreError::WrongKeys(_)), "{error:?}");
        assert_eq!(store.rewrap(&old, &new, &mut random).await.unwrap(), 5001);
        assert_eq!(look_up(store, &new, &new.token("phone", PHONE)).await.len(), 1);
        store.verify_keys(&new, &mut random).await.unwrap();
        assert!(matches!(store.verify_keys(&old, &mut random).await, Err(StoreError::WrongKeys(_))));
        assert!(matches!(store.reveal_subject(&old, "customer:9999").await, Err(StoreError::WrongKeys(_))));
        let names: Vec<_> = subjects.map(|n| format!("customer:{n}")).collect();
        let rewrapped = store.subject_keys_unsorted(&names).await.unwrap();
        assert_eq!(rewrapped.len(), names.len());
        assert!(rewrapped.iter().all(|key| new.open_subject(key).is_ok()));
        // A program that did not notice the change cannot add what nobody could open.
        let error = put(store, sealed(&old, "customer:8888", &[]).0, vec![]).await.expect_err("old key");
        assert!(matches!(error, StoreError::WrongKeys(_)), "{error:?}");
    });
}
