//! Keys for machines.

use florin_access::{AccessError, Authority, NewKey, Scope, UserChange, api_keys::OWNED_MAX};
use florin_domain::Role;

use crate::support::{Bank, HOME, operator, secret};

fn new(scopes: &[Scope], roles: &[Role]) -> NewKey {
    NewKey { name: "nightly".to_owned(), scopes: scopes.to_vec(), roles: roles.to_vec(), days: 30 }
}

#[tokio::test]
async fn a_key_opens_what_it_is_for_in_its_owners_name() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let made = bank.access.make_key(&ana.session, new(&[Scope::Query], &[Role::Analyst])).await.unwrap();
    assert_eq!(bank.acts(), ["ana | api_key | made"]);
    assert!(made.key.expose().starts_with(&format!("fl_{}_", made.line.id)));
    for _ in 0..2 {
        let used = bank.access.key(&made.key, Scope::Query, HOME).await.unwrap();
        assert_eq!(
            (used.principal.user.as_str(), used.principal.roles.as_slice()),
            ("ana", [Role::Analyst].as_slice())
        );
    }
    let refused = bank.access.key(&made.key, Scope::Collect, HOME).await.unwrap_err().to_string();
    assert_eq!(refused, format!("not allowed: the key `{}` is for query; this needs one for collect", made.line.id));
}

#[tokio::test]
async fn what_is_not_the_key_opens_nothing() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let made = bank.access.make_key(&ana.session, new(&[Scope::Query], &[Role::Analyst])).await.unwrap();
    let other = bank.access.make_key(&ana.session, new(&[Scope::Query], &[])).await.unwrap();
    bank.recorded();
    let key = made.key.expose();
    let mixed = format!("fl_{}_{}", made.line.id, other.key.expose().rsplit('_').next().unwrap());
    let long = format!("{key}{}", "a".repeat(1000));
    for wrong in ["", "fl_", "fl__", &key[1..], &key[..key.len() - 1], &key.to_uppercase(), &mixed, &long] {
        let error = bank.access.key(&secret(wrong), Scope::Query, HOME).await.unwrap_err();
        assert!(matches!(error, AccessError::WrongCredentials), "{wrong}: {error}");
        assert_eq!(bank.recorded().len(), 1);
    }
}

#[tokio::test]
async fn a_key_that_expired_or_was_revoked_opens_nothing_at_once() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let make = async || bank.access.make_key(&ana.session, new(&[Scope::Collect], &[])).await.unwrap();
    let (revoked, expired) = (make().await, make().await);
    let opens = async |key| bank.access.key(key, Scope::Collect, HOME).await.is_ok();
    assert!(opens(&revoked.key).await && opens(&expired.key).await);
    bank.recorded();
    bank.access.revoke_key(&ana.session, &revoked.line.id).await.unwrap();
    assert_eq!(bank.acts(), ["ana | api_key | revoked"]);
    assert!(!opens(&revoked.key).await && opens(&expired.key).await);
    bank.pass(30 * 24 * 3600 - 1);
    assert!(opens(&expired.key).await);
    bank.pass(1);
    assert!(!opens(&expired.key).await);
}

#[tokio::test]
async fn no_key_is_more_than_its_owner_and_it_shrinks_with_them() {
    let bank = Bank::new().await;
    bank.user("ana", crate::support::ANAS, &[Role::Analyst, Role::RiskOfficer]).await;
    let ana = bank.enter("ana", crate::support::ANAS).await;
    let more = bank.access.make_key(&ana.session, new(&[Scope::Query], &[Role::Marketer])).await;
    assert!(matches!(more, Err(AccessError::NotAllowed { .. })));
    let admin = bank.access.make_key(&ana.session, new(&[Scope::Admin], &[Role::Analyst])).await;
    assert!(matches!(admin, Err(AccessError::NotAllowed { .. })));
    let roles = [Role::Analyst, Role::RiskOfficer];
    let made = bank.access.make_key(&ana.session, new(&[Scope::Query], &roles)).await.unwrap();
    let roles = async || bank.access.key(&made.key, Scope::Query, HOME).await.map(|used| used.principal.roles);
    assert_eq!(roles().await.unwrap(), [Role::Analyst, Role::RiskOfficer]);
    let by = operator();
    let change = async |change| bank.access.change_user(Authority::Operator(&by), "ana", change).await.unwrap();
    change(UserChange { roles: Some(vec![Role::RiskOfficer]), ..UserChange::default() }).await;
    assert_eq!(roles().await.unwrap(), [Role::RiskOfficer]);
    change(UserChange { disabled: Some(true), ..UserChange::default() }).await;
    assert!(matches!(roles().await, Err(AccessError::WrongCredentials)));
}

#[tokio::test]
async fn keys_that_make_no_sense_are_refused_with_what_would() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let good = new(&[Scope::Query], &[]);
    let cases = [
        (NewKey { name: " ".to_owned(), ..good.clone() }, "a key is called something of 1 to 80 signs"),
        (
            NewKey { scopes: vec![], ..good.clone() },
            "a key is for something; one or more of: query, write, collect, sql, admin",
        ),
        (NewKey { days: 0, ..good.clone() }, "a key holds for 1 to 366 days"),
        (NewKey { days: 367, ..good.clone() }, "a key holds for 1 to 366 days"),
    ];
    for (wrong, expected) in cases {
        assert_eq!(bank.access.make_key(&ana.session, wrong).await.unwrap_err().to_string(), expected);
    }
    for _ in 0..OWNED_MAX {
        bank.access.make_key(&ana.session, good.clone()).await.unwrap();
    }
    assert!(matches!(bank.access.make_key(&ana.session, good.clone()).await, Err(AccessError::NotAllowed { .. })));
    let oldest = bank.access.keys(&ana.session).await.unwrap().pop().unwrap();
    bank.access.revoke_key(&ana.session, &oldest.id).await.unwrap();
    bank.access.make_key(&ana.session, good).await.unwrap();
}

#[tokio::test]
async fn when_a_key_was_last_used_is_known_to_the_minute() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let made = bank.access.make_key(&ana.session, new(&[Scope::Query], &[])).await.unwrap();
    let used_after = async |pause: i64| {
        bank.pass(pause);
        bank.access.key(&made.key, Scope::Query, HOME).await.unwrap();
        bank.access.settled().await;
        bank.access.keys(&ana.session).await.unwrap()[0].last_used_at.unwrap().micros()
            - ana.session.signed_in_at.micros()
    };
    for (pause, expected) in [(0, 0), (30, 0), (25, 0), (5, 60_000_000), (55, 60_000_000), (6, 121_000_000)] {
        assert_eq!(used_after(pause).await, expected);
    }
}

#[tokio::test]
async fn who_has_a_right_key_is_not_held_up_by_wrong_ones_from_next_door() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let made = bank.access.make_key(&ana.session, new(&[Scope::Query], &[])).await.unwrap();
    for _ in 0..20 {
        bank.access.key(&secret("fl_x_y"), Scope::Query, HOME).await.unwrap_err();
    }
    let wrong = bank.access.key(&secret("fl_x_y"), Scope::Query, HOME).await;
    assert!(matches!(wrong, Err(AccessError::Throttled { .. })));
    bank.access.key(&made.key, Scope::Query, HOME).await.unwrap();
}

#[tokio::test]
async fn nobody_revokes_the_key_of_another_but_who_administers() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    bank.user("ben", "the cat sat on a mat", &[]).await;
    let ben = bank.enter("ben", "the cat sat on a mat").await;
    let by = operator();
    let made = bank.access.make_key_for(Authority::Operator(&by), "ana", new(&[Scope::Collect], &[])).await.unwrap();
    assert_eq!(bank.acts(), ["root | api_key | made"]);
    let tried = bank.access.revoke_key(&ben.session, &made.line.id).await;
    assert!(matches!(tried, Err(AccessError::Unknown { .. })));
    let all = bank.access.all_keys(Authority::Operator(&by)).await.unwrap();
    assert_eq!(all, std::slice::from_ref(&made.line));
    bank.access.revoke_any_key(Authority::Operator(&by), &made.line.id).await.unwrap();
    assert!(bank.access.keys(&ana.session).await.unwrap()[0].revoked_at.is_some());
}
