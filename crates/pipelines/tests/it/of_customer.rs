//! Rows of one customer, asked without SQL, are those that SQL tells.

use std::sync::Arc;

use arrow::{array::RecordBatch, util::pretty::pretty_format_batches};
use florin_domain::{CustomerId, EventTime, Purpose};
use florin_lake::{OfCustomer, Persons, Session};
use florin_pipelines::{care::optimize, load::Silent, resolve::resolve};

use crate::{
    narrow::{Asker, loaded},
    support::moment,
};

/// A table, the columns that are told, and in which order.
type Asked = (&'static str, &'static [&'static str], &'static [(&'static str, bool)]);

const TABLES: [Asked; 4] = [
    ("event", &["ts", "name", "device", "amount"], &[("ts", true), ("event_id", true)]),
    ("event", &["event_id", "customer_id", "channel"], &[("name", false), ("event_id", false)]),
    ("tap", &["device", "tap_id", "ts"], &[("device", true), ("tap_id", true)]),
    ("customer", &["kind", "valid_from"], &[("valid_from", true)]),
];

fn many(rows: &[RecordBatch]) -> usize {
    rows.iter().map(RecordBatch::num_rows).sum()
}

/// How many rows of how many customers were compared.
async fn agree(session: &Session) -> usize {
    let mut compared = 0;
    for customer in [1, 2, 3, 5, 10, 20, 21, 49, 999] {
        for (table, columns, order) in TABLES {
            for (limit, before) in [(None, None), (Some(3), None), (Some(3), Some("2025-03-10"))] {
                let before = before.filter(|_| table != "customer").map(|at| EventTime(moment(at)));
                let asked = OfCustomer { table, columns, customer: CustomerId(customer), before, order, limit };
                let expected = session.sql(&asked.sql()).await.unwrap().collect().await.unwrap();
                let found = session.of_customer(&asked).await.unwrap();
                assert!(found.iter().all(|batch| batch.num_rows() > 0));
                let rows = many(&found);
                assert_eq!(rows, many(&expected), "{}", asked.sql());
                if rows > 0 {
                    assert_eq!(found[0].schema().fields().len(), columns.len());
                    let text = |rows: &[_]| pretty_format_batches(rows).unwrap().to_string();
                    assert_eq!(text(&found), text(&expected), "{}", asked.sql());
                }
                compared += rows;
            }
        }
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_customer_are_those_that_sql_tells() {
    let (bank, house) = loaded().await;
    resolve(&house, &Silent).await.unwrap();
    let persons = Arc::new(Persons::new([(20, 10), (21, 10), (5, 40)]));
    for round in 0..2 {
        let risk = Asker { persons: Arc::clone(&persons), ..Asker::for_risk() };
        assert!(agree(&risk.session(&bank).await).await > 300);
        // Withdrawn from by some, with masks, as of a time when less was known.
        let marketing = Asker { purpose: Purpose::Marketing, user: "mia", ..Asker::for_risk() };
        assert!(agree(&marketing.session(&bank).await).await > 150);
        let analyst = Asker { user: "ana", purpose: Purpose::Analytics, ..Asker::for_risk() };
        assert!(agree(&analyst.session(&bank).await).await > 300);
        let earlier = Asker { as_of: Some(moment("2025-03-10")), ..risk };
        assert!(agree(&earlier.session(&bank).await).await > 50);
        if round == 0 {
            optimize(&house, &[], &Silent).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_when_visitors_were_somebody_only_of_those_who_are_seen() {
    let (bank, house) = loaded().await;
    resolve(&house, &Silent).await.unwrap();
    let persons = Arc::new(Persons::new([(20, 10), (21, 10), (8, 7)]));
    let risk = Asker { persons: Arc::clone(&persons), ..Asker::for_risk() };
    let marketing = Asker { purpose: Purpose::Marketing, user: "mia", persons, ..Asker::for_risk() };
    let (risk, marketing) = (risk.session(&bank).await, marketing.session(&bank).await);
    let plan = async |session: &Session, customer: &str| {
        session.explain(&format!("select name from event where customer_id {customer}")).await.unwrap()
    };
    // Customers 1, 2, 7 and 30 withdrew.
    for (customer, hidden) in [("= 3", false), ("= 10", false), ("= 7", true), ("in (1, 2)", true)] {
        let (all, seen) = (plan(&risk, customer).await, plan(&marketing, customer).await);
        let tells = |plan: &str| plan.contains("was_one_of_those_asked_for") && plan.contains("ts@");
        assert!(tells(&all), "{all}");
        assert_eq!(tells(&seen), !hidden, "{seen}");
    }
    let who = |plan: &str| plan.contains("IN (SET) ([7, 8])");
    let (all, seen) = (plan(&risk, "= 7").await, plan(&marketing, "= 7").await);
    assert!(who(&all) && !who(&seen), "{all}\n{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_told_without_sql_either() {
    let (bank, _house) = loaded().await;
    let session = Asker { user: "ana", purpose: Purpose::Analytics, ..Asker::for_risk() }.session(&bank).await;
    let ask = async |table, columns: &[&str]| {
        let customer = CustomerId(3);
        session.of_customer(&OfCustomer { table, columns, customer, before: None, order: &[], limit: None }).await
    };
    assert!(ask("event", &["no_such_column"]).await.is_err());
    assert!(ask("no_such_table", &["name"]).await.unwrap().is_empty());
}
