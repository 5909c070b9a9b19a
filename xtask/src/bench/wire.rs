//! Rows over PostgreSQL's wire: Florin's governed table beside a PostgreSQL of our own with the same rows, to psycopg 3 in the binary format.
//!
//! Our side is `crates/wire/examples/serve.rs`, both sides are asked by `benches/wire.py`.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    median,
    report::Row,
    workbench::{Workbench, build_example},
};
use crate::house;

/// Rows that are asked for; of fewer transactions, all.
const ROWS_MAX: u64 = 1_000_000;
const GOAL: f64 = 1.0;

/// What the script prints.
#[derive(Deserialize)]
struct Said {
    rows: u64,
    peer: String,
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

/// One row.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let lake = bench.loaded_lake()?;
    let mut serve = Command::new(build_example("florin-wire", "serve")?);
    serve.arg("--bank").arg(house::root().join("benches/bank")).arg("--lake").arg(lake).args(["--user", "bench"]);
    let served = Served::start(&mut serve)?;
    let folder = bench.scratch("wire")?;
    let rows = bench.rows.min(ROWS_MAX);
    eprintln!("wire: {rows} rows of 10 columns");
    let mut script = bench.script("wire.py");
    script.args(served.place.split(' ')).args([rows.to_string(), bench.runs.to_string()]).arg(&folder);
    let said: Said = serde_json::from_str(house::output(&mut script)?.trim()).context("wire.py wrote no result")?;
    ensure!(said.rows == rows, "{} rows came instead of {rows}", said.rows);
    let question = format!("wire: {rows} rows x 10 columns to psycopg 3, binary");
    Ok(vec![Row::seconds(question, median(said.ours), &said.peer, median(said.theirs), GOAL)])
}

/// A server in a process of its own, which ends with this.
struct Served {
    process: Child,
    /// Port, user and password.
    place: String,
}

impl Served {
    fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start `{}`", house::shown(command)))?;
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().context("no output")?).read_line(&mut line)?;
        ensure!(line.split(' ').count() == 3, "`{}` is no place to connect to", line.trim());
        Ok(Self { place: line.trim().to_owned(), process })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
