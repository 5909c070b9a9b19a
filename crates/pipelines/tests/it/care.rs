//! Care of the lake: the same rows in fewer files, plans without sorts, snapshots that hold still, rows that go.

use std::{collections::BTreeSet, path::Path};

use florin_domain::{CustomerId, EventTime, Purpose};
use florin_governance::{Action, PurposeRules, Resource, permit};
use florin_lake::{
    Session,
    care::{Rewriting, delete_customers},
};
use florin_pipelines::{
    House,
    care::{erase, optimize, vacuum},
    load::Silent,
};

use crate::support::{NOW, TestBank, ask};

const CUSTOMERS: usize = 40;

async fn bank() -> TestBank {
    let bank = TestBank::new();
    bank.source("people", &["id \"int\"", "valid_from \"timestamp\""], "[[map]]\ninto = \"customer\"\nselect = \"select customer_id('core', p.id) as customer_id, p.valid_from as valid_from from people p\"\n");
    bank.source("zclicks", &["id \"int\"", "customer \"int\"", "ts \"timestamp\""], "[[map]]\ninto = \"event\"\nselect = \"select key('event', e.id) as event_id, customer_id('core', e.customer) as customer_id, e.ts as ts, 'click' as name, e.id as duration_ms from zclicks e\"\n");
    bank.source("zmoney", &["id \"int\"", "customer \"int\"", "ts \"timestamp\""], "[[map]]\ninto = \"transaction\"\nselect = \"select key('t', t.id) as transaction_id, customer_id('core', t.customer) as customer_id, t.ts as ts, 1.5 as amount, 'in' as direction from zmoney t\"\n");
    bank.source("goods", &["id \"int\""], "[[map]]\ninto = \"product\"\nselect = \"select key('product', g.id) as product_id, 'a fund' as name from goods g\"\n");
    let people: Vec<String> = (1..=CUSTOMERS).map(|c| format!("{c},2020-01-01T00:00:00Z")).collect();
    bank.write("data/people.csv", format!("id,valid_from\n{}\n", people.join("\n")));
    bank.write("data/goods.csv", "id\n1\n2\n");
    more(&bank, 0);
    bank.ingest().await;
    more(&bank, 1);
    bank.ingest().await;
    bank
}

/// 200 clicks and payments more. Some clicks are nobody's.
fn more(bank: &TestBank, part: usize) {
    let line = |id: usize| {
        let customer = if id.is_multiple_of(9) { String::new() } else { (1 + id * 7 % CUSTOMERS).to_string() };
        format!("{id},{customer},2025-{:02}-{:02}T00:00:00Z", 1 + id * 5 % 12, 1 + id * 3 % 28)
    };
    let lines: Vec<String> = (part * 200..part * 200 + 200).map(line).collect();
    bank.write(&format!("data/zclicks-{part}.csv"), format!("id,customer,ts\n{}\n", lines.join("\n")));
    let owned: Vec<&str> = lines.iter().filter(|l| !l.contains(",,")).map(String::as_str).collect();
    bank.write(&format!("data/zmoney-{part}.csv"), format!("id,customer,ts\n{}\n", owned.join("\n")));
}

async fn session(bank: &TestBank) -> Session {
    bank.session("ron", Purpose::Risk, PurposeRules::default(), None).await
}

const ALL_EVENTS: &str = "select * from event";
const ALL_MONEY: &str = "select * from \"transaction\"";

async fn files(house: &House, table: &str) -> Vec<usize> {
    let table = house.lake().table(table).await.unwrap().unwrap();
    table.live_files().unwrap().iter().map(|f| f.bucket).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn optimising_keeps_every_row_and_leaves_one_file_a_bucket() {
    let bank = bank().await;
    let before =
        (ask(&session(&bank).await, ALL_EVENTS).await.unwrap(), ask(&session(&bank).await, ALL_MONEY).await.unwrap());
    let owner = bank.open("owner").await;
    assert_eq!(files(&owner, "event").await, [0, 0, 1, 1, 2, 2, 3, 3]);
    let done = optimize(&owner, &[], &Silent).await.unwrap();
    let of_event = done.iter().find(|d| d.table == "event").unwrap().done;
    assert_eq!((of_event.files_before, of_event.files_after, of_event.rows), (8, 4, 400));
    assert_eq!(files(&owner, "event").await, [0, 1, 2, 3]);
    let after =
        (ask(&session(&bank).await, ALL_EVENTS).await.unwrap(), ask(&session(&bank).await, ALL_MONEY).await.unwrap());
    assert_eq!(before.0.len(), 400);
    assert!(before == after);
    // Nothing is left to do.
    let done = optimize(&owner, &[], &Silent).await.unwrap();
    assert!(done.iter().all(|d| d.done.files_before == 0), "{done:?}");
}

/// A plan's nodes, without what differs from run to run.
fn nodes(plan: &str) -> Vec<String> {
    plan.lines().map(|l| l.trim().split([':', ' ']).next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn grouping_by_customer_and_a_window_over_each_history_need_neither_sort_nor_shuffle() {
    let bank = bank().await;
    optimize(&bank.open("owner").await, &[], &Silent).await.unwrap();
    let consent = PurposeRules::default();
    for (user, purpose) in [("ron", Purpose::Risk), ("ana", Purpose::Analytics)] {
        let session = bank.session(user, purpose, consent, None).await;
        for table in ["event", "\"transaction\""] {
            let plan = session
                .explain(&format!("select customer_id, count(*), max(ts) from {table} group by customer_id"))
                .await
                .unwrap();
            assert_eq!(nodes(&plan).last().unwrap(), "DataSourceExec", "{plan}");
            assert!(nodes(&plan).iter().any(|n| n == "LakeScanExec"), "{plan}");
            assert!(plan.contains("buckets by customer_id"), "{plan}");
            let shuffles =
                |plan: &str| plan.contains("SortExec") || plan.contains("RepartitionExec") || plan.contains("Merge");
            assert!(!shuffles(&plan), "{plan}");
            let window =
                format!("select customer_id, ts, lag(ts) over (partition by customer_id order by ts) from {table}");
            let plan = session.explain(&window).await.unwrap();
            assert!(plan.contains("WindowAggExec") && !shuffles(&plan), "{plan}");
        }
    }
    // The same answers as from an engine that sorts and shuffles: a join stands in the way of every declaration.
    let session = session(&bank).await;
    let declared =
        ask(&session, "select customer_id, count(*), max(ts) from event group by customer_id").await.unwrap();
    let shuffled = ask(&session, "select e.customer_id, count(*), max(e.ts) from event e left join (select 1 as one) o on o.one = e.duration_ms * 0 + 1 group by 1").await.unwrap();
    assert_eq!(declared, shuffled);
    assert_eq!(declared.len(), CUSTOMERS + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_one_customer_reads_one_bucket() {
    let bank = bank().await;
    optimize(&bank.open("owner").await, &[], &Silent).await.unwrap();
    let session = session(&bank).await;
    let parquets = async |condition: &str| {
        let plan = session.explain(&format!("select * from event where {condition}")).await.unwrap();
        plan.matches(".parquet").count()
    };
    assert_eq!(parquets("duration_ms = 7").await, 4);
    assert_eq!(parquets("customer_id = 7").await, 1);
    assert_eq!(parquets("7 = customer_id and name = 'click'").await, 1);
    assert_eq!(parquets("customer_id in (7)").await, 1);
    for c in [1, 7, 39] {
        let pruned = ask(&session, &format!("select event_id from event where customer_id = {c}")).await.unwrap();
        let scanned = ask(&session, &format!("select event_id from event where customer_id + 0 = {c}")).await.unwrap();
        assert_eq!(pruned, scanned);
        assert!(!pruned.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_keeps_its_snapshot_while_others_load_and_optimise() {
    let bank = bank().await;
    let old = session(&bank).await;
    assert_eq!(ask(&old, "select count(*) from event").await.unwrap(), ["400"]);
    let before = ask(&old, ALL_EVENTS).await.unwrap();
    more(&bank, 2);
    bank.ingest().await;
    optimize(&bank.open("owner").await, &[], &Silent).await.unwrap();
    assert!(ask(&old, ALL_EVENTS).await.unwrap() == before);
    assert_eq!(ask(&session(&bank).await, "select count(*) from event").await.unwrap(), ["600"]);
    let house = bank.open("owner").await;
    let latest = house.lake().table("event").await.unwrap().unwrap();
    let rows = async |version: u64| {
        let table = latest.at_version(version).await.unwrap();
        table.live_files().unwrap().iter().map(|f| f.rows.unwrap()).sum::<u64>()
    };
    // Made empty, three loads, one optimisation.
    assert_eq!([rows(0).await, rows(1).await, rows(2).await, rows(3).await, rows(4).await], [0, 200, 400, 600, 600]);
    assert_eq!(latest.version(), 4);
    assert!(latest.at_version(5).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuuming_removes_files_that_nothing_needs_and_the_rest_can_be_read() {
    let bank = bank().await;
    let owner = bank.open("owner").await;
    let before = ask(&session(&bank).await, ALL_EVENTS).await.unwrap();
    optimize(&owner, &[], &Silent).await.unwrap();
    let events = ["event".to_owned()];
    let would = vacuum(&owner, &events, 0, true).await.unwrap();
    assert_eq!((would[0].done.files.len(), parquet_files(&bank.made().join("lake/event"))), (8, 12));
    let did = vacuum(&owner, &events, 0, false).await.unwrap();
    assert_eq!((did[0].done.files.len(), parquet_files(&bank.made().join("lake/event"))), (8, 4));
    assert!(ask(&session(&bank).await, ALL_EVENTS).await.unwrap() == before);
}

fn parquet_files(dir: &Path) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found += if path.is_dir() {
            parquet_files(&path)
        } else {
            usize::from(path.extension().is_some_and(|e| e == "parquet"))
        };
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_customers_removes_their_rows_from_every_table_and_nobody_elses() {
    let bank = bank().await;
    let owner = bank.open("owner").await;
    let bank_files = owner.bank();
    let gone = [3u32, 17];
    let leave = permit(
        &bank_files.policies,
        owner.who(),
        Purpose::Compliance,
        Action::Erase,
        Resource::Customer(CustomerId(3)),
        EventTime(NOW),
    )
    .unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let customers = gone.into_iter().collect();
    for table in ["customer", "event", "transaction", "product"] {
        let with = |name| Rewriting {
            lake: owner.lake(),
            scratch: scratch.path(),
            name,
            now_millis: NOW / 1000,
            threads: 2,
            on_rows: &|_| {},
        };
        let (first, again) = (format!("{table}-first"), format!("{table}-again"));
        let of = |rows: Vec<String>| {
            rows.into_iter().filter(|r| !gone.iter().any(|c| r.starts_with(&format!("{c}|")))).collect::<Vec<_>>()
        };
        let all = match table {
            "product" => "select name as owner, * from product".to_owned(),
            _ => format!("select customer_id as owner, * from \"{table}\""),
        };
        let before = ask(&session(&bank).await, &all).await.unwrap();
        let lake = owner.lake().table(table).await.unwrap().unwrap();
        let deleted = delete_customers(&leave, &lake, &customers, &with(&first)).await.unwrap();
        let after = ask(&session(&bank).await, &all).await.unwrap();
        let expected = of(before.clone());
        assert_eq!(deleted.rows, (before.len() - expected.len()) as u64, "{table}");
        assert!(after == expected, "{table}");
        assert_eq!(deleted.rows > 0, table != "product");
        // Again there is nothing to do, and no file is touched.
        let lake = owner.lake().table(table).await.unwrap().unwrap();
        assert_eq!(delete_customers(&leave, &lake, &customers, &with(&again)).await.unwrap().files, 0);
    }
    // Nobody's clicks are still there.
    let nobody = ask(&session(&bank).await, "select count(*) from event where customer_id is null").await.unwrap();
    assert_ne!(nobody, ["0"]);
    let buckets: BTreeSet<usize> = files(&owner, "event").await.into_iter().collect();
    assert_eq!(buckets.len(), 4);
}

/// Clicks stored, and clicks known already, of a load of these two hundred under another file name.
async fn again(bank: &TestBank, part: usize, name: &str) -> (u64, u64) {
    more(bank, part);
    let text = std::fs::read_to_string(bank.path().join(format!("data/zclicks-{part}.csv"))).unwrap();
    // The same records are another file where they stand in another order.
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.rotate_left(name.len());
    bank.write(&format!("data/zclicks-{name}.csv"), format!("id,customer,ts\n{}\n", lines.join("\n")));
    let report = bank.ingest().await;
    let counts = report.loads.iter().find(|load| load.source == "zclicks").unwrap().counts;
    assert_eq!(counts.read, counts.stored + counts.duplicate);
    (counts.stored, counts.duplicate)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_loaded_is_known_whatever_became_of_the_table_and_of_what_is_kept_of_keys() {
    let bank = bank().await;
    let owner = bank.open("owner").await;
    let known = bank.made().join("known");
    let of_event = || -> Vec<String> {
        let folders = std::fs::read_dir(known.join("event")).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name()));
        files.map(|name| name.to_string_lossy().into_owned()).collect()
    };
    assert_eq!(again(&bank, 1, "twice").await, (0, 200));
    assert!(of_event().contains(&"runs.json".to_owned()), "{:?}", of_event());
    // Rows that came since are known, also where files were laid out anew or removed meanwhile.
    assert_eq!(again(&bank, 2, "new").await, (200, 200));
    optimize(&owner, &[], &Silent).await.unwrap();
    vacuum(&owner, &[], 0, false).await.unwrap();
    assert_eq!(again(&bank, 2, "after-care").await, (0, 200));
    // What is not whole is made anew.
    let folder = std::fs::read_dir(known.join("event")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(folder.join("runs.json"), "{").unwrap();
    assert_eq!(again(&bank, 1, "damaged").await, (0, 200));
    std::fs::remove_dir_all(&known).unwrap();
    assert_eq!(again(&bank, 0, "removed").await, (0, 200));
    // Of somebody who is erased nothing stays; rows that come again are rows.
    assert!(known.is_dir());
    let theirs = ask(&session(&bank).await, "select * from event where customer_id = 8").await.unwrap().len() as u64;
    assert!(theirs > 0);
    erase(&owner, CustomerId(8)).await.unwrap();
    assert!(!known.exists());
    let (stored, duplicate) = again(&bank, 1, "erased").await;
    assert!(stored > 0 && stored <= theirs, "{stored} of {theirs}");
    assert_eq!(stored + duplicate, 200);
    assert_eq!(again(&bank, 1, "erased-twice").await, (0, 200));
}
