//! The app events of the made-up bank: a lake that holds so many of them, and the same rows for peers. Made once and kept.
//!
//! The bank's persons are not resolved, so rows lie in the order of customers, as the peers' do.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{journeys_ours::Ours, workbench::Workbench};
use crate::house;

/// App events with a known customer that a customer of the made-up bank leaves in [`MONTHS`], in thousandths.
const EVENTS_A_THOUSAND_CUSTOMERS: u64 = 441_677;
const MONTHS: &str = "24";
/// Where a bank's app puts its files; nothing else is loaded.
const APP: &str = "app";
/// What the peers get: the rows that a question about customers can see, under the purpose of [`Ours`].
const EVENTS: &str = "select customer_id, ts, name, device, amount from event where customer_id is not null";

/// A bank with about so many app events, and what is made of it.
pub(super) struct AppEvents {
    /// Where all of it is.
    pub(super) folder: PathBuf,
    /// The bank directory.
    pub(super) bank: PathBuf,
}

impl AppEvents {
    /// Makes it, unless it is there. On disk: 140 bytes a row while the bank is simulated, 220 more while its events are loaded, 50 kept.
    ///
    /// # Errors
    /// When it cannot be simulated or loaded.
    pub(super) fn of(bench: &Workbench, rows: u64) -> Result<Self> {
        let folder = bench.kept(&format!("app-events-{rows}"))?;
        let bank = folder.join("bank");
        let events = Self { folder, bank };
        let done = events.folder.join("bank.done");
        if !done.is_file() {
            let customers = rows.saturating_mul(1000).div_ceil(EVENTS_A_THOUSAND_CUSTOMERS).to_string();
            events.make(bench, &customers)?;
            fs::write(done, customers)?;
        }
        Ok(events)
    }

    fn make(&self, bench: &Workbench, customers: &str) -> Result<()> {
        let bank = &self.bank;
        if bank.exists() {
            fs::remove_dir_all(bank)?;
        }
        let florin = || -> Result<Command> { Ok(Command::new(bench.program()?)) };
        eprintln!("app events: simulating {customers} customers in {}", bank.display());
        house::output(florin()?.args(["simulate", "--customers", customers, "--months", MONTHS, "--out"]).arg(bank))?;
        // What is not loaded goes at once: it is more than half of what was written.
        remove(&bank.join("truth"))?;
        for system in fs::read_dir(bank.join("exports"))? {
            let system = system?;
            if system.file_name() != APP {
                remove(&system.path())?;
            }
        }
        eprintln!("app events: loading them");
        house::output(florin()?.args(["ingest", "app_user", "app_event", "--bank"]).arg(bank))?;
        remove(&bank.join("exports"))?;
        house::output(florin()?.args(["optimize", "event", "--bank"]).arg(bank)).map(drop)
    }

    /// The rows that the peers get, and how many there are.
    ///
    /// # Errors
    /// When they cannot be asked for or written.
    pub(super) fn exported(&self, ours: &Ours) -> Result<(PathBuf, u64)> {
        let (events, count) = (self.folder.join("events.parquet"), self.folder.join("events.rows"));
        if !count.is_file() {
            let mut command = ours.sql(EVENTS, "parquet");
            let status = command.stdout(fs::File::create(&events)?).status()?;
            ensure!(status.success(), "`{}` failed", house::shown(&command));
            let told = house::output(&mut ours.sql(&format!("select count(*) from ({EVENTS}) e"), "csv"))?;
            fs::write(&count, told.lines().last().unwrap_or_default())?;
        }
        let rows = fs::read_to_string(&count)?.trim().parse().context("events.rows holds no number")?;
        Ok((events, rows))
    }
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("could not remove `{}`", folder.display()))
}
