//! `florin run`: brings traits up to date.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    traits::{Done, Outcome, Plan, TraitState, plan, run as run_traits},
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
    let planned = plan(&house, &args.what, as_of, args.force).await?;
    if args.plan {
        match global.json {
            true => show::json(&planned)?,
            false => print_plan(&planned)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let start = std::time::Instant::now();
    let Outcome { done, failed } = run_traits(&house, &planned, &Bars::default(), &|| start.elapsed()).await?;
    super::sql::print_timing(args.timings, 1, start.elapsed().as_secs_f64());
    if global.json {
        let words: Vec<_> = failed.iter().map(|f| json!({ "name": f.name, "error": f.error.to_string() })).collect();
        let up_to_date = planned.traits.iter().filter(|state| state.stale.is_empty()).count();
        show::json(&json!({ "as_of": planned.as_of, "computed": done, "failed": words, "up_to_date": up_to_date }))?;
    } else {
        print(&planned, &done)?;
    }
    let all_well = failed.is_empty();
    for one in failed {
        failure::print(&one.error.into());
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The time that is asked for, or the present.
pub(super) fn as_of(house: &House, text: Option<&str>) -> anyhow::Result<EventTime> {
    Ok(match text {
        Some(text) => house.as_of(text)?,
        None => (surroundings().now)(),
    })
}

fn print_plan(plan: &Plan) -> anyhow::Result<()> {
    let mut table = show::table(&["trait", "stale because"]);
    for state in plan.traits.iter().filter(|state| !state.stale.is_empty()) {
        table.add_row([state.name.clone(), words(state)]);
    }
    if table.row_count() > 0 {
        show::line(&table)?;
    }
    show::line(format!("{} stale, {} up to date", table.row_count(), plan.traits.len() - table.row_count()))?;
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
