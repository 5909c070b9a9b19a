//! `florin models`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    models::{Act, Drift, Line, Shown, act, list, show},
};

use super::figures::{drift, findings, headline, of_test, verdicts, word};
use crate::{
    args::{Global, ModelsArgs, ModelsCommand, ReasonedArgs, VersionArgs},
    show as shown,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &ModelsArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let done = |of: &VersionArgs| (of.name.clone(), of.version);
    let reasoned = |of: &ReasonedArgs| (of.of.name.clone(), of.of.version, of.reason.clone());
    match &args.command {
        None => print_list(global, &list(&house, None).await?)?,
        Some(ModelsCommand::List { name }) => print_list(global, &list(&house, name.as_deref()).await?)?,
        Some(ModelsCommand::Show(of)) => print_show(global, &show(&house, &of.name, of.version).await?)?,
        Some(ModelsCommand::Approve(of)) => acted(global, &house, done(of), Act::Approve).await?,
        Some(ModelsCommand::Promote { of, challenger }) => {
            acted(global, &house, done(of), Act::Promote { challenger: *challenger }).await?;
        }
        Some(ModelsCommand::Refuse(of)) => {
            let (name, version, reason) = reasoned(of);
            acted(global, &house, (name, version), Act::Refuse { reason }).await?;
        }
        Some(ModelsCommand::Waive { of, guard }) => {
            let (name, version, reason) = reasoned(of);
            acted(global, &house, (name, version), Act::Waive { guard: guard.clone(), reason }).await?;
        }
        Some(ModelsCommand::Retire(of)) => {
            let (name, version, reason) = reasoned(of);
            acted(global, &house, (name, version), Act::Retire { reason }).await?;
        }
        Some(ModelsCommand::Rollback(of)) => {
            let (name, version, reason) = reasoned(of);
            acted(global, &house, (name, version), Act::Rollback { reason }).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn acted(
    global: &Global,
    house: &House,
    (name, version): (String, Option<u32>),
    what: Act,
) -> anyhow::Result<()> {
    let line = act(house, &name, version, &what).await?;
    if global.json {
        return shown::json(&line);
    }
    let number = line.version.map(|version| version.to_string()).unwrap_or_default();
    shown::line(format!("{name} version {number} is {}", state(&line)))?;
    if !line.held_back_by.is_empty() {
        shown::line(format!("still held back by: {}", line.held_back_by.join(", ")))?;
    }
    Ok(())
}

fn state(line: &Line) -> &'static str {
    line.state.map_or("not trained", |state| state.name())
}

fn print_list(global: &Global, lines: &[Line]) -> anyhow::Result<()> {
    if global.json {
        return shown::json(&lines);
    }
    if lines.is_empty() {
        return Ok(shown::line("there are no models; docs/concepts/models.md says how to write one into models/")?);
    }
    let mut table = shown::table(&[
        "model",
        "version",
        "state",
        "on its test",
        "trained",
        "held back by",
        "drift",
        "stale because",
    ]);
    for line in lines {
        let mut held: Vec<String> = line.held_back_by.clone();
        held.extend(line.waived.iter().map(|guard| format!("({guard}: waived)")));
        table.add_row(vec![
            Cell::new(&line.name),
            Cell::new(line.version.map(|v| v.to_string()).unwrap_or_default()),
            Cell::new(state(line)),
            Cell::new(line.headline.as_ref().map(headline).unwrap_or_default()),
            Cell::new(trained(line)?),
            Cell::new(held.join(", ")),
            Cell::new(drift_words(line)),
            Cell::new(line.stale.join("; ")),
        ]);
    }
    Ok(shown::line(table)?)
}

/// Scores first, then how many features moved.
fn drift_words(line: &Line) -> String {
    let Some((score, features)) = line.drift.split_first() else { return String::new() };
    let moved = features.iter().filter(|feature| feature.drift != Drift::Stable).count();
    let features = if moved == 0 { String::new() } else { format!("; {moved} features moved") };
    format!("{} ({:.3}){features}", word(score.drift), score.psi)
}

fn trained(line: &Line) -> anyhow::Result<String> {
    let Some((at, by)) = line.trained_at.zip(line.trained_by.as_ref()) else { return Ok(String::new()) };
    Ok(format!("{} by {by}", moment(at)?))
}

pub(super) fn moment(at: EventTime) -> anyhow::Result<String> {
    Ok(jiff::Timestamp::from_microsecond(at.micros())?.strftime("%Y-%m-%d %H:%M").to_string())
}

fn print_show(global: &Global, found: &Shown) -> anyhow::Result<()> {
    if global.json {
        return shown::json(found);
    }
    let (line, made) = (&found.line, &found.made);
    let number = line.version.map(|version| version.to_string()).unwrap_or_default();
    shown::line(format!("{} version {number} ({}), {}", line.name, made.evaluation.kind(), state(line)))?;
    shown::line(format!("  content {}\n  bytes   {}", found.content, found.bytes))?;
    let definition =
        made.definition_version.map_or_else(|| "never applied".to_owned(), |version| format!("version {version}"));
    shown::line(format!("  definition {definition}, for {}, seed {}", made.trained_on.purpose, made.trained_on.seed))?;
    let tables = made.trained_on.tables.iter().map(|(name, version)| format!("{name} {version}"));
    shown::line(format!("  tables and their versions: {}", tables.collect::<Vec<_>>().join(", ")))?;
    for reason in &line.stale {
        shown::line(format!("  stale: {reason}"))?;
    }
    let mut dates = shown::table(&["rows as of", "rows"]);
    for (date, rows) in &made.trained_on.dates {
        dates.add_row(vec![Cell::new(date), shown::number(*rows as u64)]);
    }
    shown::line(dates)?;
    let acts_of = &found.acts;
    let found = &made.evaluation;
    let tables = [findings(found), Some(of_test(found)), Some(verdicts(found)), drift(&line.drift)];
    tables.into_iter().flatten().try_for_each(shown::line)?;
    let mut acts = shown::table(&["when", "who", "what", "why"]);
    for act in acts_of {
        let what = act.subject.as_ref().map_or_else(|| act.act.clone(), |subject| format!("{} {subject}", act.act));
        acts.add_row([moment(act.at)?, act.by.clone(), what, act.reason.clone().unwrap_or_default()]);
    }
    Ok(shown::line(acts)?)
}
