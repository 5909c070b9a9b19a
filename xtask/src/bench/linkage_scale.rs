//! Who is who among a million made-up records, from raw values to clusters, and then who a single new record is.

use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{
    median,
    report::{GIB, Row},
    workbench::{Workbench, build_example},
};
use crate::house;

/// Blocking as a bank would do it, and comparing everybody born on the same day besides.
const VARIANTS: [&str; 2] = ["", "loose"];
const SECONDS_LIMIT: f64 = 60.0;
const MEMORY_LIMIT: f64 = 4.0 * GIB;
/// Of the slowest look-up of a hundred.
const LOOK_UP_SECONDS_LIMIT: f64 = 0.05;
const MIB: f64 = (1u64 << 20) as f64;

/// From raw values to clusters.
#[derive(Debug, Deserialize)]
struct Matched {
    seconds: f64,
    pairs_compared: u64,
}

/// Single look-ups after that.
#[derive(Debug, Deserialize)]
struct LookedUp {
    p99_us: f64,
    /// Of the whole process.
    peak_memory_mib: f64,
}

/// Three rows a variant: seconds, peak memory and the slowest look-up of a hundred.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let program = build_example("florin-identity", "linkage")?;
    let mut rows = Vec::new();
    for variant in VARIANTS {
        let name = ["linkage-scale", variant].join(" ");
        let name = name.trim_end();
        let mut runs = Vec::new();
        for run in 1..=bench.runs {
            eprintln!("{name}: run {run} of {}", bench.runs);
            let mut command = Command::new(&program);
            command.args(["scale", &bench.records.to_string(), &bench.threads.to_string()]);
            command.args(variant.split_whitespace());
            runs.push(read(&house::output(&mut command)?).context("`linkage scale` printed something else")?);
        }
        rows.extend(judged(bench.records, name, &runs));
    }
    Ok(rows)
}

fn read(said: &str) -> Result<(Matched, LookedUp)> {
    let (matched, looked_up) = said.trim().split_once('\n').context("one line, and not two")?;
    Ok((serde_json::from_str(matched)?, serde_json::from_str(looked_up)?))
}

fn judged(records: u64, name: &str, runs: &[(Matched, LookedUp)]) -> [Row; 3] {
    let of = |value: &dyn Fn(&(Matched, LookedUp)) -> f64| runs.iter().map(value).collect::<Vec<_>>();
    let peak = of(&|run| run.1.peak_memory_mib * MIB).into_iter().fold(0.0, f64::max);
    let pairs = runs.first().map_or(0, |run| run.0.pairs_compared);
    let question = format!("{name}: {records} records, {pairs} pairs");
    [
        Row::seconds_limit(question, median(of(&|run| run.0.seconds)), SECONDS_LIMIT),
        Row::memory_limit(format!("{name}: peak memory"), peak, MEMORY_LIMIT),
        Row::seconds_limit(
            format!("{name}: look-up, p99"),
            median(of(&|run| run.1.p99_us / 1e6)),
            LOOK_UP_SECONDS_LIMIT,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_and_judged_by_its_three_limits() {
        let said = "{\"seconds\": 61.0, \"pairs_compared\": 5}\n{\"p99_us\": 49000, \"peak_memory_mib\": 4097}\n";
        let rows = judged(1, "scale", &[read(said).expect("two lines")]);
        assert_eq!(rows.map(|row| row.ok), [false, false, true]);
        assert!(read("{}").is_err());
    }
}
