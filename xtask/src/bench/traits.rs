//! Sixty traits of every customer as of one date: `florin run` over a bank made for it, beside the same SQL in DuckDB
//! (`benches/traits_list.py` is where both have it from).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{
    answers,
    least::Least,
    median,
    report::Row,
    side::{self, Side, TURNS},
    workbench::{Package, Workbench},
};
use crate::house;

const PURPOSE: &str = "risk";
const AS_OF: &str = "2024-12-31";
/// Answers are compared for one customer in so many.
const EVERY: u64 = 97;
const GOAL: f64 = 0.5;
const EVENTS_A_CUSTOMER: u64 = 100;
const EVENTS_A_TRANSACTION: u64 = 4;

/// What DuckDB gets of our lake, table by table, as the sessions of [`PURPOSE`] see it.
const TABLES: [(&str, &str); 3] = [
    ("event", "customer_id, ts, name, channel, device, duration_ms"),
    ("transaction", "customer_id, ts, amount, direction, kind, merchant_category, counterparty, balance_after"),
    ("customer", "customer_id, region, joined_on"),
];
/// How DuckDB is asked, and what that means.
const WAYS: [(&str, &str); 3] = [
    ("kept", "the same sixty queries, stored"),
    ("each", "the same in memory"),
    ("together", "those of one table together by hand, in memory"),
];

/// How much is measured.
pub(super) fn size(events: u64) -> String {
    let (customers, transactions) = (events / EVENTS_A_CUSTOMER, events / EVENTS_A_TRANSACTION);
    format!("60 traits of {customers} customers, {events} events, {transactions} transactions")
}

/// A row a way of asking DuckDB.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let folder = bench.kept(&format!("traits-{}", bench.rows))?;
    let bank = Bank { bench, folder: folder.join("bank") };
    bank.made(&folder)?;
    let store = peer_store(&bank, &folder)?;
    bank.run()?;
    bank.agrees(&store)?;
    let mut ours = Vec::new();
    let mut theirs = WAYS.map(|_| Side::default());
    let repeat = Side::repeat(bench.runs);
    for turn in 1..=TURNS {
        eprintln!("traits: turn {turn} of {TURNS}");
        // The first of a turn warms up.
        let runs = (0..repeat).map(|_| bank.run()).collect::<Result<Vec<_>>>()?;
        ours.extend(runs.into_iter().skip(1));
        for ((way, _), side) in WAYS.iter().zip(&mut theirs) {
            side.turn(peer(bench, way, &store).arg(AS_OF).arg(repeat.to_string()))?;
        }
    }
    let seconds = median(ours);
    let least = bank.least()?;
    let row = |((_, what), side): (&(&str, &str), Side)| {
        let about = "60 traits of every customer as of a date, stored".to_owned();
        Row::seconds(about, seconds, &format!("DuckDB, {what}"), median(side.seconds), GOAL).beside(Some(least))
    };
    Ok(WAYS.iter().zip(theirs).map(row).collect())
}

/// The folder of a bank with sixty traits, made once and kept.
pub(super) fn bank(bench: &Workbench) -> Result<PathBuf> {
    let folder = bench.kept(&format!("traits-{}", bench.rows))?;
    let bank = Bank { bench, folder: folder.join("bank") };
    bank.made(&folder)?;
    Ok(bank.folder)
}

/// The bank whose traits are computed.
struct Bank<'a> {
    bench: &'a Workbench,
    folder: PathBuf,
}

impl Bank<'_> {
    fn florin(&self, verb: &str) -> Result<Command> {
        let mut command = Command::new(self.bench.program()?);
        command.arg(verb).arg("--bank").arg(&self.folder);
        Ok(command)
    }

    /// Makes its files, traits and lake; made once and kept.
    fn made(&self, beside: &Path) -> Result<()> {
        let done = beside.join("bank.done");
        if done.is_file() {
            return Ok(());
        }
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        eprintln!("traits: making {} in {}", size(self.bench.rows), self.folder.display());
        let mut script = self.bench.script("traits_bank.py");
        house::output(script.arg(self.bench.rows.to_string()).arg(&self.folder))?;
        for verb in ["apply", "ingest", "optimize"] {
            house::output(&mut self.florin(verb)?)?;
        }
        let data = self.folder.join("data");
        fs::remove_dir_all(&data).with_context(|| format!("could not remove `{}`", data.display()))?;
        fs::write(done, "")?;
        Ok(())
    }

    /// Computes all traits, whether stale or not, and returns how many seconds that took, until all were stored.
    fn run(&self) -> Result<f64> {
        let mut command = self.florin("run")?;
        command.args(["--as-of", AS_OF, "--force", "--timings"]);
        let done = command.output().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "`{}` failed: {}", house::shown(&command), said.trim());
        said.lines().find_map(side::seconds).with_context(|| format!("`{}` printed no time", house::shown(&command)))
    }

    fn sql(&self, question: &str, format: &str) -> Result<Command> {
        let mut command = self.florin("sql")?;
        command.args(["--purpose", PURPOSE, "--format", format, question]);
        Ok(command)
    }

    /// Values of some customers are DuckDB's.
    fn agrees(&self, store: &Path) -> Result<()> {
        let theirs = house::output(peer(self.bench, "values", store).arg(AS_OF).arg(EVERY.to_string()))?;
        let (header, told) = theirs.split_once('\n').context("DuckDB told no values")?;
        let mut rest = told;
        let mut compared = 0;
        while let Some((name, _)) = rest.split_once(',') {
            // Its rows come trait by trait.
            let prefix = format!("{name},");
            let end: usize = rest.split_inclusive('\n').take_while(|l| l.starts_with(&prefix)).map(str::len).sum();
            let (of_trait, after) = rest.split_at(end);
            let question = format!(
                "select '{name}' as name, customer_id, value from traits.{name} where value is not null and customer_id % {EVERY} = 0"
            );
            let ours = house::output(&mut self.sql(&question, "csv")?)?;
            answers::same(&ours, &format!("{header}\n{of_trait}"))
                .with_context(|| format!("trait `{name}` has two answers: ours (first) and DuckDB's"))?;
            rest = after;
            compared += 1;
        }
        ensure!(compared == 60, "{compared} of 60 traits have values for the customers that are compared");
        eprintln!("traits: the values of every {EVERY}th customer are the same on both sides");
        Ok(())
    }

    fn least(&self) -> Result<Least> {
        let of = |(table, columns): &(&str, &str)| {
            let columns: Vec<&str> = columns.split(", ").collect();
            Least::of(self.bench, &self.folder.join(".florin/lake").join(table), &columns)
        };
        let all = TABLES.iter().map(of).collect::<Result<Vec<_>>>()?;
        let (bytes, seconds) = (all.iter().map(|l| l.bytes).sum(), all.iter().map(|l| l.seconds).sum());
        Ok(Least { bytes, seconds })
    }
}

/// DuckDB's own tables with our rows; made once a version and kept.
fn peer_store(bank: &Bank<'_>, folder: &Path) -> Result<PathBuf> {
    let bench = bank.bench;
    let store = folder.join(format!("duckdb-{}", bench.version(Package::DuckDb)));
    if store.is_file() {
        return Ok(store);
    }
    eprintln!("traits: making DuckDB's {}", store.display());
    let mut files = Vec::new();
    for (table, columns) in TABLES {
        let file = folder.join(format!("{table}.parquet"));
        let mut command = bank.sql(&format!("select {columns} from \"{table}\""), "parquet")?;
        let status = command.stdout(fs::File::create(&file)?).status()?;
        ensure!(status.success(), "`{}` failed", house::shown(&command));
        files.push(file);
    }
    house::output(peer(bench, "prepare", &store).args(&files))?;
    files.iter().try_for_each(fs::remove_file)?;
    Ok(store)
}

fn peer(bench: &Workbench, verb: &str, store: &Path) -> Command {
    let mut command = bench.script("traits_duckdb.py");
    command.arg(verb).arg(store).arg(bench.threads.to_string());
    command
}
