//! `florin train`.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use florin_cards::{Card, Language};
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    models::{Trained, show as show_version, stale_models, train},
};
use serde_json::json;

use super::{
    figures::{findings, of_test, verdicts},
    registry::moment,
};
use crate::{
    args::{Global, TrainArgs},
    progress::Bars,
    show,
    surroundings::open,
};

/// Features that are shown by importance.
const IMPORTANCE_SHOWN: usize = 10;

pub(crate) async fn run(global: &Global, args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    if args.plan {
        return plan(global, &house).await;
    }
    let names = match args.names.is_empty() {
        true => stale_models(&house).await?.into_iter().map(|(name, _)| name).collect(),
        false => args.names.clone(),
    };
    if args.card.is_some() && names.len() != 1 {
        bail!("a card is of one model: name it");
    }
    if names.is_empty() {
        show::line(match house.bank().models.is_empty() {
            true => "there are no models; docs/concepts/models.md says how to write one into models/",
            false => "no model is stale",
        })?;
    }
    let known_by: Option<EventTime> = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let mut all = Vec::new();
    for name in &names {
        let start = std::time::Instant::now();
        let trained = train(&house, name, args.purpose, known_by, &Bars::default()).await?;
        crate::commands::sql::print_timing(args.timings, 1, start.elapsed().as_secs_f64());
        if let Some(file) = &args.card {
            write_card(&house, file, name, trained.version).await?;
        }
        if !global.json {
            print(&trained)?;
        }
        all.push(trained);
    }
    if global.json {
        show::json(&all)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn plan(global: &Global, house: &House) -> anyhow::Result<ExitCode> {
    let stale = stale_models(house).await?;
    if global.json {
        let of = |(name, reasons): &(String, Vec<String>)| json!({ "name": name, "reasons": reasons });
        show::json(&stale.iter().map(of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = show::table(&["model", "stale because"]);
    for (name, reasons) in &stale {
        table.add_row([name.clone(), reasons.join("; ")]);
    }
    if stale.is_empty() {
        show::line("no model is stale")?;
    } else {
        show::line(table)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn write_card(house: &House, file: &Path, name: &str, version: u32) -> anyhow::Result<()> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !["html", "md"].contains(&ending) {
        bail!("`{}` is neither .html nor .md", file.display());
    }
    let shown = show_version(house, name, Some(version)).await?;
    let on = &shown.made.trained_on;
    let mut card = Card::of_version(&shown.made.evaluation, version, &shown.content, on.purpose, &on.tables);
    if let Some(at) = shown.line.trained_at {
        card = card.trained_at(moment(at)?);
    }
    let text = if ending == "md" { card.markdown(Language::English) } else { card.html(Language::English) };
    std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}

fn print(trained: &Trained) -> anyhow::Result<()> {
    let made = &trained.made;
    let on = &made.trained_on;
    let known = if trained.new { "" } else { ": nothing new was learnt, so it is the version that was there" };
    show::line(format!(
        "{} version {} ({}), {}{known}",
        trained.name,
        trained.version,
        made.evaluation.kind(),
        trained.state.name()
    ))?;
    let rows: usize = on.dates.iter().map(|(_, rows)| rows).sum();
    show::line(format!(
        "{rows} rows of {} dates: {} to learn from, {} to stop by, {} for the test",
        on.dates.len(),
        on.train,
        on.watched,
        on.test
    ))?;
    if on.dates_open > 0 {
        show::line(format!("{} dates are left out: what became of customers then is not known yet", on.dates_open))?;
    }
    let found = &made.evaluation;
    [findings(found), Some(of_test(found)), Some(verdicts(found))].into_iter().flatten().try_for_each(show::line)?;
    if !found.importance().is_empty() {
        let mut table = show::table(&["feature", "moves the margin by"]);
        for one in found.importance().iter().take(IMPORTANCE_SHOWN) {
            table.add_row([one.feature.clone(), format!("{:.4}", one.value)]);
        }
        show::line(table)?;
    }
    let next = match trained.state.name() {
        "candidate" => format!("next: a colleague approves it, `florin models approve {} --as …`", trained.name),
        "refused" => {
            let why = made.failing().join(", ");
            format!("held back by: {why}; a colleague may waive that, `florin models waive {} --guard …`", trained.name)
        }
        state => format!("it is {state} already"),
    };
    Ok(show::line(next)?)
}
