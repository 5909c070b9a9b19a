//! Two loads at once: both do their work, or one is told to wait.

use super::bank::{Bank, Run, report};

const TIMES: u32 = 5;
const ROWS: u64 = 4_000;

fn rows(file: u64) -> String {
    (1..=ROWS).map(|n| format!("{},{},2024-01-02,{n}.25,card\n", file * 100_000 + n, 1 + n % 50)).collect()
}

/// Whether it did its work; otherwise it must have said what to do.
fn was_done(run: &Run) -> bool {
    if run.code == Some(0) {
        report(&run.out);
        return true;
    }
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(
        run.err.contains("another load or run is at work") && run.err.contains("wait until it is done"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("panicked"), "{}", run.err);
    false
}

fn both_at_once(bank: &Bank) {
    let args = ["ingest", "--json"];
    let (one, other) = (bank.start(&args), bank.start(&args));
    let done = [Bank::wait(one), Bank::wait(other)].map(|run| was_done(&run));
    assert!(done.contains(&true));
}

#[test]
fn two_loaders_at_once_both_succeed_or_one_is_told_to_wait() {
    let total = 2 * i64::try_from((1..=ROWS).map(|n| n * 10_000 + 2_500).sum::<u64>()).unwrap();
    for _ in 0..TIMES {
        // The first pair also makes the keys and the store of the bank.
        let bank = Bank::new(50);
        bank.bookings("bookings1.csv", &rows(1));
        both_at_once(&bank);
        bank.bookings("bookings2.csv", &rows(2));
        both_at_once(&bank);
        bank.ingest();
        assert_eq!(bank.stored_bookings(), (2 * ROWS, 2 * ROWS, total));
        assert!(bank.ingest().changed_nothing());
        bank.verify_audit();
    }
}

#[test]
fn questions_are_answered_while_a_load_runs() {
    let bank = Bank::new(50);
    bank.bookings("bookings1.csv", &rows(1));
    bank.ingest();
    bank.bookings("bookings2.csv", &rows(2));
    let mut load = bank.start(&["ingest", "--json"]);
    let mut asked = 0;
    while load.try_wait().unwrap().is_none() {
        let (rows, keys, _) = bank.stored_bookings();
        assert!((rows == ROWS || rows == 2 * ROWS) && keys == rows, "{rows} rows: half a load");
        asked += 1;
    }
    assert!(asked > 0);
    report(&Bank::wait(load).ok());
    assert_eq!(bank.stored_bookings().0, 2 * ROWS);
}
