//! What questions shelves become, and what is no question.

use florin_api::Sort;
use serde_json::json;

use super::*;

fn asked(shelves: serde_json::Value) -> Result<String, Failure> {
    let catalogue = Catalogue::new(Vec::new()).unwrap();
    let questioner = Questioner {
        catalogue: &catalogue,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        today: jiff::civil::date(2026, 3, 31),
        members: Arc::new(|expression| Ok(format!("select customer_id from segments.\"{expression}\""))),
    };
    questioner.sql(&serde_json::from_value(shelves).unwrap(), None)
}

fn said(result: Result<String, Failure>) -> String {
    match result {
        Ok(sql) => sql,
        Err(failure) => format!("{failure:?}"),
    }
}

#[test]
fn shelves_become_one_question() {
    let sql = said(asked(json!({
        "table": "event",
        "dimensions": [{"field": "ts", "grain": "week"}, {"field": "channel"}],
        "measures": [{"aggregate": "count"}, {"aggregate": "count_distinct", "field": "customer_id"}],
        "filters": [{"field": "ts", "test": {"last_days": 7}}, {"field": "name", "test": {"one_of": ["login", "it's"]}}],
    })));
    assert_eq!(
        sql,
        "select date_trunc('week', t.\"ts\") as \"ts by week\", t.\"channel\" as \"channel\", count(*) as \"count\", \
         count(distinct t.\"customer_id\") as \"distinct of customer_id\" from \"event\" t \
         where t.\"ts\" >= to_timestamp_micros(1774368000000000) and t.\"ts\" < to_timestamp_micros(1774972800000000) \
         and t.\"name\" in ('login', 'it''s') group by 1, 2 order by 1, 2"
    );
}

#[test]
fn the_period_before_is_the_same_question_moved() {
    let sql = said(asked(json!({
        "table": "transaction",
        "dimensions": [{"field": "ts", "grain": "day"}],
        "measures": [{"aggregate": "sum", "field": "amount"}],
        "filters": [{"field": "ts", "test": {"between": ["2026-03-01", "2026-03-31"]}}],
        "compare": "previous_period",
    })));
    assert!(sql.contains("date_trunc('day', (t.\"ts\" + interval '31 days')) as \"ts by day\""), "{sql}");
    assert!(sql.contains("now.\"ts by day\" is not distinct from before.\"ts by day\""), "{sql}");
    assert!(sql.contains("before.\"sum of amount\" as \"sum of amount before\""), "{sql}");
}

#[test]
fn segments_and_orders_are_part_of_it() {
    let sql = said(asked(json!({
        "table": "event",
        "dimensions": [{"field": "channel"}],
        "measures": [{"aggregate": "count"}],
        "segment": "depositors",
        "sort": Sort { column: 1, descending: true },
    })));
    assert!(sql.contains("t.customer_id in (select customer_id from segments.\"depositors\")"), "{sql}");
    assert!(sql.ends_with("group by 1 order by 2 desc nulls last, 1"), "{sql}");
}

#[test]
fn what_is_no_question_says_why() {
    let count = json!([{"aggregate": "count"}]);
    for (shelves, why) in [
        (json!({"table": "events", "measures": count}), "there is no table `events`"),
        (json!({"table": "event", "measures": []}), "shelf of measures"),
        (json!({"table": "event", "measures": [{"aggregate": "sum"}]}), "of which field"),
        (json!({"table": "event", "measures": [{"aggregate": "sum", "field": "name"}]}), "is no number"),
        (json!({"table": "event", "measures": count, "dimensions": [{"field": "x\" from y"}]}), "there is no column"),
        (json!({"table": "event", "measures": count, "dimensions": [{"field": "name", "grain": "day"}]}), "is no time"),
        (json!({"table": "event", "measures": count, "dimensions": [{"field": "amount", "bin": "0"}]}), "no width"),
        (
            json!({"table": "event", "measures": count, "filters": [{"field": "amount", "test": {"one_of": ["1; drop"]}}]}),
            "no amount",
        ),
        (
            json!({"table": "event", "measures": count, "filters": [{"field": "ts", "test": {"between": [null, null]}}]}),
            "one end",
        ),
        (json!({"table": "event", "measures": count, "compare": "previous_year"}), "to compare"),
        (json!({"table": "event", "measures": count, "sort": {"column": 9}}), "no column 9"),
        (json!({"table": "event", "measures": [{"aggregate": "count"}, {"aggregate": "count"}]}), "twice"),
    ] {
        let told = said(asked(shelves));
        assert!(told.contains(why), "{told} does not say {why}");
    }
}
