//! `florin optimize` killed at any moment, above all while it makes a narrow projection: answers stay what they were, and the next one
//! cleans up.

use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::bank::Bank;

const CUSTOMERS: u32 = 200;
const ROWS: u32 = 6_000;
/// Kills at moments spread over the time that it takes.
const SPREAD_KILLS: u32 = 6;
/// Kills as soon as something of the projection is written.
const WRITING_KILLS: u32 = 6;
/// Longest wait for a run to get so far.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_micros(200);

const JOURNEYS: [&[&str]; 3] = [
    &[
        "funnel",
        "--json",
        "--from",
        "transaction",
        "--within",
        "3 days",
        "--step",
        "kind = 'look'",
        "--step",
        "kind = 'pay'",
    ],
    &["sessions", "--json", "--from", "transaction", "--name-by", "", "--gap", "1 day"],
    &["next", "--json", "--from", "transaction", "--name-by", "kind", "--after", "look"],
];

/// Rows of one more file.
fn add(bank: &Bank, file: u32) {
    let kinds = ["look", "ask", "pay"];
    let row = |n: u32| {
        let (no, customer) = (file * ROWS + n, 1 + n.wrapping_mul(7919) % CUSTOMERS);
        // No two of a customer on one day of a file, which would have no order.
        let day = jiff::civil::date(2020, 1, 1).checked_add(jiff::Span::new().days(n / CUSTOMERS + file * 40)).unwrap();
        format!("{no},{customer},{day},{}.00,{}\n", n % 90, kinds[(n / 7 % 3) as usize])
    };
    bank.bookings(&format!("bookings{file}.csv"), &(0..ROWS).map(row).collect::<String>());
    assert_eq!(bank.ingest().bookings().counts.stored, u64::from(ROWS));
}

fn answers(bank: &Bank) -> Vec<String> {
    let journeys = JOURNEYS.iter().map(|args| bank.run(args).ok());
    let (rows, keys, total) = bank.stored_bookings();
    journeys.chain([format!("{rows} {keys} {total}")]).collect()
}

/// The files of the projection.
fn files(bank: &Bank) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(bank.path(".florin/lake/transaction/_narrow")) else { return BTreeSet::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// Starts it, and kills it once `now` says so. Says whether it was killed at work.
fn kill_when(bank: &Bank, now: impl Fn() -> bool) -> bool {
    let mut child = bank.start(&["optimize", "transaction"]);
    let end = Instant::now() + PATIENCE;
    while !now() && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it does not get so far");
        thread::sleep(POLL);
    }
    // SIGKILL: no handler, no destructor.
    child.kill().unwrap();
    let run = Bank::wait(child);
    assert!(matches!(run.code, None | Some(0)), "{}", run.err);
    run.code.is_none()
}

/// Nothing is there but what is in force, and that is asked.
fn check_clean(bank: &Bank) {
    bank.run(&["optimize", "transaction"]).ok();
    let manifest = fs::read_to_string(bank.path(".florin/lake/transaction/_narrow/current.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let parts = manifest["parts"].as_array().unwrap().iter().map(|part| part["file"].as_str().unwrap().to_owned());
    assert_eq!(files(bank), parts.chain(["current.json".to_owned()]).collect());
    let scratch = bank.path(".florin/scratch/load");
    assert!(!scratch.exists() || fs::read_dir(&scratch).unwrap().next().is_none(), "{}", scratch.display());
    for journey in JOURNEYS {
        let plan = bank.run(&[journey, &["--explain"]].concat()).ok();
        assert!(plan.contains("NarrowProjection"), "{plan}");
    }
}

#[test]
fn an_optimize_that_is_killed_changes_no_answer_and_the_next_cleans_up() {
    let bank = Bank::new(CUSTOMERS);
    add(&bank, 0);
    let start = Instant::now();
    check_clean(&bank);
    let longest = start.elapsed();
    let (mut killed, mut left_behind) = (0, 0);
    for round in 1..=SPREAD_KILLS + WRITING_KILLS {
        add(&bank, round);
        let expected = answers(&bank);
        let before = files(&bank);
        // Each round a little later: as it begins, while it writes a part, while it puts it in place, and when it is done.
        let (began, share) = (Instant::now(), round.min(SPREAD_KILLS));
        let spread = || began.elapsed() >= longest * share / SPREAD_KILLS;
        let writing = || files(&bank).difference(&before).count() > (round % 3) as usize;
        killed += u32::from(match round > SPREAD_KILLS {
            true => kill_when(&bank, writing),
            false => kill_when(&bank, spread),
        });
        left_behind += u32::from(!files(&bank).is_subset(&before));
        assert_eq!(answers(&bank), expected, "round {round}");
        if round % 4 == 0 {
            check_clean(&bank);
            assert_eq!(answers(&bank), expected, "round {round}, cleaned");
        }
    }
    eprintln!("{killed} killed, of which {left_behind} left something of a projection; one takes {longest:?}");
    assert!(killed > 0 && left_behind > 0, "no kill hit it at work");
    check_clean(&bank);
    bank.verify_audit();
}

/// Killed between the moment from which a projection counts and the removal of what it replaced.
#[test]
fn what_a_projection_replaced_goes_with_the_next_optimize() {
    let bank = Bank::new(CUSTOMERS);
    add(&bank, 0);
    check_clean(&bank);
    let narrow = ".florin/lake/transaction/_narrow";
    bank.write(&format!("{narrow}/0123456789abcdef-3-00000.rows"), "an older part");
    bank.write(&format!("{narrow}/current.json.new"), "{}");
    bank.write(".florin/scratch/load/0123456789abcdef/rows", "half a file");
    check_clean(&bank);
}
