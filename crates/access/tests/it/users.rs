//! Who there is, who may say so, and the last administrator.

use florin_access::{AccessError, Authority, NewUser, UserChange};
use florin_domain::{Principal, Purpose, Role};
use florin_governance::{Action, DEFAULT_POLICIES, Permit, Policies, PolicyFile, Resource, permit};

use crate::support::{ANAS, Bank, operator, sign_in};

fn leave(user: &str, role: Role, action: Action) -> Option<Permit> {
    let catalogue = florin_domain::Catalogue::new(vec![]).unwrap();
    let policies = Policies::parse(&[PolicyFile::new("default.cedar", DEFAULT_POLICIES)], &catalogue).unwrap();
    let who = Principal { user: user.to_owned(), roles: vec![role] };
    permit(&policies, &who, Purpose::Service, action, Resource::Bank, florin_domain::EventTime(0)).ok()
}

fn roles(roles: &[Role]) -> UserChange {
    UserChange { roles: Some(roles.to_vec()), ..UserChange::default() }
}

fn disabled(disabled: bool) -> UserChange {
    UserChange { disabled: Some(disabled), ..UserChange::default() }
}

fn new(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), display_name: "Somebody".to_owned(), roles: vec![Role::Analyst, Role::Analyst] }
}

#[tokio::test]
async fn only_leave_to_administer_makes_users() {
    for role in Role::ALL {
        assert_eq!(leave("eve", role, Action::Administer).is_some(), role == Role::Administrator, "{role}");
    }
    let bank = Bank::new().await;
    let other = leave("dan", Role::DataEngineer, Action::Define).unwrap();
    let refused = bank.access.add_user((&other).into(), new("ben")).await;
    assert!(matches!(refused, Err(AccessError::NotAllowed { .. })));
    let administer = leave("admin", Role::Administrator, Action::Administer).unwrap();
    bank.access.add_user((&administer).into(), new("ben")).await.unwrap();
    assert_eq!(bank.acts(), ["admin | user | made"]);
    let users = bank.access.users((&administer).into()).await.unwrap();
    assert_eq!((users[0].name.as_str(), users[0].roles.as_slice()), ("ben", [Role::Analyst].as_slice()));
}

#[tokio::test]
async fn a_name_is_taken_once_and_has_a_shape() {
    let bank = Bank::new().await;
    let by = operator();
    let add = async |name: &str| bank.access.add_user(Authority::Operator(&by), new(name)).await;
    add("ana.lopez-2@bank").await.unwrap();
    assert!(matches!(add("ana.lopez-2@bank").await, Err(AccessError::Taken { what: "user", .. })));
    let long = "a".repeat(65);
    for wrong in ["", "Ana", "ana lopez", "-ana", "ana.", "ana/1", "a\u{430}na", "florin", "unknown", &long] {
        assert!(matches!(add(wrong).await, Err(AccessError::Invalid { .. })), "{wrong}");
    }
    let nameless = NewUser { display_name: " ".to_owned(), ..new("ben") };
    let refused = bank.access.add_user(Authority::Operator(&by), nameless).await;
    assert!(matches!(refused, Err(AccessError::Invalid { .. })));
}

#[tokio::test]
async fn other_roles_end_sessions_and_another_display_name_does_not() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let by = operator();
    let change = async |change| bank.access.change_user(Authority::Operator(&by), "ana", change).await.unwrap();
    change(UserChange { display_name: Some("Ana López".to_owned()), ..UserChange::default() }).await;
    assert_eq!(bank.again(&ana).await.display_name, "Ana López");
    let after = change(roles(&[Role::RiskOfficer, Role::Analyst])).await;
    assert_eq!(after.roles, [Role::Analyst, Role::RiskOfficer]);
    assert!(!bank.is_in(&ana).await);
    let entry = bank.recorded().pop().unwrap();
    assert_eq!(entry.detail["user_roles"], serde_json::json!(["analyst", "risk_officer"]));

    let ana = bank.enter("ana", ANAS).await;
    change(disabled(true)).await;
    assert!(!bank.is_in(&ana).await);
    assert!(matches!(bank.access.sign_in(&sign_in("ana", ANAS)).await, Err(AccessError::WrongCredentials)));
    change(disabled(false)).await;
    bank.access.sign_in(&sign_in("ana", ANAS)).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let bank = Bank::new().await;
    let by = operator();
    bank.access.first_administrator().await.unwrap().unwrap();
    let change = async |name: &str, change| bank.access.change_user(Authority::Operator(&by), name, change).await;
    for last in [disabled(true), roles(&[Role::Analyst])] {
        let refused = change("admin", last).await.unwrap_err();
        assert_eq!(refused.to_string(), "not allowed: `admin` is the last who is administrator");
    }
    assert_eq!(bank.acts(), ["florin | user | first administrator made"], "what was refused is not on record as done");
    bank.user("ana", ANAS, &[Role::Administrator]).await;
    change("ana", disabled(true)).await.unwrap();
    assert!(change("admin", disabled(true)).await.is_err(), "who is disabled does not count");
    change("ana", disabled(false)).await.unwrap();
    change("admin", roles(&[])).await.unwrap();
    assert!(change("ana", disabled(true)).await.is_err());
    assert!(change("admin", disabled(true)).await.is_ok(), "who is none may go");
}

#[tokio::test]
async fn a_reset_makes_a_one_time_password_and_ends_sessions() {
    let bank = Bank::new().await;
    let ana = bank.ana().await;
    let made = bank.access.reset_password(Authority::Operator(&operator()), "ana").await.unwrap();
    assert_eq!(bank.acts(), ["root | password | one-time password made"]);
    assert!(!bank.is_in(&ana).await);
    assert!(matches!(bank.access.sign_in(&sign_in("ana", ANAS)).await, Err(AccessError::WrongCredentials)));
    let one_time = sign_in("ana", made.password.expose());
    assert!(matches!(bank.access.sign_in(&one_time).await, Err(AccessError::MustChangePassword)));
}

#[tokio::test]
async fn what_is_done_to_nobody_says_so() {
    let bank = Bank::new().await;
    let by = operator();
    let by = Authority::Operator(&by);
    let errors = [
        bank.access.reset_password(by, "zoe").await.unwrap_err(),
        bank.access.change_user(by, "zoe", disabled(true)).await.unwrap_err(),
        bank.access.sign_out_user(by, "zoe").await.unwrap_err(),
        bank.access.remove_second_factor_of(by, "zoe").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.to_string(), "no user `zoe`");
    }
}

#[tokio::test]
async fn what_somebody_signs_in_with_is_seen_by_who_administers() {
    let bank = Bank::new().await;
    let by = operator();
    let by = Authority::Operator(&by);
    bank.access.add_user(by, new("ben")).await.unwrap();
    let ben = bank.access.user(by, "ben").await.unwrap();
    assert!(ben.must_change_password && ben.password_expires_at.is_some() && !ben.second_factor.set_up);
    assert_eq!(ben.sessions, 0);
    bank.ana().await;
    let ana = bank.access.user(by, "ana").await.unwrap();
    assert_eq!((ana.must_change_password, ana.password_expires_at, ana.sessions), (false, None, 1));
    bank.pass(3600);
    assert_eq!(bank.access.user(by, "ana").await.unwrap().sessions, 0, "what is over does not count");
}
