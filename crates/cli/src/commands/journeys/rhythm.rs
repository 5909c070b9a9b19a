//! `florin rhythm`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_analytics::{RhythmDef, rhythm::Rhythm};
use florin_pipelines::{House, journeys::JourneyDef};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

use super::{draw, heat};
use crate::{
    args::{Global, RhythmArgs},
    show,
    surroundings::open,
};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(crate) async fn run(global: &Global, args: &RhythmArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    args.journey.show(global, &house, &def, json_of, print, (&args.chart, draw::rhythm)).await
}

/// By weekday, then hour.
fn week<T>(of: impl Fn(usize, usize) -> T) -> Vec<Vec<T>> {
    (0..7).map(|day| (0..24).map(|hour| of(day, hour)).collect()).collect()
}

fn json_of(def: &RhythmDef, found: &Rhythm) -> Value {
    let customers = week(|day, hour| found.customers(day, hour).map_or(0, RoaringBitmap::len));
    json!({ "definition": def, "rows": week(|day, hour| found.rows(day, hour)), "customers": customers })
}

fn print(def: &RhythmDef, found: &Rhythm) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let rows = week(|day, hour| found.rows(day, hour));
    let most = rows.iter().flatten().copied().max().unwrap_or_default().max(1);
    let headings: Vec<&str> = ["hour"].into_iter().chain(WEEKDAYS).collect();
    let mut shown = show::table(&headings);
    for hour in 0..24 {
        let cells = rows.iter().map(|day| {
            let count = day.get(hour).copied().unwrap_or_default();
            heat(count.to_string(), count as f64 / most as f64)
        });
        shown.add_row([Cell::new(format!("{hour:02}"))].into_iter().chain(cells).collect::<Vec<_>>());
    }
    Ok(show::line(shown)?)
}

fn definition(house: &House, args: &RhythmArgs) -> anyhow::Result<RhythmDef> {
    if let Some(JourneyDef::Rhythm(def)) = args.journey.defined(house, "rhythm")? {
        return Ok(def);
    }
    Ok(RhythmDef { about: String::new(), rows: args.journey.rows(), activity: args.asked.activity.clone() })
}
