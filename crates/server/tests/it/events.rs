//! Events over HTTP become rows that can be asked, without anybody doing anything.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::support::{Bank, Client, WRITE_KEY, until};

#[test]
fn an_event_that_is_answered_200_can_be_asked() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    let body = json!({"userId": "c7", "event": "looked_at_fund", "messageId": "m-1", "writeKey": WRITE_KEY});
    let (status, said) = client.post("/v1/track", &body);
    assert_eq!(status, 200, "{said}");
    let mut ana = bank.client("ana");
    let sql = "select count(*) as n, count(distinct customer_id) as who from event where name = 'looked_at_fund'";
    let rows = until("the event", || {
        let (status, rows) = ana.post("/v1/sql", &json!({"purpose": "analytics", "sql": sql}));
        assert_eq!(status, 200, "{rows}");
        (rows["rows"] != json!([[0, 0]])).then(|| rows["rows"].clone())
    });
    assert_eq!(rows, json!([[1, 1]]));
    until("the release of the segment", || {
        let (_, collecting) = ana.get("/v1/collecting");
        (collecting["waiting_bytes"] == json!(0)).then_some(())
    });
    assert_eq!(ana.get("/v1/collecting").1["stored"], json!(1));
}

#[test]
fn a_stranger_is_not_listened_to() {
    let bank = Bank::served();
    let mut client = Client::of(bank.address());
    let basic = STANDARD.encode("not-the-key:");
    let body = json!({"userId": "c7", "event": "x", "writeKey": basic});
    assert_eq!(client.post("/v1/track", &body).0, 401);
}
