//! How fast delimited text is read: `cargo run --release -p florin-ingest --example read_csv -- [MB] [WORKERS] [quoted]`.
//!
//! Writes a CSV of payments to the temporary directory, reads it five times and prints the megabytes a second.
#![allow(clippy::print_stdout, reason = "a measurement prints")]

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use florin_ingest::{
    definition::SourceDef,
    sources::{Chunk, ReadOptions, read_file},
};

const DEFINITION: &str = r#"
[input]
files = ["*.csv"]
format = "delimited"
[input.columns]
transaction_id = "int"
account_id = "int"
customer_id = "int"
ts = "timestamp"
amount = "decimal"
direction = "text"
currency = "text"
kind = "text"
channel = "text"
counterparty = "text"
booked_on = "date"
balance_after = "decimal"
"#;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let megabytes: u64 = arguments.next().map_or(Ok(1000), |a| a.parse())?;
    let workers: usize = arguments.next().map_or(Ok(1), |a| a.parse())?;
    let quote = if arguments.next().as_deref() == Some("quoted") { "\"" } else { "" };
    let path = std::env::temp_dir().join(format!("florin_read_csv_{}.csv", std::process::id()));
    write_payments(&path, megabytes << 20, quote)?;
    let measured = measure(&path, workers);
    std::fs::remove_file(&path)?;
    measured
}

fn measure(path: &Path, workers: usize) -> Outcome {
    let source: SourceDef = toml::from_str(DEFINITION)?;
    let options = ReadOptions { workers, time_zone: jiff::tz::TimeZone::get("Europe/Prague")?, on_bytes: &|_| () };
    for _ in 0..5 {
        let rows = AtomicUsize::new(0);
        let (started, cpu) = (Instant::now(), cpu_seconds());
        let report = read_file(&source.input, path, &options, &|chunk: Chunk| {
            rows.fetch_add(chunk.rows.num_rows(), Ordering::Relaxed);
            Ok::<_, std::fmt::Error>(())
        })?;
        let seconds = started.elapsed().as_secs_f64();
        let speed = report.bytes as f64 / 1e6 / seconds;
        let rows = rows.into_inner();
        let per_core = report.bytes as f64 / 1e6 / (cpu_seconds() - cpu);
        println!(
            "{workers} workers: {speed:.0} MB/s, {per_core:.0} MB per CPU second, {rows} rows, {} rejected",
            report.rejected
        );
    }
    Ok(())
}

/// Processor time of all threads so far, where Linux tells it: on a busy machine a better measure than the clock.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

fn write_payments(path: &Path, bytes: u64, q: &str) -> Outcome {
    let mut file = BufWriter::new(File::create(path)?);
    let header = "transaction_id,account_id,customer_id,ts,amount,direction,currency,kind,channel,counterparty,booked_on,balance_after\n";
    file.write_all(header.as_bytes())?;
    let (mut written, mut n, mut state) = (0, 0_u64, 88_172_645_463_325_252_u64);
    while written < bytes {
        n += 1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (day, hour, cents) = (1 + n / 90_000 % 28, state % 24, state % 1_000_000);
        let line = format!(
            "{n},{},{},2024-{:02}-{day:02} {hour:02}:{:02}:{:02},{}.{:02},{q}{}{q},{q}CZK{q},{q}{}{q},{q}{}{q},{q}CP{:08}{q},2024-03-{day:02},{}.{:02}\n",
            state % 4_500_000,
            state % 3_000_000,
            1 + n / 3_000_000 % 12,
            state / 7 % 60,
            state / 11 % 60,
            cents / 100,
            cents % 100,
            if state & 1 == 0 { "in" } else { "out" },
            ["card", "transfer", "withdrawal", "fee"][(state / 3 % 4) as usize],
            ["branch", "mobile", "web", "atm"][(state / 5 % 4) as usize],
            state / 13 % 100_000_000,
            state % 90_000,
            state / 17 % 100,
        );
        file.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    Ok(file.flush()?)
}
