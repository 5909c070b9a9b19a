//! Journeys: asked, opened to the customers behind a number, saved.

use std::time::Instant;

use axum::{Json, extract::State};
use florin_analytics::{
    Journey, PathsAnswer, SessionsAnswer,
    funnel::{FunnelAnswer, StepTimes, ValueAnswer},
    retention::RetentionAnswer,
};
use florin_api::{
    AskBehind, AskJourney, Cohort, CohortCell, CustomerPage, DurationBucket, FunnelStep, FunnelTrend, FunnelValue,
    JourneyAnswer, JourneyCell, PathLink, PathNode, SavedJourney, SessionName,
};
use florin_pipelines::{ask::Asking, journeys::JourneyDef};
use roaring::RoaringBitmap;
use serde_json::{Value, json};

use super::{segments::page, sql::asking};
use crate::{
    answer::took_ms,
    caller::{Body, Caller},
    failure::{Answer, Failure},
    state::Shared,
};

/// Screens or events that are told of sessions.
const NAMES_MAX: usize = 100;

pub(super) async fn list(State(server): State<Shared>) -> Answer<Vec<SavedJourney>> {
    let house = server.house();
    let shown = house.bank().journeys.iter().map(|(name, def)| {
        let definition = serde_json::to_value(def)?;
        let about = definition.get("about").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(SavedJourney { name: name.clone(), kind: def.kind().to_owned(), about, definition })
    });
    Ok(Json(shown.collect::<Result<_, Failure>>()?))
}

/// As the bank directory would say it: one meaning, whether it is drawn, saved or asked on the command line.
fn meant(asked: &florin_api::JourneyDef) -> Result<JourneyDef, Failure> {
    serde_json::from_value(serde_json::to_value(asked)?).map_err(|wrong| Failure::invalid(wrong.to_string()))
}

pub(super) async fn ask(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<AskJourney>,
) -> Answer<JourneyAnswer> {
    let (house, began) = (caller.house(&server), Instant::now());
    let asking = asking(&house, asked.purpose, asked.as_of.as_deref()).await?;
    let none = || JourneyAnswer {
        funnel: None,
        retention: None,
        sessions: None,
        paths: None,
        sql: String::new(),
        took_ms: 0.0,
    };
    let (sql, told) = match meant(&asked.journey)? {
        JourneyDef::Funnel(def) => {
            let answer = asking.journey(&def).await?;
            asking.keep_behind(&def, &answer).await?;
            (asking.sql_of(&def)?, JourneyAnswer { funnel: Some(funnel(&answer)), ..none() })
        }
        JourneyDef::Retention(def) => {
            let answer = asking.journey(&def).await?;
            (asking.sql_of(&def)?, JourneyAnswer { retention: Some(retention(&answer)), ..none() })
        }
        JourneyDef::Sessions(def) => {
            let answer = asking.journey(&def).await?;
            (asking.sql_of(&def)?, JourneyAnswer { sessions: Some(sessions(&answer)), ..none() })
        }
        JourneyDef::Paths(def) => {
            let answer = asking.journey(&def).await?;
            (asking.sql_of(&def)?, JourneyAnswer { paths: Some(paths(&answer)), ..none() })
        }
        other => return Err(Failure::invalid(format!("a {} is asked on the command line", other.kind()))),
    };
    Ok(Json(JourneyAnswer { sql, took_ms: took_ms(began), ..told }))
}

fn seconds(micros: Option<u64>) -> Option<f64> {
    micros.map(|micros| micros as f64 / 1e6)
}

fn histogram(of: &florin_analytics::funnel::Durations) -> Vec<DurationBucket> {
    let bucket = |of: florin_analytics::funnel::Bucket| DurationBucket {
        from_seconds: of.from as f64 / 1e6,
        to_seconds: of.to as f64 / 1e6,
        count: of.count,
    };
    of.buckets().map(bucket).collect()
}

fn funnel(answer: &FunnelAnswer) -> florin_api::FunnelAnswer {
    let value = |of: &ValueAnswer| {
        let counts = of.found.counts();
        let step = |(at, times): (usize, &StepTimes)| FunnelStep {
            customers: counts.get(at).copied().unwrap_or_default(),
            dropped: of.found.dropped(at).len(),
            mean_seconds: times.from_previous.mean().map(|micros| micros / 1e6),
            median_seconds: seconds(times.from_previous.median()),
            median_seconds_from_first: seconds(times.from_first.median()),
            histogram: histogram(&times.from_previous),
        };
        let entered = |of: &florin_analytics::funnel::TrendPeriod| {
            let from = answer.trend.map(|period| period.first_day(of.period).to_string()).unwrap_or_default();
            FunnelTrend { from, customers: of.counts() }
        };
        FunnelValue {
            value: of.value.clone(),
            steps: of.found.times.iter().enumerate().map(step).collect(),
            excluded: of.found.excluded.len(),
            trend: of.found.trend.iter().map(entered).collect(),
        }
    };
    florin_api::FunnelAnswer { steps: answer.steps.clone(), values: answer.values.iter().map(value).collect() }
}

fn retention(answer: &RetentionAnswer) -> florin_api::RetentionAnswer {
    let found = &answer.found;
    let cell = |cohort: usize, later: usize| {
        let customers = found.count(cohort, later)?;
        let after = u32::try_from(later).ok()?;
        Some(CohortCell { later: after, customers, complete: found.complete(cohort, later) })
    };
    let cohort = |cohort: usize| Cohort {
        from: answer.first_day(cohort),
        customers: found.cohort(cohort).map(RoaringBitmap::len).unwrap_or_default(),
        cells: (0..found.periods()).filter_map(|later| cell(cohort, later)).collect(),
    };
    florin_api::RetentionAnswer { cohorts: (0..found.periods()).map(cohort).collect() }
}

fn sessions(answer: &SessionsAnswer) -> florin_api::SessionsAnswer {
    let found = &answer.found;
    let named = answer.names.iter().take(NAMES_MAX).map(|(name, of)| SessionName {
        name: name.clone(),
        entries: of.entries,
        exits: of.exits,
        entered: of.entered.len(),
        exited: of.exited.len(),
        median_stay_seconds: seconds(of.dwell.median()),
    });
    florin_api::SessionsAnswer {
        sessions: found.sessions,
        customers: found.customers.len(),
        rows: found.rows,
        single: found.single,
        mean_seconds: found.durations.mean().map(|micros| micros / 1e6),
        median_seconds: seconds(found.durations.median()),
        histogram: histogram(&found.durations),
        names: named.collect(),
    }
}

fn paths(answer: &PathsAnswer) -> florin_api::PathsAnswer {
    let node = |of: &florin_analytics::paths::PathNode| PathNode {
        position: of.position.into(),
        name: answer.name(of.name),
        customers: of.customers.len(),
    };
    let link = |of: &florin_analytics::paths::PathLink| PathLink {
        position: of.position.into(),
        from: answer.name(of.from),
        to: answer.name(of.to),
        customers: of.customers.len(),
    };
    florin_api::PathsAnswer {
        nodes: answer.found.nodes.iter().map(node).collect(),
        links: answer.found.links.iter().map(link).collect(),
    }
}

pub(super) async fn behind(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<AskBehind>,
) -> Answer<CustomerPage> {
    let house = caller.house(&server);
    let asking = asking(&house, asked.ask.purpose, asked.ask.as_of.as_deref()).await?;
    let cell = serde_json::to_value(&asked.cell)?;
    let customers = match meant(&asked.ask.journey)? {
        JourneyDef::Funnel(def) => {
            let sets = asking.behind(&def).await?;
            let found = of_funnel(&sets, &asked.cell)?;
            saved(&asking, ("funnel", &def), cell, found, asked.save_as.as_deref()).await?
        }
        JourneyDef::Retention(def) => {
            let found = of_retention(&asking.journey(&def).await?, &asked.cell)?;
            saved(&asking, ("retention", &def), cell, found, asked.save_as.as_deref()).await?
        }
        JourneyDef::Sessions(def) => {
            let found = of_sessions(&asking.journey(&def).await?, &asked.cell)?;
            saved(&asking, ("sessions", &def), cell, found, asked.save_as.as_deref()).await?
        }
        JourneyDef::Paths(def) => {
            let found = of_paths(&asking.journey(&def).await?, &asked.cell)?;
            saved(&asking, ("paths", &def), cell, found, asked.save_as.as_deref()).await?
        }
        other => return Err(Failure::invalid(format!("a {} is asked on the command line", other.kind()))),
    };
    Ok(Json(page(&customers, asked.after, asked.limit)))
}

async fn saved<J: Journey + serde::Serialize>(
    asking: &Asking<'_>,
    (kind, def): (&'static str, &J),
    cell: Value,
    customers: RoaringBitmap,
    name: Option<&str>,
) -> Result<RoaringBitmap, Failure> {
    if let Some(name) = name {
        asking.save_segment(name, &asking.number(kind, def, cell, customers.clone())?).await?;
    }
    Ok(customers)
}

fn no_cell(cell: &JourneyCell) -> Failure {
    Failure::unknown(format!("there is no such number: {}", json!(cell)))
}

fn of_funnel(sets: &florin_analytics::FunnelSets, cell: &JourneyCell) -> Result<RoaringBitmap, Failure> {
    let JourneyCell::Funnel { step, dropped, value } = cell else { return Err(no_cell(cell)) };
    let (step, value) = (*step as usize, value.as_deref());
    let found = if *dropped { sets.dropped(value, step) } else { sets.reached(value, step) };
    found.ok_or_else(|| no_cell(cell))
}

fn of_retention(answer: &RetentionAnswer, cell: &JourneyCell) -> Result<RoaringBitmap, Failure> {
    let JourneyCell::Retention { cohort, later, lost } = cell else { return Err(no_cell(cell)) };
    let (at, found) = (*cohort as usize, &answer.found);
    let back = found.cell(at, *later as usize).ok_or_else(|| no_cell(cell))?;
    if !lost {
        return Ok(back);
    }
    Ok(found.cohort(at).ok_or_else(|| no_cell(cell))? - &back)
}

fn of_sessions(answer: &SessionsAnswer, cell: &JourneyCell) -> Result<RoaringBitmap, Failure> {
    let JourneyCell::Sessions { how, name } = cell else { return Err(no_cell(cell)) };
    let named = || answer.names.iter().find(|(known, _)| Some(known) == name.as_ref()).map(|(_, of)| of);
    match how.as_deref() {
        None if name.is_none() => Ok(answer.found.customers.clone()),
        Some("entered") => named().map(|of| of.entered.clone()).ok_or_else(|| no_cell(cell)),
        Some("exited") => named().map(|of| of.exited.clone()).ok_or_else(|| no_cell(cell)),
        _ => Err(no_cell(cell)),
    }
}

fn of_paths(answer: &PathsAnswer, cell: &JourneyCell) -> Result<RoaringBitmap, Failure> {
    let found = match cell {
        JourneyCell::Node { position, name } => {
            let mut nodes = answer.found.nodes.iter();
            let node = nodes.find(|of| u32::from(of.position) == *position && answer.name(of.name) == *name);
            node.map(|of| of.customers.clone())
        }
        JourneyCell::Link { position, from, to } => {
            let mut links = answer.found.links.iter();
            let link = links.find(|of| {
                u32::from(of.position) == *position && answer.name(of.from) == *from && answer.name(of.to) == *to
            });
            link.map(|of| of.customers.clone())
        }
        _ => None,
    };
    found.ok_or_else(|| no_cell(cell))
}
