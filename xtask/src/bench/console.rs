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
const MONTHS: u32 = 12;
const ACTIVITY: &str = "0.35";
/// What everybody of the bank signs in with; it is nobody's but this measurement's.
pub(super) const PASSWORD: &str = "a-measured-bank-only";
const PEOPLE: [(&str, &str); 3] = [("ana", "analyst"), ("sam", "service_agent"), ("dan", "data_engineer")];
/// With what events are sent, and what takes them.
pub(super) const WRITE_KEY: &str = "a-measured-bank-only";
const EVENTS: &str = "
[serve.events]
folder = \".florin/events\"
sources = [\"web_event\"]

[serve.events.keys]
web = \"a-measured-bank-only\"
";
const WEB_EVENT: &str = "about = \"Closed segments of the event collector\"

[input]
files = [\".florin/events/*.jsonl\"]
format = \"json_lines\"

[input.columns]
source = \"text\"
event = { type = \"text\", optional = true }
anonymous_id = { type = \"text\", optional = true }
message_id = { type = \"text\", optional = true }
timestamp = { type = \"timestamp\", optional = true }

[[map]]
into = \"event\"
select = \"\"\"
SELECT key('collector', e.source || ':' || e.message_id) AS event_id, e.anonymous_id AS anonymous_id, e.timestamp AS ts,
       e.event AS name, e.source AS channel
FROM web_event e
\"\"\"
";
/// Customers that are opened.
const OPENED: u32 = 200;

/// Of each question the 95th percentile in seconds.
#[derive(Deserialize)]
struct Told {
    customer: f64,
    funnel: f64,
    dashboard: f64,
    fresh: f64,
    fresh_beside: f64,
}

/// A row a question, and two for how soon an event can be asked for.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let bank = bank(bench)?;
    let mut command = Command::new(bench.program()?);
    command.arg("--bank").arg(&bank);
    let server = Served::start(command, "127.0.0.1:0", &bank.join("server.log"))?;
    let mut script = bench.script("console.py");
    let said = house::heard(script.args([server.address(), PASSWORD, &OPENED.to_string(), WRITE_KEY]))?;
    let told: Told = serde_json::from_str(said.trim()).context("console.py wrote no result")?;
    let row = |what: &str, seconds, limit| {
        let question = format!("console, {} customers: {what}, 95th percentile", bench.customers);
        Row::seconds_limit(question, seconds, limit)
    };
    Ok(vec![
        row("open a customer", told.customer, 0.15),
        row("a saved funnel", told.funnel, 1.0),
        row("a dashboard of eight charts", told.dashboard, 2.0),
        row("from an event's 200 to its being told, alone", told.fresh, 2.0),
        row("the same while every trait is worked out", told.fresh_beside, 2.0),
    ])
}

/// The made-up bank; made once and kept.
fn bank(bench: &Workbench) -> Result<PathBuf> {
    let folder = bench.kept(&format!("console-{}", bench.customers))?;
    let (bank, done) = (folder.join("bank"), folder.join("bank.done"));
    if done.is_file() {
        return Ok(bank);
    }
    if bank.exists() {
        fs::remove_dir_all(&bank)?;
    }
    Bank { customers: bench.customers, months: MONTHS }.make(bench.program()?, &bank)?;
    fs::write(done, "")?;
    Ok(bank)
}

/// A made-up bank that takes events.
pub(super) struct Bank {
    pub(super) customers: u64,
    pub(super) months: u32,
}

impl Bank {
    /// Makes it in a folder that is not there yet: loaded, resolved and profiled, with people who may sign in.
    ///
    /// # Errors
    /// When the program cannot.
    pub(super) fn make(&self, florin: &Path, bank: &Path) -> Result<()> {
        eprintln!("making a bank of {} customers in {}", self.customers, bank.display());
        let (customers, months) = (self.customers.to_string(), self.months.to_string());
        let simulate = ["simulate", "--customers", &customers, "--months", &months, "--activity", ACTIVITY, "--out"];
        said(Command::new(florin).args(simulate).arg(bank))?;
        fs::write(bank.join("sources/web_event.toml"), WEB_EVENT)?;
        let settings = bank.join("florin.toml");
        let with_events = fs::read_to_string(&settings)? + EVENTS;
        fs::write(settings, with_events)?;
        for words in [&["apply"][..], &["ingest"], &["resolve"], &["optimize", "--as", "dan"], &["run", "--as", "dan"]]
        {
            said(Command::new(florin).args(words).arg("--bank").arg(bank))?;
        }
        for (user, role) in PEOPLE {
            let at = bank.to_string_lossy();
            typed(florin, &["user", "add", user, "--role", role, "--password-stdin", "--bank", &at], PASSWORD)?;
        }
        remove_raw(bank)
    }
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
