//! Quarantined records: who may see what of them, and how they get in.

use super::bank::{Bank, Counts};

/// 1,50 is no amount until the definition says that a comma may stand in one; `soon` is never one.
const ROWS: &str =
    "1,1,2024-01-02,\"1,50\",card\n2,2,2024-01-02,2.00,card\n3,3,2024-01-02,\"3,50\",card\n4,4,2024-01-02,soon,card\n";

fn loaded() -> Bank {
    let bank = Bank::new(10);
    bank.bookings("bookings.csv", ROWS);
    // Without decimal_comma a comma separates thousands, or is none of a number.
    assert_eq!(bank.ingest().bookings().counts, Counts::of(4, 1, 0, 3));
    bank
}

fn mend(bank: &Bank) {
    let mended = "amount = { type = \"decimal\", decimal_comma = true }";
    bank.replace("sources/transaction.toml", "amount = \"decimal\"", mended);
    bank.run(&["apply", "--json"]).ok();
}

#[test]
fn reasons_are_listed_without_the_values() {
    let bank = loaded();
    let out = bank.run(&["quarantine", "--rows", "--json", "--as", "dan"]).ok();
    assert!(out.contains("`amount`") && !out.contains("soon") && !out.contains("1,50"), "{out}");
    let rows = bank.quarantine(false);
    assert_eq!(rows.iter().map(|q| q.row_number).collect::<Vec<_>>(), [1, 3, 4]);
    assert!(
        rows.iter().all(|q| q.raw.is_none() && q.mapping == "transaction" && q.column.as_deref() == Some("amount"))
    );
    let counts = bank.run(&["quarantine", "--json", "--as", "dan"]).ok();
    assert!(counts.contains("\"waiting\": 3"), "{counts}");
}

#[test]
fn the_raw_text_is_for_those_who_may_see_it() {
    let bank = loaded();
    let raw: Vec<_> = bank.quarantine(true).into_iter().map(|q| q.raw.unwrap()).collect();
    assert_eq!(raw, ["1,1,2024-01-02,\"1,50\",card", "3,3,2024-01-02,\"3,50\",card", "4,4,2024-01-02,soon,card"]);
    for args in [vec!["quarantine", "--rows", "--raw", "--as", "ana"], vec!["quarantine", "--rows", "--as", "ana"]] {
        let error = bank.run(&args).refused();
        assert!(error.contains("may not") && !error.contains("soon"), "{error}");
    }
    let nobody = bank.run(&["quarantine", "--as", "eve"]).refused();
    assert!(nobody.contains("nobody is called `eve` here; users: ana, dan, olga"), "{nobody}");
    // The refusals are on record.
    let log = bank.run(&["audit", "show", "--json"]).ok();
    assert!(log.contains("\"ana\""), "{log}");
}

#[test]
fn raw_text_is_not_in_the_store_as_it_was() {
    let bank = loaded();
    for file in ["florin.db", "florin.db-wal"] {
        let bytes = std::fs::read(bank.path(&format!(".florin/{file}"))).unwrap_or_default();
        assert!(!bytes.windows(9).any(|w| w == b",soon,car"), "{file}");
    }
}

#[test]
fn a_mended_mapping_lets_them_in_once() {
    let bank = loaded();
    // Nothing is mended yet: they all stay.
    assert_eq!(bank.retry().bookings().counts, Counts::of(3, 0, 0, 3));
    assert_eq!(bank.quarantined().len(), 3);
    mend(&bank);
    assert_eq!(bank.retry().bookings().counts, Counts::of(3, 2, 0, 1));
    assert_eq!(bank.stored_bookings(), (3, 3, 70_000));
    assert_eq!(bank.quarantined(), [("bookings.csv".to_owned(), 4, "type".to_owned())]);
    // Again: the one that is left fails again, and nothing changes.
    let versions = bank.versions("transaction");
    assert_eq!(bank.retry().bookings().counts, Counts::of(1, 0, 0, 1));
    assert_eq!((bank.stored_bookings(), bank.versions("transaction")), ((3, 3, 70_000), versions));
    assert_eq!(bank.quarantined().len(), 1);
    // The file itself is loaded.
    assert!(bank.ingest().changed_nothing());
    bank.verify_audit();
}

#[test]
fn mended_data_lets_them_in() {
    let bank = Bank::new(2);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.00,card\n2,3,2024-01-02,2.00,card\n3,9,2024-01-02,4.00,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(3, 1, 0, 2));
    bank.write("files/customers2.csv", "no,name,since\n3,Person Number3,2020-01-01\n");
    assert_eq!(bank.ingest().load("customer", "customer").counts, Counts::of(1, 1, 0, 0));
    assert_eq!(bank.retry().bookings().counts, Counts::of(2, 1, 0, 1));
    assert_eq!(bank.stored_bookings(), (2, 2, 30_000));
}

#[test]
fn a_retried_record_that_was_sent_again_meanwhile_is_a_duplicate() {
    let bank = loaded();
    bank.bookings("bookings2.csv", "1,1,2024-01-02,1.50,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(1, 1, 0, 0));
    mend(&bank);
    assert_eq!(bank.retry().bookings().counts, Counts::of(3, 1, 1, 1));
    assert_eq!(bank.stored_bookings(), (3, 3, 70_000));
    assert_eq!(bank.quarantined().len(), 1);
}
