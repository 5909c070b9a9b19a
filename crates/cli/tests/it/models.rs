//! A model's way through the program: trained, approved by somebody else, scoring, explained.

use std::fmt::Write as _;

use serde_json::Value;

use super::bank::Bank;

const LEAVING: &str = r#"
name = "leaving"
meaning = { zh = "三十天内离开", en = "says goodbye within 30 days" }
owner = "ana"
purposes = ["service", "analytics"]

[rows]
population = "SELECT customer_id FROM customer"
first = 2024-03-31
last = 2024-10-31
every = "month"

[label]
sql = "SELECT DISTINCT customer_id, 1 AS value FROM transaction WHERE kind = 'bye' AND ts > as_of()"
horizon_days = 30

[features]
sql = """
SELECT customer_id, count(*) FILTER (WHERE ts > as_of() - INTERVAL '30 days') AS lately,
       count(*) FILTER (WHERE ts <= as_of() - INTERVAL '30 days') AS before
FROM transaction WHERE ts > as_of() - INTERVAL '60 days' GROUP BY customer_id
"""

[learner]
kind = "logistic"

[split]
by = "time"
test_from = 2024-08-31

[guards]
auc_min = 0.6
leaks_allowed = true

[reasons]
lately = { zh = "近三十天的交易次数", en = "bookings of the last 30 days" }
"#;

/// Customers who book eight times a month; every month every fifth of them books once, and says goodbye in the next.
fn bank() -> Bank {
    let bank = Bank::new(200);
    bank.write("models/leaving.toml", LEAVING);
    let (mut rows, mut no) = (String::new(), 0);
    let mut book = |customer: u32, month: u32, day: u32, kind: &str| {
        no += 1;
        writeln!(rows, "{no},{customer},2024-{month:02}-{day:02},-5.00,{kind}").unwrap();
    };
    for month in 1..=12 {
        for customer in 1..=200 {
            let leaves = (customer + month) % 5 == 0;
            (0..if leaves { 1 } else { 4 + customer / 5 % 5 }).for_each(|n| book(customer, month, 2 + 3 * n, "card"));
            if (customer + month - 1) % 5 == 0 && customer % 7 != 0 {
                book(customer, month, 20, "bye");
            }
        }
    }
    bank.bookings("bookings.csv", &rows);
    bank.ingest();
    bank
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_model_goes_from_its_definition_to_a_customers_reasons() {
    let bank = bank();
    assert!(bank.run(&["apply"]).ok().contains("leaving"));
    let plan = bank.run(&["train", "--plan"]).ok();
    assert!(plan.contains("it was never trained"), "{plan}");
    let card = bank.path("card.md");
    let trained = bank.run(&["train", "leaving", "--as", "ana", "--card", card.to_str().unwrap()]).ok();
    assert!(trained.contains("leaving version 1") && trained.contains("candidate"), "{trained}");
    assert!(std::fs::read_to_string(card).unwrap().contains("says goodbye within 30 days"));
    let again = json(&bank.run(&["train", "leaving", "--as", "ana", "--json"]).ok());
    assert_eq!((again[0]["new"].as_bool(), again[0]["version"].as_u64()), (Some(false), Some(1)));

    let own = bank.run(&["models", "approve", "leaving", "--as", "ana"]).refused();
    assert!(own.contains("compliance") || own.contains("risk"), "says who may: {own}");
    assert!(bank.run(&["models", "promote", "leaving"]).refused().contains("no version of it is approved"));
    bank.run(&["models", "approve", "leaving"]).ok();
    bank.run(&["models", "promote", "leaving"]).ok();

    let done = json(&bank.run(&["run", "--as-of", "2024-11-30", "--json"]).ok());
    assert_eq!(done["scores"][0]["customers"], 200, "{done}");
    let listed = bank.run(&["models"]).ok();
    assert!(listed.contains("champion") && listed.contains("stable"), "{listed}");
    let view = bank.run(&["customer", "17"]).ok();
    assert!(view.contains("says goodbye within 30 days (三十天内离开): 0."), "{view}");
    assert!(view.contains("Bookings of the last 30 days (") && view.contains("近三十天的交易次数（"), "{view}");
    let explained =
        json(&bank.run(&["explain", "leaving", "--customer", "17", "--as-of", "2024-11-30", "--json"]).ok());
    let adds = explained["effects"].as_array().unwrap().iter().map(|effect| effect["adds"].as_f64().unwrap());
    let sum = explained["base"].as_f64().unwrap() + adds.sum::<f64>();
    assert!((sum - explained["margin"].as_f64().unwrap()).abs() < 1e-9, "{explained}");
    let found = bank.run(&["evaluate", "leaving", "--at", "2024-10-31", "--as-of", "2024-12-31"]).ok();
    assert!(found.contains("2024-10-31 (200 rows)") && found.contains("AUC"), "{found}");
    bank.verify_audit();
}

#[test]
fn what_cannot_be_done_is_refused_with_what_to_do() {
    let bank = bank();
    let unknown = bank.run(&["train", "leafing"]).refused();
    assert!(unknown.contains("there is no model `leafing`; there are: leaving"), "{unknown}");
    assert!(bank.run(&["models", "show", "leaving"]).refused().contains("`florin train leaving`"));
    assert!(bank.run(&["explain", "leaving", "--customer", "1"]).refused().contains("never trained"));
    bank.run(&["train", "leaving", "--as", "olga"]).ok();
    let own = bank.run(&["models", "approve", "leaving", "--as", "olga"]).refused();
    assert!(own.contains("`olga` made this change; somebody else has to decide on it"), "{own}");
    bank.replace("models/leaving.toml", "kind = 'bye'", "kind = 'never'");
    let constant = bank.run(&["train", "leaving"]).refused();
    assert!(constant.contains("the label is 0 in all"), "{constant}");
    bank.replace("models/leaving.toml", "purposes = [\"service\", \"analytics\"]", "purposes = [\"sales\"]");
    let wrong = bank.run(&["apply"]).refused();
    assert!(wrong.contains("models/leaving.toml") && wrong.contains("sales"), "{wrong}");
}
