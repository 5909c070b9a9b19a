//! Who belongs to segments, under revisions and across erasures.

use florin_store::{Membership, MembershipLine, StoreError};
use roaring::RoaringBitmap;

use crate::support::on_each_store;

fn set(of: &[u32]) -> RoaringBitmap {
    of.iter().copied().collect()
}

fn membership(members: &[u32]) -> Membership {
    Membership {
        content: "{\"as_of\":7}".to_owned(),
        saved: None,
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
            all.iter().map(|line| (line.segment.as_str(), line.revision)).collect::<Vec<_>>(),
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

#[test]
fn sizes_and_what_was_saved_are_told_without_the_sets() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        let said = "{\"kind\":\"funnel\"}".to_owned();
        store.keep_membership("savers", None, since, &membership(&[1])).await.unwrap();
        let drop_outs = Membership { saved: Some(said.clone()), ..membership(&[3, 5, 70_000]) };
        store.keep_membership("drop_outs", None, since, &drop_outs).await.unwrap();
        store.keep_membership("savers", Some(1), since, &membership(&[1, 2])).await.unwrap();
        // Sets that cannot be read are in nobody's way.
        let nothing = if fresh.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" };
        fresh.sql(&format!("update membership set members = {nothing}, unknown = {nothing}")).await;
        store.membership("savers").await.expect_err("damaged");
        let line = |segment: &str, revision, size, saved: Option<&String>| MembershipLine {
            segment: segment.to_owned(),
            revision,
            size,
            unsure: 1,
            saved: saved.cloned(),
            content: "{\"as_of\":7}".to_owned(),
        };
        assert_eq!(
            store.memberships().await.unwrap(),
            [line("drop_outs", 1, 3, Some(&said)), line("savers", 2, 2, None)]
        );
        assert_eq!(store.saved_memberships().await.unwrap(), [("drop_outs".to_owned(), said)]);
    });
}

#[test]
fn an_erasure_counts_anew() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        store.keep_membership("savers", None, since, &membership(&[3, 5])).await.unwrap();
        let erase = |_: &str, found: &mut Membership| Ok::<_, StoreError>(found.members.remove(5));
        store.erase_from_memberships(erase).await.unwrap();
        assert_eq!(store.memberships().await.unwrap()[0].size, 1);
    });
}

/// The table as it was before sizes, with memberships and a saved number as they were kept then.
#[test]
fn what_was_kept_before_sizes_were_is_counted_once_it_is_opened() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        let since = store.membership_erasures().await.unwrap();
        let old = |content: &str| Membership { content: content.to_owned(), ..membership(&[3, 5, 70_000]) };
        store.keep_membership("savers", None, since, &old("{\"as_of\":7}")).await.unwrap();
        let drop_outs = old("{\"as_of\":7,\"saved\":{\"kind\":\"funnel\",\"of\":\"\\u0000\"}}");
        store.keep_membership("drop_outs", None, since, &drop_outs).await.unwrap();
        store.keep_membership("unread", None, since, &old("no content")).await.unwrap();
        for column in ["size", "unsure", "saved"] {
            fresh.sql(&format!("alter table membership drop column {column}")).await;
        }
        // What came later was not there either.
        let access = [
            "passkey",
            "passkey_challenge",
            "oidc_user",
            "oidc_flow",
            "key",
            "recovery_code",
            "totp",
            "session",
            "password",
            "user",
        ];
        let access = access.map(|table| format!("access_{table}"));
        for table in ["consent_revision", "consent_batch", "job", "dashboard", "model_act", "model_version"]
            .map(str::to_owned)
            .into_iter()
            .chain(access)
        {
            fresh.sql(&format!("drop table {table}")).await;
        }
        fresh.sql("delete from schema_version where version >= 5").await;
        let again = fresh.again().await;
        let kept = again.membership("savers").await.unwrap().unwrap();
        assert_eq!((kept.revision, kept.membership), (1, old("{\"as_of\":7}")));
        let lines = again.memberships().await.unwrap();
        assert!(lines.iter().all(|line| (line.size, line.unsure) == (3, 1)), "{lines:?}");
        let said = "{\"kind\":\"funnel\",\"of\":\"\\u0000\"}";
        assert_eq!(again.saved_memberships().await.unwrap(), [("drop_outs".to_owned(), said.to_owned())]);
        assert_eq!([&lines[0].content, &lines[2].content], ["{\"as_of\":7}", "no content"]);
        again.keep_membership("savers", Some(1), since, &membership(&[1])).await.unwrap();
        assert_eq!(again.memberships().await.unwrap()[1].size, 1);
    });
}
