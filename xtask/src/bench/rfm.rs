//! Recency, frequency and money of each customer over the app events, in fifths with the names of the groups: the same SQL in Florin,
//! ClickHouse and DuckDB, and what it means in Polars.

use std::fs;

use anyhow::{Context, Result};

use super::{
    app_events::AppEvents,
    journeys_ours::Ours,
    journeys_peers::{Asked, Peers},
    least::Least,
    report::Row,
    workbench::Workbench,
};
use crate::house;

/// What the peers call it; benches/rfm.sql is what it says.
const NAME: &str = "rfm";
const GOAL: f64 = 0.5;

/// A row a peer, the fastest first.
pub(super) fn measure(bench: &Workbench) -> Result<Vec<Row>> {
    let events = AppEvents::of(bench, bench.rows)?;
    let ours = Ours::new(bench.program()?, events.bank.clone());
    let peers = Peers::prepared(bench, &events, &ours)?;
    let file = house::root().join("benches/rfm.sql");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read `{}`", file.display()))?;
    let command = |repeat: usize| {
        let mut command = ours.sql(&super::query::without_comments(&text), "csv");
        command.args(["--timings", "--repeat", &repeat.to_string()]);
        command
    };
    let least = Least::of(bench, &ours.table("event"), &["customer_id", "ts", "amount"])?;
    peers.ask(&Asked {
        name: NAME,
        about: "recency, frequency, money in fifths, and groups",
        goal: GOAL,
        ours: &command,
        answer: |csv| Ok(csv.to_owned()),
        least: Some(least),
    })
}
