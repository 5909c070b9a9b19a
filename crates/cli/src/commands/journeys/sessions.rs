//! `florin sessions`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_analytics::{SessionsAnswer, SessionsDef, sessions::NameSessions};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::{bar, draw, share, span};
use crate::{
    args::{Global, SessionsArgs},
    show,
    surroundings::open,
};

/// Names that are shown; the rest are counted.
const NAMES_SHOWN: usize = 30;

pub(crate) async fn run(global: &Global, args: &SessionsArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::sessions)).await
}

fn definition(house: &House, args: &SessionsArgs) -> anyhow::Result<SessionsDef> {
    if let Some(JourneyDef::Sessions(def)) = args.journey.defined(house, "sessions")? {
        return Ok(def);
    }
    Ok(SessionsDef {
        about: String::new(),
        rows: args.journey.rows(),
        gap: args.asked.gap.clone(),
        channel: args.asked.channel.clone(),
        midnight: args.asked.midnight,
        name: args.asked.name_by.clone(),
    })
}

fn print(def: &SessionsDef, answer: &SessionsAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let found = &answer.found;
    let mut all =
        show::table(&["sessions", "customers", "rows", "of a single row", "median", "9 in 10 within", "longest"]);
    all.add_row(vec![
        show::number(found.sessions),
        show::number(found.customers.len()),
        show::number(found.rows),
        show::share(share(found.single, found.sessions)),
        Cell::new(span(found.durations.median())),
        Cell::new(span(found.durations.quantile(0.9))),
        Cell::new(span(found.durations.range().map(|(_, longest)| longest))),
    ]);
    show::line(all)?;
    if def.name.is_empty() {
        return Ok(());
    }
    let mut shown =
        show::table(&[def.name.as_str(), "begin with it", "end with it", "median stay", "share of beginnings"]);
    for (name, cell) in answer.names.iter().take(NAMES_SHOWN) {
        shown.add_row(vec![
            Cell::new(name),
            show::number(cell.entries),
            show::number(cell.exits),
            Cell::new(span(cell.dwell.median())),
            Cell::new(bar(share(cell.entries, found.sessions).unwrap_or_default())),
        ]);
    }
    show::line(shown)?;
    let more = answer.names.len().saturating_sub(NAMES_SHOWN);
    if more > 0 {
        show::line(format!("… and {more} more; --json has all"))?;
    }
    Ok(())
}

fn json_of(def: &SessionsDef, answer: &SessionsAnswer) -> Value {
    let seconds = |micros: Option<u64>| micros.map(|m| m as f64 / 1e6);
    let name = |(name, cell): &(String, NameSessions)| {
        json!({
            "name": name,
            "entries": cell.entries,
            "exits": cell.exits,
            "customers_entering": cell.entered.len(),
            "customers_leaving": cell.exited.len(),
            "stays": cell.dwell.count(),
            "mean_stay_seconds": cell.dwell.mean().map(|m| m / 1e6),
            "median_stay_seconds": seconds(cell.dwell.median()),
        })
    };
    let found = &answer.found;
    json!({
        "definition": def,
        "sessions": found.sessions,
        "customers": found.customers.len(),
        "rows": found.rows,
        "single": found.single,
        "mean_seconds": found.durations.mean().map(|m| m / 1e6),
        "median_seconds": seconds(found.durations.median()),
        "names": answer.names.iter().map(name).collect::<Vec<_>>(),
    })
}
