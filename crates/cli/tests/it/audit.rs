//! The audit log: whole, or found not to be; and nothing is read without it.

use super::bank::{Bank, python, run_python};

/// Runs SQL on the store: the first argument is its file.
const EXECUTE: &str =
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(SQL); db.commit(); db.close()";

/// A bank with some entries on record, and the Python that can change them. Entries are numbered from 1.
fn bank() -> Option<(Bank, String)> {
    let python = python("sqlite3")?;
    let bank = Bank::new(3);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.50,card\n");
    bank.ingest();
    bank.sql("select count(*) from transaction");
    bank.verify_audit();
    Some((bank, python))
}

#[track_caller]
fn execute(bank: &Bank, python: &str, sql: &str) {
    let script = EXECUTE.replace("SQL", &format!("{sql:?}"));
    run_python(python, &script, &[&bank.path(".florin/florin.db")]);
}

/// Changes the log as somebody with the database could, and returns what `audit verify` says.
#[track_caller]
fn tamper(sql: &str) -> Option<String> {
    let (bank, python) = bank()?;
    execute(&bank, &python, sql);
    let error = bank.run(&["audit", "verify"]).refused();
    assert!(error.contains("the audit log was tampered with"), "{error}");
    // What is done afterwards does not cover it up.
    bank.run(&["sql", "select 1 as one"]);
    bank.run(&["sql", "select 2 as two"]);
    bank.run(&["audit", "verify"]).refused();
    Some(error)
}

#[test]
fn a_flipped_byte_is_found() {
    let flip = "update audit set payload = replace(payload, 'olga', 'olgb') where seq = 3";
    if let Some(error) = tamper(flip) {
        assert!(error.contains("entry 3 of the audit log"), "{error}");
    }
    let flip = "update audit set hash = cast(zeroblob(32) as blob) where seq = 2";
    if let Some(error) = tamper(flip) {
        assert!(error.contains("entry 2 of the audit log"), "{error}");
    }
}

#[test]
fn a_truncated_log_is_found() {
    let last = "delete from audit where seq = (select max(seq) from audit)";
    let Some(error) = tamper(last) else { return };
    assert!(error.contains("entry "), "{error}");
    let many = "delete from audit where seq > 2";
    if let Some(error) = tamper(many) {
        assert!(error.contains("entry "), "{error}");
    }
    tamper("delete from audit");
}

#[test]
fn a_dropped_entry_is_found() {
    if let Some(error) = tamper("delete from audit where seq = 2") {
        assert!(error.contains("entry 2 of the audit log") || error.contains("entry 3 of the audit log"), "{error}");
    }
    // Closing the gap does not help.
    let renumber = "delete from audit where seq = 2; update audit set seq = seq - 1 where seq > 2;";
    if let Some(error) = tamper(renumber) {
        assert!(error.contains("entry 2 of the audit log"), "{error}");
    }
}

#[test]
fn swapped_entries_are_found() {
    let swap = "update audit set seq = -2 where seq = 2; update audit set seq = 2 where seq = 3; \
                update audit set seq = 3 where seq = -2;";
    if let Some(error) = tamper(swap) {
        assert!(error.contains("entry 2 of the audit log"), "{error}");
    }
}

#[test]
fn what_cannot_be_recorded_is_not_read() {
    let Some((bank, python)) = bank() else { return };
    let full = "create trigger full before insert on audit begin select raise(abort, 'the disk is full'); end";
    execute(&bank, &python, full);
    let asked: [&[&str]; 5] = [
        &["sql", "select amount from transaction", "--purpose", "compliance"],
        &["customer", "1", "--json"],
        &["quarantine", "--rows", "--json"],
        &["quality", "--json"],
        &["audit", "show", "--json"],
    ];
    for args in asked {
        let run = bank.run(args);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{args:?}: {}", run.err);
    }
    // Nor is anything loaded.
    bank.bookings("bookings2.csv", "2,1,2024-01-02,1.50,card\n");
    bank.run(&["ingest", "--json"]).refused();
    execute(&bank, &python, "drop trigger full");
    assert_eq!(bank.stored_bookings().0, 1);
    assert_eq!(bank.ingest().bookings().counts.stored, 1);
    bank.verify_audit();
}

#[test]
fn who_asked_what_and_who_was_refused_is_on_record() {
    let bank = Bank::new(3);
    bank.bookings("bookings.csv", "1,1,2024-01-02,1.50,card\n");
    bank.ingest();
    bank.run(&["sql", "select count(*) as bookings_of_all from transaction", "--as", "ana"]).ok();
    bank.run(&["ingest", "--as", "ana"]).refused();
    bank.run(&["customer", "1", "--look-up", "--json"]).ok();
    let log = bank.run(&["audit", "show", "--json"]).ok();
    assert!(log.contains("bookings_of_all"), "{log}");
    for kind in ["session", "query", "refus", "look_up", "ingest"] {
        assert!(log.contains(kind), "no {kind} in {log}");
    }
    // The log itself holds no name of a customer.
    assert!(!log.contains("Person Number"), "{log}");
}
