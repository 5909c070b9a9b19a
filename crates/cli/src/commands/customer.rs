//! `florin customer ID`.

use std::process::ExitCode;

use florin_domain::{CustomerId, Purpose};
use florin_features::Value;
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
    for (name, meaning) in &view.segments {
        show::line(format!("  in segment {name}: {} / {}", meaning.zh, meaning.en))?;
    }
    print_scores(view)?;
    print_offers(view)?;
    print_profile(view)?;
    print_timeline(view)?;
    for (table, rows) in &view.sections {
        if let Some(first) = rows.first() {
            show::line(format!("\n{table}"))?;
            show::line(show::batches_table(&first.schema(), rows)?)?;
        }
    }
    Ok(())
}

/// What models foretell of them, and why, in both languages.
fn print_scores(view: &CustomerView) -> anyhow::Result<()> {
    for one in &view.scores {
        let score = one.score.map_or_else(|| "(hidden)".to_owned(), |score| format!("{score:.3}"));
        let score = match one.median_days {
            Some(days) => format!("{score} (half of such customers within {days:.0} days)"),
            None => score,
        };
        let at = jiff::Timestamp::from_microsecond(one.as_of.micros())?.strftime("%Y-%m-%d").to_string();
        let (zh, en) = (&one.meaning.zh, &one.meaning.en);
        let (score, at) = match &one.text {
            Some(text) => {
                let label = text.label.as_deref().unwrap_or("(hidden)");
                let written = jiff::Timestamp::from_microsecond(text.at.micros())?.strftime("%Y-%m-%d").to_string();
                (format!("{label} ({score}), written on {written}"), at)
            }
            None => (score, at),
        };
        show::line(format!("\n{en} ({zh}): {score}, as of {at} ({} version {})", one.model, one.version))?;
        for reason in &one.reasons {
            show::line(format!("  - {}\n    {}", reason.en, reason.zh))?;
        }
    }
    Ok(())
}

/// What they are to be offered, and why, in both languages.
fn print_offers(view: &CustomerView) -> anyhow::Result<()> {
    if let Some(first) = view.recommendations.first() {
        let at = jiff::Timestamp::from_microsecond(first.as_of.micros())?.strftime("%Y-%m-%d").to_string();
        show::line(format!("\nto be offered, for {}, as of {at}", first.purpose))?;
    }
    for one in &view.recommendations {
        show::line(format!("  {}. {} ({})", one.place, one.meaning.en, one.meaning.zh))?;
        for reason in &one.reasons {
            show::line(format!("     - {}\n       {}", reason.en, reason.zh))?;
        }
    }
    Ok(())
}

/// What is known of them: each value with its meaning, its time and what it was made from.
fn print_profile(view: &CustomerView) -> anyhow::Result<()> {
    if view.profile.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["trait", "value", "what it says", "as of", "from"]);
    for one in &view.profile {
        let unit = one.unit.as_deref().filter(|unit| *unit != "1").map(|unit| format!(" {unit}")).unwrap_or_default();
        let value = match (&one.value, one.masked) {
            (_, true) => "(hidden)".to_owned(),
            (Some(value), _) if one.filled => format!("{}{unit} (filled)", short(value)),
            (Some(value), _) => format!("{}{unit}", short(value)),
            (None, _) => "-".to_owned(),
        };
        let at = jiff::Timestamp::from_microsecond(one.as_of.micros())?.strftime("%Y-%m-%d").to_string();
        let meaning = format!("{}\n{}", one.meaning.en, one.meaning.zh);
        table.add_row([one.name.clone(), value, meaning, at, one.tables.join(", ")]);
    }
    show::line("\nprofile")?;
    show::line(table)?;
    Ok(())
}

fn print_timeline(view: &CustomerView) -> anyhow::Result<()> {
    let mut table = show::table(&["when", "in", "what"]);
    for happened in &view.timeline {
        table.add_row([&happened.at, &happened.table, &happened.what]);
    }
    if table.row_count() > 0 {
        show::line("\ntimeline")?;
        show::line(table)?;
    }
    Ok(())
}

/// Measurements are rounded for people; money and all else is as it is.
fn short(value: &Value) -> String {
    match value {
        Value::Float(v) => format!("{v:.3}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        other => other.to_string(),
    }
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
        "segments": view.segments.iter().map(|(name, meaning)| json!({ "name": name, "meaning": meaning })).collect::<Vec<_>>(),
        "scores": view.scores,
        "recommendations": view.recommendations,
        "profile": view.profile,
        "timeline": view.timeline,
        "records": sections,
    }))
}
