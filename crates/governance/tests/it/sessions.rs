//! Who sees what under the default policies.

use florin_domain::Role::{Analyst, ComplianceOfficer, DataEngineer, Marketer, RiskOfficer, ServiceAgent};
use florin_domain::catalogue::{COMMON_COLUMNS, CUSTOMER_ID};
use florin_domain::{CustomerId, DataClass, EventTime, Purpose, Role};
use florin_governance::{
    Action, ConsentFilter, Grant, GrantKind, Policies, PurposeRule, PurposeRules, Resource, open_session, permit,
};

use crate::{NOW, catalogue, defaults, session, user};

#[test]
fn roles_see_what_the_default_policies_say() {
    use Purpose::{Analytics, Compliance, Marketing, Risk, Service};
    #[rustfmt::skip]
    let cases = [
        // role              purpose     table          column            expected
        (Analyst,            Analytics,  "loan",        "status",         "seen"),
        (Analyst,            Analytics,  "interaction", "channel",        "seen"),
        (Analyst,            Analytics,  "interaction", "text",           "masked"),
        (Analyst,            Analytics,  "identifier",  "token",          "masked"),
        (Analyst,            Marketing,  "loan",        "status",         "refused"),
        (Analyst,            Risk,       "loan",        "status",         "refused"),
        (Marketer,           Marketing,  "customer",    "birth_date",     "seen"),
        (Marketer,           Marketing,  "interaction", "text",           "masked"),
        (Marketer,           Analytics,  "transaction", "amount",         "seen"),
        (Marketer,           Service,    "customer",    "region",         "refused"),
        (RiskOfficer,        Risk,       "interaction", "text",           "seen"),
        (RiskOfficer,        Risk,       "event",       "anonymous_id",   "masked"),
        (RiskOfficer,        Marketing,  "customer",    "region",         "refused"),
        (ServiceAgent,       Service,    "interaction", "text",           "seen"),
        (ServiceAgent,       Service,    "identifier",  "token",          "masked"),
        (ServiceAgent,       Analytics,  "customer",    "region",         "refused"),
        (ComplianceOfficer,  Compliance, "identifier",  "token",          "seen"),
        (ComplianceOfficer,  Compliance, "interaction", "text",           "seen"),
        (ComplianceOfficer,  Service,    "interaction", "text",           "refused"),
        (DataEngineer,       Service,    "transaction", "transaction_id", "seen"),
        (DataEngineer,       Service,    "transaction", "amount",         "masked"),
        (DataEngineer,       Marketing,  "transaction", "amount",         "refused"),
    ];
    let policies = defaults();
    for (role, purpose, table, column, expected) in cases {
        let found = match session(&policies, &user("ana", &[role]), purpose) {
            Err(_) => "refused",
            Ok(grant) if grant.table(table).unwrap().is_masked(column) => "masked",
            Ok(_) => "seen",
        };
        assert_eq!(found, expected, "{role} {purpose} {table}.{column}");
    }
}

#[test]
fn the_matrix_of_tables() {
    let policies = defaults();
    let mut lines = vec![format!("{:<19}{:<12}{:<17}{:<10}masked columns", "role", "purpose", "table", "seen to")];
    for (role, purpose) in roles_and_purposes() {
        match session(&policies, &user("ana", &[role]), purpose) {
            Err(_) => lines.push(format!("{:<19}{:<12}refused", role.name(), purpose.name())),
            Ok(grant) => lines.extend(lines_of(role, &grant)),
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

fn roles_and_purposes() -> impl Iterator<Item = (Role, Purpose)> {
    Role::ALL.into_iter().flat_map(|role| Purpose::ALL.into_iter().map(move |purpose| (role, purpose)))
}

fn lines_of(role: Role, grant: &Grant) -> Vec<String> {
    let line = |(name, table): (&String, &florin_governance::TableGrant)| {
        let masked = table.masked().iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let (role, purpose, class) = (role.name(), grant.purpose().name(), table.class_max().to_string());
        format!("{role:<19}{purpose:<12}{name:<17}{class:<12}{masked}").trim_end().to_owned()
    };
    grant.tables().iter().map(line).collect()
}

#[test]
fn the_matrix_of_actions() {
    let policies = defaults();
    let mut lines = vec![format!("{:<19}{:<18}purposes", "role", "action")];
    for role in Role::ALL {
        for action in Action::ALL {
            let purposes = purposes_of(&policies, role, action).join(" ");
            lines.push(format!("{:<19}{:<18}{purposes}", role.name(), action.name()).trim_end().to_owned());
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

fn purposes_of(policies: &Policies, role: Role, action: Action) -> Vec<&'static str> {
    let resource = [Resource::Bank, Resource::Customer(CustomerId(1))].into_iter().find(|r| action.applies_to(r));
    let may = |purpose: &Purpose| {
        permit(policies, &user("ana", &[role]), *purpose, action, resource.clone().unwrap(), NOW).is_ok()
    };
    let purposes: Vec<&str> = Purpose::ALL.into_iter().filter(may).map(Purpose::name).collect();
    if purposes.is_empty() { vec!["-"] } else { purposes }
}

#[test]
fn roles_add_up_but_guards_hold() {
    let both = user("ana", &[Analyst, ComplianceOfficer, Marketer]);
    let policies = defaults();
    let seen_to = |purpose| session(&policies, &both, purpose).unwrap().table("interaction").unwrap().class_max();
    assert_eq!(seen_to(Purpose::Analytics), DataClass::C2);
    assert_eq!(seen_to(Purpose::Compliance), DataClass::Identifying);
    assert_eq!(seen_to(Purpose::Marketing), DataClass::C2);
    let everything = crate::defaults_and("permit (principal, action, resource);");
    let marketing = session(&everything, &both, Purpose::Marketing).unwrap();
    assert_eq!(marketing.table("interaction").unwrap().class_max(), DataClass::C2, "the guard against secrets");
}

#[test]
fn customers_and_common_columns_are_never_masked_and_higher_classes_always_are() {
    let (policies, catalogue) = (defaults(), catalogue());
    for (role, purpose) in roles_and_purposes() {
        let Ok(grant) = session(&policies, &user("ana", &[role]), purpose) else { continue };
        for (name, table) in grant.tables() {
            for column in catalogue.table(name).unwrap().all_columns() {
                let common = COMMON_COLUMNS.iter().any(|(common, _)| *common == column.name);
                let expected = column.name != CUSTOMER_ID && !common && column.class > table.class_max();
                assert_eq!(table.is_masked(&column.name), expected, "{role} {purpose} {name}.{}", column.name);
            }
        }
    }
}

#[test]
fn a_grant_says_what_it_was_given_for() {
    let (policies, rio) = (defaults(), user("rio", &[RiskOfficer]));
    let rules = PurposeRules { risk: PurposeRule::Contract, ..PurposeRules::default() };
    let as_of = Some(EventTime(5));
    let grant = open_session(&policies, &catalogue(), &rules, &rio, Purpose::Risk, as_of, NOW).unwrap();
    assert_eq!((grant.kind(), grant.principal(), grant.purpose()), (GrantKind::Session, &rio, Purpose::Risk));
    assert_eq!((grant.as_of(), grant.granted_at()), (as_of, NOW));
    assert_eq!((grant.consent(), grant.policy_version()), (ConsentFilter::Everyone, policies.version()));
}

#[test]
fn consent_binds_by_the_rule_of_the_purpose() {
    let (policies, mia) = (defaults(), user("mia", &[Marketer]));
    assert_eq!(session(&policies, &mia, Purpose::Marketing).unwrap().consent(), ConsentFilter::Only);
    assert_eq!(session(&policies, &mia, Purpose::Analytics).unwrap().consent(), ConsentFilter::AllBut);
}

#[test]
fn own_work_needs_its_own_permit_and_sees_everything_it_is_for() {
    let (policies, catalogue, dan) = (defaults(), catalogue(), user("dan", &[DataEngineer]));
    let ask = |action, resource| permit(&policies, &dan, Purpose::Service, action, resource, NOW).unwrap();
    let ingest = ask(Action::Ingest, Resource::Source("core".into()));
    let loading = Grant::for_loading(&ingest, &catalogue).unwrap();
    assert_eq!(
        (loading.kind(), loading.consent(), loading.as_of()),
        (GrantKind::Loading, ConsentFilter::Everyone, None)
    );
    assert_eq!(loading.tables().len(), catalogue.tables().count());
    assert!(loading.tables().values().all(|table| table.masked().is_empty()));

    let one = Grant::for_maintenance(&ask(Action::Maintain, Resource::Table("loan".into())), &catalogue).unwrap();
    assert_eq!(one.tables().keys().collect::<Vec<_>>(), ["loan"]);
    let all = Grant::for_maintenance(&ask(Action::Maintain, Resource::Bank), &catalogue).unwrap();
    assert_eq!(all.tables().len(), catalogue.tables().count());

    let refused = Grant::for_maintenance(&ingest, &catalogue).unwrap_err();
    insta::assert_snapshot!(refused, @"`dan` (data_engineer) has leave to `ingest` source `core`, not for this");
    insta::assert_snapshot!(refused.help(), @"ask for leave to `maintain` or `erase`");
}

#[test]
fn erasure_reaches_every_table() {
    let (policies, catalogue, cora) = (defaults(), catalogue(), user("cora", &[ComplianceOfficer]));
    let customer = Resource::Customer(CustomerId(17));
    let erase = permit(&policies, &cora, Purpose::Compliance, Action::Erase, customer.clone(), NOW).unwrap();
    assert!(erase.is_for(Action::Erase, &customer));
    assert!(!erase.is_for(Action::Erase, &Resource::Customer(CustomerId(18))));
    assert!(!erase.is_for(Action::LookUp, &customer));
    let grant = Grant::for_maintenance(&erase, &catalogue).unwrap();
    assert_eq!(grant.tables().len(), catalogue.tables().count());
}

#[test]
fn what_an_action_applies_to_is_what_the_vocabulary_says() {
    // Everyone may everything, so that only the vocabulary can refuse.
    let text = florin_governance::PolicyFile::new("a.cedar", "permit (principal, action, resource);");
    let policies = Policies::parse(&[text], &catalogue()).unwrap();
    let resources = [
        Resource::Bank,
        Resource::Table("loan".into()),
        Resource::Source("core".into()),
        Resource::Customer(CustomerId(1)),
    ];
    for action in Action::ALL {
        for resource in &resources {
            let allowed = permit(&policies, &user("ana", &[]), Purpose::Risk, action, resource.clone(), NOW).is_ok();
            assert_eq!(allowed, action.applies_to(resource), "{action} {resource}");
        }
    }
}
