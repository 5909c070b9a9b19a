//! What a server does at three times the requests that may wait for its disk: what it takes and turns away, how long its pages take
//! meanwhile, and whether everything that it took is in the table (`benches/flood.py`, `crates/collector/examples/load.rs`).

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    console::{Bank, PASSWORD, WRITE_KEY},
    report::Row,
    workbench::{Workbench, build_example},
};
use crate::{house, served::Served};

/// Enough that a page has something to look at, few enough that the bank is made in seconds.
const BANK: Bank = Bank { customers: 2_000, months: 6 };
/// Of each of the two loads; what they leave on the disk is loaded before anything is counted.
const SECONDS_MAX: u64 = 20;
const EVENTS_PER_SECOND_MIN: f64 = 50_000.0;
/// Of what it takes without a flood, how much it should still take in one.
const TAKEN_IN_FLOOD_MIN: f64 = 0.5;
/// What opening a customer may take, flood or not: the console's own goal.
const PAGE_SECONDS_MAX: f64 = 0.15;

/// What `flood.py` prints.
#[derive(Deserialize)]
struct Told {
    /// Events a second.
    taken: f64,
    flooded: f64,
    /// Requests.
    shed: u64,
    /// Of opening a customer the 95th percentile in seconds.
    quiet: f64,
    beside: f64,
    /// Events.
    acknowledged: u64,
    stored: u64,
}

/// Three rows.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let load = build_example("florin-collector", "load")?;
    let folder = bench.scratch("flood")?;
    let bank = folder.join("bank");
    BANK.make(bench.program()?, &bank)?;
    let mut command = Command::new(bench.program()?);
    command.arg("--bank").arg(&bank);
    let server = Served::start(command, "127.0.0.1:0", &folder.join("server.log"))?;
    let mut script = bench.script("flood.py");
    script.args([server.address(), PASSWORD, WRITE_KEY]).arg(load).arg(bench.seconds.min(SECONDS_MAX).to_string());
    let said = house::heard(&mut script)?;
    drop(server);
    fs::remove_dir_all(&folder).with_context(|| format!("could not remove `{}`", folder.display()))?;
    let told: Told = serde_json::from_str(said.trim()).context("flood.py wrote no result")?;
    let Told { acknowledged, stored, shed, .. } = told;
    ensure!(acknowledged == stored, "{acknowledged} events were acknowledged and {stored} stored");
    Ok(vec![
        Row::rate_limit("server: events a second, batches of 100".to_owned(), told.taken, EVENTS_PER_SECOND_MIN),
        Row::share_limit(
            format!("server: taken in a flood ({shed} requests shed, {stored} events stored once)"),
            told.flooded / told.taken,
            TAKEN_IN_FLOOD_MIN,
        ),
        Row::seconds_limit(
            format!("server: open a customer in a flood, 95th percentile (without one {:.3} s)", told.quiet),
            told.beside,
            PAGE_SECONDS_MAX,
        ),
    ])
}
