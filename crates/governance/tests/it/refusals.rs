//! A refusal says who, what, which purpose and what would be allowed.

use florin_domain::Role::{Analyst, DataEngineer, Marketer, ServiceAgent};
use florin_domain::{CustomerId, Principal, Purpose};
use florin_governance::{Action, Refusal, Resource, permit};

use crate::{NOW, defaults, defaults_and, session, user};

fn said(refusal: &Refusal) -> String {
    format!("{refusal}\n  help: {}", refusal.help())
}

fn refused(who: &Principal, purpose: Purpose, action: Action, resource: Resource) -> String {
    said(&permit(&defaults(), who, purpose, action, resource, NOW).unwrap_err())
}

#[test]
fn of_a_whole_session() {
    let refusal = session(&defaults(), &user("ana", &[Analyst]), Purpose::Marketing).unwrap_err();
    insta::assert_snapshot!(said(&refusal), @r#"
    `ana` (analyst) may not read any table for marketing; allowed purposes for tables: analytics
      help: for marketing, `policies/*.cedar` permits it to: marketer
    "#);
    assert_eq!(refusal.allowed_purposes().iter().collect::<Vec<_>>(), [&Purpose::Analytics]);
    let nobody = session(&defaults(), &user("eve", &[]), Purpose::Compliance).unwrap_err();
    insta::assert_snapshot!(said(&nobody), @r#"
    `eve` (no role) may not read any table for compliance; allowed purposes for tables: none
      help: for compliance, `policies/*.cedar` permits it to: compliance_officer
    "#);
}

#[test]
fn of_one_table() {
    let policies = defaults_and(
        "@id(\"no-chats\") forbid (principal, action == Action::\"read\", resource == Table::\"interaction\") when { context.purpose == Purpose::\"marketing\" };",
    );
    let grant = session(&policies, &user("mia", &[Marketer, Analyst]), Purpose::Marketing).unwrap();
    insta::assert_snapshot!(said(&grant.refuse_table("interaction")), @r#"
    `mia` (analyst, marketer) may not read `interaction` for marketing; allowed purposes for this table: analytics
      help: forbidden by `ours.cedar#no-chats`, whatever else permits it
    "#);
}

#[test]
fn of_a_table_that_only_other_roles_may_read() {
    let policies = crate::Policies::parse(
        &[crate::PolicyFile::new(
            "a.cedar",
            "permit (principal in Role::\"analyst\", action == Action::\"read\", resource == Table::\"product\");
             permit (principal in Role::\"risk_officer\", action == Action::\"read\", resource == Table::\"loan\");",
        )],
        &crate::catalogue(),
    )
    .unwrap();
    let grant = session(&policies, &user("ana", &[Analyst]), Purpose::Analytics).unwrap();
    insta::assert_snapshot!(said(&grant.refuse_table("loan")), @r#"
    `ana` (analyst) may not read `loan` for analytics; allowed purposes for this table: none
      help: for analytics, `policies/*.cedar` permits it to: risk_officer
    "#);
    insta::assert_snapshot!(said(&grant.refuse_table("account")), @r#"
    `ana` (analyst) may not read `account` for analytics; allowed purposes for this table: none
      help: nothing in `policies/*.cedar` permits it to anyone for analytics
    "#);
    insta::assert_snapshot!(said(&grant.refuse_table("laon")), @r#"
    no table `laon`
      help: tables of this session: `product`
    "#);
}

#[test]
fn of_an_action() {
    let (ana, dan, sam) = (user("ana", &[Analyst]), user("dan", &[DataEngineer]), user("sam", &[ServiceAgent]));
    let core = Resource::Source("core".into());
    insta::assert_snapshot!(refused(&ana, Purpose::Service, Action::Ingest, core.clone()), @r#"
    `ana` (analyst) may not `ingest` source `core` for service; allowed purposes for this: none
      help: for service, `policies/*.cedar` permits it to: data_engineer
    "#);
    insta::assert_snapshot!(refused(&dan, Purpose::Marketing, Action::Ingest, core.clone()), @r#"
    `dan` (data_engineer) may not `ingest` source `core` for marketing; allowed purposes for this: service
      help: nothing in `policies/*.cedar` permits it to anyone for marketing
    "#);
    insta::assert_snapshot!(refused(&sam, Purpose::Marketing, Action::LookUp, Resource::Customer(CustomerId(17))), @r#"
    `sam` (service_agent) may not `look_up` customer 17 for marketing; allowed purposes for this: service
      help: forbidden by `default.cedar#names-are-not-for-statistics-or-marketing`, whatever else permits it
    "#);
    insta::assert_snapshot!(refused(&sam, Purpose::Service, Action::LookUp, core), @r#"
    `look_up` is not done to source `core`
      help: see `schema.cedarschema` for what each action is done to
    "#);
}
