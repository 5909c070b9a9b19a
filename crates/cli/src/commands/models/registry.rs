//! `florin models`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    models::{Act, Compared, Drift, Line, Shown, act, compare, list, show},
};

use super::figures::{drift, figures, findings, headline, of_test, verdicts, word};
use crate::{
    args::{Global, ModelsArgs, ModelsCommand, ReasonedArgs, VersionArgs},
    progress::Bars,
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
        Some(ModelsCommand::Compare { of, at, purpose }) => {
            let bars = Bars::default();
            let found = compare(&house, &of.name, of.version, at, (None, *purpose), &bars).await?;
            print_compared(global, &found)?;
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

fn print_compared(global: &Global, found: &Compared) -> anyhow::Result<()> {
    if global.json {
        return shown::json(found);
    }
    for side in [&found.champion, &found.challenger] {
        let dates =
            side.dates.iter().map(|(date, rows)| format!("{date} ({rows} rows)")).collect::<Vec<_>>().join(", ");
        shown::line(format!("{} version {}, {}, at {dates}", side.name, side.version, side.state.name()))?;
        shown::line(figures(&side.judged))?;
        if let Some(drift) = drift(&side.drift) {
            shown::line(drift)?;
        }
    }
    if let Some(above) = found.auc_above {
        let (value, low, high) = (above.value, above.low, above.high);
        let so = match (low > 0.0, high < 0.0) {
            (true, _) => "it is surely better",
            (_, true) => "it is surely worse",
            _ => "neither is surely better",
        };
        shown::line(format!("AUC of the challenger less the champion's: {value:+.3} ({low:+.3} to {high:+.3}): {so}"))?;
    }
    let now = match &found.now {
        None => "what both say of customers now: nothing until `florin run` has scored by both".to_owned(),
        Some(now) => format!(
            "now, of {} customers: mean score {:.4} by the champion, {:.4} by the challenger; {:.0} % of the champion's first tenth is in the challenger's",
            now.customers,
            now.champion_mean,
            now.challenger_mean,
            100.0 * now.top_shared
        ),
    };
    Ok(shown::line(now)?)
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
