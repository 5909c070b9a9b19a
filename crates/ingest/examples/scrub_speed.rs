//! How fast free text is searched: `cargo run --release -p florin-ingest --example scrub_speed [TEXT_FILE…]`.
//!
//! Columns as loads bring them, ten million rows each on one thread, and what is found in the lines of the given files.
#![allow(clippy::print_stdout, reason = "a measurement prints")]

use std::collections::BTreeMap;

use arrow::array::StringArray;
use florin_ingest::scrub::Scrubber;

const BATCH: u64 = 8192;
const BATCHES: u64 = 1220;
/// A small file is searched so often that the clock sees it.
const PASSES: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scrubber = Scrubber::new();
    measure(&scrubber, "words", |i| ["PRIJEM", "VYDAJ", "VYBER", "card payment"][i as usize % 4].to_owned())?;
    measure(&scrubber, "short codes", |i| format!("d-{:06}", i % 1_000_000))?;
    measure(&scrubber, "hex tokens", |i| format!("{:016x}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15)))?;
    measure(&scrubber, "times", |i| format!("2024-02-29 12:{:02}:{:02}.{:06}", i % 60, i % 59, i % 1_000_000))?;
    measure(&scrubber, "order numbers", |i| format!("{}", 2_024_000_000_000_000 + i))?;
    measure(&scrubber, "words about a phone", |i| {
        format!("please call me at 138{:08} about my account", i % 100_000_000)
    })?;
    for path in std::env::args().skip(1) {
        search(&scrubber, &path)?;
    }
    Ok(())
}

fn measure(scrubber: &Scrubber, what: &str, text: impl Fn(u64) -> String) -> Result<(), Box<dyn std::error::Error>> {
    let column = StringArray::from_iter_values((0..BATCH).map(|i| text(i * 7919)));
    let start = cpu_nanos()?;
    let mut found = 0;
    for _ in 0..BATCHES {
        scrubber.scrub(&column, &mut |_, kind, _| {
            found += 1;
            format!("[{kind}]")
        })?;
    }
    let rows = BATCH * BATCHES;
    let nanos = (cpu_nanos()? - start) / rows as f64;
    println!("{what}: {nanos:.1} ns a row, {found} found in {rows}");
    Ok(())
}

/// Time on the processor of this thread: others may use the machine too.
fn cpu_nanos() -> Result<f64, Box<dyn std::error::Error>> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(schedule.split(' ').next().unwrap_or_default().parse()?)
}

fn search(scrubber: &Scrubber, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(path)?;
    let start = cpu_nanos()?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..PASSES {
        counts.clear();
        for (_, kind) in text.lines().flat_map(|line| scrubber.find(line)) {
            *counts.entry(kind.name()).or_default() += 1;
        }
    }
    let rate = (PASSES * text.len()) as f64 / (cpu_nanos()? - start) * 1e3;
    println!("{path}: {} lines, {counts:?}, {rate:.0} MB/s", text.lines().count());
    Ok(())
}
