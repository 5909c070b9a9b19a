//! A data set of sixty traits of every customer at twelve dates, and the model learnt from it: `florin train` over the bank of
//! [`super::traits`]. Its data are hashes, so nothing can be learnt: it measures how long and how much memory, not how good.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use super::{
    report::Row,
    traits,
    workbench::{Timed, Workbench},
};
use crate::house;

const SECONDS_MAX: f64 = 300.0;
const MEMORY_MAX: f64 = 8.0 * 1_073_741_824.0;
/// What is trained, and the file in `benches/traits` that defines it.
const MODEL: &str = "busy";

/// Seconds and peak memory of one run.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let bank = traits::bank(bench)?;
    let models = bank.join("models");
    fs::create_dir_all(&models)?;
    let definition = house::root().join("benches/traits/models").join(format!("{MODEL}.toml"));
    fs::copy(&definition, models.join(format!("{MODEL}.toml")))
        .with_context(|| format!("could not copy `{}`", definition.display()))?;
    let timed = trained(bench, &bank);
    fs::remove_dir_all(&models)?;
    let timed = timed?;
    let question = |what| format!("data set and model, 60 traits at 12 dates: {what}");
    Ok(vec![
        Row::seconds_limit(question("seconds"), timed.seconds, SECONDS_MAX),
        Row::memory_limit(question("peak memory"), timed.peak_rss_bytes as f64, MEMORY_MAX),
    ])
}

fn trained(bench: &Workbench, bank: &Path) -> Result<Timed> {
    let mut command = Command::new(bench.program()?);
    command.args(["train", MODEL, "--bank"]).arg(bank);
    bench.time(&command)
}
