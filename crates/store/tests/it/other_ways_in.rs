//! The bank's own sign-on, and passkeys.

use florin_domain::Role;
use florin_store::{OidcFlow, Passkey, PasskeyChallenge, Store, StoreError, User, UserPassword};

use crate::support::{at, on_each_store};

async fn with_users(store: &Store) {
    for name in ["ana", "ben"] {
        let user = User {
            name: name.to_owned(),
            display_name: name.to_owned(),
            roles: vec![Role::Analyst],
            disabled: false,
            created_at: at(1),
        };
        store.add_user(&user, &password("p1")).await.unwrap();
    }
}

fn password(phc: &str) -> UserPassword {
    UserPassword { phc: phc.to_owned(), set_at: at(2), must_change: false, expires_at: None }
}

fn flow(n: u8, ends: i64) -> OidcFlow {
    OidcFlow { state: [n; 32], browser: [n + 100; 32], next: format!("/{n}"), expires_at: at(ends) }
}

fn passkey(n: u8, user: &str) -> Passkey {
    Passkey {
        id: vec![n, 0, 255],
        user: user.to_owned(),
        handle: [n; 32],
        name: format!("key {n} 钥匙"),
        public_key: vec![0, n],
        counter: 0,
        synced: n.is_multiple_of(2),
        created_at: at(i64::from(n)),
        last_used_at: None,
    }
}

#[test]
fn a_sign_on_is_taken_once_and_not_when_it_is_over() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        for n in [1, 2] {
            store.begin_oidc_flow(&flow(n, 10), at(1), 10).await.unwrap();
        }
        assert_eq!(store.take_oidc_flow(&[1; 32], at(9)).await.unwrap(), Some(flow(1, 10)));
        assert_eq!(store.take_oidc_flow(&[1; 32], at(9)).await.unwrap(), None);
        assert_eq!(store.take_oidc_flow(&[2; 32], at(10)).await.unwrap(), None, "over");
        assert_eq!(store.take_oidc_flow(&[9; 32], at(1)).await.unwrap(), None);
    });
}

#[test]
fn sign_ons_and_challenges_do_not_pile_up() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        for n in 1..=5 {
            store.begin_oidc_flow(&flow(n, i64::from(n) * 10), at(1), 3).await.unwrap();
            let challenge = PasskeyChallenge { hash: [n; 32], registers: None, expires_at: at(i64::from(n) * 10) };
            store.add_passkey_challenge(&challenge, at(1), 3).await.unwrap();
        }
        let mut left = Vec::new();
        for n in 1..=5 {
            let flow = store.take_oidc_flow(&[n; 32], at(1)).await.unwrap().is_some();
            let challenge = store.take_passkey_challenge(&[n; 32], at(1)).await.unwrap().is_some();
            left.push((flow, challenge));
        }
        let (gone, kept) = ((false, false), (true, true));
        assert_eq!(left, [gone, gone, kept, kept, kept]);
    });
}

#[test]
fn a_subject_is_one_user_and_a_user_one_subject() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_users(store).await;
        let link = async |issuer, subject, user| store.link_oidc_user(issuer, subject, user, at(3)).await.unwrap();
        assert!(link("i", "s1", "ana").await);
        assert!(link("i", "s1", "ana").await, "again is the same");
        assert!(!link("i", "s1", "ben").await && !link("i", "s2", "ana").await);
        assert!(link("j", "s1", "ben").await, "another issuer has its own");
        assert_eq!(store.oidc_user("i", "s1").await.unwrap().as_deref(), Some("ana"));
        assert!(store.begin_anew("ana", &password("p2")).await.unwrap());
        assert_eq!(store.oidc_user("i", "s1").await.unwrap(), None);
        assert_eq!(store.credentials("ana").await.unwrap().unwrap().password.phc, "p2");
        assert!(link("i", "s2", "ana").await);
    });
}

#[test]
fn a_passkey_is_read_as_written_and_its_counter_only_grows() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_users(store).await;
        for n in [1, 2] {
            assert!(store.add_passkey(&passkey(n, "ana"), 2, &[0; 32]).await.unwrap());
        }
        assert!(!store.add_passkey(&passkey(3, "ana"), 2, &[0; 32]).await.unwrap(), "too many");
        let taken = store.add_passkey(&passkey(1, "ben"), 2, &[0; 32]).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))));
        assert_eq!(fresh.again().await.passkeys("ana").await.unwrap(), [passkey(1, "ana"), passkey(2, "ana")]);
        let id = passkey(1, "ana").id;
        for (counter, expected) in [(0, true), (0, true), (5, true), (5, false), (0, false), (u32::MAX, true)] {
            assert_eq!(store.use_passkey(&id, counter, true, at(7)).await.unwrap(), expected, "{counter}");
        }
        let used = store.passkey(&id).await.unwrap().unwrap();
        assert_eq!((used.counter, used.synced, used.last_used_at), (u32::MAX, true, Some(at(7))));
        assert!(store.rename_passkey("ana", &id, "other").await.unwrap());
        assert!(!store.rename_passkey("ben", &id, "mine").await.unwrap());
        assert!(!store.remove_passkey("ben", &id, &[0; 32]).await.unwrap());
        assert!(store.remove_passkey("ana", &id, &[0; 32]).await.unwrap());
        store.begin_anew("ana", &password("p2")).await.unwrap();
        assert!(store.passkeys("ana").await.unwrap().is_empty());
    });
}

#[test]
fn a_challenge_is_for_one_use_and_says_whose_it_is() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_users(store).await;
        let registers = Some(("ana".to_owned(), [8; 32]));
        let challenge = PasskeyChallenge { hash: [1; 32], registers, expires_at: at(10) };
        store.add_passkey_challenge(&challenge, at(1), 9).await.unwrap();
        assert_eq!(store.take_passkey_challenge(&[1; 32], at(2)).await.unwrap(), Some(challenge.clone()));
        assert_eq!(store.take_passkey_challenge(&[1; 32], at(2)).await.unwrap(), None);
        store.add_passkey_challenge(&challenge, at(1), 9).await.unwrap();
        store.begin_anew("ana", &password("p2")).await.unwrap();
        assert_eq!(store.take_passkey_challenge(&[1; 32], at(2)).await.unwrap(), None, "gone with the rest");
        assert!(!format!("{challenge:?}").contains("1, 1"), "no hash is shown");
    });
}
