//! The last month of Yu'E Bao's purchases and redemptions, beside Prophet and beside repeating the last week.
//!
//! What the sides do is in `benches/forecasts/prophet_peer.py` and `crates/forecasts/examples/compare.rs`.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    report::Row,
    workbench::{Package, Workbench, build_example},
};
use crate::house;

/// Where the data are, from the root of the checkout.
const DATA: &str = "../shared/data/yuebao";

/// What we print of a series.
#[derive(Debug, Deserialize)]
struct Ours {
    series: String,
    /// Of the last month.
    mape: f64,
    mape_naive: f64,
    /// The mean over ten months before it.
    rolling: f64,
    rolling_naive: f64,
}

/// What Prophet's side prints.
#[derive(Debug, Deserialize)]
struct Theirs {
    series: String,
    mape: f64,
    /// With the year switched on, which its defaults leave out of so short a series.
    mape_yearly: f64,
}

/// Four rows a series.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let data = house::root().join(DATA);
    ensure!(data.is_dir(), "the public data are not in `{}`", data.display());
    let data = data.canonicalize()?;
    let program = build_example("florin-forecasts", "compare")?;
    let ours: Vec<Ours> = said(Command::new(program).arg(&data))?;
    let theirs: Vec<Theirs> = said(bench.script("forecasts/prophet_peer.py").arg(&data))?;
    ensure!(ours.len() == theirs.len(), "the sides speak of different series");
    let peer = format!("Prophet {}", bench.version(Package::Prophet));
    Ok(ours.iter().zip(&theirs).flat_map(|(ours, theirs)| beside(ours, &peer, theirs)).collect())
}

fn beside(ours: &Ours, peer: &str, theirs: &Theirs) -> [Row; 4] {
    debug_assert_eq!(ours.series, theirs.series);
    let question = |what: &str| format!("forecasts: {}, {what}", ours.series);
    [
        Row::error(question("last month"), ours.mape, "seasonal naive", ours.mape_naive),
        Row::error(question("last month"), ours.mape, peer, theirs.mape),
        Row::error(question("last month"), ours.mape, &format!("{peer} with the year"), theirs.mape_yearly),
        Row::error(question("ten months before"), ours.rolling, "seasonal naive", ours.rolling_naive),
    ]
}

fn said<T: DeserializeOwned>(command: &mut Command) -> Result<Vec<T>> {
    let text = house::output(command)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("`{line}` is no figure"))).collect()
}
