//! `florin customer ID`.

use std::process::ExitCode;

use florin_domain::{CustomerId, Purpose};
use florin_pipelines::customer::{CustomerView, customer};
use serde_json::json;

use crate::{args::Global, show, surroundings::open};

pub(crate) async fn run(
    global: &Global,
    id: u32,
    purpose: Purpose,
    as_of: Option<&str>,
    look_up: bool,
) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let as_of = as_of.map(|t| house.as_of(t)).transpose()?;
    let view = customer(&house, CustomerId(id), purpose, as_of, look_up).await?;
    if global.json {
        print_json(&view)?;
    } else {
        print(&view)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(view: &CustomerView) -> anyhow::Result<()> {
    show::line(format!("customer {}", view.customer))?;
    for (kind, value) in view.identifiers.iter().flatten() {
        show::line(format!("  {kind}: {value}"))?;
    }
    for (purpose, state) in &view.consent {
        show::line(format!("  {purpose}: consent {state}"))?;
    }
    for (table, rows) in &view.sections {
        if let Some(first) = rows.first() {
            show::line(format!("\n{table}"))?;
            show::line(show::batches_table(&first.schema(), rows)?)?;
        }
    }
    Ok(())
}

fn print_json(view: &CustomerView) -> anyhow::Result<()> {
    let mut sections = serde_json::Map::new();
    for (table, rows) in &view.sections {
        let mut text = Vec::new();
        let mut writer = arrow::json::ArrayWriter::new(&mut text);
        for batch in rows {
            writer.write(batch)?;
        }
        writer.finish()?;
        drop(writer);
        sections.insert(table.clone(), serde_json::from_slice(&text)?);
    }
    show::json(&json!({
        "customer_id": view.customer,
        "identifiers": view.identifiers,
        "consent": view.consent,
        "records": sections,
    }))
}
