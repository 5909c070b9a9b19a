//! Rows that a customer's word keeps out of the lake.

use florin_domain::{Counts, Purpose};

use crate::support::{TestBank, ask_house};

const SOURCES: [(&str, &[&str], &str); 3] = [
    (
        "people",
        &["id \"int\""],
        "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, timestamp '2020-01-01T00:00:00Z' as valid_from from people p\"\n",
    ),
    (
        "words",
        &["customer \"int\"", "purpose \"text\"", "state \"text\"", "ts \"timestamp\""],
        "[[map]]\ninto = \"consent\"\nselect = \"select customer_id('core', w.customer) as customer_id, w.purpose as purpose, w.state as state, w.ts as ts from words w\"\n",
    ),
    (
        "zclicks",
        &["id \"int\"", "customer \"int\"", "ts \"timestamp\"", "name \"text\""],
        "[[map]]\ninto = \"event\"\npurpose = \"analytics\"\nselect = \"select key('event', e.id) as event_id, customer_id('core', e.customer) as customer_id, e.ts as ts, e.name as name from zclicks e\"\n",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_customers_who_withdrew_from_the_mappings_purpose_are_refused_and_counted() {
    let bank = TestBank::new();
    for (name, columns, maps) in SOURCES {
        bank.source(name, columns, maps);
    }
    bank.write("data/people.csv", "id\n1\n2\n3\n");
    let words = "1,analytics,withdrawn,2025-01-01T00:00:00Z\n2,marketing,withdrawn,2025-01-01T00:00:00Z\n\
                 3,analytics,withdrawn,2025-01-01T00:00:00Z\n3,analytics,given,2025-02-01T00:00:00Z\n";
    bank.write("data/words.csv", format!("customer,purpose,state,ts\n{words}"));
    let clicks = "1,1,2025-05-01T00:00:00Z,view\n2,2,2025-05-01T00:00:00Z,view\n3,3,2025-05-01T00:00:00Z,view\n\
                  4,,2025-05-01T00:00:00Z,view\n5,1,2025-05-02T00:00:00Z,click\n6,1,2025-05-02T00:00:00Z,\n7,2,2025-05-03T00:00:00Z,click\n7,2,2025-05-03T00:00:00Z,click\n";
    bank.write("data/zclicks.csv", format!("id,customer,ts,name\n{clicks}"));
    let report = bank.ingest().await;
    let events = report.loads.iter().find(|l| l.source == "zclicks").unwrap();
    // Customer 1 withdrew; what cannot be stored anyhow is put aside rather than refused.
    assert_eq!(events.counts, Counts { read: 8, stored: 4, duplicate: 1, quarantined: 1, refused: 2 });
    // No purpose sees what was never stored.
    let house = bank.open("owner").await;
    let stored = ask_house(&house, Purpose::Risk, None, "select customer_id, name from event").await.unwrap();
    assert_eq!(stored, ["2|click", "2|view", "3|view", "∅|view"]);
    // Customer 3 changed their mind later, and the very next load obeys.
    bank.write("data/words-2.csv", "customer,purpose,state,ts\n3,analytics,withdrawn,2025-06-01T00:00:00Z\n");
    bank.write("data/zclicks-2.csv", "id,customer,ts,name\n8,3,2025-07-01T00:00:00Z,view\n");
    let report = bank.ingest().await;
    let events = report.loads.iter().find(|l| l.source == "zclicks").unwrap();
    assert_eq!(events.counts, Counts { read: 1, refused: 1, ..Counts::default() });
}
