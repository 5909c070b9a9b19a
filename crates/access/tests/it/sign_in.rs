//! Passwords: right and wrong ones, one-time ones, too many of them.

use florin_access::{AccessError, HashCost, SignIn, UserChange, users::ONE_TIME_HOLDS};
use florin_domain::Role;
use florin_governance::audit::EventKind;

use crate::support::{ANAS, Bank, CHEAP, HOME, operator, secret, sign_in};

#[tokio::test]
async fn the_right_password_signs_in_and_its_token_says_who() {
    let bank = Bank::new().await;
    let signed_in = bank.ana().await;
    let session = bank.again(&signed_in).await;
    assert_eq!((session.user.as_str(), session.display_name.as_str()), ("ana", "The ana"));
    assert_eq!(session.principal().roles, [Role::Analyst]);
    assert!(!session.second_factor);
    assert_eq!(signed_in.token.expose().len(), 43, "256 bits as base64");
    bank.access.sign_in(&sign_in(" ANA ", ANAS)).await.unwrap();
    assert_eq!(bank.acts(), ["ana | sign_in | signed in"]);
}

#[tokio::test]
async fn what_is_wrong_shows_in_the_log_alone() {
    let bank = Bank::new().await;
    bank.user("ana", ANAS, &[Role::Analyst]).await;
    bank.user("ben", "the cat sat on a mat", &[Role::Marketer]).await;
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    bank.access.change_user(florin_access::Authority::Operator(&operator()), "ben", disable).await.unwrap();
    bank.recorded();
    let cases = [
        ("ana", "tea at the new mill", "ana | sign_in_failed | failed | password"),
        ("ana", "", "ana | sign_in_failed | failed | password"),
        ("zoe", ANAS, "unknown | sign_in_failed | failed | no such user"),
        ("", ANAS, "unknown | sign_in_failed | failed | no such user"),
        ("ben", "the cat sat on a mat", "ben | sign_in_failed | failed | disabled"),
    ];
    let long = "a".repeat(100_000);
    for (user, password, expected) in cases.into_iter().chain([("ana", long.as_str(), cases[0].2)]) {
        let error = bank.access.sign_in(&sign_in(user, password)).await.unwrap_err();
        assert!(matches!(error, AccessError::WrongCredentials), "{error}");
        assert_eq!(error.to_string(), "the credentials are wrong");
        assert_eq!(bank.acts(), [expected]);
    }
}

#[tokio::test]
async fn after_five_failures_a_name_waits_whether_it_exists_or_not() {
    for name in ["ana", "zoe"] {
        let bank = Bank::new().await;
        bank.user("ana", ANAS, &[Role::Analyst]).await;
        let wrong = sign_in(name, "not it at all");
        for _ in 0..5 {
            assert!(matches!(bank.access.sign_in(&wrong).await, Err(AccessError::WrongCredentials)));
        }
        let lock_out = bank.last(EventKind::LockOut);
        assert_eq!(
            (lock_out.detail["seconds"].as_u64(), lock_out.detail["from"].as_str()),
            (Some(5), Some("10.0.0.1"))
        );
        let right = bank.access.sign_in(&sign_in(name, ANAS)).await;
        assert!(matches!(right, Err(AccessError::Throttled { seconds: 5 })), "not even looked at");
        assert!(bank.recorded().is_empty());
        bank.pass(5);
        assert_eq!(bank.access.sign_in(&sign_in(name, ANAS)).await.is_ok(), name == "ana");
    }
}

#[tokio::test]
async fn who_fails_at_many_names_waits_by_address() {
    let bank = Bank::new().await;
    bank.user("ana", ANAS, &[Role::Analyst]).await;
    for n in 0..20 {
        bank.access.sign_in(&sign_in(&format!("guess{n}"), "not it at all")).await.unwrap_err();
    }
    let right = bank.access.sign_in(&sign_in("ana", ANAS)).await;
    assert!(matches!(right, Err(AccessError::Throttled { seconds: 5 })));
    let elsewhere = SignIn { from: [10, 0, 0, 2].into(), ..sign_in("ana", ANAS) };
    bank.access.sign_in(&elsewhere).await.unwrap();
}

#[tokio::test]
async fn a_one_time_password_opens_nothing_but_its_own_change_and_once() {
    let bank = Bank::new().await;
    let made = bank.access.first_administrator().await.unwrap().unwrap();
    assert_eq!(bank.acts(), ["florin | user | first administrator made"]);
    let one_time = made.password.expose();
    let asked = sign_in("admin", one_time);
    assert!(matches!(bank.access.sign_in(&asked).await, Err(AccessError::MustChangePassword)));
    for weak in ["short", one_time, "administrator1"] {
        let asked = SignIn { new_password: Some(weak.into()), ..asked.clone() };
        assert!(matches!(bank.access.sign_in(&asked).await, Err(AccessError::WeakPassword { .. })), "{weak}");
    }
    let changed = SignIn { new_password: Some(ANAS.into()), ..asked.clone() };
    bank.access.sign_in(&changed).await.unwrap();
    assert_eq!(bank.acts(), ["admin | password | changed", "admin | sign_in | signed in"]);
    assert!(matches!(bank.access.sign_in(&changed).await, Err(AccessError::WrongCredentials)));
    bank.access.sign_in(&sign_in("admin", ANAS)).await.unwrap();
    assert!(bank.access.first_administrator().await.unwrap().is_none(), "once");
}

#[tokio::test]
async fn a_one_time_password_expires() {
    let bank = Bank::new().await;
    let made = bank.access.first_administrator().await.unwrap().unwrap();
    bank.recorded();
    bank.pass(ONE_TIME_HOLDS.as_secs() as i64);
    assert_eq!(made.expires_at, bank.now());
    let asked = SignIn { new_password: Some(ANAS.into()), ..sign_in("admin", made.password.expose()) };
    assert!(matches!(bank.access.sign_in(&asked).await, Err(AccessError::WrongCredentials)));
    assert_eq!(bank.acts(), ["admin | sign_in_failed | failed | one-time password expired"]);
}

#[tokio::test]
async fn a_password_is_hashed_anew_when_hashes_cost_something_else() {
    let bank = Bank::new().await;
    bank.user("ana", ANAS, &[Role::Analyst]).await;
    let phc = async || bank.store.credentials("ana").await.unwrap().unwrap().password.phc;
    let before = phc().await;
    let dearer = bank.other(HashCost { passes: 3, ..CHEAP }).await;
    dearer.sign_in(&sign_in("ana", "tea at the new mill")).await.unwrap_err();
    assert_eq!(phc().await, before, "not by who does not know it");
    dearer.sign_in(&sign_in("ana", ANAS)).await.unwrap();
    assert!(before.contains("m=64,t=1,p=1") && phc().await.contains("m=64,t=3,p=1"));
    dearer.sign_in(&sign_in("ana", ANAS)).await.unwrap();
}

#[tokio::test]
async fn changing_a_password_asks_for_the_old_one_and_ends_the_other_sessions() {
    let bank = Bank::new().await;
    let (here, there) = (bank.ana().await, bank.enter("ana", ANAS).await);
    assert!(bank.is_in(&there).await);
    let change =
        async |old: &str, new: &str| bank.access.change_password(&here.session, &secret(old), &secret(new), HOME).await;
    assert!(matches!(change("tea at the new mill", "coffee on the hill").await, Err(AccessError::WrongCredentials)));
    assert!(matches!(change(ANAS, "short").await, Err(AccessError::WeakPassword { .. })));
    assert!(bank.is_in(&there).await);
    bank.recorded();
    change(ANAS, "coffee on the hill").await.unwrap();
    assert_eq!(bank.acts(), ["ana | password | changed"]);
    assert!(bank.is_in(&here).await && !bank.is_in(&there).await);
    assert!(matches!(bank.access.sign_in(&sign_in("ana", ANAS)).await, Err(AccessError::WrongCredentials)));
    bank.access.sign_in(&sign_in("ana", "coffee on the hill")).await.unwrap();
}

#[tokio::test]
async fn guesses_at_an_open_screen_are_counted_too() {
    let bank = Bank::new().await;
    let here = bank.ana().await;
    for _ in 0..5 {
        let (guess, new) = (secret("guess"), secret("coffee on the hill"));
        let guess = bank.access.change_password(&here.session, &guess, &new, HOME).await;
        assert!(matches!(guess, Err(AccessError::WrongCredentials)));
    }
    let right = bank.access.change_password(&here.session, &secret(ANAS), &secret("coffee on the hill"), HOME).await;
    assert!(matches!(right, Err(AccessError::Throttled { .. })));
}

#[tokio::test]
async fn who_gets_in_at_the_last_moment_after_a_change_is_not_in() {
    let bank = Bank::new().await;
    bank.user("ana", ANAS, &[Role::Analyst]).await;
    let old = bank.store.credentials("ana").await.unwrap().unwrap();
    bank.access.reset_password(florin_access::Authority::Operator(&operator()), "ana").await.unwrap();
    let new = florin_store::NewSession {
        hash: [1; 32],
        id: "s1".to_owned(),
        user: "ana".to_owned(),
        created_at: bank.now(),
        expires_at: bank.now(),
        second_factor: false,
        address: String::new(),
    };
    let limits = florin_store::SessionLimits { seen_since: bank.now(), a_user_max: 5 };
    assert!(!bank.store.begin_session(&new, &old.password.phc, limits).await.unwrap());
}
