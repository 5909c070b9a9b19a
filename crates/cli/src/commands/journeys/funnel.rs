//! `florin funnel`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use comfy_table::Cell;
use florin_analytics::{
    FunnelAnswer, FunnelDef, HoldersDef, differences,
    funnel::{StepDef, ValueAnswer},
    holders::{Effect, Found},
};
use florin_pipelines::{House, journeys::JourneyDef};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

use super::{bar, choice, draw, list_or_save, share, span};
use crate::{
    args::{FunnelArgs, Global},
    show,
    surroundings::open,
};

/// Values of a breakdown that are shown; the rest are counted.
const VALUES_SHOWN: usize = 20;
/// Of intervals.
const LEVEL: f64 = 0.95;

pub(crate) async fn run(global: &Global, args: &FunnelArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let def = definition(&house, args)?;
    let asking = args.journey.session(&house).await?;
    let Some(answer) = args.journey.ask_in(&asking, &def).await? else { return Ok(ExitCode::SUCCESS) };
    if let Some(expression) = &args.distinguish {
        distinguish(global, args, &house, &def, &answer, expression).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(step) = args.list {
        let customers = listed(args, &def, &answer, step)?;
        let cell = json!({ "step": step, "dropped": args.dropped, "value": args.value });
        list_or_save(global, &asking, ("funnel", &def), cell, customers, args.save_segment.as_deref()).await?;
    } else if global.json {
        show::json(
            &json!({ "definition": def, "values": answer.values.iter().map(|v| json_of(v, &answer)).collect::<Vec<_>>() }),
        )?;
    } else {
        print(&def, &answer)?;
    }
    args.chart.draw(|style| draw::funnel(&def, &answer, style))?;
    Ok(ExitCode::SUCCESS)
}

fn listed(args: &FunnelArgs, def: &FunnelDef, answer: &FunnelAnswer, step: usize) -> anyhow::Result<RoaringBitmap> {
    let (value, steps) = (args.value.as_deref(), answer.steps.len());
    let values = || answer.values.iter().map(|v| v.value.as_deref().unwrap_or("(none)")).collect::<Vec<_>>().join(", ");
    match (&def.by, value) {
        (Some(by), None) => {
            bail!("the funnel is broken down by `{by}`: say whom to list with --value, one of: {}", values())
        }
        (None, Some(_)) => bail!("the funnel has no breakdown: leave out --value"),
        (Some(by), Some(value)) if !answer.values.iter().any(|v| v.value.as_deref() == Some(value)) => {
            bail!("nobody's `{by}` is `{value}`; there are: {}", values())
        }
        _ => {}
    }
    let customers = if args.dropped { answer.dropped(value, step) } else { answer.reached(value, step) };
    let first = if args.dropped { 2 } else { 1 };
    customers.with_context(|| format!("there is no step {step} to list; there are {first} to {steps}"))
}

/// What sets those who came to the last step apart from the others who entered.
async fn distinguish(
    global: &Global,
    args: &FunnelArgs,
    house: &House,
    def: &FunnelDef,
    answer: &FunnelAnswer,
    expression: &str,
) -> anyhow::Result<()> {
    if def.by.is_some() {
        bail!("with a breakdown there is no one end to come to: ask a funnel without `by`");
    }
    let (Some(entered), Some(converted)) = (answer.reached(None, 1), answer.reached(None, answer.steps.len())) else {
        bail!("nobody entered the funnel");
    };
    let holders = HoldersDef { rows: def.rows.clone(), value: expression.to_owned() };
    let Some(holders) = args.journey.ask(house, &holders).await? else { return Ok(()) };
    let found = differences(&entered, &converted, &holders, LEVEL)?;
    if global.json {
        show::json(&found.iter().map(|(value, found)| difference_json(value, found)).collect::<Vec<_>>())?;
    } else {
        print_differences(expression, (&entered, &converted), &found)?;
    }
    let sizes = (entered.len(), converted.len());
    args.chart.draw(|style| draw::differences(def, expression, sizes, &found, style))
}

fn print_differences(
    expression: &str,
    (entered, converted): (&RoaringBitmap, &RoaringBitmap),
    found: &[(String, Found)],
) -> anyhow::Result<()> {
    show::line(format!("{} of {} came to the end; 95 % intervals", converted.len(), entered.len()))?;
    let mut shown =
        show::table(&[expression, "of those who did", "of the others", "more or less", "odds ratio", "q (adjusted)"]);
    for (value, found) in found.iter().take(VALUES_SHOWN) {
        let Effect::Has { converted: with, others, difference, odds_ratio } = &found.effect else { continue };
        let rest = entered.len() - converted.len();
        shown.add_row(vec![
            Cell::new(value),
            show::share(share(*with, converted.len())),
            show::share(share(*others, rest)),
            Cell::new(format!("{:+.1} to {:+.1} %", difference.low * 100.0, difference.high * 100.0)),
            Cell::new(format!("{:.2} to {:.2}", odds_ratio.low, odds_ratio.high)),
            Cell::new(format!("{:.2e}", found.q)),
        ]);
    }
    Ok(show::line(shown)?)
}

fn difference_json(value: &str, found: &Found) -> Value {
    let Effect::Has { converted, others, difference, odds_ratio } = &found.effect else { return Value::Null };
    let interval = |e: &florin_analytics::holders::Estimate| json!([e.low, e.value, e.high]);
    json!({
        "value": value,
        "converted_with": converted,
        "others_with": others,
        "difference": interval(difference),
        "odds_ratio": interval(odds_ratio),
        "p": found.p,
        "q": found.q,
    })
}

fn definition(house: &House, args: &FunnelArgs) -> anyhow::Result<FunnelDef> {
    match args.journey.defined(house, "funnel")? {
        Some(JourneyDef::Funnel(def)) => Ok(def),
        _ if args.asked.steps.is_empty() => bail!("say which funnel, or its steps: --step \"name = 'login'\" --step …"),
        _ => Ok(FunnelDef {
            rows: args.journey.rows(),
            order: choice("order", &args.asked.order)?,
            within: args.asked.within.clone(),
            hold: args.asked.hold.clone(),
            by: args.asked.by.clone(),
            attribution: args.asked.attribution.clone(),
            trend: args.asked.trend.as_deref().map(|period| choice("trend", period)).transpose()?,
            steps: args.asked.steps.iter().map(|step| typed(step)).collect(),
            ..FunnelDef::default()
        }),
    }
}

/// A step of the command line is called what it asks for.
fn typed(condition: &str) -> StepDef {
    StepDef { name: condition.to_owned(), condition: condition.to_owned(), within: None }
}

fn print(def: &FunnelDef, answer: &FunnelAnswer) -> anyhow::Result<()> {
    if !def.about.is_empty() {
        show::line(&def.about)?;
    }
    for value in answer.values.iter().take(VALUES_SHOWN) {
        print_value(def, answer, value)?;
    }
    let more = answer.values.len().saturating_sub(VALUES_SHOWN);
    if more > 0 {
        show::line(format!("… and {more} more values; --json has all"))?;
    }
    if answer.trend.is_some() && answer.values.len() > 1 {
        show::line("the trend of each value is in --json")?;
    }
    Ok(())
}

fn print_value(def: &FunnelDef, answer: &FunnelAnswer, value: &ValueAnswer) -> anyhow::Result<()> {
    if let Some(by) = &def.by {
        show::line(format!("\n{by} = {}", value.value.as_deref().unwrap_or("(none)")))?;
    }
    let counts = value.found.counts();
    let first = counts.first().copied().unwrap_or_default();
    let mut shown = show::table(&["step", "customers", "of the first", "of the step before", "median time", ""]);
    let mut before = first;
    for ((step, &count), times) in answer.steps.iter().zip(&counts).zip(&value.found.times) {
        let of_first = share(count, first);
        shown.add_row(vec![
            Cell::new(step),
            show::number(count),
            show::share(of_first),
            show::share(share(count, before)),
            Cell::new(span(times.from_previous.median())),
            Cell::new(bar(of_first.unwrap_or_default())),
        ]);
        before = count;
    }
    show::line(shown)?;
    if !value.found.excluded.is_empty() {
        show::line(format!("{} customers were excluded", value.found.excluded.len()))?;
    }
    print_trend(answer, value)
}

fn print_trend(answer: &FunnelAnswer, value: &ValueAnswer) -> anyhow::Result<()> {
    // With a breakdown it would be a table a value.
    let Some(period) = answer.trend.filter(|_| answer.values.len() == 1) else { return Ok(()) };
    let mut shown = show::table(&["entered from", "entered", "converted", "of those who entered", ""]);
    for entered in &value.found.trend {
        let counts = entered.counts();
        let (first, last) = (counts.first().copied().unwrap_or_default(), counts.last().copied().unwrap_or_default());
        let converted = share(last, first);
        shown.add_row(vec![
            Cell::new(period.first_day(entered.period)),
            show::number(first),
            show::number(last),
            show::share(converted),
            Cell::new(bar(converted.unwrap_or_default())),
        ]);
    }
    show::line(shown)?;
    Ok(())
}

fn json_of(value: &ValueAnswer, answer: &FunnelAnswer) -> Value {
    let counts = value.found.counts();
    let seconds = |micros: Option<u64>| micros.map(|m| m as f64 / 1e6);
    let step = |(i, times): (usize, &florin_analytics::funnel::StepTimes)| {
        json!({
            "step": answer.steps.get(i),
            "customers": counts.get(i),
            "dropped": value.found.dropped(i).len(),
            "mean_seconds_from_previous": times.from_previous.mean().map(|m| m / 1e6),
            "median_seconds_from_previous": seconds(times.from_previous.median()),
            "median_seconds_from_first": seconds(times.from_first.median()),
        })
    };
    let trend = answer.trend.map(|period| {
        let entered = |t: &florin_analytics::funnel::TrendPeriod| {
            json!({ "from": period.first_day(t.period), "customers": t.counts() })
        };
        value.found.trend.iter().map(entered).collect::<Vec<_>>()
    });
    json!({
        "value": value.value,
        "steps": value.found.times.iter().enumerate().map(step).collect::<Vec<_>>(),
        "excluded": value.found.excluded.len(),
        "trend": trend,
    })
}
