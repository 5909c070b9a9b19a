//! What tools ask before a person asks anything, as it was captured from them (`asked/*.sql`): psql 15, SQLAlchemy 1.4.54 and 2.1.9, pgjdbc
//! 42.5.5, each in front of a PostgreSQL 15; DBeaver, Metabase, Grafana and pgAdmin, as their start-up is known in public.

use florin_domain::Role;

use crate::{bank::TestBank, wire::Client};

const ASKED: [(&str, &str); 7] = [
    ("psql", include_str!("asked/psql.sql")),
    ("SQLAlchemy", include_str!("asked/sqlalchemy.sql")),
    ("pgjdbc", include_str!("asked/pgjdbc.sql")),
    ("DBeaver", include_str!("asked/dbeaver.sql")),
    ("Metabase", include_str!("asked/metabase.sql")),
    ("Grafana", include_str!("asked/grafana.sql")),
    ("pgAdmin", include_str!("asked/pgadmin.sql")),
];

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_tools_ask_at_start_up_is_answered() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    // Without a purpose: nothing of it is about the bank's rows.
    let mut client = Client::enter(served.port, &key, &[("database", "florin")]).await.unwrap();
    for (tool, asked) in ASKED {
        for question in asked.split("\n;;\n") {
            let came = client.ask(question).await;
            assert!(came.error.is_none(), "{tool}: {:?}: {question}", came.error);
            if came.state != b'I' {
                client.ask("rollback").await;
            }
        }
    }
    let questions =
        bank.log().await.into_iter().filter(|entry| entry.user == "ana" && entry.kind.to_string() != "sign_in");
    assert_eq!(questions.count(), 0, "looking around reads nothing, so there is nothing to put on record");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_tells_what_the_session_may_see_and_no_more() {
    let bank = TestBank::new().await;
    let (ana, admin) = (bank.key("ana", &[Role::Analyst]).await, bank.key("adm", &[Role::Administrator]).await);
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let tables =
        "select count(*) > 5 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'";
    let described = "select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(a.attrelid, a.attnum) \
                     from pg_attribute a where a.attrelid = 'card'::regclass and a.attnum between 1 and 5 order by a.attnum";
    let mut client = Client::enter(served.port, &ana, &[("database", "analytics")]).await.unwrap();
    assert_eq!(client.ask(tables).await.rows, ["t"]);
    let expected = [
        "card_id|bigint|t|its own number",
        "customer_id|bigint|t|∅",
        "number|text|f|not shown to you",
        "kind|text|f|∅",
        "limit_amount|numeric(18,4)|f|∅",
    ];
    assert_eq!(client.ask(described).await.rows, expected);
    let listed = "select table_name, table_type from information_schema.tables where table_schema = 'public' and table_name = 'card'";
    assert_eq!(client.ask(listed).await.rows, ["card|BASE TABLE"]);
    // Who may read nothing for any purpose is shown nothing.
    let mut client = Client::enter(served.port, &admin, &[("database", "analytics")]).await.unwrap();
    assert_eq!(client.ask(tables).await.rows, ["f"]);
    assert_eq!(client.code("select 'card'::regclass").await, "42P01");
    assert_eq!(client.code("select * from card").await, "42501");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_the_catalogue_cannot_cost_the_server() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let mut client = Client::enter(served.port, &key, &[]).await.unwrap();
    let endless = "select count(*) from pg_attribute a, pg_attribute b, pg_attribute c, pg_attribute d where a.attnum + b.attnum = c.attnum + d.attnum";
    assert_eq!(client.code(endless).await, "54001");
    assert_eq!(client.code("select generate_series(1, 2000000000)").await, "54001");
    assert_eq!(client.code("select 'a' ~ repeat('(a+)+', 3)").await, "42883");
    served.end().await;
}
