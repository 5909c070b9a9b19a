//! Traits: computed as of a time, kept, stale when something they rest on changed, read under their own rules.

use std::{fmt::Write as _, time::Duration};

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_features::definition::Reason;
use florin_pipelines::{
    FlowError, House,
    care::{erase, optimize},
    customer::customer,
    load::{Progress, Silent},
    resolve::resolve,
    traits::{Done, lineage, plan, run, states, training},
};

use florin_store::Lock;

use crate::support::{TestBank, a_trait, ask_house, moment, rows};

const TRAITS: &str = r#"
[[trait]]
name = "paid_30d"
meaning = { zh = "近三十天支付", en = "paid in the last 30 days" }
type = "decimal"
unit = "CNY"
class = "C2"
purposes = ["analytics", "marketing", "service"]
fill = { constant = 0 }
sql = "SELECT customer_id, sum(amount) AS value FROM transaction WHERE ts > as_of() - INTERVAL '30 days' GROUP BY customer_id"

[[trait]]
name = "payments"
meaning = { zh = "支付次数", en = "payments ever" }
type = "int"
unit = "1"
class = "C1"
purposes = ["analytics", "service"]
sql = "SELECT customer_id, count(*) AS value FROM transaction GROUP BY customer_id"

[[trait]]
name = "average"
meaning = { zh = "平均支付", en = "average payment, of the region's median where there is none" }
type = "decimal"
unit = "CNY"
class = "C2"
purposes = ["analytics"]
fill = { median_by = "region" }
sql = "SELECT t.customer_id, sum(t.amount) / max(p.value) AS value FROM transaction t JOIN traits.payments p ON p.customer_id = t.customer_id GROUP BY t.customer_id"

[[trait]]
name = "region"
meaning = { zh = "地区", en = "where they live" }
type = "text"
class = "C2"
purposes = ["analytics", "service"]
sql = "SELECT customer_id, region AS value FROM customer"
"#;

/// Five people; 1 to 3 paid in February and March of 2024.
fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.source("a_people", &["id \"int\"", "region \"text\"", "at \"timestamp\""], "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, p.region as region, p.at as valid_from, p.at as known_at from a_people p\"\n");
    bank.source("b_paid", &["id \"int\"", "who \"int\"", "amount \"decimal\"", "at \"timestamp\"", "known \"timestamp\""], "[[map]]\ninto = \"transaction\"\nselect = \"select key('paid', x.id) as transaction_id, customer_id('core', x.who) as customer_id, x.at as ts, x.amount as amount, 'out' as direction, x.known as known_at from b_paid x\"\n");
    bank.source("c_words", &["who \"int\"", "state \"text\""], "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('core', x.who) as customer_id, 'marketing' as purpose, x.state as state, timestamp '2024-01-05' as ts, timestamp '2024-01-05' as known_at from c_words x\"\n");
    let people: String =
        (1..=5).map(|id| format!("{id},{},2024-01-01T00:00:00Z\n", if id < 4 { "north" } else { "south" })).collect();
    bank.write("data/a_people.csv", format!("id,region,at\n{people}"));
    bank.write(
        "data/b_paid-1.csv",
        paid(&[(1, 1, 10, "2024-02-20"), (2, 1, 20, "2024-03-20"), (3, 2, 40, "2024-03-21"), (4, 3, 90, "2024-02-01")]),
    );
    bank.write("data/c_words.csv", "who,state\n2,withdrawn\n");
    bank.write("traits/basics.toml", TRAITS);
    bank
}

/// Payments that are known when they are made.
fn paid(lines: &[(i64, i64, i64, &str)]) -> String {
    let mut text = "id,who,amount,at,known\n".to_owned();
    for (id, who, amount, day) in lines {
        writeln!(text, "{id},{who},{amount},{day}T03:00:00Z,{day}T03:00:00Z").unwrap();
    }
    text
}

async fn compute(house: &House, names: &[&str], as_of: &str) -> Vec<Done> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let planned = plan(house, &names, EventTime(moment(as_of)), false).await.unwrap();
    let outcome = run(house, &planned, &Silent, &|| Duration::ZERO).await.unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    outcome.done
}

async fn values(house: &House, name: &str, as_of: Option<&str>) -> Vec<String> {
    let sql = format!("select customer_id, value, filled from traits.{name}");
    ask_house(house, Purpose::Analytics, as_of.map(moment), &sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_are_computed_in_order_filled_and_read_with_sql() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let error = ask_house(&house, Purpose::Analytics, None, "select * from traits.payments").await.unwrap_err();
    assert!(matches!(&error, FlowError::NeverComputed(name) if name == "payments"), "{error}");

    let done = compute(&house, &[], "2024-04-01").await;
    assert_eq!(done.len(), 4);
    assert_eq!(values(&house, "payments", None).await, ["1|2|false", "2|1|false", "3|1|false"]);
    assert_eq!(
        values(&house, "paid_30d", None).await,
        ["1|20.0000|false", "2|40.0000|false", "3|0.0000|true", "4|0.0000|true", "5|0.0000|true"]
    );
    // 15, 40 and 90 in the north; nobody of the south has one, so the median of all stands there.
    assert_eq!(
        values(&house, "average", None).await,
        ["1|15.0000|false", "2|40.0000|false", "3|90.0000|false", "4|40.0000|true", "5|40.0000|true"]
    );
    let joined =
        "select c.region, p.value from customer c left join traits.payments p on p.customer_id = c.customer_id";
    assert_eq!(ask_house(&house, Purpose::Analytics, None, joined).await.unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_computed_again_and_it_is_said_why() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    compute(&house, &[], "2024-04-01T01:00:00Z").await;
    // Later on the same day in the bank's zone: nothing is stale. The next day, what asks for the time is.
    assert_eq!(compute(&house, &[], "2024-04-01T15:00:00Z").await, []);
    let next: Vec<String> = compute(&house, &[], "2024-04-01T17:00:00Z").await.into_iter().map(|d| d.name).collect();
    assert_eq!(next, ["paid_30d"]);
    optimize(&house, &[], &Silent).await.unwrap();
    assert_eq!(compute(&house, &[], "2024-04-01T17:00:00Z").await, [], "laying rows out anew changes no value");

    bank.write("data/b_paid-2.csv", paid(&[(5, 4, 7, "2024-03-31")]));
    bank.ingest().await;
    let stale = states(&house, EventTime(moment("2024-04-01T17:00:00Z"))).await.unwrap();
    let why = |name: &str| stale.iter().find(|s| s.name == name).unwrap().stale.clone();
    assert!(matches!(&why("payments")[..], [Reason::TableChanged { table, .. }] if table == "transaction"));
    assert!(why("average").iter().any(|r| matches!(r, Reason::InputStale { name } if name == "payments")));
    assert_eq!(why("region"), []);
    compute(&house, &["average"], "2024-04-01T17:00:00Z").await;
    assert_eq!(values(&house, "average", None).await[3], "4|7.0000|false");

    let changed = TRAITS.replace("count(*) AS value", "count(*) + 1 AS value");
    bank.write("traits/basics.toml", changed);
    let house = bank.open("owner").await;
    let stale = states(&house, EventTime(moment("2024-04-01T17:00:00Z"))).await.unwrap();
    assert_eq!(stale.iter().find(|s| s.name == "payments").unwrap().stale, [Reason::DefinitionChanged]);
}

/// Loads what is new when work tells that it began.
struct Loading<'b>(&'b TestBank);

impl Progress for Loading<'_> {
    fn begin(&self, step: &str, _: &'static str, _: Option<u64>) {
        assert_eq!(step, "computing traits");
        let load = async { assert_eq!(self.0.ingest().await.total().stored, 1) };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(load));
    }

    fn advance(&self, _: u64) {}

    fn end(&self) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_loaded_while_traits_are_computed_is_there_but_not_in_them_until_they_are_computed_again() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    bank.write("data/b_paid-2.csv", paid(&[(5, 1, 7, "2024-03-31")]));
    let as_of = EventTime(moment("2024-04-01T17:00:00Z"));
    let planned = plan(&house, &[], as_of, false).await.unwrap();
    let outcome = run(&house, &planned, &Loading(&bank), &|| Duration::ZERO).await.unwrap();
    assert!(outcome.failed.is_empty() && outcome.done.len() == 4, "{outcome:?}");
    let loaded = ask_house(&house, Purpose::Analytics, None, "select count(*) from transaction").await.unwrap();
    assert_eq!(loaded, ["5"]);
    assert_eq!(values(&house, "payments", None).await, ["1|2|false", "2|1|false", "3|1|false"]);

    let stale = states(&house, as_of).await.unwrap();
    let why = &stale.iter().find(|state| state.name == "payments").unwrap().stale;
    assert!(matches!(&why[..], [Reason::TableChanged { table, .. }] if table == "transaction"), "{why:?}");
    compute(&house, &[], "2024-04-01T17:00:00Z").await;
    assert_eq!(values(&house, "payments", None).await, ["1|3|false", "2|1|false", "3|1|false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_go_on_beside_work_and_what_must_not_waits_for_both() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let lock = async |name| match bank.store().await.lock(name, "another process", EventTime(0)).await.unwrap() {
        Lock::Taken(lock) => lock,
        Lock::Held(holder) => panic!("{name} is held by {}", holder.by),
    };
    let planned = plan(&house, &[], EventTime(moment("2024-04-01")), false).await.unwrap();
    let working = async || run(&house, &planned, &Silent, &|| Duration::ZERO).await.map(|outcome| outcome.done.len());

    let work = lock("work").await;
    bank.write("data/b_paid-2.csv", paid(&[(5, 4, 7, "2024-03-31")]));
    assert_eq!(bank.ingest().await.total().stored, 1);
    assert!(matches!(working().await, Err(FlowError::Busy { by }) if by == "another process"));
    assert!(matches!(optimize(&house, &[], &Silent).await, Err(FlowError::Busy { .. })));
    assert!(matches!(resolve(&house, &Silent).await, Err(FlowError::Busy { .. })));
    assert!(matches!(erase(&house, CustomerId(1)).await, Err(FlowError::Busy { .. })));
    drop(work);

    let load = lock("load").await;
    assert!(matches!(working().await, Err(FlowError::Busy { .. })), "work begins between two loads");
    assert!(matches!(optimize(&house, &[], &Silent).await, Err(FlowError::Busy { .. })));
    drop(load);
    assert_eq!(working().await.unwrap(), 4);
    optimize(&house, &[], &Silent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_that_a_projection_answers_have_the_values_that_the_table_gives() {
    let bank = bank();
    let counts = ["2024-03-01", "2024-02-10"].map(|day| {
        let lines = ["type = \"int\"", "unit = \"1\"", "class = \"C1\"", "purposes = [\"analytics\"]"];
        let sql = format!(
            "SELECT customer_id, count(*) AS value FROM transaction WHERE ts >= TIMESTAMP '{day}' GROUP BY customer_id"
        );
        a_trait(&format!("since_{}", day.replace('-', "_")), ("支付", "payments"), &lines, &sql)
    });
    bank.write("traits/more.toml", counts.concat());
    bank.ingest().await;
    let house = bank.open("owner").await;
    let names = ["paid_30d", "payments", "since_2024_03_01", "since_2024_02_10"];
    let mut told = Vec::new();
    for narrow in [false, true] {
        if narrow {
            optimize(&house, &[], &Silent).await.unwrap();
        }
        let planned = plan(&house, &names.map(str::to_owned), EventTime(moment("2024-04-01")), true).await.unwrap();
        let outcome = run(&house, &planned, &Silent, &|| Duration::ZERO).await.unwrap();
        assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
        let mut all = Vec::new();
        for name in names {
            all.push(values(&house, name, None).await);
        }
        told.push(all);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1][2], ["1|1|false", "2|1|false"]);
    assert_eq!(told[1][3], ["1|2|false", "2|1|false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_trait_that_is_computed_every_day_is_summed_up() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    for day in 1..=12 {
        compute(&house, &["paid_30d"], &format!("2024-04-{day:02}")).await;
    }
    let log = bank.made().join("lake/traits.paid_30d/_delta_log");
    let there: Vec<String> = std::fs::read_dir(&log)
        .unwrap_or_else(|e| panic!("{}: {e}", log.display()))
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(there.iter().any(|name| name == "00000000000000000009.checkpoint.parquet"), "{there:?}");
    assert!(there.iter().any(|name| name == "_last_checkpoint"), "{there:?}");
    // What the summary says is what the log says: the values of the last day, of nobody else.
    let now = values(&house, "paid_30d", None).await;
    assert_eq!(now.len(), 5);
    assert!(now.contains(&"2|40.0000|false".to_owned()), "{now:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_that_was_received_after_a_date_can_change_its_values() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let dates = ["2024-02-15", "2024-03-01", "2024-03-20T12:00:00Z", "2024-04-01"];
    let mut before = Vec::new();
    for date in dates {
        for name in ["paid_30d", "payments", "average", "region"] {
            before.push(values(&house, name, Some(date)).await);
        }
    }
    assert_eq!(values(&house, "payments", Some("2024-03-01")).await, ["1|1|false", "3|1|false"]);
    // Received later, about before, between and after those dates; a new customer and a new version of another too.
    let late = "id,who,amount,at,known\n6,1,1000,2024-02-10T03:00:00Z,2024-05-01T03:00:00Z\n7,5,1000,2024-03-19T03:00:00Z,2024-05-01T03:00:00Z\n8,2,1000,2024-06-01T03:00:00Z,2024-06-01T03:00:00Z\n";
    bank.write("data/b_paid-3.csv", late);
    bank.write("data/a_people-2.csv", "id,region,at\n1,west,2024-05-01T00:00:00Z\n6,south,2024-05-01T00:00:00Z\n");
    bank.ingest().await;
    compute(&house, &[], "2024-07-01").await;
    let mut after = Vec::new();
    for date in dates {
        for name in ["paid_30d", "payments", "average", "region"] {
            after.push(values(&house, name, Some(date)).await);
        }
    }
    assert_eq!(before, after);
    assert_eq!(values(&house, "payments", None).await[0], "1|3|false", "today's profile has them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trait_is_read_under_its_own_purposes_class_and_consent() {
    let bank = bank();
    bank.ingest().await;
    compute(&bank.open("dan").await, &[], "2024-04-01").await;
    let marketer = bank.open("mia").await;
    let refused = ask_house(&marketer, Purpose::Marketing, None, "select * from traits.payments").await.unwrap_err();
    assert!(
        matches!(&refused, FlowError::Refused(why) if why.help().contains("its definition allows it for: service, analytics")),
        "{refused}"
    );
    let paid = "select customer_id, value from traits.paid_30d";
    let seen = ask_house(&marketer, Purpose::Marketing, None, paid).await.unwrap();
    assert_eq!(seen.len(), 4, "customer 2 said no to marketing: {seen:?}");
    let past = ask_house(&marketer, Purpose::Marketing, Some(moment("2024-04-01")), paid).await.unwrap();
    assert_eq!(past, seen, "what is computed for a past date obeys the same");
    // The data engineer who computed it sees C1 only.
    let engineer = bank.open("dan").await;
    let masked = ask_house(&engineer, Purpose::Analytics, None, "select distinct value, filled from traits.paid_30d")
        .await
        .unwrap();
    assert_eq!(masked, ["∅|∅"]);
    let masked = ask_house(
        &engineer,
        Purpose::Analytics,
        Some(moment("2024-03-25")),
        "select distinct value, filled from traits.paid_30d",
    )
    .await
    .unwrap();
    assert_eq!(masked, ["∅|∅"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_profile_says_what_each_value_is_and_an_erased_customer_has_none() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    compute(&house, &[], "2024-04-01").await;
    let view = customer(&house, CustomerId(1), Purpose::Service, None, false).await.unwrap();
    let names: Vec<&str> = view.profile.iter().map(|value| value.name.as_str()).collect();
    assert_eq!(names, ["paid_30d", "payments", "region"], "what is not for service is not shown");
    let paid = &view.profile[0];
    assert_eq!((paid.value.as_ref().unwrap().to_string(), paid.filled), ("20.0000".to_owned(), false));
    assert_eq!(
        (paid.as_of, paid.tables.as_slice()),
        (EventTime(moment("2024-04-01")), &["transaction".to_owned()][..])
    );

    let told: Vec<_> = view.timeline.iter().map(|h| (&h.at[..10], h.table.as_str(), h.what.as_str())).collect();
    assert_eq!(told, [("2024-03-20", "transaction", "out, 20.0000"), ("2024-02-20", "transaction", "out, 10.0000")]);

    erase(&house, CustomerId(1)).await.unwrap();
    for name in ["paid_30d", "payments", "region", "average"] {
        assert!(values(&house, name, None).await.iter().all(|row| !row.starts_with("1|")), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_set_has_each_customer_as_of_each_date_and_is_on_record() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let dates = ["2024-03-01", "2024-04-01"].map(|date| EventTime(moment(date)));
    let mut batches = Vec::new();
    let names = ["payments".to_owned(), "paid_30d".to_owned()];
    let count = training(&house, &names, &dates, Purpose::Analytics, |batch| {
        batches.push(batch);
        Ok(())
    });
    assert_eq!(count.await.unwrap(), 10);
    let rows = rows(&batches);
    assert_eq!(rows[0], "2024-03-01T00:00:00Z|1|1|10.0000");
    assert_eq!(rows[5], "2024-04-01T00:00:00Z|1|2|20.0000");
    assert_eq!(rows[9], "2024-04-01T00:00:00Z|5|∅|0.0000");
    let entries = house.audit_entries(100).await.unwrap();
    assert_eq!(entries.iter().filter(|(_, entry)| entry.kind.name() == "export").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn lineage_goes_from_a_trait_to_the_columns_of_the_sources() {
    let bank = bank();
    bank.ingest().await;
    let house = bank.open("owner").await;
    let rests_on = lineage(&house, "average").unwrap();
    assert_eq!(rests_on.traits.iter().map(String::as_str).collect::<Vec<_>>(), ["payments", "region"]);
    let of_amount = &rests_on.sources["transaction"][0];
    assert_eq!(of_amount.source, "b_paid");
    assert_eq!(of_amount.columns["amount"].iter().map(String::as_str).collect::<Vec<_>>(), ["amount"]);
    assert_eq!(of_amount.columns["customer_id"].iter().map(String::as_str).collect::<Vec<_>>(), ["who"]);
}

/// An odd one, one that has nothing to do with it, and one that reads it.
fn odd_and_fine(sql: &str) -> String {
    let (service, money) = ("purposes = [\"service\"]", "type = \"decimal\"\nunit = \"CNY\"\nclass = \"C2\"");
    let count = "SELECT customer_id, count(*) AS value FROM transaction GROUP BY customer_id";
    a_trait("odd", ("一", "one"), &[money, service], sql)
        + &a_trait("fine", ("二", "two"), &["type = \"int\"\nclass = \"C1\"", service], count)
        + &a_trait("reader", ("三", "three"), &[money, service], "SELECT customer_id, value FROM traits.odd")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_gives_something_else_is_refused_with_its_name_and_file() {
    let bank = bank();
    bank.ingest().await;
    for (sql, said) in [
        ("SELECT customer_id, amount AS value FROM transaction", "more than one row"),
        ("SELECT customer_id, direction AS value FROM transaction GROUP BY 1, 2", "make them agree"),
        ("SELECT customer_id, CAST(sum(amount) AS DOUBLE) AS value FROM transaction GROUP BY 1", "money is never one"),
        ("SELECT customer_id, sum(nothing) AS value FROM transaction GROUP BY 1", "nothing"),
    ] {
        bank.write("traits/basics.toml", odd_and_fine(sql));
        let house = bank.open("owner").await;
        let planned = plan(&house, &[], EventTime(moment("2024-04-01")), true).await.unwrap();
        let outcome = run(&house, &planned, &Silent, &|| Duration::ZERO).await.unwrap();
        assert_eq!(outcome.done.iter().map(|done| done.name.as_str()).collect::<Vec<_>>(), ["fine"]);
        let said_all = outcome.failed.iter().map(|f| f.error.to_string()).collect::<Vec<_>>().join("\n");
        assert!(said_all.contains("it reads a trait that could not be computed"), "{said_all}");
        assert!(said_all.contains(said) && said_all.contains("traits/basics.toml"), "{said_all}");
    }
}
