//! How fast duplicates are found: `cargo run --release -p florin-ingest --example deduplicate_speed [ROWS]`.
//!
//! A load of ROWS (20 million) rows in batches, on two threads: hashing a composite key, spilling and resolving, for a
//! load without duplicates and for a second load of the same rows.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement prints and reads the clock")]

use std::{io, path::Path, sync::Arc, time::Instant};

use arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
use florin_domain::KeyHasher;
use florin_ingest::deduplicate::{KeyIndex, KeySeeds, KeySpill, key_hash, partitions_for};

const BATCH: u64 = 8192;
const WORKERS: u64 = 2;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let rows: u64 = std::env::args().nth(1).map_or(Ok(20_000_000), |n| n.parse())?;
    let dir = std::env::temp_dir().join("florin-deduplicate-speed");
    let seeds = KeySeeds::derive(&KeyHasher::new([7; 32]));
    println!("{rows} rows, {} partitions, {WORKERS} threads", partitions_for(rows));
    measure(&dir, rows, &seeds, false)?;
    println!("peak memory so far {}", peak_memory()?);
    measure(&dir, rows, &seeds, true)?;
    Ok(())
}

fn measure(dir: &Path, rows: u64, seeds: &KeySeeds, reload: bool) -> Result<(), Failure> {
    let partitions = partitions_for(rows);
    let mut known = KeyIndex::begin(&dir.join("known"), "these rows")?;
    if reload {
        let start = Instant::now();
        for batch in 0..rows / BATCH {
            known.add(&key_hash(&columns(batch), seeds)?)?;
        }
        known.save(1)?;
        println!("indexed in {:.2?}", start.elapsed());
    }
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    let spill = KeySpill::create(dir, partitions)?;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|w| {
                scope.spawn({
                    let spill = &spill;
                    move || add(spill, seeds, w, rows)
                })
            })
            .collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| Failure::from("a worker failed"))?)
    })?;
    let (added, added_cpu) = (start.elapsed(), cpu_seconds()? - cpu);
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    let found = spill.resolve(&|keys: &[u64]| known.known(keys), WORKERS as usize)?;
    let what = if reload { "the same again" } else { "all new" };
    let (resolved, resolved_cpu) = (start.elapsed(), cpu_seconds()? - cpu);
    println!(
        "{what}: keyed and added in {added:.2?} ({added_cpu:.2} s of cpu), resolved in {resolved:.2?} ({resolved_cpu:.2} s of \
         cpu), {} duplicates",
        found.len()
    );
    Ok(())
}

fn add(spill: &KeySpill, seeds: &KeySeeds, worker: u64, rows: u64) -> Result<(), Failure> {
    for batch in (worker..rows / BATCH).step_by(WORKERS as usize) {
        let keys = key_hash(&columns(batch), seeds)?;
        let ordinals: Vec<u64> = (batch * BATCH..(batch + 1) * BATCH).collect();
        spill.add(&keys, &ordinals)?;
    }
    Ok(())
}

/// A composite key: an id and a time.
fn columns(batch: u64) -> [ArrayRef; 2] {
    let numbers = (batch * BATCH..(batch + 1) * BATCH).map(u64::cast_signed);
    let ids = Int64Array::from_iter_values(numbers.clone().map(|n| n / 10));
    let times = TimestampMicrosecondArray::from_iter_values(numbers.map(|n| n * 1_000_000));
    [Arc::new(ids), Arc::new(times)]
}

/// Processor time of all threads: others may use the machine too. In ticks of 10 ms.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let ticks = stat.split(' ').skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

fn peak_memory() -> io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    Ok(status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown").to_owned())
}
