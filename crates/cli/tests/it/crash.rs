//! Loads that are killed at any moment: in the end there is exactly what there would have been.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::bank::{Bank, Counts, Report, python, report, run_python};

/// Kills of loads, at least.
const KILLS: u32 = 200;
/// Kills of retries, at least.
const RETRY_KILLS: u32 = 10;
/// Kills of one bank's load at most: far more than it takes to get through by chance.
const KILLS_A_BANK_MAX: u32 = 200;
/// About what a retry takes.
const RETRY: Duration = Duration::from_millis(600);
const CUSTOMERS: u64 = 300;
const FILES: u64 = 3;
const ROWS_A_FILE: u64 = 6_800;

/// Numbers that look random and are the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: Duration) -> Duration {
        let micros = u64::try_from(end.as_micros()).unwrap().max(1);
        Duration::from_micros(self.next() % micros)
    }
}

/// What the files mean, worked out without the program.
struct Expected {
    bookings: Counts,
    /// In ten thousandths.
    total: i64,
    quarantined: Vec<(String, u64, String)>,
}

/// Three files: some bookings twice in a file, some again in a later file (with another amount: the first counts), and
/// about one in 400 with an amount that is none or a customer who is nobody.
fn write_files(bank: &Bank) -> Expected {
    let (mut keys, mut total, mut quarantined) = (std::collections::HashSet::new(), 0i64, Vec::new());
    for file in 1..=FILES {
        let (name, mut rows) = (format!("bookings{file}.csv"), String::new());
        for row in 1..=ROWS_A_FILE {
            let key = booking_no(file, row);
            let cents = (file * 7_919 + row * 104_729) % 100_000;
            let (customer, amount, code) = match row % 800 {
                399 => (1 + row % CUSTOMERS, "a lot".to_owned(), Some("type")),
                799 => (CUSTOMERS + row, format!("{}.{:02}", cents / 100, cents % 100), Some("required")),
                _ => (1 + row % CUSTOMERS, format!("{}.{:02}", cents / 100, cents % 100), None),
            };
            rows += &format!("{key},{customer},2024-{:02}-{:02},{amount},card\n", 1 + row % 12, 1 + row % 28);
            match code {
                Some(code) => quarantined.push((name.clone(), row, code.to_owned())),
                None if keys.insert(key) => total += i64::try_from(cents).unwrap() * 100,
                None => {}
            }
        }
        bank.bookings(&name, &rows);
    }
    let (read, wrong, stored) = (FILES * ROWS_A_FILE, quarantined.len() as u64, keys.len() as u64);
    quarantined.sort();
    Expected { bookings: Counts::of(read, stored, read - wrong - stored, wrong), total, quarantined }
}

/// Every 50th booking repeats the one before it, every 70th one of the file before.
fn booking_no(file: u64, row: u64) -> u64 {
    match (file, row) {
        (_, row) if row % 50 == 0 => booking_no(file, row - 1),
        (2.., row) if row % 70 == 0 => booking_no(file - 1, row - 1),
        _ => file * 100_000 + row,
    }
}

/// Starts a run and kills it after `delay`, unless it was done before; then its report must be fine.
fn run_and_kill(bank: &Bank, args: &[&str], delay: Duration) -> Option<Report> {
    let mut child = bank.start(args);
    let end = Instant::now() + delay;
    while Instant::now() < end {
        if child.try_wait().unwrap().is_some() {
            return Some(report(&Bank::wait(child).ok()));
        }
        thread::sleep(Duration::from_millis(1).min(end.saturating_duration_since(Instant::now())));
    }
    child.kill().unwrap();
    // SIGKILL: no handler, no destructor. The program may have been faster, and then it was fine.
    let run = Bank::wait(child);
    run.code.is_some().then(|| report(&run.ok()))
}

/// Runs until one run was not killed; says how often others were, and what the last one did.
fn run_until_done(bank: &Bank, args: &[&str], longest: Duration, random: &mut Random) -> (u32, Report) {
    for kills in 0..KILLS_A_BANK_MAX {
        if let Some(report) = run_and_kill(bank, args, random.below(longest)) {
            return (kills, report);
        }
    }
    (KILLS_A_BANK_MAX, report(&bank.run(args).ok()))
}

fn check(bank: &Bank, expected: &Expected) {
    let again = bank.ingest();
    assert!(again.changed_nothing(), "{again:?}");
    assert_eq!(again.recovered, (0, 0));
    assert_eq!(again.bookings().unchanged, FILES);
    let stored = expected.bookings.stored;
    assert_eq!(bank.stored_bookings(), (stored, stored, expected.total));
    assert_eq!(bank.quarantined(), expected.quarantined);
    let sql = "select count(*) as n, count(distinct customer_id) as ids, \
               (select count(distinct token) from identifier) as names from customer";
    let row = bank.sql(sql).remove(0);
    assert_eq!([&row["n"], &row["ids"], &row["names"]], [CUSTOMERS; 3].map(serde_json::Value::from).each_ref());
    let out = bank.run(&["customer", "1", "--look-up", "--json"]).ok();
    assert!(out.contains("Person Number"), "{out}");
    bank.verify_audit();
}

fn time_of_a_load() -> Duration {
    let bank = Bank::new(u32::try_from(CUSTOMERS).unwrap());
    let expected = write_files(&bank);
    let start = Instant::now();
    let report = bank.ingest();
    let took = start.elapsed();
    assert_eq!(report.bookings().counts, expected.bookings);
    assert!(expected.quarantined.len() >= 48 && expected.bookings.duplicate > 500);
    check(&bank, &expected);
    took
}

/// One bank: killed until it is through, then checked. Says how often it was killed, and how many batches the last run
/// found unfinished. Prints its seed when it fails.
fn one_bank(seed: u64, longest: Duration) -> (u32, u64) {
    let bank = Bank::new(u32::try_from(CUSTOMERS).unwrap());
    let expected = write_files(&bank);
    let _said = SayOnFailure(format!("seed {seed}"));
    let (kills, last) = run_until_done(&bank, &["ingest", "--json"], longest, &mut Random(seed));
    check(&bank, &expected);
    (kills, last.recovered.0 + last.recovered.1)
}

struct SayOnFailure(String);

impl Drop for SayOnFailure {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("failed with {}", self.0);
        }
    }
}

#[test]
fn loads_killed_two_hundred_times_end_with_exactly_the_right_rows() {
    let longest = time_of_a_load();
    let first = std::env::var("FLORIN_TEST_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let (mut kills, mut unfinished, mut seed) = (0, 0, first);
    while kills < KILLS {
        // Two at a time: a killed load leaves one of two cores idle half of the time.
        let both = thread::scope(|scope| {
            let a = scope.spawn(|| one_bank(seed, longest));
            let b = scope.spawn(|| one_bank(seed + 1, longest));
            [a.join(), b.join()]
        });
        for bank in both {
            let (killed, recovered) = bank.expect("each bank is right");
            kills += killed;
            unfinished += recovered;
        }
        seed += 2;
    }
    eprintln!(
        "{kills} kills, {} banks, {unfinished} batches recovered by last runs, a load takes {longest:?}",
        seed - first
    );
    assert!(unfinished > 0, "no kill hit a load at work");
}

#[test]
fn retries_killed_at_any_moment_put_each_record_in_once() {
    let (mut kills, mut seed) = (0, 1);
    while kills < RETRY_KILLS {
        kills += one_retry(seed);
        seed += 1;
    }
}

/// Amounts with a comma wait in the quarantine until the definition says so.
fn one_retry(seed: u64) -> u32 {
    const ROWS: u64 = 500;
    let bank = Bank::new(20);
    let rows: String = (1..=ROWS).map(|n| format!("{n},{},2024-01-02,\"{n},50\",card\n", 1 + n % 20)).collect();
    bank.bookings("bookings.csv", &rows);
    assert_eq!(bank.ingest().bookings().counts, Counts::of(ROWS, 0, 0, ROWS));
    bank.replace(
        "sources/transaction.toml",
        "amount = \"decimal\"",
        "amount = { type = \"decimal\", decimal_comma = true }",
    );
    let _said = SayOnFailure(format!("seed {seed}"));
    let args = ["ingest", "--retry-quarantined", "--json"];
    let (kills, _) = run_until_done(&bank, &args, RETRY, &mut Random(seed));
    assert!(bank.quarantine(false).is_empty());
    let total = i64::try_from((1..=ROWS).map(|n| n * 10_000 + 5_000).sum::<u64>()).unwrap();
    assert_eq!(bank.stored_bookings(), (ROWS, ROWS, total));
    assert!(bank.retry().changed_nothing());
    bank.verify_audit();
    kills
}

/// Takes back what the store knows of the last load of bookings, as if it had been killed before it could finish.
fn unfinish(bank: &Bank, python: &str) {
    let script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(\"update batch set state = 'prepared', \
        finished_at = null, lake_version = null where mapping = 'transaction'\"); db.commit(); db.close()";
    run_python(python, script, &[&bank.path(".florin/florin.db")]);
}

fn loaded_bank() -> (Bank, Expected) {
    let bank = Bank::new(u32::try_from(CUSTOMERS).unwrap());
    let expected = write_files(&bank);
    assert_eq!(bank.ingest().bookings().counts, expected.bookings);
    (bank, expected)
}

#[test]
fn a_load_killed_after_its_commit_is_finished_by_the_next() {
    let Some(python) = python("sqlite3") else { return };
    let (bank, expected) = loaded_bank();
    unfinish(&bank, &python);
    let report = bank.ingest();
    assert_eq!((report.recovered, report.bookings().counts), ((FILES, 0), Counts::default()));
    check(&bank, &expected);
}

#[test]
fn a_load_killed_before_its_commit_is_done_again_by_the_next() {
    let Some(python) = python("sqlite3") else { return };
    let (bank, expected) = loaded_bank();
    unfinish(&bank, &python);
    std::fs::remove_file(bank.path(".florin/lake/transaction/_delta_log/00000000000000000001.json")).unwrap();
    let report = bank.ingest();
    assert_eq!((report.recovered, report.bookings().counts), ((0, FILES), expected.bookings));
    check(&bank, &expected);
}
