//! Who is who in public data, against Splink with the settings of its own examples: from a table in memory to weighed pairs.
//!
//! A process runs each task twice and the second run counts, so that neither side pays for starting. What else makes it
//! fair or not is in `benches/identity/README.md`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    median,
    report::Row,
    workbench::{Package, Workbench, build_example},
};
use crate::house;

/// The data sets, as both sides call them.
const NAMES: [&str; 5] = ["febrl1", "febrl2", "febrl3", "fake_1000", "rldata10000"];
/// Where they are, from the root of the checkout.
const DATA: &str = "../shared/data";
const TIME_GOAL: f64 = 0.5;
/// Of how many runs in one process the last counts.
const RUNS_IN_PROCESS: &str = "2";

/// One run, as both sides print it.
#[derive(Debug, Deserialize)]
struct Run {
    seconds: f64,
    /// Over pairs, at the threshold that suits the side best.
    best_f1: f64,
    /// The same at given probabilities.
    fixed: BTreeMap<String, f64>,
}

/// Two rows a data set: seconds, and the best F1.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = data()?;
    let program = build_example("florin-identity", "linkage")?;
    let peer = format!("Splink {}", bench.version(Package::Splink));
    let mut rows = Vec::new();
    for name in NAMES {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for run in 1..=bench.runs {
            eprintln!("linkage: {name}, run {run} of {}", bench.runs);
            ours.push(last_run(Command::new(&program).arg("files"), &data, name, bench)?);
            theirs.push(last_run(&mut bench.script("identity/splink_peer.py"), &data, name, bench)?);
        }
        rows.extend(compared(name, &ours, &peer, &theirs));
    }
    Ok(rows)
}

fn data() -> Result<PathBuf> {
    let data = house::root().join(DATA);
    ensure!(data.join("febrl").is_dir(), "the public data are not in `{}`", data.display());
    Ok(data.canonicalize()?)
}

fn last_run(command: &mut Command, data: &Path, name: &str, bench: &Workbench) -> Result<Run> {
    let threads = bench.threads.to_string();
    let said = house::output(command.arg(data).args([name, RUNS_IN_PROCESS, &threads]))?;
    let last = said.lines().last().with_context(|| format!("{name}: nothing was printed"))?;
    serde_json::from_str(last).with_context(|| format!("{name}: `{last}` is no run"))
}

fn compared(name: &str, ours: &[Run], peer: &str, theirs: &[Run]) -> [Row; 2] {
    let medians = |of: &dyn Fn(&Run) -> f64| [ours, theirs].map(|runs| median(runs.iter().map(of).collect()));
    for probability in ours.first().into_iter().flat_map(|run| run.fixed.keys()) {
        let at = |run: &Run| run.fixed.get(probability).copied().unwrap_or(f64::NAN);
        let [us, them] = medians(&at);
        eprintln!("linkage: {name}, F1 at probability {probability}: {us:.4}, {peer} {them:.4}");
    }
    let [seconds, their_seconds] = medians(&|run| run.seconds);
    let [f1, their_f1] = medians(&|run| run.best_f1);
    [
        Row::seconds(format!("linkage: {name}"), seconds, peer, their_seconds, TIME_GOAL),
        Row::f1(format!("linkage: {name}, best F1 over pairs"), f1, peer, their_f1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_that_is_fast_and_worse_misses_one_goal_of_two() {
        let run = |seconds, best_f1| Run { seconds, best_f1, fixed: BTreeMap::new() };
        let [time, f1] = compared("a", &[run(1.0, 0.8)], "Splink", &[run(2.0, 0.9)]);
        assert!(time.ok && !f1.ok);
    }
}
