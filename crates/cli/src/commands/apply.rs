//! `florin apply`.

use std::process::ExitCode;

use florin_pipelines::apply::apply;

use crate::{args::Global, show, surroundings::open};

pub(crate) async fn run(global: &Global, plan: bool) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let applied = apply(&house, plan).await?;
    if global.json {
        show::json(&applied)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !applied.changes.is_empty() {
        let mut table = show::table(&["definition", "name", "version", "change"]);
        for change in &applied.changes {
            let what = format!("{:?}", change.what).to_lowercase();
            table.add_row([change.kind.clone(), change.name.clone(), change.version.to_string(), what]);
        }
        show::line(table)?;
    }
    let done = if plan { "would change" } else { "recorded" };
    show::line(format!("{} {done}, {} as they were", applied.changes.len(), applied.unchanged))?;
    for note in &applied.notes {
        show::line(format!("note: {note}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
