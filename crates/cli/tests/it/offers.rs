//! Offers, from their definitions to what a customer is told.

use std::fmt::Write as _;

use serde_json::Value;

use super::bank::Bank;

const PRODUCT: &str = r#"
[input]
files = ["files/products.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
name = "text"

[[map]]
into = "product"
select = "SELECT key('product', p.name) AS product_id, p.name AS name, true AS active, make_date(2020, 1, 1) AS known_at FROM product p"
"#;

const HELD: &str = r#"
[input]
files = ["files/held.csv"]
format = "delimited"
encoding = "utf-8"
[input.columns]
no = "int"
customer = "int"
product = "text"
since = "date"

[[map]]
into = "account"
select = """
SELECT key('held', h.no) AS account_id, customer_id('core', h.customer) AS customer_id, key('product', h.product) AS product_id,
       h.since AS opened_on, CAST(h.since AS TIMESTAMP) AS valid_from, CAST(h.since AS TIMESTAMP) AS known_at
FROM held h
"""
"#;

/// Offers of three products; who has a card takes a fund next, and who has a deposit a loan.
fn bank() -> Bank {
    let bank = Bank::new(200);
    bank.write("sources/product.toml", PRODUCT);
    bank.write("sources/held.toml", HELD);
    bank.write("files/products.csv", "name\ncard\nfund\ndeposit\nloan\n");
    let (mut rows, mut no) = ("no,customer,product,since\n".to_owned(), 0);
    for customer in 1..=200u32 {
        let (first, next) = if customer % 2 == 0 { ("card", "fund") } else { ("deposit", "loan") };
        let mut open = |product: &str, month: u32| {
            no += 1;
            writeln!(rows, "{no},{customer},{product},2024-{month:02}-{:02}", 1 + customer % 27).unwrap();
        };
        open(first, 1);
        if customer % 3 != 0 {
            open(next, 3 + customer % 9);
        }
    }
    bank.write("files/held.csv", &rows);
    for (name, zh, en) in [("fund", "基金", "a fund"), ("loan", "贷款", "a loan"), ("card", "信用卡", "a card")]
    {
        let text = format!(
            "name = \"{name}\"\nproduct = \"{name}\"\nmeaning = {{ zh = \"{zh}\", en = \"{en}\" }}\npurposes = [\"service\"]\n\
             group = \"{name}\"\nvalue = 1.0\nunrated = \"for a test\"\n"
        );
        bank.write(&format!("offers/{name}.toml"), &text);
    }
    bank.write("offers/rules.toml", "value_weight = 0.0\n");
    bank.bookings("bookings.csv", "1,1,2024-01-02,-5.00,card\n");
    bank.ingest();
    bank
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_run_ends_with_offers_that_a_customer_is_shown_with_reasons() {
    let bank = bank();
    assert!(bank.run(&["apply"]).ok().contains("offer"));
    let plan = bank.run(&["run", "--as-of", "2024-12-31", "--plan"]).ok();
    assert!(plan.contains("recommendations for") && plan.contains("none were ever made"), "{plan}");
    let done = json(&bank.run(&["run", "--as-of", "2024-12-31", "--json"]).ok());
    let made = &done["recommendations"][0];
    assert_eq!((made["purpose"].as_str(), made["customers"].as_u64()), (Some("service"), Some(200)), "{done}");
    assert_eq!(made["offers"][0]["vetoes"]["already_held"], 100, "half have a card: {made}");
    assert!(made["learnt"]["ndcg"].as_f64() > made["learnt"]["ndcg_popularity"].as_f64(), "{made}");
    assert!(bank.run(&["recommend", "--as-of", "2024-12-31"]).ok().contains("up to date"));
    let table = bank.run(&["recommend", "--as-of", "2024-12-31", "--force"]).ok();
    assert!(table.contains("recommendations for service") && table.contains("already held"), "{table}");

    // 6 has a card and no fund yet.
    let one = bank.run(&["recommend", "--customer", "6", "--purpose", "service", "--as-of", "2024-12-31"]).ok();
    assert!(one.contains("1. a fund (基金)"), "{one}");
    assert!(
        one.contains("customers who have a card often choose a fund too") && one.contains("持有信用卡的客户"),
        "{one}"
    );
    assert!(one.contains("the customer has this product already"), "{one}");
    let view = bank.run(&["customer", "6"]).ok();
    assert!(view.contains("to be offered, for service") && view.contains("1. a fund (基金)"), "{view}");
    let judged = json(&bank.run(&["recommend", "--evaluate", "--as-of", "2024-12-31", "--top", "2", "--json"]).ok());
    assert!(judged["difference"]["low"].as_f64() > Some(0.0), "{judged}");
    let shown = bank.run(&["recommend", "--evaluate", "--as-of", "2024-12-31", "--top", "2"]).ok();
    assert!(shown.contains("difference of NDCG@2"), "{shown}");
    bank.verify_audit();
}

#[test]
fn what_cannot_be_recommended_is_told_with_what_to_do() {
    let bank = bank();
    let error = bank.run(&["recommend", "--customer", "6"]).refused();
    assert!(error.contains("there is no offer for the purpose `marketing`; there are: service"), "{error}");
    bank.replace("offers/fund.toml", "product = \"fund\"", "product = \"found\"");
    let error = bank.run(&["apply"]).refused();
    assert!(
        error.contains("offers/fund.toml:2: there is no product `found`") && error.contains("did you mean `fund`?"),
        "{error}"
    );
}
