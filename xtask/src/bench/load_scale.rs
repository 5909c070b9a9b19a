//! Memory stays flat: three times the transactions, the same peak.

use anyhow::Result;

use super::{load, median, report::Row, workbench::Workbench};

/// How many times the rows.
const FACTOR: u64 = 3;
/// Flat, up to what an allocator does from run to run.
const MEMORY_GOAL: f64 = 1.1;

/// Peak memory of the larger load against that of the smaller.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let small = peak(bench, bench.rows)?;
    let large = peak(bench, bench.rows * FACTOR)?;
    let question = format!("load: peak memory at {} transactions", bench.rows * FACTOR);
    let what = format!("florin at {} transactions", bench.rows);
    Ok(vec![Row::memory(question, large, &what, small, MEMORY_GOAL)])
}

/// The median of the runs' peaks, in bytes.
fn peak(bench: &Workbench, rows: u64) -> Result<f64> {
    let data = bench.data(rows)?;
    let mut peaks = Vec::new();
    for run in 1..=bench.runs {
        eprintln!("load-scale: {rows} transactions, run {run} of {}", bench.runs);
        peaks.push(load::once(bench, &data, rows)?.peak_rss_bytes as f64);
    }
    Ok(median(peaks))
}
