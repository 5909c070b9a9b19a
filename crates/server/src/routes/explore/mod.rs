//! Self-service charts and pivots, and the dashboards they are put on.

mod question;

use std::{sync::Arc, time::Instant};

use axum::{Json, extract::State, http::StatusCode, response::Response};
use florin_api::{AskGroup, AskShelves, CustomerPage, Dashboard, ExportShelves, ShelvesAnswer, WriteDashboard};
use florin_pipelines::{House, ask::Asking};
use florin_store::KeptDashboard;
use roaring::RoaringBitmap;

pub(super) use question::quoted;

use super::{files, segments::page, sql::asking};
use crate::{
    answer,
    bounds::{DASHBOARD_BYTES_MAX, ROWS_DEFAULT, ROWS_MAX},
    caller::{Body, Caller, Named},
    failure::{Answer, Failure},
    state::Shared,
};
use question::Questioner;

/// The longest name of a dashboard.
const NAME_CHARS_MAX: usize = 60;

fn questioner<'a>(house: &'a House, asking: &'a Asking<'_>) -> Result<Questioner<'a>, Failure> {
    let bank = house.bank();
    let zone = jiff::tz::TimeZone::get(&bank.settings.bank.time_zone).map_err(Failure::inside)?;
    let at = asking.grant().as_of().unwrap_or_else(|| asking.grant().granted_at());
    let at = jiff::Timestamp::from_microsecond(at.micros()).map_err(Failure::inside)?;
    let members = |expression: &str| asking.members_sql(expression).map_err(Failure::from);
    Ok(Questioner {
        catalogue: &bank.catalogue,
        today: at.to_zoned(zone.clone()).date(),
        zone,
        members: Arc::new(members),
    })
}

pub(super) async fn ask(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<AskShelves>,
) -> Answer<ShelvesAnswer> {
    let (house, began) = (caller.house(&server), Instant::now());
    let asking = asking(&house, asked.purpose, asked.as_of.as_deref()).await?;
    let groups_max = asked.shelves.groups_max.map_or(ROWS_DEFAULT, |groups| groups as usize).clamp(1, ROWS_MAX);
    let sql = questioner(&house, &asking)?.sql(&asked.shelves, Some(groups_max + 1))?;
    let rows = answer::rows(asking.sql(&sql).await?, groups_max, began).await?;
    Ok(Json(ShelvesAnswer { rows, sql }))
}

pub(super) async fn behind(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<AskGroup>,
) -> Answer<CustomerPage> {
    let house = caller.house(&server);
    let asking = asking(&house, asked.ask.purpose, asked.ask.as_of.as_deref()).await?;
    let sql = questioner(&house, &asking)?.customers(&asked.ask.shelves, &asked.values)?;
    let found = asking.customers_of(&sql).await?;
    if let Some(name) = &asked.save_as {
        save(&asking, name, &asked, &sql, found.clone()).await?;
    }
    Ok(Json(page(&found, asked.after, asked.limit)))
}

async fn save(
    asking: &Asking<'_>,
    name: &str,
    asked: &AskGroup,
    sql: &str,
    customers: RoaringBitmap,
) -> Result<(), Failure> {
    let number = florin_pipelines::segments::Number {
        kind: "chart",
        journey: serde_json::to_value(&asked.ask.shelves)?,
        cell: serde_json::to_value(&asked.values)?,
        sql: sql.to_owned(),
        customers,
    };
    Ok(asking.save_segment(name, &number).await?)
}

pub(super) async fn export(
    State(server): State<Shared>,
    caller: Caller,
    Body(asked): Body<ExportShelves>,
) -> Result<Response, Failure> {
    let house = caller.house(&server);
    let asking = asking(&house, asked.ask.purpose, asked.ask.as_of.as_deref()).await?;
    let sql = questioner(&house, &asking)?.sql(&asked.ask.shelves, None)?;
    let out = files::Outgoing::new(&house, asked.format)?;
    asking.export_answer(&sql, files::format(asked.format), out.path()).await?;
    out.sent("chart").await
}

fn shown(of: KeptDashboard) -> Result<Dashboard, Failure> {
    Ok(Dashboard {
        name: of.name,
        title: of.title,
        body: serde_json::from_str(&of.body)?,
        by: Some(of.changed_by),
        at: Some(of.changed_at),
        version: of.version,
    })
}

pub(super) async fn dashboards(State(server): State<Shared>) -> Answer<Vec<Dashboard>> {
    let kept = server.house().store().dashboards().await?;
    Ok(Json(kept.into_iter().map(shown).collect::<Result<_, Failure>>()?))
}

pub(super) async fn dashboard(State(server): State<Shared>, Named(name): Named<String>) -> Answer<Dashboard> {
    let kept = server.house().store().dashboard(&name).await?;
    let kept = kept.ok_or_else(|| Failure::unknown(format!("there is no dashboard `{name}`")))?;
    Ok(Json(shown(kept)?))
}

pub(super) async fn write_dashboard(
    State(server): State<Shared>,
    caller: Caller,
    Named(name): Named<String>,
    Body(asked): Body<WriteDashboard>,
) -> Answer<Dashboard> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(plain) {
        let wrong =
            format!("`{name}` is no name of a dashboard: letters, digits, `_` and `-`, at most {NAME_CHARS_MAX}");
        return Err(Failure::invalid(wrong));
    }
    let body = serde_json::to_string(&asked.body)?;
    if body.len() > DASHBOARD_BYTES_MAX {
        let wrong = format!("a dashboard of {} bytes; {DASHBOARD_BYTES_MAX} at most", body.len());
        return Err(Failure::invalid(wrong));
    }
    let house = server.house();
    let kept = KeptDashboard {
        name,
        title: asked.title,
        body,
        changed_by: caller.who.user.clone(),
        changed_at: house.time(),
        version: asked.version,
    };
    let version = house.store().write_dashboard(&kept).await?;
    Ok(Json(shown(KeptDashboard { version, ..kept })?))
}

pub(super) async fn remove_dashboard(
    State(server): State<Shared>,
    Named(name): Named<String>,
) -> Result<StatusCode, Failure> {
    match server.house().store().remove_dashboard(&name).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Failure::unknown(format!("there is no dashboard `{name}`"))),
    }
}
