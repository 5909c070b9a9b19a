//! Loading a CSV of transactions: checked, keyed, free of duplicates, sorted and committed, against DuckDB reading the
//! same file and writing Parquet sorted by (customer, ts). DuckDB checks, keys and deduplicates nothing.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    median,
    report::{GIB, Row},
    workbench::{Timed, Workbench},
};
use crate::house;

/// What the peer may compress with: its default, and ours. It runs with the one that is faster here.
const COMPRESSIONS: [&str; 2] = ["snappy", "lz4_raw"];
const TIME_GOAL: f64 = 1.5;
const MEMORY_LIMIT: f64 = 2.0 * GIB;

/// What `load_duckdb.py` prints.
#[derive(Deserialize)]
struct PeerLoad {
    seconds: f64,
    rows: u64,
}

/// Seconds against DuckDB's, and peak memory against its limit.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = bench.data(bench.rows)?;
    eprintln!("load: warming up both sides");
    let mut peak = once(bench, &data, bench.rows)?.peak_rss_bytes;
    let compression = best_compression(bench, &data)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 1..=bench.runs {
        eprintln!("load: run {run} of {}", bench.runs);
        let loaded = once(bench, &data, bench.rows)?;
        ours.push(loaded.seconds);
        peak = peak.max(loaded.peak_rss_bytes);
        theirs.push(once_peer(bench, &data, compression)?);
    }
    let question = format!("load: {} transactions", bench.rows);
    let peer = format!("DuckDB, read_csv to sorted Parquet ({compression}; no checks, keys or duplicates)");
    Ok(vec![
        Row::seconds(question.clone(), median(ours), &peer, median(theirs), TIME_GOAL),
        Row::memory_limit(format!("{question}, peak memory"), peak as f64, MEMORY_LIMIT),
    ])
}

/// One load into a fresh lake that already knows the customers; checks that every row arrived.
pub(super) fn once(bench: &Workbench, data: &Path, rows: u64) -> Result<Timed> {
    let lake = bench.scratch("load-lake")?;
    bench.ingest(data, &lake, &["customer"])?;
    let timed = bench.time(bench.florin("ingest", data, &lake)?.arg("transaction"))?;
    let stored = count(bench, data, &lake)?;
    ensure!(stored == rows, "{stored} of {rows} transactions are in the lake; a load that loses rows is not measured");
    Ok(timed)
}

fn count(bench: &Workbench, data: &Path, lake: &Path) -> Result<u64> {
    let mut command = bench.florin("sql", data, lake)?;
    command.args(["--purpose", "analytics", "--format", "csv", "select count(*) as n from transaction"]);
    let table = house::output(&mut command)?;
    table.lines().last().and_then(|line| line.trim().parse().ok()).context("`florin sql` printed no count")
}

fn best_compression(bench: &Workbench, data: &Path) -> Result<&'static str> {
    let mut best = (f64::INFINITY, COMPRESSIONS[0]);
    // The first run also brings the file into memory, so nobody is judged by it.
    once_peer(bench, data, COMPRESSIONS[0])?;
    for compression in COMPRESSIONS {
        let seconds = once_peer(bench, data, compression)?;
        if seconds < best.0 {
            best = (seconds, compression);
        }
    }
    Ok(best.1)
}

fn once_peer(bench: &Workbench, data: &Path, compression: &str) -> Result<f64> {
    let out = bench.scratch("load-duckdb")?;
    let mut command = bench.script("load_duckdb.py");
    command.arg(data).arg(out).arg(bench.threads.to_string()).arg(compression);
    let peer: PeerLoad = serde_json::from_str(house::output(&mut command)?.trim())?;
    ensure!(peer.rows == bench.rows, "DuckDB wrote {} of {} transactions", peer.rows, bench.rows);
    Ok(peer.seconds)
}
