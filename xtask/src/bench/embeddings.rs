//! Intents from words and vectors of sentences (the add-on), with all labels and with few, beside scikit-learn's linear support vector
//! machine on the same features, texts and folds, and beside words alone. One run each: folds are runs.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    report::Row,
    workbench::{Package, Workbench, build_example},
};
use crate::{house, models};

const DATA: &str = "../shared/data";
/// What is measured, its name, what is asked of it, and how long vectors are made beside words.
const ASKED: [(&str, &str, f64, &str); 2] =
    [("intents", "Banking77, words and vectors", 0.935, "2"), ("few", "Banking77, 15 labels an intent", 0.86, "4")];

#[derive(Deserialize)]
struct Ours {
    accuracy: f64,
    training_seconds_max: f64,
    microseconds_a_vector: f64,
    words_alone: f64,
}

#[derive(Deserialize)]
struct Theirs {
    accuracy: f64,
    training_seconds_max: f64,
}

/// Rows of [`ASKED`], and what a vector takes.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = house::root().join(DATA);
    ensure!(data.join("banking77").is_dir(), "the public data are not in `{}`", data.display());
    let weights = models::brought()?;
    let program = build_example("florin-embeddings", "measure_embeddings")?;
    let kept = bench.scratch("embeddings")?;
    let (vectors, splits) = (kept.join("vectors.f32"), kept.join("splits"));
    let peer = format!("scikit-learn {}", bench.version(Package::ScikitLearn));
    let mut rows = Vec::new();
    for (name, what, goal, length) in ASKED {
        eprintln!("embeddings: {what}, five folds");
        let mut command = Command::new(&program);
        command.env("RAYON_NUM_THREADS", bench.threads.to_string()).arg(&data).arg(&weights).arg(name);
        command
            .args(["--words", "too", "--meaning", length, "--splits-to"])
            .arg(&splits)
            .arg("--vectors-to")
            .arg(&vectors);
        let ours: Ours = said(&mut command)?;
        let mut script = bench.script("text/scikit_vectors.py");
        let theirs: Theirs = said(script.arg(&data).arg(&splits).arg(&vectors).arg(length))?;
        rows.extend(beside(what, goal, &ours, &peer, &theirs));
        if name == "intents" {
            rows.push(Row::seconds_known(
                "embeddings: a text as two vectors".to_owned(),
                ours.microseconds_a_vector * 1e-6,
            ));
        }
    }
    std::fs::remove_file(&vectors).with_context(|| format!("could not remove `{}`", shown(&vectors)))?;
    Ok(rows)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn beside(what: &str, goal: f64, ours: &Ours, peer: &str, theirs: &Theirs) -> [Row; 4] {
    let question = |figure: &str| format!("embeddings: {what}, {figure}");
    [
        Row::share_limit(question("accuracy"), ours.accuracy, goal),
        Row::share(question("accuracy"), ours.accuracy, peer, theirs.accuracy),
        Row::share(question("accuracy"), ours.accuracy, "words alone", ours.words_alone),
        Row::seconds(question("training"), ours.training_seconds_max, peer, theirs.training_seconds_max, 1.0),
    ]
}

fn said<T: for<'de> Deserialize<'de>>(command: &mut Command) -> Result<T> {
    let text = house::output(command)?;
    serde_json::from_str(text.trim()).with_context(|| format!("`{text}` is no figure"))
}
