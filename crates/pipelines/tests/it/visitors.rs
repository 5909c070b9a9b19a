//! Anonymous visitors who turn out to be customers.

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::{
    House,
    apply::apply,
    care::{erase, history},
    customer::customer,
    load::Silent,
    resolve::{merge, resolve},
};

use crate::support::{TestBank, ask_house, moment};

/// A purpose that needs no consent here.
const OPEN: Purpose = Purpose::Risk;

/// Events of two phones. On `phone` Ann (1) looks around, signs in, goes on, and looks around again on another day; `shared`
/// is first Ben's (2), then Ann's. Cy (3) never signs in with `lost`.
const EVENTS: &str = "id,visitor,user,session,ts,name
1,phone,,s1,2025-03-01T10:00:00Z,view
2,phone,1,s1,2025-03-01T10:05:00Z,login
3,phone,,s1,2025-03-01T10:06:00Z,after_logout
4,phone,,s2,2025-03-09T09:00:00Z,view
5,phone,1,s3,2025-03-10T09:00:00Z,login
6,shared,,s4,2025-03-02T08:00:00Z,view
7,shared,2,s4,2025-03-02T08:01:00Z,login
8,shared,,s5,2025-03-03T08:00:00Z,view
9,shared,1,s6,2025-03-04T08:00:00Z,login
10,shared,,s7,2025-03-05T08:00:00Z,view
11,lost,,s8,2025-03-05T08:00:00Z,view
12,phone,,s9,2025-01-01T08:00:00Z,long_ago
13,,,,2025-03-05T09:00:00Z,no_visitor
14,direct,3,,2025-03-05T10:00:00Z,no_session
";

fn bank() -> TestBank {
    let bank = TestBank::new();
    let columns =
        ["id \"int\"", "visitor \"text\"", "user \"int\"", "session \"text\"", "ts \"timestamp\"", "name \"text\""];
    let map = "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('app', e.user) as \
               customer_id, e.visitor as anonymous_id, e.ts as ts, e.name as name, e.session as session_id, e.ts as known_at \
               from b_event e\"\n";
    let person = "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('app', u.id) as customer_id, 'person' as kind, \
                  timestamp '2025-01-01' as valid_from, timestamp '2025-01-01' as known_at from a_user u\"\n";
    bank.source("a_user", &["id \"int\""], person);
    bank.source("b_event", &columns, map);
    bank.write("data/a_user.csv", "id\n1\n2\n3\n4\n");
    bank.write("data/b_event.csv", EVENTS);
    let word = "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('app', c.id) as customer_id, 'marketing' as purpose, \
                c.state as state, timestamp '2025-06-01' as ts, timestamp '2025-06-01' as known_at from c_word c\"\n";
    bank.source("c_word", &["id \"int\"", "state \"text\""], word);
    bank.write("data/c_word.csv", "id,state\n2,withdrawn\n");
    bank
}

async fn resolved() -> (TestBank, House) {
    let bank = bank();
    let report = bank.ingest().await;
    assert_eq!(report.total().quarantined, 0);
    let house = bank.open("owner").await;
    let known = resolve(&house, &Silent).await.unwrap().visitors.unwrap();
    assert_eq!(known.visitors, 3);
    (bank, house)
}

/// Day, name and customer of the events, as of a time.
async fn events(house: &House, as_of: Option<&str>) -> Vec<String> {
    let sql = "select cast(ts as date), name, customer_id from event";
    ask_house(house, OPEN, as_of.map(moment), sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_did_is_the_customers_who_signs_in() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let anonymous = "select count(*) from event where customer_id is null";
    assert_eq!(ask_house(&house, OPEN, None, anonymous).await.unwrap(), ["9"]);
    resolve(&house, &Silent).await.unwrap();
    let expected = [
        "2025-01-01|long_ago|∅",
        "2025-03-01|after_logout|1",
        "2025-03-01|login|1",
        "2025-03-01|view|1",
        "2025-03-02|login|2",
        "2025-03-02|view|2",
        // Between the sessions of two customers: nobody's.
        "2025-03-03|view|∅",
        "2025-03-04|login|1",
        "2025-03-05|no_session|3",
        "2025-03-05|no_visitor|∅",
        "2025-03-05|view|∅",
        "2025-03-05|view|∅",
        "2025-03-09|view|1",
        "2025-03-10|login|1",
    ];
    assert_eq!(events(&house, None).await, expected);
    let hers = "select count(*), min(ts) from event where customer_id = 1";
    assert_eq!(ask_house(&house, OPEN, None, hers).await.unwrap(), ["6|2025-03-01T18:00:00+08:00"]);
    let grouped = "select customer_id, count(*) from event group by customer_id";
    assert_eq!(ask_house(&house, OPEN, None, grouped).await.unwrap(), ["1|6", "2|2", "3|1", "∅|5"]);
}

/// What is asked of some, beside what is asked of all and picked out.
async fn agrees(house: &House, as_of: Option<&str>) {
    let asked = async |sql: &str| ask_house(house, OPEN, as_of.map(moment), sql).await.unwrap();
    let all = asked("select customer_id, name, ts from event").await;
    let of = |ids: &[&str], name: &str| -> Vec<String> {
        let wanted = |row: &&String| {
            let mut parts = row.split('|');
            ids.contains(&parts.next().unwrap()) && (name.is_empty() || parts.next() == Some(name))
        };
        all.iter().filter(wanted).cloned().collect()
    };
    for (condition, ids, name) in [
        ("customer_id = 1", &["1"][..], ""),
        ("customer_id = 2", &["2"], ""),
        ("customer_id = 3", &["3"], ""),
        ("customer_id = 4", &["4"], ""),
        ("customer_id in (1, 2)", &["1", "2"], ""),
        ("customer_id = 1 and name = 'view'", &["1"], "view"),
        ("customer_id = 1 or customer_id = 3", &["1", "3"], ""),
        ("customer_id = 1 or customer_id is null", &["1", "∅"], ""),
        ("customer_id is null", &["∅"], ""),
    ] {
        let sql = format!("select customer_id, name, ts from event where {condition}");
        assert_eq!(asked(&sql).await, of(ids, name), "{condition} as of {as_of:?}");
        let count = asked(&format!("select count(*) from event where {condition}")).await;
        assert_eq!(count, [of(ids, name).len().to_string()], "{condition} as of {as_of:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_somebody_finds_what_a_question_about_all_finds() {
    let (_bank, house) = resolved().await;
    for as_of in [None, Some("2025-03-01T10:02:00Z"), Some("2025-03-09T12:00:00Z")] {
        agrees(&house, as_of).await;
    }
    merge(&house, CustomerId(1), CustomerId(3), "the same person").await.unwrap();
    agrees(&house, None).await;
    merge(&house, CustomerId(1), CustomerId(2), "all one").await.unwrap();
    agrees(&house, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_known_only_from_when_they_signed_in() {
    let (_bank, house) = resolved().await;
    let before = events(&house, Some("2025-03-01T10:02:00Z")).await;
    assert_eq!(before, ["2025-01-01|long_ago|∅", "2025-03-01|view|∅"]);
    let between = events(&house, Some("2025-03-09T12:00:00Z")).await;
    assert!(between.contains(&"2025-03-09|view|∅".to_owned()), "{between:?}");
    assert!(between.contains(&"2025-03-01|view|1".to_owned()), "{between:?}");
    let after = events(&house, Some("2025-03-10T09:00:00Z")).await;
    assert!(after.contains(&"2025-03-09|view|1".to_owned()), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_no_covers_what_they_did_before_signing_in() {
    let (_bank, house) = resolved().await;
    let sql = "select customer_id, count(*) from event group by customer_id";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, sql).await.unwrap(), ["1|6", "3|1", "∅|5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_persons_too() {
    let (_bank, house) = resolved().await;
    merge(&house, CustomerId(1), CustomerId(2), "one phone, one woman").await.unwrap();
    let sql = "select customer_id, count(*) from event group by customer_id";
    assert_eq!(ask_house(&house, OPEN, None, sql).await.unwrap(), ["1|8", "3|1", "∅|5"]);
    let view = customer(&house, CustomerId(2), Purpose::Service, None, false).await.unwrap();
    let of_events = view.sections.iter().find(|(table, _)| table == "event").unwrap();
    assert_eq!(of_events.1.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_erased_as_a_visitor_too() {
    let (_bank, house) = resolved().await;
    let done = erase(&house, CustomerId(1)).await.unwrap();
    let of = |table: &str| done.iter().find(|d| d.table == table).map_or(0, |d| d.done.rows);
    assert_eq!((of("event"), of("anonymous_span")), (6, 5), "{done:?}");
    let left = ["2025-01-01|long_ago|∅", "2025-03-02|login|2", "2025-03-02|view|2", "2025-03-03|view|∅"];
    let events = events(&house, None).await;
    assert_eq!((&events[..4], events.len()), (&left.map(str::to_owned)[..], 8));
    let again = resolve(&house, &Silent).await.unwrap().visitors.unwrap();
    assert_eq!((again.visitors, again.spans), (2, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_found_anew_only_when_there_are_new_events() {
    let (bank, house) = resolved().await;
    let versions = async || history(&house, "anonymous_span", 100).await.unwrap().len();
    let before = versions().await;
    let again = resolve(&house, &Silent).await.unwrap().visitors.unwrap();
    assert_eq!((versions().await, again.visitors), (before, 3));
    bank.write("data/b_event_2.csv", "id,visitor,user,session,ts,name\n20,lost,3,s20,2025-03-06T00:00:00Z,login\n");
    bank.ingest().await;
    let found = resolve(&house, &Silent).await.unwrap().visitors.unwrap();
    assert_eq!((versions().await, found.visitors), (before + 1, 4));
    let lost = "select count(*) from event where customer_id = 3";
    assert_eq!(ask_house(&house, OPEN, None, lost).await.unwrap(), ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_source_fills_what_florin_makes_itself() {
    let bank = bank();
    let map = "[[map]]\ninto = \"anonymous_span\"\nselect = \"select customer_id('app', e.user) as customer_id, e.visitor as \
               anonymous_id, e.ts as after, e.ts as until from d_span e\"\n";
    bank.source("d_span", &["visitor \"text\"", "user \"int\"", "ts \"timestamp\""], map);
    let house = bank.open("owner").await;
    let error = apply(&house, true).await.unwrap_err();
    assert!(format!("{error:?}").contains("`anonymous_span` is made by Florin itself"), "{error:?}");
}
