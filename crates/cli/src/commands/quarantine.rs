//! `florin quarantine`.

use std::process::ExitCode;

use comfy_table::Cell;
use florin_pipelines::{
    House,
    quarantine::{counts, records},
};

use crate::{args::Global, show, surroundings::open};

pub(crate) async fn run(
    global: &Global,
    source: Option<&str>,
    rows: Option<u32>,
    raw: bool,
) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match (rows, global.json) {
        (Some(rows), true) => show::json(&records(&house, source, rows, raw).await?)?,
        (Some(rows), false) => print_rows(&house, source, rows, raw).await?,
        (None, true) => show::json(&counts(&house).await?)?,
        (None, false) => print_counts(&house, source).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn print_counts(house: &House, source: Option<&str>) -> anyhow::Result<()> {
    let mut table = show::table(&["source", "into", "what", "column", "waiting", "put in since"]);
    for count in counts(house).await?.into_iter().filter(|c| source.is_none_or(|s| s == c.source)) {
        table.add_row(vec![
            Cell::new(count.source),
            Cell::new(count.mapping),
            Cell::new(count.code),
            Cell::new(count.column.unwrap_or_default()),
            show::number(count.waiting),
            show::number(count.resolved),
        ]);
    }
    show::line(table)?;
    Ok(())
}

/// The oldest records of the quarantine.
pub(super) async fn print_rows(house: &House, source: Option<&str>, rows: u32, raw: bool) -> anyhow::Result<()> {
    let mut table = show::table(&["source", "into", "file", "record", "what is wrong", "raw"]);
    for record in records(house, source, rows, raw).await? {
        let file = std::path::Path::new(&record.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        table.add_row(vec![
            Cell::new(record.source),
            Cell::new(record.mapping),
            Cell::new(file),
            show::number(record.row_number),
            Cell::new(record.reason),
            Cell::new(record.raw.unwrap_or_default()),
        ]);
    }
    if !raw {
        table.column_mut(5).map(|c| c.set_constraint(comfy_table::ColumnConstraint::Hidden));
    }
    show::line(table)?;
    Ok(())
}
