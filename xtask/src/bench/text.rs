//! What customers' words say in public data: classifiers by five folds, against figures that are set. One run each: folds are runs.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{
    report::Row,
    workbench::{Workbench, build_example},
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

/// What the program prints.
#[derive(Deserialize)]
struct Said {
    accuracy: f64,
    macro_f1: f64,
    training_seconds_max: f64,
    microseconds_a_text: f64,
}

/// Three rows a data set: how good, how long training takes at most, how long a text takes.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = house::root().join(DATA);
    ensure!(data.join("banking77").is_dir(), "the public data are not in `{}`", data.display());
    let program = build_example("florin-text", "measure")?;
    let mut rows = Vec::new();
    for (name, goal, figure) in ASKED {
        eprintln!("text: {name}, five folds");
        let mut command = Command::new(&program);
        command.env("RAYON_NUM_THREADS", bench.threads.to_string()).arg(&data).arg(name);
        let text = house::output(&mut command)?;
        let said: Said = serde_json::from_str(text.trim()).with_context(|| format!("{name}: `{text}` is no figure"))?;
        let good = if figure == "accuracy" { said.accuracy } else { said.macro_f1 };
        rows.push(Row::share_limit(format!("text: {name}, {figure}"), good, goal));
        rows.push(Row::seconds_limit(
            format!("text: {name}, training"),
            said.training_seconds_max,
            TRAINING_SECONDS_MAX,
        ));
        rows.push(Row::seconds_limit(
            format!("text: {name}, a text"),
            said.microseconds_a_text * 1e-6,
            SECONDS_A_TEXT_MAX,
        ));
    }
    Ok(rows)
}
