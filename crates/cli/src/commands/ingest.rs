//! `florin ingest`.

use std::{collections::BTreeSet, process::ExitCode};

use florin_domain::Counts;
use florin_pipelines::load::{LoadReport, MapReport, ingest, retry_quarantined};

use crate::{args::Global, progress::Bars, show, surroundings::open};

pub(crate) async fn run(global: &Global, sources: &[String], retry: bool) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    let bars = Bars::default();
    let report = match retry {
        true => retry_quarantined(&house, sources, &bars).await?,
        false => ingest(&house, sources, &bars).await?,
    };
    if global.json {
        show::json(&report)?;
    } else {
        print(&report)?;
    }
    let failed = report.loads.iter().any(|l| !l.failed.is_empty());
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn print(report: &LoadReport) -> anyhow::Result<()> {
    let headings =
        ["source", "into", "files", "read", "stored", "duplicate", "quarantined", "refused", "unchanged files"];
    let mut table = show::table(&headings);
    for load in &report.loads {
        table.add_row(row(&load.source, &load.mapping, load.files, load.unchanged, &load.counts));
    }
    let (files, unchanged) = report.loads.iter().fold((0, 0), |(f, u), l| (f + l.files, u + l.unchanged));
    table.add_row(row("all", "", files, unchanged, &report.total()));
    show::line(table)?;
    let (finished, abandoned) = report.recovered;
    if finished + abandoned > 0 {
        show::line(format!("an earlier load was interrupted: {finished} batches finished, {abandoned} done again"))?;
    }
    report.loads.iter().try_for_each(print_notes)?;
    for segment in &report.segments {
        let Some(failed) = &segment.failed else {
            show::line(format!("segment {} was decided whole: {} customers", segment.name, segment.members))?;
            continue;
        };
        show::line(format!("segment {} waits for `florin run`: {failed}", segment.name))?;
    }
    let to_mend = report.loads.iter().filter(|load| load.counts.quarantined > 0).map(|load| load.source.as_str());
    for source in to_mend.collect::<BTreeSet<_>>() {
        show::line(format!("{source}: `florin quarantine {source} --rows` shows what was wrong"))?;
    }
    Ok(())
}

fn row(source: &str, into: &str, files: usize, unchanged: usize, counts: &Counts) -> Vec<comfy_table::Cell> {
    let texts = [source, into].map(comfy_table::Cell::new);
    let numbers = [
        files as u64,
        counts.read,
        counts.stored,
        counts.duplicate,
        counts.quarantined,
        counts.refused,
        unchanged as u64,
    ];
    texts.into_iter().chain(numbers.map(show::number)).collect()
}

fn print_notes(load: &MapReport) -> anyhow::Result<()> {
    let name = format!("{} → {}", load.source, load.mapping);
    for (check, rows) in &load.warned {
        show::line(format!("warning: {name}: {rows} rows: {check}"))?;
    }
    for of in &load.followed {
        let (segment, seconds) = (&of.segment, of.micros as f64 / 1e6);
        show::line(format!(
            "segment {segment} followed: {} customers looked at, {} entered, {} left, {seconds:.2} s after the commit",
            of.customers, of.entered, of.left
        ))?;
    }
    for note in &load.notes {
        show::line(format!("note: {name}: {note}"))?;
    }
    for (file, error) in &load.failed {
        let file = file.display().to_string();
        let named = if file.is_empty() || error.contains(&file) { String::new() } else { format!("{file}: ") };
        show::line(format!("failed: {name}: {named}{error}"))?;
    }
    Ok(())
}
