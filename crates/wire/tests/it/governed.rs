//! Over the wire as by the command line: the same rows, masks and refusals, and nothing that is not on record.

use arrow::util::display::{ArrayFormatter, FormatOptions};
use florin_domain::{EventTime, Principal, Purpose, Role};
use florin_governance::audit::EventKind;
use florin_pipelines::{FlowError, House};

use crate::{
    bank::{Key, TestBank},
    wire::Client,
};

const QUESTIONS: [&str; 8] = [
    "select count(*), sum(limit_amount), count(number), count(limit_amount) from card",
    "select kind, count(*) from card group by kind order by kind",
    "select number, limit_amount from card where number is not null order by 1",
    "select c.kind from card c join customer k on k.customer_id = c.customer_id where c.limit_amount > 200 order by c.card_id",
    "select count(*) from customer",
    "select count(*) from consent",
    "with c as (select * from card) select max(limit_amount) from c",
    "select text from interaction",
];

/// What a house answers, as the wire's texts; or that it refuses.
async fn by_house(house: &House, purpose: Purpose, as_of: Option<EventTime>, sql: &str) -> Result<Vec<String>, String> {
    let refused = |error: FlowError| match error {
        FlowError::Refused(refusal) => refusal.to_string(),
        other => panic!("{other}"),
    };
    let asking = house.asking(purpose, as_of).await.map_err(refused)?;
    let batches = asking.sql(sql).await.map_err(refused)?.collect().await.unwrap();
    let options = FormatOptions::default().with_null("∅");
    let mut rows = Vec::new();
    for batch in &batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
        rows.extend(
            (0..batch.num_rows())
                .map(|row| columns.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>().join("|")),
        );
    }
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_for_every_purpose_what_they_see_by_the_command_line() {
    let bank = TestBank::new().await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let (mut answered, mut refused) = (0, 0);
    for role in Role::ALL {
        let name = role.name().replace('_', "-");
        let key = bank.key(&name, &[role]).await;
        let house = bank.house.acting_as(Principal { user: name, roles: vec![role] });
        for purpose in Purpose::ALL {
            let mut client = Client::enter(served.port, &key, &[("database", purpose.name())]).await.unwrap();
            for question in QUESTIONS {
                let came = client.ask(question).await;
                match by_house(&house, purpose, None, question).await {
                    Ok(rows) => {
                        assert_eq!((came.rows, came.error), (rows, None), "{role}, {purpose}: {question}");
                        answered += 1;
                    }
                    Err(said) => {
                        assert_eq!(came.error, Some(("42501".to_owned(), said)), "{role}, {purpose}: {question}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(answered > 50 && refused > 50, "{answered} answered, {refused} refused");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_withdrew_is_nowhere_and_a_time_is_obeyed() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst, Role::RiskOfficer]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let options = "-c florin.purpose=analytics -c florin.as_of=2024-01-02";
    let mut client = Client::enter(served.port, &key, &[("database", "florin"), ("options", options)]).await.unwrap();
    let count = "select count(*) from card";
    assert_eq!(client.ask(count).await.rows, ["2"], "cards known by the end of 2 January");
    client.ask("set florin.as_of to default").await;
    assert_eq!(client.ask(count).await.rows, ["2"], "the default is what the connection began with");
    client.ask("set florin.as_of = ''").await;
    assert_eq!(client.ask(count).await.rows, ["4"], "the third customer withdrew from analytics");
    client.ask("set florin.purpose = 'risk'").await;
    assert_eq!(client.ask(count).await.rows, ["5"], "risk rests on the law");
    client.ask("discard all").await;
    assert_eq!(client.ask("show florin.purpose").await.rows, ["analytics"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_that_is_not_on_record() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let mut client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    client.ask("select count(*) from card where limit_amount > 123.45").await;
    client.ask("begin; declare c cursor for select kind from card; fetch 1 from c; commit").await;
    client.ask("select * from interaction").await;
    client.ask("set florin.purpose = 'risk'; select 1 from card").await;
    let mine: Vec<_> = bank.log().await.into_iter().filter(|entry| entry.user == "ana").collect();
    let kinds: Vec<(String, String)> = mine
        .iter()
        .map(|entry| {
            let sql = entry.detail.get("sql").and_then(|sql| sql.as_str()).unwrap_or_default();
            (entry.kind.to_string(), sql.to_owned())
        })
        .collect();
    let questions: Vec<&str> = mine
        .iter()
        .filter(|entry| entry.kind == EventKind::Query)
        .filter_map(|entry| entry.detail.get("sql")?.as_str())
        .collect();
    assert_eq!(
        questions[..2],
        ["select count(*) from card where limit_amount > ?", "select kind from card"],
        "{kinds:?}"
    );
    assert_eq!(kinds.first().map(|(kind, _)| kind.as_str()), Some("sign_in"));
    let refusals = mine.iter().filter(|entry| entry.kind == EventKind::Refusal).count();
    assert!(refusals >= 1, "{kinds:?}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_purpose_a_question_is_refused_and_looking_around_is_not() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let mut client = Client::enter(served.port, &key, &[("database", "florin")]).await.unwrap();
    let (code, said) = client.ask("select count(*) from card").await.error.unwrap();
    assert_eq!((code.as_str(), said.contains("purpose")), ("42501", true));
    assert_eq!(client.ask("select relname from pg_class where relname = 'card'").await.rows, ["card"]);
    assert_eq!(client.ask("select 1").await.rows, ["1"]);
    let refused = Client::enter(served.port, &key, &[("database", "profit")]).await.err().unwrap();
    assert_eq!(refused.0, "3D000");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_opens_nothing_any_more() {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(florin_wire::SqlSettings::default()).await.unwrap();
    let mut client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    assert_eq!(client.code("select count(*) from card").await, "");
    bank.revoke(&key).await;
    bank.wait(6);
    assert_eq!(
        client.code("select count(*) from card").await,
        "28P01",
        "what the store said is believed for five seconds"
    );
    let wrong = Key { password: "fl_x_y".to_owned(), ..bank.key("ben", &[Role::Analyst]).await };
    for key in [key, wrong, Key { user: "nobody".to_owned(), password: "x".to_owned() }] {
        assert_eq!(Client::enter(served.port, &key, &[]).await.err().unwrap().0, "28P01");
    }
    served.end().await;
}
