//! Loading a directory in which nothing changed finds that out quickly.

use anyhow::Result;

use super::{median, report::Row, workbench::Workbench};

const LIMIT_SECONDS: f64 = 2.0;

/// Seconds of `florin ingest` on a lake that has everything, against the limit.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let lake = bench.loaded_lake()?;
    let data = bench.data(bench.rows)?;
    let mut seconds = Vec::new();
    for run in 0..=bench.runs {
        let timed = bench.time(&bench.florin("ingest", &data, lake)?)?;
        if run > 0 {
            seconds.push(timed.seconds);
        }
    }
    let question = format!("reload: unchanged directory, {} transactions", bench.rows);
    Ok(vec![Row::seconds_limit(question, median(seconds), LIMIT_SECONDS)])
}
