//! What a role may not read is missing under any SQL, and what it may not know of does not exist.

use std::collections::BTreeSet;

use florin_domain::{CustomerId, Purpose};
use florin_governance::PurposeRules;
use florin_lake::{LakeError, OfCustomer};
use florin_pipelines::FlowError;

use crate::support::{TestBank, ask, ask_house};

/// A bank with a record of every class: C1 and C2 in loans, C3 in interactions, identifying values in a required column.
async fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.write(
        "tables/card.toml",
        "name = \"card\"\nabout = \"a card\"\nkey = [\"card_id\"]\ncolumns = [\n\
         { name = \"card_id\", type = \"int\", class = \"C1\", required = true },\n\
         { name = \"customer_id\", type = \"int\", class = \"C1\", required = true },\n\
         { name = \"number\", type = \"text\", class = \"identifying\", required = true },\n\
         { name = \"pin_hint\", type = \"text\", class = \"C3\", required = true },\n\
         { name = \"limit_amount\", type = \"decimal\", class = \"C2\", required = true },\n]\n",
    );
    bank.write(
        "policies/default.cedar",
        format!(
            "{}\n@id(\"no-products-for-analysts\")\nforbid (principal in Role::\"analyst\", action == Action::\"read\", resource == Table::\"product\");\n",
            florin_governance::DEFAULT_POLICIES
        ),
    );
    bank.source("people", &["id \"int\""], "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, timestamp '2020-01-01T00:00:00Z' as valid_from from people p\"\n");
    bank.source("zcards", &["id \"int\"", "customer \"int\"", "number \"text\"", "hint \"text\"", "most \"decimal\""], "[[map]]\ninto = \"card\"\nselect = \"select key('card', z.id) as card_id, customer_id('core', z.customer) as customer_id, z.number as number, z.hint as pin_hint, z.most as limit_amount from zcards z\"\n");
    bank.source("goods", &["id \"int\"", "name \"text\""], "[[map]]\ninto = \"product\"\nselect = \"select key('product', g.id) as product_id, g.name as name from goods g\"\n");
    bank.write("data/people.csv", "id\n1\n2\n");
    bank.write(
        "data/zcards.csv",
        "id,customer,number,hint,most\n1,1,4111111111111111,dog,500\n2,2,5500005555555559,cat,700\n",
    );
    bank.write("data/goods.csv", "id,name\n1,Gold fund\n");
    bank.ingest().await;
    bank
}

const COLUMNS: [(&str, &str); 3] = [("number", "'x'"), ("pin_hint", "'x'"), ("limit_amount", "1")];

/// User, purpose, and which of [`COLUMNS`] are seen.
const ROLES: [(&str, Purpose, &[&str]); 8] = [
    ("ana", Purpose::Analytics, &["limit_amount"]),
    ("mia", Purpose::Marketing, &["limit_amount"]),
    ("mia", Purpose::Analytics, &["limit_amount"]),
    ("ron", Purpose::Risk, &["limit_amount", "pin_hint"]),
    ("sam", Purpose::Service, &["limit_amount", "pin_hint"]),
    ("cleo", Purpose::Compliance, &["limit_amount", "pin_hint", "number"]),
    ("dan", Purpose::Service, &[]),
    ("dan", Purpose::Analytics, &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn masked_columns_are_missing_whatever_a_query_does_with_them() {
    let bank = bank().await;
    for (user, purpose, seen) in ROLES {
        let session = bank
            .session(
                user,
                purpose,
                PurposeRules { marketing: florin_governance::PurposeRule::Contract, ..PurposeRules::default() },
                None,
            )
            .await;
        for (column, literal) in COLUMNS {
            let masked = !seen.contains(&column);
            for (sql, when_masked) in [
                (format!("select count(*) from card where {column} is not null"), vec!["0"]),
                (format!("select count(*) from card where {column} = {column}"), vec!["0"]),
                (format!("select count(*) from card where {column} <> {literal} or {column} = {literal}"), vec!["0"]),
                (format!("select count({column}), count(distinct {column}) from card"), vec!["0|0"]),
                (format!("select {column}, count(*) from card group by {column}"), vec!["∅|2"]),
                (format!("select count(*) from card a join card b on a.{column} = b.{column}"), vec!["0"]),
                (format!("select coalesce(cast({column} as text), 'nothing') from card"), vec!["nothing", "nothing"]),
                (format!("select max({column}), min({column}) from card"), vec!["∅|∅"]),
                (format!("select rank() over (order by {column}) from card"), vec!["1", "1"]),
                (
                    format!(
                        "select count(*) from card where card_id in (select card_id from card where {column} is null)"
                    ),
                    vec!["2"],
                ),
                (format!("select length(cast({column} as text)) from card order by {column} limit 2"), vec!["∅", "∅"]),
            ] {
                let rows = ask(&session, &sql).await.unwrap_or_else(|e| panic!("{user}, {purpose}: {sql}: {e}"));
                assert_eq!(rows == when_masked, masked, "{user}, {purpose}: {sql}: {rows:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_granted_are_refused_and_not_listed() {
    let bank = bank().await;
    let ana = bank.open("ana").await;
    let error = ask_house(&ana, Purpose::Analytics, None, "select * from product").await.unwrap_err();
    let FlowError::Refused(refusal) = &error else { panic!("{error:?}") };
    let text = refusal.to_string();
    assert!(text.contains("`ana` (analyst) may not read `product` for analytics"), "{text}");
    for sql in [
        "select 1 where exists (select 1 from product)",
        "with p as (select * from product) select * from p",
        "create view v as select * from product; select 1",
    ] {
        assert!(matches!(ask_house(&ana, Purpose::Analytics, None, sql).await, Err(FlowError::Refused(_))), "{sql}");
    }
    let session = bank.session("ana", Purpose::Analytics, PurposeRules::default(), None).await;
    let columns = &["name"];
    let (customer, order) = (CustomerId(1), &[]);
    let without_sql = OfCustomer { table: "product", columns, customer, before: None, order, limit: None };
    let refused = session.of_customer(&without_sql).await.unwrap_err();
    assert!(matches!(refused, LakeError::Query(_)) && format!("{refused:?}").contains("product"), "{refused:?}");
    let listed = "select table_name from information_schema.tables where table_schema = 'public'";
    let of_ana = ask_house(&ana, Purpose::Analytics, None, listed).await.unwrap();
    assert!(!of_ana.contains(&"product".to_owned()) && of_ana.contains(&"card".to_owned()), "{of_ana:?}");
    let columns = "select distinct table_name from information_schema.columns where table_schema = 'public'";
    let of_ana: BTreeSet<String> =
        ask_house(&ana, Purpose::Analytics, None, columns).await.unwrap().into_iter().collect();
    assert!(!of_ana.contains("product"), "{of_ana:?}");
    let of_mia = ask_house(&bank.open("mia").await, Purpose::Marketing, None, listed).await.unwrap();
    assert!(of_mia.contains(&"product".to_owned()), "{of_mia:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn purposes_that_a_role_has_no_leave_for_are_refused() {
    let bank = bank().await;
    let allowed: BTreeSet<(&str, Purpose)> =
        ROLES.iter().map(|(user, purpose, _)| (*user, *purpose)).chain([("ron", Purpose::Analytics)]).collect();
    for user in ["ana", "mia", "ron", "sam", "cleo", "dan"] {
        let house = bank.open(user).await;
        for purpose in Purpose::ALL {
            let asked = ask_house(&house, purpose, None, "select count(*) from card").await;
            match allowed.contains(&(user, purpose)) {
                true => assert_eq!(asked.unwrap(), ["2"], "{user}, {purpose}"),
                false => assert!(matches!(asked, Err(FlowError::Refused(_))), "{user}, {purpose}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_questions_are_answered() {
    let bank = bank().await;
    let session = bank
        .session(
            "owner",
            Purpose::Compliance,
            PurposeRules { marketing: florin_governance::PurposeRule::Contract, ..PurposeRules::default() },
            None,
        )
        .await;
    for sql in [
        "drop table card",
        "insert into card select * from card",
        "delete from card",
        "update card set limit_amount = 0",
        "create table t as select * from card",
        "copy card to '/tmp/florin-leak.csv'",
        "set datafusion.explain.show_statistics = true",
        "create external table t stored as csv location '/etc/passwd'",
        "explain analyze select * from card",
        "create view card as select 1",
        "",
        "select 1; drop table card",
    ] {
        assert!(session.sql(sql).await.is_err(), "{sql}");
    }
    assert!(session.sql("select * from '/etc/passwd'").await.is_err());
    assert_eq!(ask(&session, "select count(*) from card").await.unwrap(), ["2"]);
}
