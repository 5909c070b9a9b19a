//! Customers of several systems who are one person: found, seen as one, taken apart again.

use std::fmt::Write as _;

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::{
    FlowError, House,
    customer::customer,
    load::Silent,
    resolve::{Finder, Resolved, merge, resolve, show, split, undo},
};

use crate::support::{TestBank, ask_house, moment};

const PEOPLE: usize = 120;
const SURNAMES: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵"];
const GIVEN: [&str; 12] = ["伟", "芳", "娜", "敏", "静", "磊", "军", "洋", "勇", "艳", "杰", "娟"];
/// Purposes that need no consent here.
const OPEN: Purpose = Purpose::Risk;

/// Every person is known to two systems, under keys that have nothing in common; `core` comes first and gives customers
/// 1 to 120, `crm` 121 to 240.
fn bank() -> TestBank {
    let bank = TestBank::new();
    for (place, system) in ["a_core", "b_crm"].into_iter().enumerate() {
        let name = &system[2..];
        let columns =
            ["id \"int\"", "name \"text\"", "phone \"text\"", "email \"text\"", "born \"date\"", "region \"text\""];
        let value = |kind: &str| {
            format!(
                "[[map]]\ninto = \"identifier\"\nselect = \"select customer_id('{name}', x.id) as \
                 customer_id, '{kind}' as kind, x.{kind} as token, timestamp '2024-01-01' as known_at from {system} x\"\n"
            )
        };
        let maps = format!(
            "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('{name}', x.id) as customer_id, 'person' as \
             kind, x.born as birth_date, x.region as region, {} as occupation, timestamp '2024-0{}-01' as valid_from, timestamp \
             '2024-01-01' as known_at from {system} x\"\n{}{}{}",
            // Only one of them knows what people do.
            if place == 0 { "'baker'" } else { "cast(null as varchar)" },
            place + 1,
            value("name"),
            value("phone"),
            value("email"),
        );
        bank.source(system, &columns, &maps);
        bank.write(&format!("data/{system}.csv"), people(name));
    }
    for (source, system, amount) in [("c_core_paid", "core", 1), ("c_crm_paid", "crm", 10)] {
        let map = format!(
            "[[map]]\ninto = \"transaction\"\nselect = \"select key('{system}.paid', x.id) as transaction_id, \
             customer_id('{system}', x.id) as customer_id, key('{system}.account', x.id) as account_id, timestamp \
             '2024-03-01' as ts, x.amount as amount, 'out' as direction, 'CNY' as currency, timestamp '2024-03-01' as \
             known_at from {source} x\"\n"
        );
        bank.source(source, &["id \"int\"", "amount \"decimal\""], &map);
        bank.write(&format!("data/{source}.csv"), payments(system, amount));
    }
    bank.source(
        "d_words",
        &["crm \"int\"", "state \"text\""],
        "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('crm', x.crm) as customer_id, 'marketing' as purpose, \
         x.state as state, timestamp '2024-02-01' as ts, timestamp '2024-02-01' as known_at from d_words x\"\n",
    );
    bank.write("data/d_words.csv", "crm,state\n50001,withdrawn\n");
    bank
}

fn people(system: &str) -> String {
    let mut lines = "id,name,phone,email,born,region\n".to_owned();
    for person in 0..PEOPLE {
        let name = format!("{}{}{}", SURNAMES[person % 8], GIVEN[person % 12], GIVEN[person * 7 / 12 % 12]);
        let (year, month, day) = (1950 + person % 50, 1 + person * 5 % 12, 1 + person * 11 % 28);
        let id = first_key(system) + person;
        writeln!(
            lines,
            "{id},{name},139{:08},user{person}@example.com,{year}-{month:02}-{day:02},{system}",
            10_000_019 + person * 7_654_321 % 80_000_000
        )
        .unwrap();
    }
    lines
}

/// Everybody pays once as a customer of each system.
fn payments(system: &str, amount: u32) -> String {
    let first = first_key(system);
    let lines: String = (0..PEOPLE).map(|person| format!("{},{amount}\n", first + person)).collect();
    format!("id,amount\n{lines}")
}

fn first_key(system: &str) -> usize {
    if system == "core" { 1 } else { 50_001 }
}

async fn loaded() -> (TestBank, House) {
    let bank = bank();
    let report = bank.ingest().await;
    let put_aside = florin_pipelines::quarantine::records(&bank.open("owner").await, None, 3, false).await.unwrap();
    assert_eq!(report.total().quarantined, 0, "{put_aside:?}");
    bank.wait(1_000_000);
    let house = bank.open("owner").await;
    (bank, house)
}

async fn run(house: &House) -> Resolved {
    resolve(house, &Silent).await.unwrap()
}

/// What a session sees: everything that merging and splitting can change.
async fn seen(house: &House, purpose: Purpose, as_of: Option<&str>) -> Vec<String> {
    let as_of = as_of.map(moment);
    let mut seen = Vec::new();
    for sql in [
        "select customer_id, count(*), sum(amount) from transaction group by customer_id",
        "select customer_id, region from customer",
        "select customer_id, sum(amount) over (partition by customer_id order by ts) from transaction",
        "select c.customer_id, c.region, t.amount from customer c join transaction t on c.customer_id = t.customer_id",
        "select c.region, t.amount from customer c join transaction t on c.customer_id = t.customer_id where t.customer_id = 2",
    ] {
        let mut rows = ask_house(house, purpose, as_of, sql).await.unwrap();
        rows.sort();
        seen.push(rows.join("\n"));
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_two_systems_are_found_to_be_one_and_seen_as_one() {
    let (_bank, house) = loaded().await;
    let resolved = run(&house).await;
    assert_eq!((resolved.records, resolved.persons_before), (2 * PEOPLE, 2 * PEOPLE));
    assert_eq!((resolved.persons_after, resolved.merges), (PEOPLE, PEOPLE));
    let sums = "select count(*), min(n), min(total), max(total) from
        (select customer_id, count(*) as n, sum(amount) as total from transaction group by customer_id) as t";
    assert_eq!(ask_house(&house, OPEN, None, sums).await.unwrap(), ["120|2|11.0000|11.0000"]);
    let one =
        "select count(*), count(distinct customer_id), max(customer_id), min(region), max(region), min(occupation),
        count(occupation) from customer";
    assert_eq!(
        ask_house(&house, OPEN, None, one).await.unwrap(),
        ["120|120|120|crm|crm|baker|120"],
        "of each column the latest that some system knows is seen"
    );
    let of_both = "select amount from transaction where customer_id = 7 order by amount";
    assert_eq!(ask_house(&house, OPEN, None, of_both).await.unwrap(), ["1.0000", "10.0000"]);
    let absorbed = "select amount from transaction where customer_id = 127";
    assert_eq!(ask_house(&house, OPEN, None, absorbed).await.unwrap(), Vec::<String>::new());
    let again = run(&house).await;
    assert_eq!((again.merges, again.persons_after), (0, PEOPLE), "a second run finds nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_one_is_seen_only_from_when_it_was_known() {
    let (bank, house) = loaded().await;
    let before = seen(&house, OPEN, Some("2026-01-02")).await;
    bank.wait(3 * 86_400_000_000);
    run(&house).await;
    assert_eq!(seen(&house, OPEN, Some("2026-01-02")).await, before);
    assert_ne!(seen(&house, OPEN, None).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn years_that_are_loaded_at_once_can_be_about_persons_too() {
    let (bank, house) = loaded().await;
    drop(house);
    let settings = std::fs::read_to_string(bank.path().join("florin.toml")).unwrap();
    bank.write("florin.toml", settings + "\n[identity]\nmerges_known = \"both_known\"\n");
    let house = bank.open("owner").await;
    run(&house).await;
    let persons = "select count(distinct customer_id), min(n) from
        (select customer_id, count(*) as n from transaction group by customer_id) as t";
    // Both systems knew everybody since January 2024; the payments are of March.
    let as_of = Some(moment("2024-04-01"));
    assert_eq!(ask_house(&house, OPEN, as_of, persons).await.unwrap(), ["120|2"]);
    // What a person decides is known since then, in either case.
    undo(&house, 3, &[], "two men").await.unwrap();
    assert_eq!(ask_house(&house, OPEN, as_of, persons).await.unwrap(), ["120|2"], "not yet taken back then");
    assert_eq!(ask_house(&house, OPEN, None, persons).await.unwrap(), ["121|1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_taken_back_leaves_what_was_before_and_binds_later_runs() {
    let (_bank, house) = loaded().await;
    let unresolved = seen(&house, OPEN, None).await;
    merge(&house, CustomerId(2), CustomerId(122), "they came in together").await.unwrap();
    assert_ne!(seen(&house, OPEN, None).await, unresolved);
    undo(&house, 0, &[], "it was her sister").await.unwrap();
    assert_eq!(seen(&house, OPEN, None).await, unresolved);
    let resolved = run(&house).await;
    assert_eq!((resolved.merges, resolved.persons_after), (PEOPLE - 1, PEOPLE + 1), "what a person took back stays so");
    assert_eq!(show(&house, CustomerId(122)).await.unwrap().members.len(), 1);
    let person = show(&house, CustomerId(123)).await.unwrap();
    assert_eq!((person.person, person.members.len()), (3, 2));
    let because = person.events[0].because.as_ref().unwrap();
    assert!(because.waterfall.probability > 0.999, "{because:?}");
    assert!(!because.waterfall.steps.is_empty());
    assert_eq!((because.left, because.right), (3, 123), "the very two that it made one");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_split_off_and_keep_their_number() {
    let (_bank, house) = loaded().await;
    run(&house).await;
    assert_eq!(split(&house, &[CustomerId(125)], "another man").await.unwrap(), 125);
    assert_eq!(show(&house, CustomerId(5)).await.unwrap().members.len(), 1);
    let sql = "select sum(amount) from transaction where customer_id in (5, 125) group by customer_id order by 1";
    assert_eq!(ask_house(&house, OPEN, None, sql).await.unwrap(), ["1.0000", "10.0000"]);
    // The number that a person goes by stays with those who are left; who goes gets a new one.
    let fresh = split(&house, &[CustomerId(6)], "another woman").await.unwrap();
    assert_eq!(fresh, 241);
    let sql = "select customer_id, amount from transaction where customer_id in (6, 241) order by 1";
    assert_eq!(ask_house(&house, OPEN, None, sql).await.unwrap(), ["241|1.0000", "6|10.0000"]);
    assert_eq!(run(&house).await.merges, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_one_customer_is_the_persons_word() {
    let (_bank, house) = loaded().await;
    let count = "select count(distinct customer_id) from transaction";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, count).await.unwrap(), ["239"]);
    run(&house).await;
    assert_eq!(ask_house(&house, Purpose::Marketing, None, count).await.unwrap(), ["119"]);
    let hers = "select count(*) from transaction where customer_id = 1";
    assert_eq!(ask_house(&house, Purpose::Marketing, None, hers).await.unwrap(), ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_shown_whole_under_any_number_and_erased_whole() {
    let (_bank, house) = loaded().await;
    run(&house).await;
    let view = customer(&house, CustomerId(129), Purpose::Service, None, true).await.unwrap();
    assert_eq!(view.customer, CustomerId(9));
    assert_eq!(view.identifiers.unwrap().len(), 3, "what both systems know is shown once");
    florin_pipelines::care::erase(&house, CustomerId(9)).await.unwrap();
    let left = "select count(*) from transaction where customer_id = 9";
    assert_eq!(ask_house(&house, OPEN, None, left).await.unwrap(), ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_resolves_and_only_with_a_reason() {
    let (bank, house) = loaded().await;
    let ana = bank.open("ana").await;
    assert!(matches!(resolve(&ana, &Silent).await, Err(FlowError::Refused(_))));
    assert!(matches!(show(&ana, CustomerId(1)).await, Err(FlowError::Refused(_))));
    let error = merge(&house, CustomerId(1), CustomerId(2), " ").await.unwrap_err();
    assert_eq!(error.to_string(), "say why: others will read it");
    assert!(merge(&house, CustomerId(1), CustomerId(1), "twice").await.is_err());
    assert!(split(&house, &[CustomerId(1)], "all of her").await.is_err());
    assert!(undo(&house, 7, &[], "never was").await.is_err());
    assert_eq!(run(&house).await.merges, PEOPLE);
}

fn known(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(kind, value)| ((*kind).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_record_finds_its_person() {
    let (bank, house) = loaded().await;
    run(&house).await;
    let finder = Finder::open(&house, &Silent).await.unwrap();
    assert_eq!(finder.customers(), 2 * PEOPLE);
    // Person 4 as a third system might know them: another number, a mistyped address.
    let name = format!("{}{}{}", SURNAMES[3], GIVEN[3], GIVEN[1]);
    let asked = known(&[("name", &name), ("birth_date", "1953-04-06"), ("email", "user3@example.com")]);
    let found = finder.find(&asked).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].person, found[0].probability > 0.99), (4, true), "{found:?}");
    assert!(!found[0].because.as_ref().unwrap().steps.is_empty());
    let nobody = known(&[("name", "欧阳修"), ("phone", "13012345678")]);
    assert_eq!(finder.find(&nobody).await.unwrap(), []);
    let error = finder.find(&known(&[("shoe_size", "43")])).await.unwrap_err().to_string();
    assert!(error.contains("shoe_size"), "{error}");
    let ana = bank.open("ana").await;
    assert!(matches!(Finder::open(&ana, &Silent).await, Err(FlowError::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_a_checked_phone_make_two_one_whatever_else_differs() {
    let bank = bank();
    // Core's first and CRM's second customer have one login, core's third and CRM's fourth one phone that was checked.
    for (source, system, ids) in [("e_core", "core", [1, 3]), ("e_crm", "crm", [50_002, 50_004])] {
        let map = |kind: &str| {
            format!(
                "[[map]]\ninto = \"identifier\"\nselect = \"select customer_id('{system}', x.id) as customer_id, '{kind}' as \
                 kind, x.{kind} as token, timestamp '2024-01-01' as known_at from {source} x\"\n"
            )
        };
        let columns = ["id \"int\"", "login \"text\"", "verified_phone \"text\""];
        bank.source(source, &columns, &format!("{}{}", map("login"), map("verified_phone")));
        let [one, other] = ids;
        let text = format!("id,login,verified_phone\n{one},li.na,139{one:08}\n{other},own{other},13700000000\n");
        bank.write(&format!("data/{source}.csv"), text);
    }
    bank.ingest().await;
    let house = bank.open("owner").await;
    resolve(&house, &Silent).await.unwrap();
    for (one, other) in [(1, 122), (3, 124)] {
        let person = show(&house, CustomerId(one)).await.unwrap();
        let members: Vec<u32> = person.members.iter().map(|m| m.customer).collect();
        assert!(members.contains(&other), "{one}: {members:?}");
        let certain = person.events.iter().filter_map(|e| e.because.as_ref()?.waterfall.certain_rule.clone());
        assert_eq!(certain.count(), 1, "{:?}", person.events);
    }
}
