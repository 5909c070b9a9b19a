//! How long the console waits: the API of a server over a made-up bank, asked as the console asks it (`benches/console.py`).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{report::Row, workbench::Workbench};
use crate::{demo::typed, house, served::Served};

/// About a hundred events for each customer.
const MONTHS: &str = "12";
const ACTIVITY: &str = "0.35";
/// What everybody of the bank signs in with; it is nobody's but this measurement's.
const PASSWORD: &str = "a-measured-bank-only";
const PEOPLE: [(&str, &str); 2] = [("ana", "analyst"), ("sam", "service_agent")];
/// Customers that are opened.
const OPENED: u32 = 200;

/// Of each question the 95th percentile in seconds.
#[derive(Deserialize)]
struct Told {
    customer: f64,
    funnel: f64,
    dashboard: f64,
}

/// A row a question.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let bank = bank(bench)?;
    let mut command = Command::new(bench.program()?);
    command.arg("--bank").arg(&bank);
    let server = Served::start(command, "127.0.0.1:0", &bank.join("server.log"))?;
    let mut script = bench.script("console.py");
    let said = house::heard(script.args([server.address(), PASSWORD, &OPENED.to_string()]))?;
    let told: Told = serde_json::from_str(said.trim()).context("console.py wrote no result")?;
    let row = |what: &str, seconds, limit| {
        let question = format!("console, {} customers: {what}, 95th percentile", bench.customers);
        Row::seconds_limit(question, seconds, limit)
    };
    Ok(vec![
        row("open a customer", told.customer, 0.15),
        row("a saved funnel", told.funnel, 1.0),
        row("a dashboard of eight charts", told.dashboard, 2.0),
    ])
}

/// The made-up bank, loaded, resolved and profiled; made once and kept.
fn bank(bench: &Workbench) -> Result<PathBuf> {
    let folder = bench.kept(&format!("console-{}", bench.customers))?;
    let (bank, done) = (folder.join("bank"), folder.join("bank.done"));
    if done.is_file() {
        return Ok(bank);
    }
    if bank.exists() {
        fs::remove_dir_all(&bank)?;
    }
    eprintln!("console: making a bank of {} customers in {}", bench.customers, bank.display());
    let (florin, customers) = (bench.program()?, bench.customers.to_string());
    let simulate = ["simulate", "--customers", &customers, "--months", MONTHS, "--activity", ACTIVITY, "--out"];
    said(Command::new(florin).args(simulate).arg(&bank))?;
    for words in [&["apply"][..], &["ingest"], &["resolve"], &["optimize", "--as", "dan"], &["run", "--as", "dan"]] {
        said(Command::new(florin).args(words).arg("--bank").arg(&bank))?;
    }
    for (user, role) in PEOPLE {
        let at = bank.to_string_lossy();
        typed(florin, &["user", "add", user, "--role", role, "--password-stdin", "--bank", &at], PASSWORD)?;
    }
    remove_raw(&bank)?;
    fs::write(done, "")?;
    Ok(bank)
}

fn said(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", house::shown(command));
    house::output(command).map(drop)
}

/// The raw files are loaded and take room.
fn remove_raw(bank: &Path) -> Result<()> {
    let folder = bank.join("exports");
    fs::remove_dir_all(&folder).with_context(|| format!("could not remove `{}`", folder.display()))
}
