//! `florin simulate`.

use std::{
    path::Path,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::Context as _;
use comfy_table::Cell;
use florin_pipelines::load::Progress as _;
use florin_simulation::{Settings, Summary, report, simulate};
use serde_json::json;

use crate::{
    args::{Global, SimulateArgs},
    progress::Bars,
    show,
};

pub(crate) fn run(global: &Global, asked: &SimulateArgs) -> anyhow::Result<ExitCode> {
    if let Some(bank) = &asked.report {
        show::line(report(bank, &asked.data)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let out = asked.out.as_deref().context("say where: --out DIR")?;
    let settings = Settings {
        customers: asked.customers,
        seed: asked.seed,
        months: asked.months,
        activity: asked.activity,
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        ..Settings::default()
    };
    let summary = make(&settings, out)?;
    if global.json {
        print_json(&summary)?;
    } else {
        print(&summary, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn make(settings: &Settings, out: &Path) -> anyhow::Result<Summary> {
    let (bars, shown) = (Bars::default(), AtomicU64::new(0));
    bars.begin("living through the months", "months", Some(u64::from(settings.months)));
    let summary = simulate(settings, out, &|progress| {
        let months = u64::from(progress.months);
        bars.advance(months - shown.swap(months, Ordering::Relaxed));
    })?;
    bars.end();
    Ok(summary)
}

fn counts(summary: &Summary) -> [(&'static str, u64); 9] {
    [
        ("customers", u64::from(summary.customers)),
        ("bookings", summary.bookings),
        ("card payments", summary.payments),
        ("events", summary.events),
        ("other records", summary.others),
        ("planted errors", summary.flaws),
        ("records of a fraud", summary.frauds),
        ("customers who leave", summary.departures),
        ("loans that default", summary.defaults),
    ]
}

fn print(summary: &Summary, out: &Path) -> anyhow::Result<()> {
    let mut shown = show::table(&["what", "how many"]);
    for (what, count) in counts(summary) {
        shown.add_row(vec![Cell::new(what), show::number(count)]);
    }
    show::line(shown)?;
    let out = out.display();
    show::line(format!("a bank directory is in {out}: `florin ingest --bank {out}`; what is true is in {out}/truth"))?;
    Ok(())
}

fn print_json(summary: &Summary) -> anyhow::Result<()> {
    let counts = counts(summary).map(|(what, count)| (what.replace(' ', "_"), json!(count)));
    show::json(&serde_json::Value::Object(counts.into_iter().collect()))
}
