//! What customers do one thing after the other: the app events of the made-up bank, asked of its lake and of three peers
//! in their own best layouts.
//!
//! The bank's persons are not resolved, so rows lie in the order of customers, as the peers' do. Every answer is compared
//! with ClickHouse's before there is a figure, that of the funnel customer by customer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{
    answers,
    journeys_ours::{Ours, QUESTIONS, Question, STEPS, WHO},
    median,
    report::Row,
    side::{Side, TURNS},
    workbench::{Package, Workbench},
};
use crate::house;

/// App events with a known customer that a customer of the made-up bank leaves in [`MONTHS`], in thousandths.
const EVENTS_A_THOUSAND_CUSTOMERS: u64 = 441_677;
const MONTHS: &str = "24";
/// What the peers get: the rows that a question about customers can see, under the purpose of [`Ours`].
const EVENTS: &str = "select customer_id, ts, name, device from event where customer_id is not null";

/// The first is who must agree with everybody.
const PEERS: [Peer; 3] = [
    Peer { package: Package::ClickHouse, script: "journeys_clickhouse.py", layout: "MergeTree (customer, ts)" },
    Peer { package: Package::DuckDb, script: "journeys_duckdb.py", layout: "own table, sorted" },
    Peer { package: Package::Polars, script: "journeys_polars.py", layout: "Parquet, sorted" },
];

struct Peer {
    package: Package,
    script: &'static str,
    layout: &'static str,
}

/// A row a question and peer, the fastest first; questions that the program cannot answer yet are said and left out.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let folder = bench.kept(&format!("journeys-{}", bench.rows))?;
    let ours = Ours::new(bench.program()?, bank(bench, &folder)?);
    let events = exported(&ours, &folder)?;
    eprintln!("journeys: {} events of known customers", fs::read_to_string(folder.join("events.rows"))?.trim());
    let stores = PEERS.iter().map(|peer| peer.prepared(bench, &folder, &events)).collect::<Result<Vec<_>>>()?;
    same_customers(bench, &ours, &stores)?;
    let mut rows = Vec::new();
    for question in QUESTIONS {
        if let Some(reason) = ours.lacks(question)? {
            eprintln!("journeys: {} is skipped: {reason}", question.name);
            continue;
        }
        eprintln!("journeys: {}", question.about);
        rows.extend(ask(bench, &ours, question, &stores)?);
    }
    Ok(rows)
}

/// The bank with its app events loaded; made once and kept.
fn bank(bench: &Workbench, folder: &Path) -> Result<PathBuf> {
    let bank = folder.join("bank");
    let done = folder.join("bank.done");
    if done.is_file() {
        return Ok(bank);
    }
    if bank.exists() {
        fs::remove_dir_all(&bank)?;
    }
    let customers = bench.rows.saturating_mul(1000).div_ceil(EVENTS_A_THOUSAND_CUSTOMERS).to_string();
    eprintln!("journeys: simulating {customers} customers in {}", bank.display());
    let florin = || -> Result<Command> { Ok(Command::new(bench.program()?)) };
    house::output(florin()?.args(["simulate", "--customers", &customers, "--months", MONTHS, "--out"]).arg(&bank))?;
    eprintln!("journeys: loading them");
    house::output(florin()?.args(["ingest", "app_user", "app_event", "--bank"]).arg(&bank))?;
    house::output(florin()?.args(["optimize", "event", "--bank"]).arg(&bank))?;
    for needless in ["exports", "truth"] {
        fs::remove_dir_all(bank.join(needless)).with_context(|| format!("could not remove the bank's {needless}"))?;
    }
    fs::write(done, customers)?;
    Ok(bank)
}

/// The rows that the peers get, and beside them how many there are; made once and kept.
fn exported(ours: &Ours, folder: &Path) -> Result<PathBuf> {
    let (events, count) = (folder.join("events.parquet"), folder.join("events.rows"));
    if !count.is_file() {
        let written = fs::File::create(&events)?;
        let mut command = ours.sql(EVENTS, "parquet");
        let status = command.stdout(written).status()?;
        ensure!(status.success(), "`{}` failed", house::shown(&command));
        let told = house::output(&mut ours.sql(&format!("select count(*) from ({EVENTS}) e"), "csv"))?;
        fs::write(&count, told.lines().last().unwrap_or_default())?;
    }
    Ok(events)
}

/// The customers of each step are ClickHouse's, and the other peers'.
fn same_customers(bench: &Workbench, ours: &Ours, stores: &[PathBuf]) -> Result<()> {
    let mut listed = "step,customer\n".to_owned();
    for step in 1..=STEPS.len() {
        listed.push_str(&ours.customers_of(step)?);
    }
    for (peer, store) in PEERS.iter().zip(stores) {
        let theirs = house::output(&mut peer.asked(bench, store, WHO, 1))?;
        answers::same(&listed, &theirs)
            .with_context(|| format!("the funnel has other customers than {}'s (second)", peer.package.name()))?;
    }
    eprintln!("journeys: the customers of each step of the funnel are the same on all sides");
    Ok(())
}

/// The sides take turns; the first run of a turn warms up.
fn ask(bench: &Workbench, ours: &Ours, question: &Question, stores: &[PathBuf]) -> Result<Vec<Row>> {
    let repeat = Side::repeat(bench.runs);
    let mut us = Side::default();
    let mut them = PEERS.map(|peer| (peer, Side::default()));
    for _ in 0..TURNS {
        us.turn(&mut ours.asked(question, repeat))?;
        for ((peer, side), store) in them.iter_mut().zip(stores) {
            side.turn(&mut peer.asked(bench, store, question.name, repeat))?;
        }
    }
    let answer = (question.answer)(&us.answer)?;
    for (peer, side) in &them {
        answers::same(&answer, &side.answer).with_context(|| {
            format!("`{}` has two answers: ours (first) and {}'s", question.name, peer.package.name())
        })?;
    }
    let seconds = median(us.seconds);
    let mut medians = them.map(|(peer, side)| (peer, median(side.seconds)));
    medians.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let row = |(peer, theirs): (Peer, f64)| {
        let name = format!("{}, {}", peer.package.name(), peer.layout);
        Row::seconds(question.about.to_owned(), seconds, &name, theirs, question.goal)
    };
    Ok(medians.map(row).into())
}

impl Peer {
    /// The events in the peer's own layout; made once a version and kept.
    fn prepared(&self, bench: &Workbench, folder: &Path, events: &Path) -> Result<PathBuf> {
        let name = self.script.trim_end_matches(".py");
        let store = folder.join(format!("{name}-{}", bench.version(self.package)));
        let done = folder.join(format!("{name}-{}.done", bench.version(self.package)));
        if !done.is_file() {
            if store.is_dir() {
                fs::remove_dir_all(&store)?;
            }
            eprintln!("journeys: making {}'s {}", self.package.name(), store.display());
            let mut command = bench.script(self.script);
            house::output(command.arg("prepare").arg(&store).arg(bench.threads.to_string()).arg(events))?;
            fs::write(done, "")?;
        }
        Ok(store)
    }

    fn asked(&self, bench: &Workbench, store: &Path, question: &str, repeat: usize) -> Command {
        let mut command = bench.script(self.script);
        command.arg("ask").arg(store).args([&bench.threads.to_string(), question, &repeat.to_string()]);
        command
    }
}
