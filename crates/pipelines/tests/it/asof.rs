//! Nothing known later, and of every thing its latest version: whatever a query filters by.

use florin_domain::Purpose;
use florin_governance::PurposeRules;
use florin_lake::Session;
use florin_pipelines::{care::optimize, load::Silent};

use crate::support::{TestBank, ask, moment};

async fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.source("people", &["id \"int\"", "region \"text\"", "valid_from \"timestamp\"", "known_at \"timestamp\""], "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, p.region as region, p.valid_from as valid_from, p.known_at as known_at from people p\"\n");
    bank.source("zaccounts", &["id \"int\"", "owner \"int\"", "status \"text\"", "valid_from \"timestamp\"", "known_at \"timestamp\""], "[[map]]\ninto = \"account\"\nselect = \"select key('account', a.id) as account_id, customer_id('core', a.owner) as customer_id, a.status as status, a.valid_from as valid_from, a.known_at as known_at from zaccounts a\"\n");
    bank.source("zclicks", &["id \"int\"", "customer \"int\"", "ts \"timestamp\"", "known_at \"timestamp\""], "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('core', e.customer) as customer_id, e.ts as ts, 'click' as name, e.known_at as known_at from zclicks e\"\n");
    bank.write(
        "data/people.csv",
        file("id,region,valid_from,known_at", &["1,north,2020,2020", "2,south,2020,2020", "3,west,2020,2020"]),
    );
    // Account 1 closes; 2 passes from customer 1 to 2; 3 has a version of the future; 4 was known late; 5 was booked back.
    bank.write(
        "data/zaccounts.csv",
        file(
            "id,owner,status,valid_from,known_at",
            &["1,1,A,2020,2020", "2,1,A,2020,2020", "3,3,A,2020,2020", "4,3,A,2020,2024", "5,3,A,2022,2022"],
        ),
    );
    bank.write(
        "data/zclicks.csv",
        file("id,customer,ts,known_at", &["1,1,2020,2020", "2,1,2021,2023", "3,2,2022,2022"]),
    );
    bank.ingest().await;
    bank.write("data/people-2.csv", file("id,region,valid_from,known_at", &["1,east,2022,2023"]));
    bank.write(
        "data/zaccounts-2.csv",
        file(
            "id,owner,status,valid_from,known_at",
            &["1,1,closed,2022,2022", "2,2,B,2022,2022", "3,3,closed,2030,2021", "5,3,early,2021,2024"],
        ),
    );
    bank.write("data/zclicks-2.csv", file("id,customer,ts,known_at", &["4,2,2019,2025"]));
    bank.ingest().await;
    bank
}

/// Lines whose last two fields are years, as moments.
fn file(header: &str, lines: &[&str]) -> String {
    let line = |line: &&str| {
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        let years = fields.len() - 2;
        fields[years..].iter_mut().for_each(|year| year.push_str("-01-01T00:00:00Z"));
        fields.join(",")
    };
    format!("{header}\n{}\n", lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

async fn session(bank: &TestBank, as_of: Option<&str>) -> Session {
    bank.session("ron", Purpose::Risk, PurposeRules::default(), as_of.map(moment)).await
}

const ACCOUNTS: &str = "select customer_id, status, date_part('year', valid_from + interval '12 hours') from account";
const PEOPLE: &str = "select customer_id, region from customer";
const EVENTS: &str = "select customer_id, date_part('year', ts + interval '12 hours') from event";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_later_is_not_there_and_the_latest_version_of_its_time_is() {
    let bank = bank().await;
    /// A time, and what is seen of customers, accounts and loans then.
    type Case<'a> = (Option<&'a str>, &'a [&'a str], &'a [&'a str], &'a [&'a str]);
    let cases: [Case<'_>; 5] = [
        (Some("2019-06-01"), &[], &[], &[]),
        (Some("2021-06-01"), &["1|A|2020", "1|A|2020", "3|A|2020"], &["1|north", "2|south", "3|west"], &["1|2020"]),
        // Customer 1 moved in 2022, but nobody knew before 2023.
        (
            Some("2022-06-01"),
            &["1|closed|2022", "2|B|2022", "3|A|2020", "3|A|2022"],
            &["1|north", "2|south", "3|west"],
            &["1|2020", "2|2022"],
        ),
        (
            Some("2023-06-01"),
            &["1|closed|2022", "2|B|2022", "3|A|2020", "3|A|2022"],
            &["1|east", "2|south", "3|west"],
            &["1|2020", "1|2021", "2|2022"],
        ),
        (
            None,
            &["1|closed|2022", "2|B|2022", "3|A|2020", "3|A|2020", "3|A|2022"],
            &["1|east", "2|south", "3|west"],
            &["1|2020", "1|2021", "2|2019", "2|2022"],
        ),
    ];
    for merged in [false, true] {
        if merged {
            optimize(&bank.open("owner").await, &[], &Silent).await.unwrap();
        }
        for (as_of, accounts, people, events) in cases {
            let session = session(&bank, as_of).await;
            assert_eq!(ask(&session, ACCOUNTS).await.unwrap(), accounts, "accounts as of {as_of:?}, merged: {merged}");
            assert_eq!(ask(&session, PEOPLE).await.unwrap(), people, "people as of {as_of:?}, merged: {merged}");
            assert_eq!(ask(&session, EVENTS).await.unwrap(), events, "events as of {as_of:?}, merged: {merged}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_never_brings_back_an_old_version() {
    let bank = bank().await;
    for merged in [false, true] {
        if merged {
            optimize(&bank.open("owner").await, &[], &Silent).await.unwrap();
        }
        let session = session(&bank, None).await;
        for (condition, expected) in [
            ("status = 'A' and customer_id = 1", &[][..]),
            ("customer_id = 1", &["closed"]),
            ("customer_id = 2", &["B"]),
            ("status = 'early'", &[]),
            ("valid_from < timestamp '2021-06-01T00:00:00Z'", &["A", "A"]),
            ("known_at < timestamp '2020-06-01T00:00:00Z'", &["A"]),
            ("batch = 1", &[]),
            ("account_id in (select account_id from account where status = 'closed')", &["closed"]),
            ("account_id = (select max(account_id) from account where status = 'closed')", &["closed"]),
        ] {
            let sql = format!("select status from account where {condition}");
            assert_eq!(ask(&session, &sql).await.unwrap(), expected, "{sql}, merged: {merged}");
        }
        let joined = "select a.status, b.status from account a join account b on a.account_id = b.account_id where b.status = 'A' and a.status <> 'A'";
        assert!(ask(&session, joined).await.unwrap().is_empty(), "merged: {merged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_passed_to_somebody_who_withdrew_is_not_shown_as_the_earlier_owners() {
    let bank = bank().await;
    // Customer 2, who has account 2 now, withdraws. Customer 1 had it before; to show it as theirs would be wrong.
    bank.source("words", &["customer \"int\""], "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('core', w.customer) as customer_id, 'marketing' as purpose, 'withdrawn' as state, timestamp '2025-01-01T00:00:00Z' as ts from words w\"\n");
    bank.write("data/words.csv", "customer\n2\n");
    bank.ingest().await;
    let house = bank.open("mia").await;
    let seen = crate::support::ask_house(&house, Purpose::Marketing, None, "select customer_id, status from account")
        .await
        .unwrap();
    assert_eq!(seen, ["1|closed", "3|A", "3|A", "3|A"]);
    // As of the time when customer 1 had it, it is theirs.
    let then = crate::support::ask_house(
        &house,
        Purpose::Marketing,
        Some(moment("2021-06-01")),
        "select customer_id, status from account",
    )
    .await
    .unwrap();
    assert_eq!(then, ["1|A", "1|A", "3|A"]);
}
