//! How many rows a second go in and come out: `cargo run --release -p florin-store --example bulk_rates [URL] [ROWS]`.
//! Without a URL it makes a SQLite file in a scratch folder. Each figure includes the commit. On a machine that others
//! use too, the seconds of processor (Linux; SQLite, which runs in this process) say more than those of the clock.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::needless_pass_by_value,
    clippy::disallowed_methods,
    reason = "a program for engineers, which measures"
)]

use std::time::Instant;

use florin_domain::{CustomerId, EventTime, KeyHasher, Purpose};
use florin_store::{
    BatchId, ConsentState, ConsentWord, Extras, NewBatch, NewCustomer, NewQuarantined, Origin, Store, Vault,
};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let scratch = tempfile::tempdir().unwrap();
    let url = arguments.next().unwrap_or_else(|| scratch.path().join("florin.db").display().to_string());
    let rows = arguments.next().map_or(1_000_000, |rows| rows.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&url, rows));
}

async fn measure(url: &str, rows: u32) {
    let store = Store::open(url).await.unwrap();
    let batch = store.plan_batch(&new_batch()).await.unwrap();
    let keyed = KeyHasher::new([1; 32]);
    let quarantined = (1..=rows).map(|row| bad_row(batch, row)).collect();
    stage(&store, "quarantined rows", rows, Extras { quarantined, ..Extras::default() }).await;
    let customers = (1..=rows).map(|row| NewCustomer {
        system: "core".to_owned(),
        key: keyed.id("core", &row.to_le_bytes()),
        customer: CustomerId(row),
    });
    stage(&store, "customers", rows, Extras { customers: customers.collect(), ..Extras::default() }).await;
    stage(&store, "subject keys and values", rows, sealed(rows)).await;
    let consent = (1..=rows).map(|row| word(batch, row)).collect();
    stage(&store, "words of consent", rows, Extras { consent, ..Extras::default() }).await;

    let start = Start::now();
    let customers = store.customers("core").await.unwrap();
    report("customers read", customers.len(), start);
    let start = Start::now();
    let consent = store.consent_bitmaps(Purpose::Marketing, EventTime(i64::MAX)).await.unwrap();
    report("words of consent read", usize::try_from(consent.withdrawn.len()).unwrap(), start);
}

async fn stage(store: &Store, what: &str, rows: u32, extras: Extras) {
    let start = Start::now();
    store.stage(extras).await.unwrap();
    report(what, rows as usize, start);
}

/// When a measurement began: by the clock, and by the processor's time used so far.
struct Start {
    clock: Instant,
    processor: f64,
}

impl Start {
    fn now() -> Self {
        Self { clock: Instant::now(), processor: processor_seconds() }
    }
}

/// User and system time of this process; Linux counts them in hundredths.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn report(what: &str, rows: usize, start: Start) {
    let seconds = start.clock.elapsed().as_secs_f64();
    let processor = processor_seconds() - start.processor;
    let rate = rows as f64 / seconds;
    println!("{what:<24} {rows:>9} rows {seconds:>7.2} s {rate:>9.0} rows/s   processor {processor:>6.2} s");
}

fn new_batch() -> NewBatch {
    NewBatch {
        source: "core".to_owned(),
        mapping: "transaction".to_owned(),
        table: "transaction".to_owned(),
        file: "trans.csv".to_owned(),
        content: [1; 32],
        mapping_version: 1,
        retry: false,
        started_at: EventTime(0),
    }
}

fn bad_row(batch: BatchId, row: u32) -> NewQuarantined {
    NewQuarantined {
        batch,
        row_number: row.into(),
        code: "range".to_owned(),
        column: Some("amount".to_owned()),
        reason: "below the minimum of 0".to_owned(),
        raw: vec![7; 120],
    }
}

/// A key and a value for each of `rows` customers. Sealing is not measured.
fn sealed(rows: u32) -> Extras {
    let vault = Vault::new(&[1; 32], KeyHasher::new([2; 32]));
    let mut next = 0u8;
    let mut random = |bytes: &mut [u8]| {
        next = next.wrapping_add(1);
        bytes.fill(next);
    };
    let mut extras = Extras::default();
    for row in 1..=rows {
        let (key, wrapped) = vault.new_subject(&format!("customer:{row}"), &mut random).unwrap();
        let phone = format!("138{row:08}");
        extras.values.push(key.seal_value(vault.token("phone", &phone), "phone", &phone, &mut random).unwrap());
        extras.subject_keys.push(wrapped);
    }
    extras
}

fn word(batch: BatchId, row: u32) -> ConsentWord {
    ConsentWord {
        customer: CustomerId(row),
        purpose: Purpose::Marketing,
        state: ConsentState::Withdrawn,
        ts: EventTime(row.into()),
        notice: None,
        origin: Origin::Batch(batch),
    }
}
