//! `florin evaluate`.

use std::process::ExitCode;

use florin_pipelines::models::evaluate;

use super::figures::{drift, figures, headline};
use crate::{
    args::{EvaluateArgs, Global},
    progress::Bars,
    show,
    surroundings::open,
};

pub(crate) async fn run(global: &Global, args: &EvaluateArgs) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let known_by = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let bars = Bars::default();
    let found = evaluate(&house, &args.name, args.version, &args.at, known_by, args.purpose, &bars).await?;
    if global.json {
        show::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let dates = found.dates.iter().map(|(date, rows)| format!("{date} ({rows} rows)")).collect::<Vec<_>>().join(", ");
    show::line(format!("{} version {}, {}, at {dates}", found.name, found.version, found.state.name()))?;
    show::line(figures(&found.judged))?;
    show::line(format!("on its own test, when it was trained: {}", headline(&found.headline_then)))?;
    if let Some(drift) = drift(&found.drift) {
        show::line(drift)?;
    }
    Ok(ExitCode::SUCCESS)
}
