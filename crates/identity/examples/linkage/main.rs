//! How good and how fast matching is.
//!
//! `cargo run --release -p florin-identity --example linkage -- files DATA NAME RUNS THREADS`: public data of a folder,
//! one JSON line a run, from a table in memory to weighed pairs.
//!
//! `… --example linkage -- scale RECORDS THREADS [loose]`: made-up records, from raw values to clusters; then single
//! look-ups. `loose` also compares everybody born on the same day.
//!
//! `… --example linkage -- anonymous IDS`: so many anonymous ids with sessions of made-up customers, cut into spans.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement prints and reads the clock")]

mod anonymous;
mod files;
mod people;
mod scale;

use std::{path::Path, time::Instant};

use florin_identity::{
    Links, Records, link,
    model::{probability, weight},
    scores, train,
};
use serde_json::json;

use files::Task;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Pairs below that probability are not kept, on either side.
const KEPT_PROBABILITY: f64 = 0.001;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["files", data, name, runs, threads] => {
            let runs = runs.parse()?;
            pool(threads)?.install(|| files(Path::new(data), name, runs))
        }
        ["scale", records, threads, ref rules @ ..] => {
            let records = records.parse()?;
            pool(threads)?.install(|| scale::measure(records, rules == ["loose"]))
        }
        ["anonymous", ids] => anonymous::measure(ids.parse()?),
        _ => Err("usage: linkage files DATA NAME RUNS THREADS | scale RECORDS THREADS [loose] | anonymous IDS".into()),
    }
}

fn pool(threads: &str) -> Result<rayon::ThreadPool, Failure> {
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?)
}

fn files(data: &Path, name: &str, runs: usize) -> Result<(), Failure> {
    let task = Task::load(data, name).map_err(|error| error.to_string())?;
    for _ in 0..runs {
        let begun = Instant::now();
        let records = Records::build(task.fields.clone(), task.records())?;
        let trained = train(&records, &task.settings)?;
        let links = link(&records, &task.settings, &trained.model, KEPT_PROBABILITY)?;
        let seconds = begun.elapsed().as_secs_f64();
        if std::env::var_os("LINKAGE_SHOW").is_some() {
            println!("{}", serde_json::to_string_pretty(&trained)?);
        }
        report(name, seconds, &task, &links);
    }
    Ok(())
}

fn report(name: &str, seconds: f64, task: &Task, links: &Links) {
    let fixed = |p: f64| scores::of_links(&links.links, &task.truth, weight(p)).f1;
    let best = scores::best_threshold(&links.links, &task.truth);
    println!(
        "{}",
        json!({
            "name": name, "seconds": seconds, "pairs": links.links.len(), "compared": links.pairs_compared,
            "best_f1": best.map(|best| best.scores.f1),
            "precision": best.map(|best| best.scores.precision),
            "recall": best.map(|best| best.scores.recall),
            "at_probability": best.map(|best| probability(best.weight)),
            "fixed": {"0.5": fixed(0.5), "0.9": fixed(0.9), "0.99": fixed(0.99)},
        })
    );
}
