//! How long sessions live, and what ends them.

use florin_access::{
    AccessError, Authority,
    sessions::{IDLE_MAX, SESSION_MAX, SESSIONS_A_USER_MAX},
};

use crate::support::{ANAS, Bank, CHEAP, operator};

const IDLE: i64 = IDLE_MAX.as_secs() as i64;

#[tokio::test]
async fn a_session_that_is_not_seen_for_half_an_hour_is_over() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    bank.pass(IDLE - 1);
    assert!(bank.is_in(&ana).await);
    bank.access.settled().await;
    bank.pass(IDLE - 1);
    assert!(bank.is_in(&ana).await, "it slides");
    bank.access.settled().await;
    bank.pass(IDLE);
    assert!(!bank.is_in(&ana).await);
}

#[tokio::test]
async fn no_session_lives_longer_than_twelve_hours() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let steps = SESSION_MAX.as_secs() as i64 / (IDLE / 2);
    for _ in 1..steps {
        bank.pass(IDLE / 2);
        assert!(bank.is_in(&ana).await);
        bank.access.settled().await;
    }
    bank.pass(IDLE / 2 - 1);
    assert!(bank.is_in(&ana).await);
    bank.pass(1);
    assert!(!bank.is_in(&ana).await, "also while it is believed");
}

#[tokio::test]
async fn what_was_seen_is_written_once_a_minute() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let written = async || {
        bank.access.settled().await;
        bank.store.sessions_of("ana").await.unwrap()[0].last_seen_at
    };
    let began = bank.now();
    for (pause, expected) in [(30, began.micros()), (25, began.micros()), (5, bank.now().micros() + 60_000_000)] {
        bank.pass(pause);
        assert!(bank.is_in(&ana).await);
        assert_eq!(written().await.micros(), expected);
    }
}

#[tokio::test]
async fn signing_out_ends_a_session_at_once_here_and_within_seconds_elsewhere() {
    let bank = Bank::new().await;
    let elsewhere = bank.other(CHEAP).await;
    let (ana, other) = (bank.ana().await, bank.enter("ana", ANAS).await);
    assert!(bank.is_in(&ana).await);
    elsewhere.session(ana.token.expose()).await.unwrap();
    bank.access.sign_out(&ana.session).await.unwrap();
    assert_eq!(bank.acts(), ["ana | sign_out | signed out"]);
    assert!(!bank.is_in(&ana).await && bank.is_in(&other).await);
    bank.pass(5);
    assert!(matches!(elsewhere.session(ana.token.expose()).await, Err(AccessError::NotSignedIn)));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_all_at_once() {
    let bank = Bank::new().await;
    let first = bank.ana().await;
    bank.pass(10);
    let (second, third) = (bank.enter("ana", ANAS).await, bank.enter("ana", ANAS).await);
    let lines = bank.access.sessions(&second.session).await.unwrap();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines.iter().find(|line| line.current).unwrap().id, second.session.id);
    assert_eq!((lines[2].id.as_str(), lines[2].from.as_str()), (first.session.id.as_str(), "10.0.0.1"));

    bank.access.end_session(&second.session, &first.session.id).await.unwrap();
    assert!(!bank.is_in(&first).await && bank.is_in(&second).await);
    let again = bank.access.end_session(&second.session, &first.session.id).await;
    assert!(matches!(again, Err(AccessError::Unknown { what: "session", .. })));

    bank.access.sign_out_everywhere(&second.session).await.unwrap();
    assert!(!bank.is_in(&second).await && !bank.is_in(&third).await);
    assert_eq!(bank.acts(), ["ana | sign_out | session ended", "ana | sign_out | signed out everywhere"]);
}

#[tokio::test]
async fn nobody_ends_the_session_of_another_but_who_administers() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    bank.user("ben", "the cat sat on a mat", &[]).await;
    let ben = bank.enter("ben", "the cat sat on a mat").await;
    let tried = bank.access.end_session(&ben.session, &ana.session.id).await;
    assert!(matches!(tried, Err(AccessError::Unknown { .. })));
    assert!(bank.is_in(&ana).await);
    bank.access.sign_out_user(Authority::Operator(&operator()), "ana").await.unwrap();
    assert!(!bank.is_in(&ana).await && bank.is_in(&ben).await);
}

#[tokio::test]
async fn a_user_has_so_many_sessions_and_the_oldest_makes_room() {
    let bank = Bank::new().await;
    let first = bank.ana().await;
    for _ in 0..SESSIONS_A_USER_MAX {
        assert!(bank.is_in(&first).await);
        bank.pass(1);
        bank.enter("ana", ANAS).await;
    }
    assert!(!bank.is_in(&first).await);
    assert_eq!(bank.store.sessions_of("ana").await.unwrap().len(), SESSIONS_A_USER_MAX as usize);
}

#[tokio::test]
async fn a_token_that_is_none_opens_nothing() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let token = ana.token.expose();
    let long = "a".repeat(10_000);
    for wrong in ["", "x", &token[1..], &token.to_lowercase(), &ana.session.id, &long] {
        assert!(matches!(bank.access.session(wrong).await, Err(AccessError::NotSignedIn)), "{wrong}");
    }
}

#[tokio::test]
async fn sessions_that_are_over_leave_the_store() {
    let bank = Bank::new().await;
    bank.ana().await;
    bank.pass(IDLE + 1);
    let second = bank.enter("ana", ANAS).await;
    let left = bank.store.sessions_of("ana").await.unwrap();
    assert_eq!(left.iter().map(|session| &session.id).collect::<Vec<_>>(), [&second.session.id]);
}
