//! Who belongs to segments, under revisions and across erasures.

use florin_store::{Membership, StoreError};
use roaring::RoaringBitmap;

use crate::support::on_each_store;

fn set(of: &[u32]) -> RoaringBitmap {
    of.iter().copied().collect()
}

fn membership(members: &[u32]) -> Membership {
    Membership {
        content: "{\"as_of\":7}".to_owned(),
        members: set(members),
        unknown: set(&[9]),
        clusters: None,
        history: vec![1, 2, 3],
    }
}

#[test]
fn a_membership_comes_back_as_it_was_kept() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert_eq!(store.membership("savers").await.unwrap(), None);
        let since = store.membership_erasures().await.unwrap();
        let styles =
            Membership { clusters: Some(vec![set(&[1, 70_000]), set(&[]), set(&[u32::MAX])]), ..membership(&[1]) };
        assert_eq!(store.keep_membership("styles", None, since, &styles).await.unwrap(), 1);
        store.keep_membership("savers", None, since, &membership(&[3, 5])).await.unwrap();
        let kept = fresh.again().await.membership("styles").await.unwrap().unwrap();
        assert_eq!((kept.revision, kept.membership), (1, styles));
        let all = store.memberships().await.unwrap();
        assert_eq!(
            all.iter().map(|(name, revision, _)| (name.as_str(), *revision)).collect::<Vec<_>>(),
            [("savers", 1), ("styles", 1)]
        );
        assert!(store.forget_membership("styles").await.unwrap() && !store.forget_membership("styles").await.unwrap());
        assert_eq!(store.membership("styles").await.unwrap(), None);
    });
}

#[test]
fn who_was_overtaken_writes_nothing() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        store.keep_membership("savers", None, since, &membership(&[1])).await.unwrap();
        let again = store.keep_membership("savers", None, since, &membership(&[2])).await.expect_err("it is there");
        assert!(matches!(again, StoreError::Conflict(_)), "{again:?}");
        assert_eq!(store.keep_membership("savers", Some(1), since, &membership(&[3])).await.unwrap(), 2);
        let late = store.keep_membership("savers", Some(1), since, &membership(&[4])).await.expect_err("too late");
        assert!(late.to_string().contains("`savers` was decided at the same time"), "{late}");
        assert_eq!(store.membership("savers").await.unwrap().unwrap().membership.members, set(&[3]));
    });
}

#[test]
fn of_many_who_write_at_once_each_is_written_or_told() {
    on_each_store(async |fresh| {
        let since = fresh.store.membership_erasures().await.unwrap();
        fresh.store.keep_membership("savers", None, since, &membership(&[])).await.unwrap();
        let write = |who: u32| {
            let store = &fresh.store;
            async move {
                // Until it went through, as its callers do.
                loop {
                    let kept = store.membership("savers").await.unwrap().unwrap();
                    let mut next = kept.membership;
                    next.members.insert(who);
                    match store.keep_membership("savers", Some(kept.revision), since, &next).await {
                        Ok(_) => break,
                        Err(error) => assert!(error.retryable(), "{error:?}"),
                    }
                }
            }
        };
        futures::future::join_all((0..8).map(write)).await;
        let kept = fresh.store.membership("savers").await.unwrap().unwrap();
        assert_eq!((kept.revision, kept.membership.members), (9, (0..8).collect()));
    });
}

#[test]
fn what_was_decided_before_an_erasure_is_not_written_after_it() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        store.keep_membership("savers", None, since, &membership(&[3, 5])).await.unwrap();
        store.keep_membership("others", None, since, &membership(&[4])).await.unwrap();
        let erase = |_: &str, found: &mut Membership| Ok::<_, StoreError>(found.members.remove(5));
        assert_eq!(store.erase_from_memberships(erase).await.unwrap(), 1);
        assert_eq!(store.membership("savers").await.unwrap().unwrap().membership.members, set(&[3]));
        for (segment, read) in [("savers", Some(2)), ("new", None)] {
            let late = store.keep_membership(segment, read, since, &membership(&[3, 5])).await.expect_err("erased");
            assert!(late.to_string().contains("customers were erased"), "{late}");
        }
        let since = store.membership_erasures().await.unwrap();
        assert_eq!(store.keep_membership("savers", Some(2), since, &membership(&[3])).await.unwrap(), 3);
    });
}

#[test]
fn an_erasure_that_fails_changes_nothing() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        for name in ["a", "b"] {
            store.keep_membership(name, None, since, &membership(&[5])).await.unwrap();
        }
        let fail = |name: &str, found: &mut Membership| match name {
            "a" => Ok(found.members.remove(5)),
            _ => Err(StoreError::Corrupt("no history".to_owned())),
        };
        store.erase_from_memberships(fail).await.expect_err("it fails");
        assert_eq!(store.membership("a").await.unwrap().unwrap().membership.members, set(&[5]));
        assert_eq!(store.membership_erasures().await.unwrap(), since);
    });
}
