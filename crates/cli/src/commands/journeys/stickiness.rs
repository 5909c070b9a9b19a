//! `florin stickiness`.

use std::process::ExitCode;

use anyhow::bail;
use comfy_table::Cell;
use florin_analytics::{PeriodDef, StickinessAnswer, StickinessDef};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::{choice, draw, heat, share};
use crate::{
    args::{Global, StickinessArgs},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &StickinessArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::stickiness)).await
}

fn definition(house: &House, args: &StickinessArgs) -> anyhow::Result<StickinessDef> {
    if let Some(JourneyDef::Stickiness(def)) = args.journey.defined(house, "stickiness")? {
        return Ok(def);
    }
    let Some(first) = args.asked.first else { bail!("say which stickiness, or --first DATE") };
    Ok(StickinessDef {
        about: String::new(),
        rows: args.journey.rows(),
        activity: args.asked.activity.clone(),
        active: PeriodDef::Day,
        within: choice("within", &args.asked.within)?,
        first,
        periods: args.asked.periods,
    })
}

/// How often one can be active in a period.
pub(super) fn most(def: &StickinessDef) -> usize {
    match (def.active, def.within) {
        (PeriodDef::Day, PeriodDef::Week) => 7,
        (PeriodDef::Day, _) => 31,
        _ => 6,
    }
}

pub(super) fn first_day(answer: &StickinessAnswer, period: usize) -> String {
    let number = i32::try_from(period).ok().and_then(|period| answer.found.first.checked_add(period));
    number.map_or_else(String::new, |number| answer.within.first_day(number))
}

fn print(def: &StickinessDef, answer: &StickinessAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let often: Vec<String> = (1..=most(def)).map(|n| n.to_string()).collect();
    let headings: Vec<&str> = ["from", "active"].into_iter().chain(often.iter().map(String::as_str)).collect();
    let mut shown = show::table(&headings);
    for period in 0..answer.found.periods {
        let all = answer.found.at_least(period, 1).len();
        let mut row = vec![Cell::new(first_day(answer, period)), show::number(all)];
        row.extend((1..=most(def)).map(|n| {
            let share = share(answer.found.exactly(period, n).len(), all);
            share.map_or_else(|| Cell::new(""), |share| heat(format!("{:.1} %", share * 100.0), share))
        }));
        shown.add_row(row);
    }
    Ok(show::line(shown)?)
}

fn json_of(def: &StickinessDef, answer: &StickinessAnswer) -> Value {
    let period = |period: usize| {
        let exactly: Vec<u64> = (1..=most(def)).map(|n| answer.found.exactly(period, n).len()).collect();
        json!({ "from": first_day(answer, period), "active": answer.found.at_least(period, 1).len(), "exactly": exactly })
    };
    json!({ "definition": def, "periods": (0..answer.found.periods).map(period).collect::<Vec<_>>() })
}
