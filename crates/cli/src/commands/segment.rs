//! `florin segment`.

use std::process::ExitCode;

use anyhow::Context as _;
use comfy_table::Cell;
use florin_charts::{Chart as _, Language, Picture, Style, TimelineChart, TimelinePoint};
use florin_domain::EventTime;
use florin_pipelines::{
    House,
    ask::Asking,
    segments::{Described, Draft, Draftable, Drift, ExportFormat, Line, Moment, View},
};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::{
    args::{ExportArgs, Global, HistoryArgs, SegmentCommand, SegmentFormat},
    show,
    surroundings::open,
};

/// Segments beside one that are shown; --json has all.
const BESIDE_SHOWN: usize = 10;
/// Traits of a cluster that are shown.
const DIFFERENCES_SHOWN: usize = 5;
/// From which stability index on a shift is moderate, and from which it is large.
const SHIFT: (f64, f64) = (0.1, 0.25);

pub(crate) async fn run(global: &Global, command: &SegmentCommand) -> anyhow::Result<ExitCode> {
    let house = open(global).await?;
    match command {
        SegmentCommand::List { purpose } => list(global, &house, &house.asking(*purpose, None).await?).await?,
        SegmentCommand::Show { segment, purpose, since, as_of } => {
            let as_of = as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
            let since = since.as_deref().map(|t| house.as_of(t)).transpose()?;
            let asking = house.asking(*purpose, as_of).await?;
            match is_name(segment) {
                true => one(global, &house, &asking.segment_view(segment, since).await?)?,
                false => expression(global, &asking, segment).await?,
            }
        }
        SegmentCommand::History(args) => history(global, &house, args).await?,
        SegmentCommand::Members { segment, purpose, as_of } => {
            let as_of = as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
            let asking = house.asking(*purpose, as_of).await?;
            super::journeys::list(global, &asking.members(segment).await?)?;
        }
        SegmentCommand::Preview { segment, purpose } => preview(global, &house, segment, *purpose).await?,
        SegmentCommand::Export(args) => export(global, &house, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn is_name(segment: &str) -> bool {
    segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

async fn list(global: &Global, house: &House, asking: &Asking<'_>) -> anyhow::Result<()> {
    let lines = asking.segment_list().await?;
    if global.json {
        return show::json(&lines);
    }
    let mut table = show::table(&["segment", "who", "for", "customers", "share", "unknown", "decided", "up to date"]);
    for line in &lines {
        let purposes = line.purposes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        table.add_row(vec![
            Cell::new(&line.name),
            Cell::new(format!("{}\n{}", line.zh, line.en)),
            Cell::new(purposes),
            line.size.map_or_else(|| Cell::new(""), show::number),
            show::share(line.share),
            line.unknown.map_or_else(|| Cell::new(""), show::number),
            Cell::new(age(house, line)),
            Cell::new(freshness(line)),
        ]);
    }
    Ok(show::line(table)?)
}

/// How old a membership is, in words.
fn age(house: &House, line: &Line) -> String {
    let ago = |at: EventTime| {
        let micros = house.time().micros().saturating_sub(at.micros()).max(0);
        format!("{} ago", super::journeys::span(Some(micros.unsigned_abs())))
    };
    match (line.as_of, line.followed.filter(|followed| Some(*followed) > line.as_of)) {
        (None, _) => "never".to_owned(),
        (Some(as_of), None) => ago(as_of),
        (Some(as_of), Some(followed)) => format!("{}, newest rows {}", ago(as_of), ago(followed)),
    }
}

fn freshness(line: &Line) -> String {
    match (line.stale.is_empty(), line.kind, line.follows) {
        (true, "saved", _) => "does not change".to_owned(),
        (true, _, true) => "yes; follows new rows".to_owned(),
        (true, _, false) => "yes; as of the last `florin run`".to_owned(),
        (false, ..) => format!("waits for `florin run`: {}", line.stale.join("; ")),
    }
}

fn one(global: &Global, house: &House, view: &View) -> anyhow::Result<()> {
    if global.json {
        return show::json(view);
    }
    let line = &view.line;
    show::line(format!("{}: {} · {}", line.name, line.zh, line.en))?;
    let purposes = line.purposes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    show::line(format!("for {purposes}; decided {}; {}", age(house, line), freshness(line)))?;
    let Some(size) = line.size else { return Ok(()) };
    let share = line.share.map(|share| format!(", {:.2} % of all", share * 100.0)).unwrap_or_default();
    let unknown = line.unknown.filter(|unknown| *unknown > 0);
    let unknown = unknown.map(|unknown| format!("; of {unknown} it cannot be told")).unwrap_or_default();
    show::line(format!("{size} customers{share}{unknown}"))?;
    match (view.seen, &view.hidden) {
        (Some(seen), _) => show::line(format!("{seen} of them may be seen for this purpose"))?,
        (None, Some(hidden)) => show::line(format!("who they are is not shown: {hidden}"))?,
        (None, None) => {}
    }
    if let Some(moves) = view.moves {
        show::line(format!("since {}: {} entered, {} left", shown(moves.since), moves.entered, moves.left))?;
    }
    if let Some(saved) = &view.saved {
        show::line(format!("saved by {} from a {}: {}", saved.by, saved.kind, saved.cell))?;
    }
    beside(&view.beside)?;
    drift(&view.drift)?;
    view.clusters.as_ref().map_or(Ok(()), clusters)
}

fn shown(at: EventTime) -> String {
    jiff::Timestamp::from_microsecond(at.micros()).map_or_else(|_| at.micros().to_string(), |at| at.to_string())
}

fn beside(others: &[florin_pipelines::segments::Beside]) -> anyhow::Result<()> {
    let shared: Vec<_> = others.iter().filter(|other| other.both > 0).take(BESIDE_SHOWN).collect();
    if shared.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["also in", "customers", "share of these", "alike (Jaccard)"]);
    for other in shared {
        let alike = Cell::new(format!("{:.3}", other.alike));
        table.add_row(vec![Cell::new(&other.name), show::number(other.both), show::share(Some(other.share)), alike]);
    }
    Ok(show::line(table)?)
}

async fn history(global: &Global, house: &House, args: &HistoryArgs) -> anyhow::Result<()> {
    let since = args.since.as_deref().map(|t| house.as_of(t)).transpose()?;
    let asking = house.asking(args.purpose, None).await?;
    let moments = asking.segment_history(&args.segment, since).await?;
    if global.json {
        show::json(&json!({ "segment": args.segment, "moments": moments }))?;
    } else {
        let mut table = show::table(&["decided", "customers", "entered", "left"]);
        for moment in &moments {
            let counts = [moment.size, moment.entered, moment.left].map(show::number);
            table.add_row([Cell::new(shown(moment.at))].into_iter().chain(counts));
        }
        show::line(table)?;
    }
    args.chart.draw(|style| timeline(house, &args.segment, &moments, style))
}

fn timeline(house: &House, name: &str, moments: &[Moment], style: Style) -> Picture {
    let meaning = house.bank().segments.get(name).map(|segment| match style.language {
        Language::English => format!("{} [{name}]", segment.meaning.en),
        Language::Chinese => format!("{}［{name}］", segment.meaning.zh),
    });
    let label = day_or_minute(&house.bank().settings.bank.time_zone, moments);
    let point = |moment: &Moment| TimelinePoint {
        at_micros: moment.at.micros(),
        label: label(moment.at),
        members: moment.size,
        entered: moment.entered,
        left: moment.left,
    };
    let title = meaning.unwrap_or_else(|| name.to_owned());
    TimelineChart { title, points: moments.iter().map(point).collect() }.draw(style)
}

/// Says times by their day in the bank's time zone; to the minute where some are of one day.
fn day_or_minute(zone: &str, moments: &[Moment]) -> impl Fn(EventTime) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let said = move |at: EventTime, minutes: bool| {
        let Ok(time) = jiff::Timestamp::from_microsecond(at.micros()) else { return at.micros().to_string() };
        let local = zone.to_datetime(time);
        let (day, time) = (local.date(), local.time());
        if minutes { format!("{day} {:02}:{:02}", time.hour(), time.minute()) } else { day.to_string() }
    };
    let minutes = moments.windows(2).any(|pair| said(pair[0].at, false) == said(pair[1].at, false));
    move |at| said(at, minutes)
}

fn drift(traits: &[Drift]) -> anyhow::Result<()> {
    if traits.is_empty() {
        return Ok(());
    }
    let mut table = show::table(&["trait", "shift (PSI)", "that is", "since"]);
    for of in traits {
        let word = match of.index {
            index if index >= SHIFT.1 => "large",
            index if index >= SHIFT.0 => "moderate",
            _ => "small",
        };
        table.add_row(vec![of.name.clone(), format!("{:.3}", of.index), word.to_owned(), shown(of.since)]);
    }
    Ok(show::line(table)?)
}

fn clusters(described: &Described) -> anyhow::Result<()> {
    show::line(format!(
        "{} clusters, {} (adjusted Rand index of resamples {:.2}, least {:.2})",
        described.clusters.len(),
        described.word,
        described.stability,
        described.stability_min
    ))?;
    let mut table = show::table(&["cluster", "customers", "what sets it apart", "特点"]);
    for cluster in &described.clusters {
        let apart = cluster.differences.iter().take(DIFFERENCES_SHOWN);
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        for of in apart {
            let meaning = of.meaning.as_ref();
            let english = meaning.map_or_else(|| of.name.clone(), |m| format!("{} [{}]", m.en, of.name));
            let chinese = meaning.map_or_else(|| of.name.clone(), |m| format!("{}［{}］", m.zh, of.name));
            en.push(format!("{english}: {} ({:+.1})", of.en, of.standardised));
            zh.push(format!("{chinese}：{}", of.zh));
        }
        table.add_row(vec![
            Cell::new(cluster.number),
            show::number(cluster.size),
            Cell::new(en.join("\n")),
            Cell::new(zh.join("\n")),
        ]);
    }
    Ok(show::line(table)?)
}

async fn expression(global: &Global, asking: &Asking<'_>, text: &str) -> anyhow::Result<()> {
    let (members, seconds) = super::sql::timed(async { Ok(asking.members(text).await?) }).await?;
    if global.json {
        return show::json(&json!({ "expression": text, "seen": members.len(), "seconds": seconds }));
    }
    Ok(show::line(format!("{text}: {} customers may be seen for this purpose", members.len()))?)
}

async fn preview(global: &Global, house: &House, what: &str, purpose: florin_domain::Purpose) -> anyhow::Result<()> {
    let asking = house.asking(purpose, None).await?;
    let drafts = match is_name(what) {
        true => asking.segment_preview(&Draftable::Name(what)).await?,
        false => {
            let text = std::fs::read_to_string(what).with_context(|| format!("cannot read `{what}`"))?;
            asking.segment_preview(&Draftable::File(what, &text)).await?
        }
    };
    if global.json {
        return show::json(&drafts);
    }
    drafts.iter().try_for_each(draft)
}

fn draft(draft: &Draft) -> anyhow::Result<()> {
    let found = &draft.preview;
    show::line(format!(
        "{}: {} customers, {:.2} % of all; of {} it cannot be told; {} would enter and {} would leave. Nothing was kept.",
        draft.name,
        found.size,
        found.share * 100.0,
        found.unknown,
        found.entering,
        found.leaving
    ))?;
    beside(&found.beside)?;
    drift(&draft.drift)?;
    draft.clusters.as_ref().map_or(Ok(()), clusters)
}

async fn export(global: &Global, house: &House, args: &ExportArgs) -> anyhow::Result<()> {
    let as_of = args.as_of.as_deref().map(|t| house.as_of(t)).transpose()?;
    let asking = house.asking(args.purpose, as_of).await?;
    let format = match args.format {
        SegmentFormat::Csv => ExportFormat::Csv,
        SegmentFormat::Parquet => ExportFormat::Parquet,
        SegmentFormat::Xlsx => ExportFormat::Xlsx,
    };
    let exported = asking.export(&args.segment, &args.columns, format, &args.out).await?;
    if global.json {
        return show::json(&exported);
    }
    show::line(format!("{} customers to {}", exported.rows, exported.file.display()))?;
    if !exported.masked.is_empty() {
        show::line(format!(
            "empty, because you may not see them for {}: {}",
            args.purpose,
            exported.masked.join(", ")
        ))?;
    }
    Ok(())
}
