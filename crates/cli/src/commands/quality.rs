//! `florin quality`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_pipelines::quality::{TableQuality, quality};

use super::quarantine;
use crate::{args::Global, show, surroundings::open};

pub(crate) async fn run(global: &Global, table: Option<String>, worst: Option<u32>) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let names: Vec<String> = table.into_iter().collect();
    let report = quality(&house, &names).await?;
    if global.json {
        show::json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let headings = ["table", "rows", "read", "validity", "consistency", "uniqueness", "newest known"];
    let mut tables = show::table(&headings);
    for table in &report {
        tables.add_row(table_row(table));
    }
    show::line(tables)?;
    for table in &report {
        print_columns(table)?;
    }
    if let Some(rows) = worst {
        quarantine::print_rows(&house, None, rows, false).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table_row(table: &TableQuality) -> Vec<Cell> {
    vec![
        Cell::new(&table.table),
        show::number(table.rows),
        show::number(table.counts.read),
        show::share(table.validity),
        show::share(table.consistency),
        show::share(table.uniqueness),
        Cell::new(table.newest_known_at.as_deref().unwrap_or_default()),
    ]
}

fn print_columns(table: &TableQuality) -> anyhow::Result<()> {
    let mut columns = show::table(&[&table.table, "complete", "distinct (about)", "from", "to", "quarantined"]);
    for column in &table.columns {
        let (from, to) = column.bounds.clone().unwrap_or_default();
        columns.add_row(vec![
            Cell::new(&column.column),
            show::share(column.completeness),
            show::number(column.distinct),
            Cell::new(from),
            Cell::new(to),
            show::number(column.quarantined),
        ]);
    }
    show::line(columns)?;
    for wrong in table.quarantined.iter().filter(|q| q.waiting > 0) {
        let column = wrong.column.as_ref().map(|c| format!(" in `{c}`")).unwrap_or_default();
        show::line(format!("  {} quarantined from `{}`: {}{column}", wrong.waiting, wrong.source, wrong.code))?;
    }
    Ok(())
}
