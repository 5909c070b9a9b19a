//! Users, passwords, sessions, second factors and keys for machines.

use florin_domain::Role;
use florin_store::{
    ApiKey, KeyScope, NewSession, NewTotp, ScramVerifier, SessionLimits, Stays, Store, StoreError, User, UserChange,
    UserPassword,
};

use crate::support::{Fresh, at, counting, on_each_store, vault};

const ADMINISTRATOR: Stays = Stays(Role::Administrator);

fn user(name: &str, roles: &[Role]) -> User {
    let display_name = format!("{name} 李");
    User { name: name.to_owned(), display_name, roles: roles.to_vec(), disabled: false, created_at: at(1) }
}

fn password(phc: &str) -> UserPassword {
    UserPassword { phc: phc.to_owned(), set_at: at(2), must_change: true, expires_at: Some(at(9)) }
}

async fn with_ana(store: &Store) {
    store.add_user(&user("ana", &[Role::Analyst, Role::Administrator]), &password("p1")).await.unwrap();
}

fn session(n: u8, name: &str) -> NewSession {
    NewSession {
        hash: [n; 32],
        id: format!("s{n}"),
        user: name.to_owned(),
        created_at: at(i64::from(n)),
        expires_at: at(1000),
        second_factor: n == 2,
        address: "10.0.0.1".to_owned(),
    }
}

const LIMITS: SessionLimits = SessionLimits { seen_since: florin_domain::EventTime(0), a_user_max: 3 };

async fn begin(store: &Store, n: u8) -> bool {
    store.begin_session(&session(n, "ana"), "p1", LIMITS).await.unwrap()
}

async fn ids(store: &Store) -> Vec<String> {
    store.sessions_of("ana").await.unwrap().into_iter().map(|session| session.id).collect()
}

#[test]
fn a_user_is_read_as_written_and_a_name_is_taken_once() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        assert!(store.add_first_user(&user("admin", &[]), &password("p0")).await.unwrap());
        assert!(!store.add_first_user(&user("admin2", &[]), &password("p0")).await.unwrap());
        with_ana(store).await;
        let again = store.add_user(&user("ana", &[]), &password("p2")).await.unwrap_err();
        assert_eq!(again.to_string(), "somebody else was first: there is a user `ana` already");
        let ana = user("ana", &[Role::Analyst, Role::Administrator]);
        assert_eq!(fresh.again().await.users().await.unwrap(), [user("admin", &[]), ana.clone()]);
        let known = store.credentials("ana").await.unwrap().unwrap();
        assert_eq!((known.user, known.password), (ana, password("p1")));
        assert!(known.totp.is_none() && store.credentials("zoe").await.unwrap().is_none());
    });
}

#[test]
fn a_change_that_leaves_nobody_of_the_role_that_stays_is_not_made() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        store.add_user(&user("ben", &[Role::Administrator]), &password("p2")).await.unwrap();
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        // Two at once, who each see the other.
        let both = futures::join!(
            store.change_user("ana", &disable, ADMINISTRATOR),
            store.change_user("ben", &disable, ADMINISTRATOR)
        );
        let refused = [both.0, both.1].into_iter().filter(|done| matches!(done, Err(StoreError::Invalid(_)))).count();
        assert_eq!(refused, 1);
        assert_eq!(store.users().await.unwrap().iter().filter(|user| user.disabled).count(), 1);
        assert!(store.change_user("zoe", &disable, ADMINISTRATOR).await.unwrap().is_none());
    });
}

#[test]
fn what_makes_somebody_another_ends_their_sessions_and_nobody_elses() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        store.add_user(&user("ben", &[Role::Administrator]), &password("p1")).await.unwrap();
        store.begin_session(&session(9, "ben"), "p1", LIMITS).await.unwrap();
        for n in 1..=3 {
            assert!(begin(store, n).await);
        }
        let rename = UserChange { display_name: Some("Ana".to_owned()), ..UserChange::default() };
        store.change_user("ana", &rename, ADMINISTRATOR).await.unwrap();
        assert_eq!(ids(store).await, ["s3", "s2", "s1"]);
        assert!(store.set_password("ana", &password("p2"), Some(&[2; 32])).await.unwrap());
        assert_eq!(ids(store).await, ["s2"]);
        assert!(!begin(store, 4).await, "the password was changed since");
        let demote = UserChange { roles: Some(vec![Role::Analyst]), ..UserChange::default() };
        store.change_user("ana", &demote, ADMINISTRATOR).await.unwrap();
        assert!(ids(store).await.is_empty());
        assert_eq!(store.sessions_of("ben").await.unwrap().len(), 1);
        assert!(!store.set_password("zoe", &password("p2"), None).await.unwrap());
    });
}

#[test]
fn a_session_knows_who_it_is_of_now_and_ends_once() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        begin(store, 2).await;
        let found = store.session(&[2; 32]).await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), &found.user), ("s2", &user("ana", &[Role::Analyst, Role::Administrator])));
        assert_eq!((found.created_at, found.last_seen_at, found.expires_at), (at(2), at(2), at(1000)));
        assert!(found.second_factor && found.address == "10.0.0.1");
        store.touch_session(&[2; 32], at(7)).await.unwrap();
        store.touch_session(&[2; 32], at(5)).await.unwrap();
        assert_eq!(store.session(&[2; 32]).await.unwrap().unwrap().last_seen_at, at(7));
        assert!(!store.end_session("ben", "s2").await.unwrap(), "not theirs");
        assert!(store.end_session("ana", "s2").await.unwrap());
        assert!(!store.end_session("ana", "s2").await.unwrap());
        assert!(store.session(&[2; 32]).await.unwrap().is_none());
    });
}

#[test]
fn sessions_that_are_over_or_too_many_make_room() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        for n in 1..=4 {
            begin(store, n).await;
        }
        assert_eq!(ids(store).await, ["s4", "s3", "s2"], "three at most");
        store.touch_session(&[2; 32], at(50)).await.unwrap();
        let limits = SessionLimits { seen_since: at(40), a_user_max: 10 };
        store.begin_session(&NewSession { created_at: at(60), ..session(5, "ana") }, "p1", limits).await.unwrap();
        assert_eq!(ids(store).await, ["s5", "s2"], "not seen since");
        store.begin_session(&NewSession { created_at: at(1000), ..session(6, "ana") }, "p1", limits).await.unwrap();
        assert_eq!(ids(store).await, ["s6"], "over");
        assert_eq!(store.end_sessions("ana", Some(&[6; 32])).await.unwrap(), 0);
        assert_eq!(store.end_sessions("ana", None).await.unwrap(), 1);
    });
}

/// How often two race: each time one of the two must have won.
const RACES: u8 = 20;

#[test]
fn no_session_outlives_a_change_of_its_password_made_at_the_same_time() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        for n in 1..=RACES {
            let (old, new) = (format!("p{n}"), password(&format!("p{}", n + 1)));
            let new_session = session(n, "ana");
            let both =
                futures::join!(store.begin_session(&new_session, &old, LIMITS), store.set_password("ana", &new, None));
            assert!(both.1.unwrap());
            both.0.unwrap();
            assert!(ids(store).await.is_empty(), "whoever was first");
        }
    });
}

#[test]
fn a_hash_is_replaced_only_while_it_is_the_one() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        assert!(!store.rehash_password("ana", "p0", "p2").await.unwrap());
        assert!(store.rehash_password("ana", "p1", "p2").await.unwrap());
        let kept = store.credentials("ana").await.unwrap().unwrap().password;
        assert_eq!(kept, password("p2"));
    });
}

async fn enrol(fresh: &Fresh, secret: &[u8]) -> bool {
    let (vault, mut random) = (vault(1), counting());
    let (key, wrapped) = vault.new_subject("user:ana", &mut random).unwrap();
    let sealed = key.seal("totp", "secret", secret, &mut random).unwrap();
    let new = NewTotp { user: "ana".to_owned(), key: wrapped, sealed, set_at: at(5) };
    fresh.store.begin_totp(new).await.unwrap()
}

async fn secret(fresh: &Fresh) -> Vec<u8> {
    let totp = fresh.store.credentials("ana").await.unwrap().unwrap().totp.unwrap();
    vault(1).open_subject(&totp.key).unwrap().open("totp", "secret", &totp.sealed).unwrap().to_vec()
}

#[test]
fn a_second_factor_is_replaced_until_it_is_confirmed() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        begin(store, 1).await;
        begin(store, 2).await;
        assert!(!store.confirm_totp("ana", 5, &[], None).await.unwrap());
        assert!(enrol(fresh, b"first").await && enrol(fresh, b"second").await);
        assert_eq!(secret(fresh).await, b"second");
        assert!(!store.use_totp_step("ana", 5).await.unwrap(), "not before it is confirmed");
        assert!(store.confirm_totp("ana", 5, &[[1; 32], [2; 32]], Some(&[2; 32])).await.unwrap());
        assert_eq!(ids(store).await, ["s2"]);
        assert!(!store.confirm_totp("ana", 6, &[], None).await.unwrap());
        assert!(!enrol(fresh, b"third").await);
        assert_eq!(secret(fresh).await, b"second");
        assert!(store.remove_totp("ana", Some(&[2; 32])).await.unwrap());
        assert_eq!(store.recovery_codes_left("ana").await.unwrap(), 0);
        assert_eq!(fresh.number("select count(*) from subject_key").await, 0, "what sealed it is gone");
        assert!(!store.remove_totp("ana", None).await.unwrap());
        assert!(enrol(fresh, b"third").await);
    });
}

#[test]
fn a_step_and_a_recovery_code_are_used_once() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        enrol(fresh, b"secret").await;
        store.confirm_totp("ana", 5, &[[1; 32], [2; 32]], None).await.unwrap();
        for (step, used) in [(5, false), (6, true), (6, false), (8, true), (7, false)] {
            assert_eq!(store.use_totp_step("ana", step).await.unwrap(), used, "{step}");
        }
        let both = futures::join!(store.use_recovery_code("ana", &[1; 32]), store.use_recovery_code("ana", &[1; 32]));
        assert!(both.0.unwrap() != both.1.unwrap());
        assert!(!store.use_recovery_code("ben", &[2; 32]).await.unwrap());
        assert_eq!(store.recovery_codes_left("ana").await.unwrap(), 1);
        store.set_recovery_codes("ana", &[[3; 32]]).await.unwrap();
        assert!(!store.use_recovery_code("ana", &[2; 32]).await.unwrap());
        assert!(store.use_recovery_code("ana", &[3; 32]).await.unwrap());
    });
}

fn key(id: &str, scram: Option<ScramVerifier>) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        owner: "ana".to_owned(),
        name: "nightly 夜".to_owned(),
        scopes: vec![KeyScope::Query, KeyScope::Sql],
        roles: vec![Role::Analyst],
        hash: [7; 32],
        scram,
        created_at: at(3),
        expires_at: at(30),
        last_used_at: None,
        revoked_at: None,
    }
}

#[test]
fn a_key_is_read_as_written_with_its_owner_as_they_are_now() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        let scram = ScramVerifier { salt: vec![1; 16], iterations: 4096, stored_key: [2; 32], server_key: [3; 32] };
        let (with, without) = (key("k1", Some(scram)), ApiKey { scopes: vec![], roles: vec![], ..key("k2", None) });
        store.add_api_key(&with, 2).await.unwrap();
        store.add_api_key(&without, 2).await.unwrap();
        let twice = store.add_api_key(&with, 3).await.unwrap_err();
        assert_eq!(twice.to_string(), "somebody else was first: there is a key of that id already");
        assert!(matches!(store.add_api_key(&key("k3", None), 2).await, Err(StoreError::Invalid(_))));
        let (read, owner) = fresh.again().await.api_key("k1").await.unwrap().unwrap();
        assert_eq!((&read, owner.name.as_str()), (&with, "ana"));
        assert_eq!(store.api_keys(Some("ana")).await.unwrap(), [with, without]);
        assert!(store.api_keys(Some("ben")).await.unwrap().is_empty());
        assert_eq!(store.api_keys(None).await.unwrap().len(), 2);
    });
}

#[test]
fn a_key_is_revoked_once_and_its_last_use_only_grows() {
    on_each_store(async |fresh| {
        let store = &fresh.store;
        with_ana(store).await;
        store.add_api_key(&key("k1", None), 1).await.unwrap();
        for (seen, expected) in [(5, 5), (4, 5), (6, 6)] {
            store.touch_api_key("k1", at(seen)).await.unwrap();
            assert_eq!(store.api_key("k1").await.unwrap().unwrap().0.last_used_at, Some(at(expected)));
        }
        assert!(store.revoke_api_key("k1", at(8)).await.unwrap());
        assert!(!store.revoke_api_key("k1", at(9)).await.unwrap());
        assert!(!store.revoke_api_key("k9", at(9)).await.unwrap());
        assert_eq!(store.api_key("k1").await.unwrap().unwrap().0.revoked_at, Some(at(8)));
        store.add_api_key(&key("k2", None), 1).await.unwrap();
    });
}

#[test]
fn nothing_that_opens_something_is_shown() {
    let shown = format!("{:?} {:?} {:?}", password("$argon2id$x"), session(1, "ana"), key("k1", None));
    assert!(!shown.contains("argon2id") && !shown.contains("[1, 1") && !shown.contains("[7, 7"), "{shown}");
}
