//! `florin next`.

use std::process::ExitCode;

use anyhow::bail;
use comfy_table::Cell;
use florin_analytics::{NextAnswer, NextDef};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::{bar, draw, share, span};
use crate::{
    args::{Global, NextArgs},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &NextArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::next)).await
}

fn definition(house: &House, args: &NextArgs) -> anyhow::Result<NextDef> {
    if let Some(JourneyDef::Next(def)) = args.journey.defined(house, "next")? {
        return Ok(def);
    }
    let Some(after) = args.asked.after.clone() else { bail!("say after which event: --after NAME") };
    let (rows, name, within) = (args.journey.rows(), args.asked.name_by.clone(), args.asked.within.clone());
    Ok(NextDef { about: String::new(), rows, name, after, within })
}

fn print(def: &NextDef, answer: &NextAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let all: u64 = answer.found.iter().map(|(_, next)| next.count).sum();
    let mut shown = show::table(&["next", "times", "share", "customers", "median time", ""]);
    for (name, next) in &answer.found {
        let of_all = share(next.count, all);
        shown.add_row(vec![
            Cell::new(name.as_deref().unwrap_or("(nothing)")),
            show::number(next.count),
            show::share(of_all),
            show::number(next.customers.len()),
            Cell::new(span(next.times.median())),
            Cell::new(bar(of_all.unwrap_or_default())),
        ]);
    }
    Ok(show::line(shown)?)
}

fn json_of(def: &NextDef, answer: &NextAnswer) -> Value {
    let next = |(name, next): &(Option<String>, florin_analytics::next::NextEvent)| {
        json!({
            "name": name,
            "count": next.count,
            "customers": next.customers.len(),
            "mean_seconds": next.times.mean().map(|m| m / 1e6),
            "median_seconds": next.times.median().map(|m| m as f64 / 1e6),
        })
    };
    json!({ "definition": def, "next": answer.found.iter().map(next).collect::<Vec<_>>() })
}
