//! The protocol, message by message: transactions, cursors, portals, cancelling, bounds, TLS.

use std::time::Duration;

use florin_domain::Role;
use florin_wire::{OpenError, SqlSettings};

use crate::{
    bank::{Key, Served, TestBank},
    wire::{Client, message, start_up},
};

async fn served(settings: SqlSettings) -> (TestBank, Key, Served) {
    let bank = TestBank::new().await;
    let key = bank.key("ana", &[Role::Analyst]).await;
    let served = bank.serve(settings).await.unwrap();
    (bank, key, served)
}

async fn entered() -> (TestBank, Served, Client) {
    let (bank, key, served) = served(SqlSettings::default()).await;
    let client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    (bank, served, client)
}

/// Messages of the extended protocol.
fn parse(name: &str, sql: &str) -> Vec<u8> {
    message(b'P', &[name.as_bytes(), b"\0", sql.as_bytes(), b"\0\0\0"].concat())
}

fn bind(portal: &str, statement: &str, values: &[&str]) -> Vec<u8> {
    let mut body = [portal.as_bytes(), b"\0", statement.as_bytes(), b"\0\0\0"].concat();
    body.extend((values.len() as u16).to_be_bytes());
    for value in values {
        body.extend((value.len() as i32).to_be_bytes());
        body.extend(value.as_bytes());
    }
    body.extend([0, 0]);
    message(b'B', &body)
}

fn execute(portal: &str, most: i32) -> Vec<u8> {
    message(b'E', &[portal.as_bytes(), b"\0", &most.to_be_bytes()].concat())
}

fn sync() -> Vec<u8> {
    message(b'S', b"")
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_kept_and_nothing_is_written() {
    let (_bank, served, mut client) = entered().await;
    for (text, code, state) in [
        ("begin", "", b'T'),
        ("select count(*) from card", "", b'T'),
        ("select nope from card", "42703", b'E'),
        ("select 1", "25P02", b'E'),
        ("commit", "", b'I'),
        ("start transaction read only", "", b'T'),
        ("savepoint a", "", b'T'),
        ("selec", "42601", b'E'),
        ("rollback to savepoint a", "", b'T'),
        ("rollback", "", b'I'),
        ("insert into card values (1)", "25006", b'I'),
        ("create table x (a int)", "25006", b'I'),
        ("drop table card", "25006", b'I'),
        ("copy card from stdin", "0A000", b'I'),
        ("select * from nope", "42P01", b'I'),
        ("select * from card where", "42601", b'I'),
        ("explain analyze select * from card", "25006", b'I'),
    ] {
        let came = client.ask(text).await;
        assert_eq!(
            (came.error.map(|(code, _)| code).unwrap_or_default().as_str(), came.state),
            (code, state),
            "{text}"
        );
    }
    assert_eq!(client.ask("begin; select 1; selec; select 2").await.rows, Vec::<String>::new());
    client.ask("rollback").await;
    let came = client.ask("select 1; select 2").await;
    assert_eq!(
        (came.rows, came.tags),
        (vec!["1".to_owned(), "2".to_owned()], vec!["SELECT 1".to_owned(), "SELECT 1".to_owned()])
    );
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_tell_in_parts_until_their_transaction_ends() {
    let (_bank, served, mut client) = entered().await;
    assert_eq!(client.code("declare c cursor for select 1").await, "25P01");
    client
        .ask("begin; declare c no scroll cursor for select row_number() over (order by card_id) from card order by 1")
        .await;
    assert_eq!(client.ask("fetch 2 from c").await.rows, ["1", "2"]);
    assert_eq!(client.ask("move 1 in c").await.tags, ["MOVE 1"]);
    let rest = client.ask("fetch all from c").await;
    assert_eq!((rest.rows, rest.tags), (vec!["4".to_owned()], vec!["FETCH 1".to_owned()]));
    assert_eq!(client.ask("commit").await.tags, ["COMMIT"]);
    assert_eq!(client.code("fetch 1 from c").await, "34000");
    client.ask("declare \"SQL_CUR1\" cursor with hold for select kind from card").await;
    assert_eq!(client.ask("fetch 100 in \"SQL_CUR1\"").await.rows.len(), 4);
    assert_eq!(client.ask("close \"SQL_CUR1\"").await.tags, ["CLOSE CURSOR"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_statements_take_values_and_portals_are_told_in_parts() {
    let (_bank, served, mut client) = entered().await;
    let sql = "select limit_amount from card where limit_amount > $1 and kind <> $2 order by 1";
    client.send(&[parse("s", sql), message(b'D', b"Ss\0"), sync()].concat()).await;
    assert_eq!(client.came().await.letters, "1tTZ");
    client.send(&[bind("", "s", &["150", "it's"]), execute("", 2), execute("", 0), sync()].concat()).await;
    let came = client.came().await;
    assert_eq!((came.letters.as_str(), came.rows.len()), ("2DDsDCZ", 3));
    // After an error, what follows is left alone until the client synchronises.
    client
        .send(
            &[bind("", "nope", &[]), execute("", 0), sync(), bind("", "s", &["450", ""]), execute("", 0), sync()]
                .concat(),
        )
        .await;
    let came = client.came().await;
    assert_eq!((came.letters.as_str(), came.error.unwrap().0.as_str()), ("EZ", "26000"));
    assert_eq!(client.came().await.rows, ["500.5500"]);
    client.send(&[parse("", "select 1; select 2"), sync()].concat()).await;
    assert_eq!(client.came().await.error.unwrap().0, "42601");
    client.send(&[message(b'C', b"Ss\0"), bind("", "s", &["1", ""]), sync()].concat()).await;
    assert_eq!(client.came().await.error.unwrap().0, "26000");
    served.end().await;
}

const LONG: &str = "select count(*) from generate_series(1, 1000000000) a, card b where a.value % 7 = 3";

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_or_is_cancelled_is_stopped() {
    let (_bank, served, mut client) = entered().await;
    client.ask("set statement_timeout = '200ms'").await;
    assert_eq!(client.code(LONG).await, "57014");
    client.ask("set statement_timeout = 0").await;
    let (process, secret, port) = (client.process, client.secret, served.port);
    let asking = tokio::spawn(async move { (client.code(LONG).await, client) });
    // A wrong secret stops nothing; the right one is sent until it is heard.
    let cancel = |secret: i32| [16_i32, 80_877_102, process, secret].map(i32::to_be_bytes).concat();
    Client::reach(port).await.send(&cancel(secret.wrapping_add(1))).await;
    while !asking.is_finished() {
        Client::reach(port).await.send(&cancel(secret)).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (code, mut client) = asking.await.unwrap();
    assert_eq!(code, "57014");
    assert_eq!(client.ask("select 1").await.rows, ["1"], "the connection goes on");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bound_is_told() {
    let settings = SqlSettings { connections_max: 1, ..SqlSettings::default() };
    let (_bank, key, served) = served(settings).await;
    let mut client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    let mut second = Client::reach(served.port).await;
    second.send(&start_up(&[("user", &key.user)])).await;
    assert_eq!(second.read().await.unwrap().field(b'C').unwrap(), "53300");
    for number in 0..1000 {
        client.send(&parse(&format!("s{number}"), "select 1")).await;
    }
    client.send(&[parse("one more", "select 1"), sync()].concat()).await;
    assert_eq!(client.came().await.error.unwrap().0, "53400");
    client.send(&[[b'Q'].as_slice(), &i32::MAX.to_be_bytes()].concat()).await;
    assert_eq!(client.read().await.unwrap().field(b'C').unwrap(), "08P01", "a message that long is not read");
    assert!(client.read().await.is_none(), "and the connection is over");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_nothing_is_let_go_and_an_ending_server_says_so() {
    let (_bank, key, served_idle) = served(SqlSettings { idle_timeout_seconds: 1, ..SqlSettings::default() }).await;
    let mut client = Client::enter(served_idle.port, &key, &[]).await.unwrap();
    assert_eq!(client.read().await.unwrap().field(b'C').unwrap(), "57P05");
    served_idle.end().await;
    let (_bank, served, mut client) = entered().await;
    served.end().await;
    assert_eq!(client.read().await.unwrap().field(b'C').unwrap(), "57P01");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_harms_nobody() {
    let (_bank, key, served) = served(SqlSettings::default()).await;
    for bytes in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 64],
        vec![255; 64],
        [0, 0, 0, 8, 0, 3, 0, 0].to_vec(),
        [&start_up(&[("user", "x")]), message(b'Q', b"select 1\0").as_slice()].concat(),
        [&start_up(&[("user", "x")]), message(b'p', b"MD5\0").as_slice()].concat(),
    ] {
        let mut client = Client::reach(served.port).await;
        client.send(&bytes).await;
        while client.read().await.is_some_and(|message| message.0 != b'E') {}
    }
    let mut client = Client::enter(served.port, &key, &[("database", "analytics")]).await.unwrap();
    for letter in [b'P', b'B', b'D', b'E', b'C', b'F', b'f'] {
        client.send(&[message(letter, &[1, 2, 3]), sync()].concat()).await;
        client.came().await;
    }
    assert_eq!(client.ask("select count(*) from card").await.rows, ["4"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_only_loopback_is_listened_on_and_half_of_tls_is_none() {
    let bank = TestBank::new().await;
    let open = SqlSettings { listen: Some("0.0.0.0:0".to_owned()), ..SqlSettings::default() };
    let half = SqlSettings { certificate: Some("c.pem".to_owned()), ..SqlSettings::default() };
    let gone =
        SqlSettings { certificate: Some("c.pem".to_owned()), key: Some("k.pem".to_owned()), ..SqlSettings::default() };
    for (settings, said) in [(open, "needs a `certificate`"), (half, "one of them is missing"), (gone.clone(), "c.pem")]
    {
        let error = bank.serve(settings).await.err().unwrap();
        assert!(error.to_string().contains(said), "{error}");
    }
    std::fs::write(bank.path().join("c.pem"), "no certificate").unwrap();
    std::fs::write(bank.path().join("k.pem"), "no key").unwrap();
    let error = bank.serve(gone).await.err().unwrap();
    assert!(matches!(error, OpenError::Tls { .. }), "{error}");
}
