//! What is new, and what needs attention: only what whoever asks may know, and in their purpose.

use axum::{Json, extract::State};
use florin_api::{Attention, Figure, ForPurpose, Home, Urgency, Words};
use florin_domain::EventTime;
use florin_governance::Action;
use florin_pipelines::{FlowError, House, ask::Asking, facts, models};

use super::{data, segments::line};
use crate::{
    answer,
    caller::{Asked, Caller},
    failure::{Answer, Failure},
    state::Shared,
};

/// Loads that are shown.
const LOADS: u32 = 8;
/// Segments that are shown.
const SEGMENTS: usize = 8;
const DAY_MICROS: i64 = 86_400_000_000;
/// Things that need somebody, at most.
const ATTENTION_MAX: usize = 50;

pub(super) async fn home(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<ForPurpose>,
) -> Answer<Home> {
    let house = caller.house(&server);
    let asking = house.asking(asked.purpose, None).await?;
    let mut attention = loading(&house).await?;
    attention.extend(modelling(&house).await?);
    let lines = asking.segment_list().await?;
    attention.extend(lines.iter().filter(|line| !line.stale.is_empty()).map(|line| stale_segment(&line.name)));
    attention.sort_by(|a, b| (a.urgency, &a.kind, &a.of).cmp(&(b.urgency, &b.kind, &b.of)));
    attention.truncate(ATTENTION_MAX);
    let mut moved = Vec::new();
    for line in lines.into_iter().filter(|line| line.size.is_some()) {
        // Of others nothing is known for this purpose, and asking would be refused on record.
        let known = line.purposes.contains(&asked.purpose);
        moved.push((if known { moves(&house, &asking, &line.name).await? } else { 0 }, line));
    }
    moved.sort_by_key(|(moves, line)| (std::cmp::Reverse(*moves), std::cmp::Reverse(line.size)));
    let segments: Vec<_> = moved.into_iter().take(SEGMENTS).map(|(_, of)| line(of)).collect();
    let loads = facts::loads(&house, None, LOADS).await?;
    Ok(Json(Home {
        at: house.time(),
        figures: figures(&house, &asking).await?,
        attention,
        segments,
        loads: loads.into_iter().map(data::load).collect(),
    }))
}

/// How many came to a segment or left it within a day; none where who belongs may not be known.
async fn moves(house: &House, asking: &Asking<'_>, name: &str) -> Result<u64, Failure> {
    let since = EventTime(house.time().micros() - DAY_MICROS);
    match asking.segment_history(name, Some(since)).await {
        Err(FlowError::Refused(_)) => Ok(0),
        Err(error) => Err(error.into()),
        Ok(moments) => Ok(moments.iter().map(|moment| moment.entered + moment.left).sum()),
    }
}

/// Figures of tables that may be seen, beside those of a day before the newest row.
async fn figures(house: &House, asking: &Asking<'_>) -> Result<Vec<Figure>, Failure> {
    let persons = asking.persons_seen().await.map_or_else(none_if_refused, |persons| Ok(Some(persons as f64)))?;
    let mut figures: Vec<Figure> =
        persons.map(|value| Figure { name: "customers".to_owned(), value, before: None }).into_iter().collect();
    for (name, table) in [("events", "event"), ("transactions", "transaction"), ("interactions", "interaction")] {
        if asking.grant().table(table).is_none() || house.bank().catalogue.table(table).is_none() {
            continue;
        }
        // The latest day of which anything is known, and the day before it: a bank that loads at night has none of today.
        let sql = format!(
            "with newest as (select max(ts) as at from \"{table}\") \
             select count(*) filter (where date_trunc('day', ts) = date_trunc('day', at)) as latest, \
             count(*) filter (where date_trunc('day', ts) = date_trunc('day', at - interval '1 day')) as before \
             from \"{table}\", newest where ts >= at - interval '2 days'"
        );
        let rows = answer::rows(asking.sql(&sql).await?, 1, std::time::Instant::now()).await?;
        let row = rows.rows.first();
        let number = |at: usize| row.and_then(|row| row.get(at)).and_then(serde_json::Value::as_f64);
        if let Some(value) = number(0) {
            figures.push(Figure { name: format!("{name}_latest_day"), value, before: number(1) });
        }
    }
    Ok(figures)
}

fn none_if_refused(error: FlowError) -> Result<Option<f64>, Failure> {
    match error {
        FlowError::Refused(_) | FlowError::Lake(_) => Ok(None),
        other => Err(other.into()),
    }
}

async fn loading(house: &House) -> Result<Vec<Attention>, Failure> {
    if !house.allowed().actions.contains(&Action::ListQuarantine) {
        return Ok(Vec::new());
    }
    let mut by_source = std::collections::BTreeMap::<String, u64>::new();
    for count in florin_pipelines::quarantine::counts(house).await? {
        *by_source.entry(count.source).or_default() += count.waiting;
    }
    let waiting = by_source.into_iter().filter(|(_, waiting)| *waiting > 0);
    Ok(waiting
        .map(|(source, waiting)| Attention {
            urgency: Urgency::Waits,
            kind: "quarantine".to_owned(),
            words: Words {
                zh: format!("{source} 有 {waiting} 条记录在隔离区等待修复"),
                en: format!("{waiting} records of {source} wait in the quarantine"),
            },
            of: Some(source),
        })
        .collect())
}

async fn modelling(house: &House) -> Result<Vec<Attention>, Failure> {
    let lines = match models::list(house, None).await {
        Err(FlowError::Refused(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let mut attention = Vec::new();
    for line in lines {
        let told = |urgency, kind: &str, zh: String, en: String| Attention {
            urgency,
            kind: kind.to_owned(),
            of: Some(line.name.clone()),
            words: Words { zh, en },
        };
        let (name, version) = (&line.name, line.version.unwrap_or_default());
        if line.state == Some(florin_store::ModelState::Candidate) && line.held_back_by.is_empty() {
            let (zh, en) = (
                format!("模型 {name} 第 {version} 版等待审批"),
                format!("{name} version {version} waits for approval"),
            );
            attention.push(told(Urgency::Waits, "model_waits", zh, en));
        }
        if line.drift.first().is_some_and(|drifted| drifted.drift == models::Drift::Act) {
            let (zh, en) = (format!("模型 {name} 的分数已明显漂移"), format!("scores of {name} have drifted"));
            attention.push(told(Urgency::Wrong, "model_drifts", zh, en));
        }
    }
    Ok(attention)
}

fn stale_segment(name: &str) -> Attention {
    Attention {
        urgency: Urgency::Note,
        kind: "stale".to_owned(),
        of: Some(name.to_owned()),
        words: Words { zh: format!("客群 {name} 需要重新计算"), en: format!("segment {name} waits for a run") },
    }
}
