//! Boosted trees beside LightGBM, scorecards beside optbinning: public data, the same folds, rounds, leaves and one thread each.
//!
//! What the sides do is in `benches/models/lightgbm_peer.py` and `crates/models/examples/compare.rs`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    median,
    report::Row,
    workbench::{Package, Workbench, build_example},
};
use crate::house;

const SETS: [&str; 5] = ["bank_marketing", "german_credit", "bank_churn", "adult", "lending_club"];
/// Where the public data are, from the root of the checkout.
const DATA: &str = "../shared/data";
const TIME_GOAL: f64 = 0.9;
/// How far AUC may lie below LightGBM's, and a scorecard's below optbinning's.
const AUC_SLACK: f64 = 0.002;
const CARD_SLACK: f64 = 0.01;
/// A single customer, scored and with reasons, in seconds.
const SINGLE_LIMIT: f64 = 100e-6;

#[derive(Debug, Deserialize)]
struct Fitted {
    /// Of all folds together.
    seconds: f64,
    /// The mean over folds.
    auc: f64,
}

#[derive(Debug, Deserialize)]
struct Scored {
    predict: f64,
    explain: f64,
    /// Only ours: the median of single customers, in microseconds.
    #[serde(default)]
    single_us: f64,
}

/// Two rows a data set for trees and one for its scorecard, then three of scoring.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let files = prepared(bench)?;
    let program = build_example("florin-models", "compare")?;
    let peer = format!("LightGBM {}", bench.version(Package::LightGbm));
    let mut rows = Vec::new();
    for name in SETS {
        let file = files.join(format!("{name}.arrow"));
        let (mut ours, mut theirs): (Vec<Fitted>, Vec<Fitted>) = (Vec::new(), Vec::new());
        for run in 1..=bench.runs {
            eprintln!("models: {name}, run {run} of {}", bench.runs);
            ours.push(last(Command::new(&program).arg("fit").arg(&file).arg("2"))?);
            theirs.push(last(bench.script("models/lightgbm_peer.py").arg("fit").arg(&file).arg("2"))?);
        }
        rows.extend(fitted(name, &ours, &peer, &theirs));
        let card: Fitted = last(Command::new(&program).arg("scorecard").arg(&file))?;
        let their_card: Fitted = last(bench.script("models/lightgbm_peer.py").arg("scorecard").arg(&file))?;
        rows.push(Row::auc(
            format!("models: {name}, AUC of a scorecard"),
            card.auc,
            "optbinning",
            their_card.auc,
            CARD_SLACK,
        ));
        rows.push(Row::seconds(
            format!("models: {name}, scorecard"),
            card.seconds,
            "optbinning",
            their_card.seconds,
            1.0,
        ));
    }
    rows.extend(scored(bench, &program, &files, &peer)?);
    Ok(rows)
}

fn prepared(bench: &Workbench) -> Result<PathBuf> {
    let data = house::root().join(DATA);
    ensure!(data.join("adult").is_dir(), "the public data are not in `{}`", data.display());
    let files = bench.kept("models")?;
    if !files.join("done").is_file() {
        house::output(bench.script("models/lightgbm_peer.py").arg("prepare").arg(data.canonicalize()?).arg(&files))?;
    }
    Ok(files)
}

/// The last of several runs in a process: what starting costs is no part of the question.
fn last<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let said = house::output(command)?;
    let line = said.lines().last().context("nothing was printed")?;
    serde_json::from_str(line).with_context(|| format!("`{line}` is no run"))
}

fn fitted(name: &str, ours: &[Fitted], peer: &str, theirs: &[Fitted]) -> [Row; 2] {
    let medians = |of: fn(&Fitted) -> f64| [ours, theirs].map(|runs| median(runs.iter().map(of).collect()));
    let [seconds, their_seconds] = medians(|run| run.seconds);
    let [auc, their_auc] = medians(|run| run.auc);
    [
        Row::seconds(format!("models: {name}, training on five folds"), seconds, peer, their_seconds, TIME_GOAL),
        Row::auc(format!("models: {name}, AUC"), auc, peer, their_auc, AUC_SLACK),
    ]
}

fn scored(bench: &Workbench, program: &Path, files: &Path, peer: &str) -> Result<[Row; 3]> {
    let (mut ours, mut theirs): (Vec<Scored>, Vec<Scored>) = (Vec::new(), Vec::new());
    for run in 1..=bench.runs {
        eprintln!("models: scoring, run {run} of {}", bench.runs);
        ours.push(last(Command::new(program).arg("score").arg(files).arg("2"))?);
        theirs.push(last(bench.script("models/lightgbm_peer.py").arg("score").arg(files).arg("2"))?);
    }
    let medians = |of: fn(&Scored) -> f64| [&ours, &theirs].map(|runs| median(runs.iter().map(of).collect()));
    let [predict, their_predict] = medians(|run| run.predict);
    let [explain, their_explain] = medians(|run| run.explain);
    let single = median(ours.iter().map(|run| run.single_us / 1e6).collect());
    Ok([
        Row::seconds("models: scores of 1,000,000 rows of 50 features".to_owned(), predict, peer, their_predict, 1.0),
        Row::seconds("models: SHAP values of 2,000 rows".to_owned(), explain, peer, their_explain, 1.0),
        Row::seconds_limit("models: one customer's score with reasons".to_owned(), single, SINGLE_LIMIT),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_side_that_is_as_good_misses_one_goal_of_two() {
        let run = |seconds, auc| Fitted { seconds, auc };
        let [time, auc] = fitted("a", &[run(1.0, 0.799)], "LightGBM", &[run(1.0, 0.8)]);
        assert!(!time.ok && auc.ok);
    }
}
