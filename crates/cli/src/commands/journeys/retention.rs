//! `florin retention`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use comfy_table::Cell;
use florin_analytics::{
    RetentionAnswer, RetentionDef,
    retention::{CohortsDef, CountsDef},
};
use florin_pipelines::{House, journeys::JourneyDef};
use serde_json::{Value, json};

use super::{choice, draw, heat, list_or_save, share};
use crate::{
    args::{Global, RetentionArgs},
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &RetentionArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    let asking = args.journey.session(&house).await?;
    let Some(answer) = args.journey.ask_in(&asking, &def).await? else { return Ok(ExitCode::SUCCESS) };
    if let Some(cell) = &args.list {
        let (cohort, later) = place(cell)?;
        let customers = answer.found.cell(cohort, later);
        let customers = customers.with_context(|| format!("`{cell}` is outside the table"))?;
        let cell = json!({ "cohort": cohort + 1, "later": later });
        list_or_save(global, &asking, ("retention", &def), cell, customers, args.save_segment.as_deref()).await?;
    } else if global.json {
        let cohorts: Vec<Value> = (0..answer.found.periods()).map(|cohort| json_of(&answer, cohort)).collect();
        show::json(&json!({ "definition": def, "cohorts": cohorts }))?;
    } else {
        print(&def, &answer)?;
    }
    args.chart.draw(|style| draw::retention(&def, &answer, style))?;
    Ok(ExitCode::SUCCESS)
}

fn definition(house: &House, args: &RetentionArgs) -> anyhow::Result<RetentionDef> {
    if let Some(JourneyDef::Retention(def)) = args.journey.defined(house, "retention")? {
        return Ok(def);
    }
    let (Some(start), Some(first)) = (args.asked.start.clone(), args.asked.first) else {
        bail!("say which retention, or --start \"name = 'login'\" and --first DATE");
    };
    Ok(RetentionDef {
        about: String::new(),
        rows: args.journey.rows(),
        start,
        returned: args.asked.returned.clone(),
        period: choice("period", &args.asked.period)?,
        first,
        periods: args.asked.periods,
        cohorts: if args.asked.recurring { CohortsDef::Recurring } else { CohortsDef::FirstTime },
        counts: if args.asked.on_or_after { CountsDef::OnOrAfter } else { CountsDef::On },
    })
}

/// `3+2`: the third cohort, two periods later.
fn place(cell: &str) -> anyhow::Result<(usize, usize)> {
    let wrong = || format!("`{cell}` is no cell; write the cohort, from 1, and how many periods later: 3+2");
    let (cohort, later) = cell.split_once('+').with_context(wrong)?;
    let cohort: usize = cohort.trim().parse().with_context(wrong)?;
    Ok((cohort.checked_sub(1).with_context(wrong)?, later.trim().parse().with_context(wrong)?))
}

fn print(def: &RetentionDef, answer: &RetentionAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    let periods = answer.found.periods();
    let later: Vec<String> = (1..periods).map(|later| format!("+{later}")).collect();
    let headings: Vec<&str> = ["from", "customers"].into_iter().chain(later.iter().map(String::as_str)).collect();
    let mut shown = show::table(&headings);
    for cohort in 0..periods {
        let all = answer.found.count(cohort, 0).unwrap_or_default();
        let mut row = vec![Cell::new(answer.first_day(cohort)), show::number(all)];
        row.extend((1..periods).map(|later| cell(answer, cohort, later, all)));
        shown.add_row(row);
    }
    let mut mean = vec![Cell::new("mean of complete ones"), Cell::new("")];
    mean.extend((1..periods).map(|later| heat_of(answer.found.mean(later), true)));
    shown.add_row(mean);
    show::line(shown)?;
    if (0..periods).any(|cohort| !answer.found.complete(cohort, periods - 1 - cohort)) {
        show::line("* the period is not over")?;
    }
    Ok(())
}

fn cell(answer: &RetentionAnswer, cohort: usize, later: usize, all: u64) -> Cell {
    let back = answer.found.count(cohort, later);
    let share = back.and_then(|back| share(back, all));
    heat_of(share, answer.found.complete(cohort, later))
}

/// A share, the warmer the more.
fn heat_of(share: Option<f64>, complete: bool) -> Cell {
    let star = if complete { "" } else { "*" };
    share.map_or_else(|| Cell::new(""), |share| heat(format!("{:.1} %{star}", share * 100.0), share))
}

fn json_of(answer: &RetentionAnswer, cohort: usize) -> Value {
    let cell = |later: usize| {
        let customers = answer.found.count(cohort, later)?;
        Some(json!({ "later": later, "customers": customers, "complete": answer.found.complete(cohort, later) }))
    };
    let cells: Vec<Value> = (0..answer.found.periods()).filter_map(cell).collect();
    json!({ "from": answer.first_day(cohort), "cells": cells })
}
