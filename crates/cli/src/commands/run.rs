//! `florin run`: brings traits up to date, then segments, scores and recommendations.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    models::{DueTraining, Retrained, Scored, StaleScores, due_for_training, stale_scores},
    offers::{StaleOffers, stale_offers},
    run::{How, What},
    segments::{Refreshed, Stale, stale},
    traits::{Done, Plan, TraitState},
};
use serde_json::json;

use crate::{
    args::{Global, RunArgs},
    failure,
    progress::Bars,
    show,
    surroundings::{open, surroundings},
};

pub(crate) async fn run(global: &Global, args: &RunArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let as_of = as_of(&house, args.as_of.as_deref())?;
    let what = What::of(&house, &args.what);
    if args.plan {
        return plan(global, args, &house, &what, as_of).await;
    }
    let start = std::time::Instant::now();
    // What is known by now is learnt from; as of a past day nothing is.
    let how = How { as_of, force: args.force, learn: args.as_of.is_none() };
    let ran = florin_pipelines::run::run(&house, &what, how, &Bars::default(), &|| start.elapsed()).await?;
    super::sql::print_timing(args.timings, 1, ran.traits_took.as_secs_f64());
    let failed = &ran.traits.failed;
    if global.json {
        let words: Vec<_> = failed.iter().map(|f| json!({ "name": f.name, "error": f.error.to_string() })).collect();
        let up_to_date = ran.plan.traits.iter().filter(|state| state.stale.is_empty()).count();
        show::json(&json!({
            "as_of": as_of,
            "computed": ran.traits.done,
            "failed": words,
            "up_to_date": up_to_date,
            "segments": ran.segments,
            "scores": ran.scores,
            "recommendations": ran.offers,
            "retrained": ran.retrained,
        }))?;
    } else {
        if what.has_traits() {
            print(&ran.plan, &ran.traits.done)?;
        }
        print_segments(&ran.segments)?;
        print_scores(&ran.scores)?;
        super::recommend::print_everybody(&ran.offers)?;
        print_retrained(&ran.retrained)?;
    }
    let all_well = ran.failed() == 0;
    for one in ran.traits.failed {
        failure::print(&one.error.into());
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What would be done, and why.
async fn plan(
    global: &Global,
    args: &RunArgs,
    house: &House,
    what: &What,
    as_of: EventTime,
) -> anyhow::Result<ExitCode> {
    let planned = what.plan(house, as_of, args.force).await?;
    let mut segments = stale(house, as_of).await?;
    segments.retain(|stale| what.means_segment(stale));
    let mut scores = stale_scores(house, as_of).await?;
    scores.retain(|stale| what.means_model(&stale.name));
    let offers = if what.is_everything() { stale_offers(house, as_of).await? } else { Vec::new() };
    let training = match args.as_of {
        Some(_) => Vec::new(),
        None => due_for_training(house).await?,
    };
    if global.json {
        show::json(&json!({
            "traits": planned.traits,
            "as_of": as_of,
            "segments": segments,
            "scores": scores,
            "recommendations": offers,
            "training": training,
        }))?;
    } else {
        print_plan(&planned, &segments, &scores, &offers)?;
        print_due(&training)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_segments(done: &[Refreshed]) -> anyhow::Result<()> {
    if done.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["segment", "customers", "unknown", "entered", "left", "was stale because"]);
    for one in done {
        let why = one.failed.as_ref().map_or_else(|| one.reasons.join("; "), |why| format!("cannot be decided: {why}"));
        table.add_row(vec![
            Cell::new(&one.name),
            show::number(one.members),
            show::number(one.unknown),
            show::number(one.entered),
            show::number(one.left),
            Cell::new(why),
        ]);
    }
    Ok(show::line(table)?)
}

/// The time that is asked for, or the present.
pub(super) fn as_of(house: &House, text: Option<&str>) -> anyhow::Result<EventTime> {
    Ok(match text {
        Some(text) => house.as_of(text)?,
        None => (surroundings().now)(),
    })
}

fn print_scores(scores: &[Scored]) -> anyhow::Result<()> {
    if scores.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["model", "version", "scored", "left out by consent", "was stale because"]);
    for one in scores {
        let why = one.failed.as_ref().map_or_else(|| one.because.join("; "), |why| format!("cannot score: {why}"));
        table.add_row(vec![
            Cell::new(&one.name),
            show::number(u64::from(one.version)),
            Cell::new(match one.days {
                0 => format!("{} customers", one.customers),
                days => format!("{days} days to come"),
            }),
            show::number(one.left_out as u64),
            Cell::new(why),
        ]);
    }
    Ok(show::line(table)?)
}

fn print_due(training: &[DueTraining]) -> anyhow::Result<()> {
    if training.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["to be trained anew", "because"]);
    for due in training {
        table.add_row([&due.name, &due.because]);
    }
    Ok(show::line(table)?)
}

fn print_retrained(done: &[Retrained]) -> anyhow::Result<()> {
    if done.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["trained anew", "version", "state", "because"]);
    for one in done {
        let (version, state) = match &one.trained {
            Some(trained) => (trained.version.to_string(), trained.state.name().to_owned()),
            None => (String::new(), format!("cannot be trained: {}", one.failed.as_deref().unwrap_or_default())),
        };
        table.add_row([one.name.clone(), version, state, one.because.clone()]);
    }
    show::line(table)?;
    Ok(show::line(
        "somebody else looks at a candidate (`florin models show MODEL`) and approves it (`florin models approve MODEL`)",
    )?)
}

fn print_plan(plan: &Plan, segments: &[Stale], scores: &[StaleScores], offers: &[StaleOffers]) -> anyhow::Result<()> {
    let mut table = show::table(&["trait", "stale because"]);
    for state in plan.traits.iter().filter(|state| !state.stale.is_empty()) {
        table.add_row([state.name.clone(), words(state)]);
    }
    if table.row_count() > 0 {
        show::line(&table)?;
    }
    show::line(format!("{} stale, {} up to date", table.row_count(), plan.traits.len() - table.row_count()))?;
    if !segments.is_empty() {
        let mut table = show::table(&["segment", "stale because"]);
        for stale in segments {
            table.add_row([stale.name.clone(), stale.reasons.join("; ")]);
        }
        show::line(table)?;
    }
    if !scores.is_empty() {
        let mut table = show::table(&["scores of", "stale because"]);
        for stale in scores {
            table.add_row([stale.name.clone(), stale.reasons.join("; ")]);
        }
        show::line(table)?;
    }
    if !offers.is_empty() {
        let mut table = show::table(&["recommendations for", "stale because"]);
        for stale in offers {
            table.add_row([stale.purpose.to_string(), stale.reasons.join("; ")]);
        }
        show::line(table)?;
    }
    Ok(())
}

pub(super) fn words(state: &TraitState) -> String {
    state.stale.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn print(plan: &Plan, done: &[Done]) -> anyhow::Result<()> {
    if plan.traits.iter().all(|state| state.stale.is_empty()) {
        show::line(match plan.traits.len() {
            0 => "there are no traits; `florin init` writes a library of them into traits/*.toml".to_owned(),
            n => format!("all {n} traits are up to date"),
        })?;
        return Ok(());
    }
    let mut table = show::table(&["trait", "customers", "filled", "without", "ms", "was stale because"]);
    for one in done {
        let because = one.because.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        table.add_row(vec![
            Cell::new(&one.name),
            show::number(one.kept.customers as u64),
            show::number(one.kept.filled as u64),
            show::number(one.kept.missing as u64),
            show::number(one.kept.took_ms),
            Cell::new(because),
        ]);
    }
    show::line(table)?;
    let fresh = plan.traits.iter().filter(|state| state.stale.is_empty()).count();
    show::line(format!("{} computed, {fresh} were up to date", done.len()))?;
    Ok(())
}
