//! The event collector under load from another process on loopback: events a second in batches, what a single event waits, and what
//! happens at three times as much as it can take. What the disk alone takes is measured beside it, before and after.
//!
//! The sides are `crates/collector/examples/collect.rs` and `load.rs`.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    report::Row,
    workbench::{Workbench, build_example, build_example_with},
};
use crate::house;

const EVENTS_PER_SECOND_MIN: f64 = 50_000.0;
const EVENTS_A_BATCH: f64 = 100.0;
const SINGLES_PER_SECOND: f64 = 1_000.0;
/// A single event may wait so many times as long as the disk's own 99th percentile …
const SYNCS_MAX: f64 = 3.0;
/// … and so much longer.
const SLACK_SECONDS: f64 = 0.005;
/// The disk alone is measured for so long, before and after.
const SYNC_SECONDS: u64 = 5;
/// Connections that keep a batch under way each, so that many share a wait for the disk.
const BATCH_CONNECTIONS: u32 = 32;
/// Connections over which single events and floods come: enough that none waits for another's answer.
const CONNECTIONS: u32 = 64;
/// How much more than it can take comes in a flood, and of what it can take, how much should still be taken.
const FLOOD: f64 = 3.0;
const TAKEN_IN_FLOOD_MIN: f64 = 0.5;
const FLOOD_SECONDS_MAX: u64 = 30;
/// Requests that wait for the disk at most in a flood, so that fewer connections than a real flood has fill the queue.
const FLOOD_QUEUE: &str = "8";
/// Closed segments are released after so many seconds, as a loader would.
const RELEASE_AFTER: &str = "2";

/// What `load` prints.
#[derive(Deserialize)]
struct Said {
    p99: f64,
    #[serde(default)]
    events_per_second: f64,
    #[serde(default)]
    requests: Requests,
}

#[derive(Deserialize, Default)]
struct Requests {
    shed: u64,
    other: u64,
}

struct Programs {
    collect: PathBuf,
    load: PathBuf,
}

/// Three rows.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let package = "florin-collector";
    let collect = build_example_with(package, "collect", "serve")?;
    let programs = Programs { collect, load: build_example(package, "load")? };
    let folder = bench.scratch("collector")?;
    let before = programs.load(&["syncs", "--folder"], Some(&folder), SYNC_SECONDS)?.p99;

    let served = Served::start(&programs.collect, &folder.join("log"), &[])?;
    eprintln!("collector: batches of {EVENTS_A_BATCH} for {} s", bench.seconds);
    let batches = programs.post("batches", &served, BATCH_CONNECTIONS, None, bench.seconds)?;
    eprintln!("collector: {SINGLES_PER_SECOND} single events a second for {} s", bench.seconds);
    let singles = programs.post("singles", &served, CONNECTIONS, Some(SINGLES_PER_SECOND), bench.seconds)?;
    drop(served);
    ensure!(
        batches.requests.shed + batches.requests.other + singles.requests.shed + singles.requests.other == 0,
        "not every request was taken"
    );

    let after = programs.load(&["syncs", "--folder"], Some(&folder), SYNC_SECONDS)?.p99;
    let flooded = Served::start(&programs.collect, &folder.join("flood"), &["--queue-requests-max", FLOOD_QUEUE])?;
    let rate = batches.events_per_second / EVENTS_A_BATCH * FLOOD;
    let flood = programs.post("batches", &flooded, CONNECTIONS, Some(rate), bench.seconds.min(FLOOD_SECONDS_MAX))?;
    drop(flooded);
    ensure!(flood.requests.other == 0, "something else than 200, 429 and 503 was answered");
    std::fs::remove_dir_all(&folder).with_context(|| format!("could not remove `{}`", folder.display()))?;

    let sync = before.max(after);
    let limit = SYNCS_MAX * sync + SLACK_SECONDS;
    let shed = flood.requests.shed;
    Ok(vec![
        Row::rate_limit(
            "collector: events a second, batches of 100".to_owned(),
            batches.events_per_second,
            EVENTS_PER_SECOND_MIN,
        ),
        Row::seconds_limit(
            format!("collector: p99 of single events (the disk's {:.2} ms)", sync * 1e3),
            singles.p99,
            limit,
        ),
        Row::share_limit(
            format!("collector: taken at 3 times that load ({shed} shed)"),
            flood.events_per_second / batches.events_per_second,
            TAKEN_IN_FLOOD_MIN,
        ),
    ])
}

impl Programs {
    fn post(&self, what: &str, served: &Served, connections: u32, rate: Option<f64>, seconds: u64) -> Result<Said> {
        let (port, connections) = (served.port.to_string(), connections.to_string());
        let rate = rate.map(|rate| rate.to_string());
        let mut words = vec![what, "--port", &port, "--connections", &connections];
        words.extend(rate.iter().flat_map(|rate| ["--rate", rate]));
        self.load(&words, None, seconds)
    }

    fn load(&self, words: &[&str], folder: Option<&Path>, seconds: u64) -> Result<Said> {
        let mut command = Command::new(&self.load);
        command.args(words).args(folder).arg("--seconds").arg(seconds.to_string());
        let text = house::output(&mut command)?;
        serde_json::from_str(text.trim()).with_context(|| format!("`{}` is no figure", text.trim()))
    }
}

/// A collector in a process of its own, which ends with this.
struct Served {
    process: Child,
    port: u16,
}

impl Served {
    fn start(program: &Path, folder: &Path, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("--folder").arg(folder).args(["--release-after", RELEASE_AFTER]).args(more).stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("could not start `{}`", house::shown(&command)))?;
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().context("no output")?).read_line(&mut line)?;
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        Ok(Self { port: port.with_context(|| format!("no port in `{}`", line.trim()))?, process })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
