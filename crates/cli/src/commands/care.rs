//! `florin history`, `optimize`, `vacuum`, `erase`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_pipelines::care;

use crate::{args::Global, progress::Bars, show, surroundings::open};

pub(crate) async fn history(global: &Global, table: &str, limit: usize) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let commits = care::history(&house, table, limit).await?;
    if global.json {
        show::json(&commits)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = show::table(&["version", "when", "what", "by"]);
    for commit in commits {
        let when = commit.timestamp_millis.and_then(|t| jiff::Timestamp::from_millisecond(t).ok());
        let when = when.map(|t| t.to_string()).unwrap_or_default();
        shown.add_row(vec![
            show::number(commit.version),
            Cell::new(when),
            Cell::new(commit.operation),
            Cell::new(commit.info),
        ]);
    }
    show::line(shown)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn optimize(global: &Global, tables: &[String]) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let done = care::optimize(&house, tables, &Bars::default()).await?;
    if global.json {
        show::json(&done)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = show::table(&["table", "files merged", "into", "rows"]);
    for care in done {
        let numbers = [care.done.files_before as u64, care.done.files_after as u64, care.done.rows];
        shown.add_row(std::iter::once(Cell::new(care.table)).chain(numbers.map(show::number)));
    }
    show::line(shown)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn erase(global: &Global, id: u32) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let done = care::erase(&house, florin_domain::CustomerId(id)).await?;
    if global.json {
        show::json(&done)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = show::table(&["table", "rows deleted", "files rewritten"]);
    for care in done {
        let numbers = [care.done.rows, care.done.files as u64];
        shown.add_row(std::iter::once(Cell::new(care.table)).chain(numbers.map(show::number)));
    }
    show::line(shown)?;
    show::line("their key in the vault is destroyed; `florin vacuum` removes the old files")?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn vacuum(global: &Global, tables: &[String], hours: u32, dry_run: bool) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let done = care::vacuum(&house, tables, hours, dry_run).await?;
    if global.json {
        show::json(&done)?;
        return Ok(ExitCode::SUCCESS);
    }
    let what = if dry_run { "files that would go" } else { "files removed" };
    let mut shown = show::table(&["table", what]);
    for care in done {
        shown.add_row(vec![Cell::new(care.table), show::number(care.done.files.len() as u64)]);
    }
    show::line(shown)?;
    Ok(ExitCode::SUCCESS)
}
