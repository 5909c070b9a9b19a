//! What customers' words say in public data: classifiers by five folds, against figures that are set and plain linear models of
//! scikit-learn on the same folds. One run each: folds are runs.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    report::Row,
    workbench::{Package, Workbench, build_example},
};
use crate::house;

/// Where the data are, from the root of the checkout.
const DATA: &str = "../shared/data";
/// Data sets, what is asked of them, and which figure counts.
const ASKED: [(&str, f64, &str); 4] = [
    ("banking77", 0.91, "accuracy"),
    ("bank_comments", 0.66, "macro-F1"),
    ("hotel", 0.91, "accuracy"),
    ("delivery", 0.92, "accuracy"),
];
const TRAINING_SECONDS_MAX: f64 = 60.0;
const SECONDS_A_TEXT_MAX: f64 = 100e-6;

/// What either side prints.
#[derive(Deserialize)]
struct Said {
    accuracy: f64,
    macro_f1: f64,
    training_seconds_max: f64,
    microseconds_a_text: f64,
}

/// Five rows a data set: how good beside what is set and beside the peer, how long training and a text take, and the peer's training.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = house::root().join(DATA);
    ensure!(data.join("banking77").is_dir(), "the public data are not in `{}`", data.display());
    let program = build_example("florin-text", "measure_text")?;
    let folds = bench.kept("text")?;
    let peer = format!("scikit-learn {}", bench.version(Package::ScikitLearn));
    let mut rows = Vec::new();
    for asked in ASKED {
        let name = asked.0;
        eprintln!("text: {name}, five folds");
        let file = folds.join(format!("{name}.folds"));
        let mut command = Command::new(&program);
        command.env("RAYON_NUM_THREADS", bench.threads.to_string()).arg(&data).arg(name).arg("--folds-to").arg(&file);
        let ours = said(name, &mut command)?;
        let theirs = said(name, bench.script("text/scikit_peer.py").arg(&data).arg(name).arg(&file))?;
        rows.extend(beside(asked, &ours, &peer, &theirs));
    }
    Ok(rows)
}

fn beside((name, goal, figure): (&str, f64, &str), ours: &Said, peer: &str, theirs: &Said) -> [Row; 5] {
    let good = |said: &Said| if figure == "accuracy" { said.accuracy } else { said.macro_f1 };
    let question = |what: &str| format!("text: {name}, {what}");
    [
        Row::share_limit(question(figure), good(ours), goal),
        Row::share(question(figure), good(ours), peer, good(theirs)),
        Row::seconds_limit(question("training"), ours.training_seconds_max, TRAINING_SECONDS_MAX),
        Row::seconds_limit(question("a text"), ours.microseconds_a_text * 1e-6, SECONDS_A_TEXT_MAX),
        Row::seconds(question("a text"), ours.microseconds_a_text * 1e-6, peer, theirs.microseconds_a_text * 1e-6, 1.0),
    ]
}

fn said(name: &str, command: &mut Command) -> Result<Said> {
    let text = house::output(command)?;
    serde_json::from_str(text.trim()).with_context(|| format!("{name}: `{text}` is no figure"))
}
