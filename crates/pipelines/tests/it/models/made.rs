//! A small bank in which who pays less and less says goodbye.

use std::{fmt::Write as _, time::Duration};

use florin_domain::{EventTime, Purpose};
use florin_pipelines::{
    House,
    load::Silent,
    models::{Act, Scored, Trained, act, score, train},
    traits::{plan, run},
};

use crate::support::{Rng, TestBank, moment};

/// How many people there are.
pub(crate) const PEOPLE: usize = 240;
/// The end of what is known of them.
pub(crate) const AS_OF: &str = "2025-10-31T15:59:59.999999Z";

const TRAITS: &str = r#"
[[trait]]
name = "payments_30d"
meaning = { zh = "近三十天支付次数", en = "payments of the last 30 days" }
type = "int"
unit = "1"
class = "C2"
purposes = ["analytics", "marketing", "service"]
fill = { constant = 0 }
sql = "SELECT customer_id, count(*) AS value FROM transaction WHERE kind = 'paid' AND ts > as_of() - INTERVAL '30 days' GROUP BY customer_id"

[[trait]]
name = "paid_90d"
meaning = { zh = "近九十天支付金额", en = "paid in the last 90 days" }
type = "decimal"
unit = "CNY"
class = "C2"
purposes = ["analytics", "marketing", "service"]
sql = "SELECT customer_id, sum(amount) AS value FROM transaction WHERE kind = 'paid' AND ts > as_of() - INTERVAL '90 days' GROUP BY customer_id"

[[trait]]
name = "region"
meaning = { zh = "地区", en = "where they live" }
type = "text"
class = "C2"
purposes = ["analytics", "marketing", "service"]
sql = "SELECT customer_id, region AS value FROM customer"

[[trait]]
name = "secret"
meaning = { zh = "机密", en = "what most may not see" }
type = "int"
unit = "1"
class = "C3"
purposes = ["analytics", "service"]
sql = "SELECT customer_id, count(*) AS value FROM transaction GROUP BY customer_id"
"#;

/// As `models/leaving.toml`.
pub(crate) const LEAVING: &str = r#"
name = "leaving"
meaning = { zh = "三十天内离开", en = "says goodbye within 30 days" }
owner = "ana"
purposes = ["analytics", "marketing"]

[rows]
population = "SELECT customer_id FROM customer"
first = 2025-04-30
last = 2025-09-30
every = "month"

[label]
sql = "SELECT DISTINCT customer_id, 1 AS value FROM transaction WHERE kind = 'bye' AND ts > as_of()"
horizon_days = 30

[features]
traits = ["payments_30d", "paid_90d", "region"]
sql = "SELECT customer_id, (date_part('epoch', as_of()) - date_part('epoch', max(ts))) / 86400 AS quiet_days FROM transaction GROUP BY customer_id"
protected = ["region"]

[learner]
kind = "trees"
rounds = 20
leaves_max = 5
seed = 3

[split]
by = "time"
test_from = 2025-08-31

[guards]
auc_min = 0.6
leaks_allowed = true   # one feature is planted to tell nearly all

[reasons]
payments_30d = { zh = "近期支付次数", en = "recent payments" }
"#;

/// The bank with its people and what they paid in 2025; nothing is loaded yet.
pub(crate) fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.source(
        "a_people",
        &["id \"int\"", "region \"text\""],
        "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, p.region as region, timestamp '2025-01-01' as valid_from, timestamp '2025-01-01' as known_at from a_people p\"\n",
    );
    bank.source(
        "b_paid",
        &["id \"int\"", "who \"int\"", "kind \"text\"", "amount \"decimal\"", "at \"timestamp\"", "known \"timestamp\""],
        "[[map]]\ninto = \"transaction\"\nselect = \"select key('paid', x.id) as transaction_id, customer_id('core', x.who) as customer_id, x.at as ts, x.amount as amount, 'out' as direction, x.kind as kind, x.known as known_at from b_paid x\"\n",
    );
    let regions = ["north", "south", "east"];
    let people: String = (1..=PEOPLE).map(|id| format!("{id},{}\n", regions[id % 3])).collect();
    bank.write("data/a_people.csv", format!("id,region\n{people}"));
    bank.write("data/b_paid-1.csv", lives());
    bank.write("traits/all.toml", TRAITS);
    bank.write("models/leaving.toml", LEAVING);
    bank
}

/// What becomes of people: they pay some times a month, and fewer times in the month before they say goodbye. Who said it comes back.
fn lives() -> String {
    let mut rng = Rng::new(11);
    let (mut text, mut id) = ("id,who,kind,amount,at,known\n".to_owned(), 0);
    for who in 1..=PEOPLE {
        let usual = 4 + rng.below(8);
        let mut leaving = false;
        for month in 1..=10 {
            // Some leave without warning, and some who pay less stay.
            let says_goodbye = leaving && !rng.once_in(4) || rng.once_in(40);
            leaving = rng.once_in(5);
            let payments = if leaving { usual / 4 } else { usual };
            for _ in 0..payments {
                let (day, amount) = (1 + rng.below(28), 10 + rng.below(90));
                id += 1;
                line(&mut text, (id, who, "paid", amount), &format!("2025-{month:02}-{day:02}"), None);
            }
            if says_goodbye {
                id += 1;
                line(&mut text, (id, who, "bye", 1), &format!("2025-{month:02}-{:02}", 3 + rng.below(20)), None);
            }
        }
    }
    text
}

/// One payment, known when it was made unless it is said when.
pub(crate) fn line(
    text: &mut String,
    (id, who, kind, amount): (usize, usize, &str, usize),
    at: &str,
    known: Option<&str>,
) {
    let known = known.unwrap_or(at);
    writeln!(text, "{id},{who},{kind},{amount},{at}T03:00:00Z,{known}T03:00:00Z").unwrap();
}

/// More payments, as a file that is loaded next.
pub(crate) fn more(bank: &TestBank, file: &str, lines: &[(usize, usize, &str, &str, &str)]) {
    let mut text = "id,who,kind,amount,at,known\n".to_owned();
    for (id, who, kind, at, known) in lines {
        line(&mut text, (*id, *who, kind, 77), at, Some(known));
    }
    bank.write(&format!("data/b_paid-{file}.csv"), text);
}

/// The bank with everything loaded.
pub(crate) async fn loaded() -> TestBank {
    let bank = bank();
    bank.ingest().await;
    bank
}

pub(crate) async fn trained(house: &House) -> Trained {
    train(house, "leaving", None, None, &Silent).await.unwrap()
}

/// Trains as one, approves and promotes as another.
pub(crate) async fn promoted(bank: &TestBank) -> u32 {
    let version = trained(&bank.open("ana").await).await.version;
    let ron = bank.open("ron").await;
    act(&ron, "leaving", Some(version), &Act::Approve).await.unwrap();
    act(&ron, "leaving", Some(version), &Act::Promote { challenger: false }).await.unwrap();
    version
}

/// What `florin run` does: traits, then scores.
pub(crate) async fn run_all(house: &House, as_of: &str) -> Vec<Scored> {
    let as_of = EventTime(moment(as_of));
    let planned = plan(house, &[], as_of, false).await.unwrap();
    let outcome = run(house, &planned, &Silent, &|| Duration::ZERO).await.unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    let scored = score(house, &[], as_of, false, &Silent).await.unwrap();
    assert!(scored.iter().all(|scored| scored.failed.is_none()), "{scored:?}");
    scored
}

/// Those who want nothing of this purpose any more.
pub(crate) fn withdrawn(bank: &TestBank, purpose: Purpose, who: &[usize]) {
    let select = format!(
        "select customer_id('core', c.id) as customer_id, '{}' as purpose, c.state as state, timestamp '2025-06-01' as ts, timestamp '2025-06-01' as known_at from c_word c",
        purpose.name()
    );
    bank.source("c_word", &["id \"int\"", "state \"text\""], &crate::support::map("consent", &select));
    let words: String = who.iter().map(|id| format!("{id},withdrawn\n")).collect();
    bank.write("data/c_word.csv", format!("id,state\n{words}"));
}
