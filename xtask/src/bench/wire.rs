//! Rows over PostgreSQL's wire: Florin's governed table beside a PostgreSQL of our own with the same rows, to psycopg 3 in the binary format.
//!
//! Our side is `florin serve`; both sides are asked by `benches/wire.py`.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{median, report::Row, workbench::Workbench};
use crate::{demo::typed, house, served::Served};

/// Rows that are asked for; of fewer transactions, all.
const ROWS_MAX: u64 = 1_000_000;
const GOAL: f64 = 1.0;
/// Who asks: a user whose key opens the wire.
const USER: &str = "asker";
const PASSWORD: &str = "a-measured-bank-only";

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
    let (lake, folder) = (bench.loaded_lake()?.to_string_lossy().into_owned(), bench.scratch("wire")?);
    let bank = house::root().join("benches/bank").to_string_lossy().into_owned();
    let place = ["--bank", &bank, "--lake", &lake, "--as", "bench"];
    let added = ["user", "add", USER, "--role", "analyst", "--role", "compliance_officer", "--password-stdin"];
    typed(bench.program()?, &[&added[..], &place].concat(), PASSWORD)?;
    let mut command = std::process::Command::new(bench.program()?);
    command.args(place);
    let server = Served::start(command, "127.0.0.1:0", &folder.join("server.log"))?;
    let postgres = server.postgres().context("`benches/bank` opens no door for BI tools")?;
    let rows = bench.rows.min(ROWS_MAX);
    eprintln!("wire: {rows} rows of 10 columns");
    let mut script = bench.script("wire.py");
    script.args([server.address(), postgres, USER, PASSWORD, &rows.to_string(), &bench.runs.to_string()]).arg(&folder);
    let said: Said = serde_json::from_str(house::output(&mut script)?.trim()).context("wire.py wrote no result")?;
    ensure!(said.rows == rows, "{} rows came instead of {rows}", said.rows);
    let question = format!("wire: {rows} rows x 10 columns to psycopg 3, binary");
    Ok(vec![Row::seconds(question, median(said.ours), &said.peer, median(said.theirs), GOAL)])
}
