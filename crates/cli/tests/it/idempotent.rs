//! What was loaded is not loaded again.

use super::bank::{Bank, Counts};

fn loaded() -> Bank {
    let bank = Bank::new(10);
    bank.bookings("bookings1.csv", "1,1,2024-01-02,10.00,card\n2,2,2024-01-03,-20.50,card\n3,3,2024-01-04,x,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(3, 2, 0, 1));
    bank
}

#[test]
fn an_unchanged_directory_changes_nothing() {
    let bank = loaded();
    let versions = ["customer", "identifier", "transaction"].map(|t| bank.versions(t));
    let quarantined = bank.quarantined();
    for _ in 0..2 {
        let again = bank.ingest();
        assert!(again.changed_nothing(), "{again:?}");
        assert!(again.loads.iter().all(|l| l.unchanged == 1));
        assert_eq!(again.recovered, (0, 0));
    }
    assert_eq!(["customer", "identifier", "transaction"].map(|t| bank.versions(t)), versions);
    assert_eq!(bank.quarantined(), quarantined);
    assert_eq!(bank.stored_bookings(), (2, 2, 305_000));
}

#[test]
fn a_file_that_was_written_again_with_the_same_content_is_unchanged() {
    let bank = loaded();
    let path = bank.path("files/bookings1.csv");
    let content = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, content).unwrap();
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000)).unwrap();
    let again = bank.ingest();
    assert!(again.changed_nothing());
    assert_eq!(again.bookings().unchanged, 1);
}

#[test]
fn a_new_file_is_loaded_and_no_other() {
    let bank = loaded();
    let customers = bank.versions("customer");
    bank.bookings("bookings2.csv", "3,3,2024-02-01,1.00,card\n4,4,2024-02-02,2.00,card\n1,1,2024-01-02,10.00,card\n");
    let report = bank.ingest();
    let load = report.bookings();
    assert_eq!((load.files, load.unchanged, load.counts), (1, 1, Counts::of(3, 2, 1, 0)));
    assert_eq!(bank.versions("customer"), customers);
    assert_eq!(bank.stored_bookings(), (4, 4, 335_000));
}

#[test]
fn a_file_that_grew_is_read_again_and_only_its_new_rows_are_stored() {
    let bank = loaded();
    bank.append("files/bookings1.csv", "4,4,2024-02-02,2.00,card\n");
    let report = bank.ingest();
    // The record that was quarantined from the shorter file is in the longer one too, and is quarantined there.
    assert_eq!(report.bookings().counts, Counts::of(4, 1, 2, 1));
    assert_eq!(bank.stored_bookings(), (3, 3, 325_000));
}

#[test]
fn the_same_content_under_another_name_is_unchanged() {
    let bank = loaded();
    std::fs::copy(bank.path("files/bookings1.csv"), bank.path("files/bookings2.csv")).unwrap();
    let again = bank.ingest();
    assert!(again.changed_nothing());
    assert_eq!(again.bookings().unchanged, 2);
    // Also when both are new.
    let fresh = "7,1,2024-01-02,10.00,card\n";
    bank.bookings("bookings3.csv", fresh);
    bank.bookings("bookings4.csv", fresh);
    let report = bank.ingest();
    let load = report.bookings();
    assert_eq!((load.files, load.unchanged, load.counts), (1, 3, Counts::of(1, 1, 0, 0)));
}

#[test]
fn optimising_and_vacuuming_keep_the_rows_and_what_was_loaded() {
    let bank = loaded();
    for n in 2..6 {
        bank.bookings(&format!("bookings{n}.csv"), &format!("{n}0,1,2024-01-02,1.00,card\n"));
        bank.ingest();
    }
    let before = bank.stored_bookings();
    bank.run(&["optimize", "--json"]).ok();
    bank.run(&["vacuum", "--retention-hours", "0", "--json"]).ok();
    assert_eq!(bank.stored_bookings(), before);
    assert!(bank.ingest().changed_nothing());
}

#[test]
fn a_bank_may_lie_in_a_folder_with_blanks_and_umlauts() {
    let bank = Bank::in_folder("Filiale Köln 5% #1 ?", 10);
    bank.bookings("bookings ä.csv", "1,1,2024-01-02,10.00,card\n");
    assert_eq!(bank.ingest().bookings().counts, Counts::of(1, 1, 0, 0));
    assert!(bank.path(".florin/lake/transaction/_delta_log").is_dir());
    assert_eq!(bank.stored_bookings(), (1, 1, 100_000));
    assert!(bank.ingest().changed_nothing());
}

#[test]
fn a_folder_that_the_lake_would_misread_is_refused() {
    let error = Bank::in_folder("bank%41", 1).run(&["ingest"]).refused();
    assert!(error.contains("a lake cannot be in") && error.contains("`%`"), "{error}");
}
