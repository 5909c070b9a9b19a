//! Set algebra over 20 segments of ten million customers: `crates/features/examples/measure.rs`.

use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{
    report::Row,
    workbench::{Workbench, build_example},
};
use crate::house;

const SECONDS_LIMIT: f64 = 0.01;

/// One operation on one mix of segments, as the example prints it.
#[derive(Debug, Deserialize)]
struct Told {
    mix: String,
    what: String,
    /// The median.
    seconds: f64,
    /// Of all memberships, saved.
    bytes: u64,
    /// To add up as many bytes in memory, on one thread.
    least_seconds: f64,
}

/// A row a mix and operation.
pub(super) fn measure(_: &Workbench) -> Result<Vec<Row>> {
    let program = build_example("florin-features", "measure")?;
    eprintln!("segments: union, intersection, difference and overlaps");
    let said = house::output(Command::new(program).arg("segments"))?;
    read(&said)
}

fn read(said: &str) -> Result<Vec<Row>> {
    let told = |line: &str| -> Result<Row> {
        let told: Told = serde_json::from_str(line).context("`measure segments` printed something else")?;
        let question = format!("20 segments, {}: {}", told.mix, told.what);
        let least = super::least::Least { bytes: told.bytes, seconds: told.least_seconds };
        Ok(Row::seconds_limit(question, told.seconds, SECONDS_LIMIT).beside(Some(least)))
    };
    said.lines().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_judged_by_ten_milliseconds() {
        let line = |seconds: f64| {
            format!(r#"{{"mix":"all 5 %","what":"union","seconds":{seconds},"bytes":1000,"least_seconds":0.001}}"#)
        };
        let rows = read(&format!("{}\n{}\n", line(0.009), line(0.011))).expect("two lines");
        assert_eq!(rows.iter().map(|row| row.ok).collect::<Vec<_>>(), [true, false]);
        assert!(read("threads: 2").is_err());
    }
}
