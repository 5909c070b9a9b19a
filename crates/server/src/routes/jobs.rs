//! Long work: begun, told of, stopped.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::sse::{Event, KeepAlive, Sse},
};
use florin_api::{Job, JobState, NewJob};
use futures::Stream;

use crate::{
    bounds::JOB_TOLD_EVERY,
    caller::{Body, Caller, Named},
    failure::{Answer, Failure},
    serve::ended,
    state::Shared,
};

/// By which a repeated request is known.
const REPEAT_KEY: &str = "idempotency-key";
/// How often a stream says that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

pub(super) async fn list(State(server): State<Shared>) -> Answer<Vec<Job>> {
    Ok(Json(server.jobs.list().await?))
}

pub(super) async fn begin(
    State(server): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    Body(what): Body<NewJob>,
) -> Answer<Job> {
    let house = server.house();
    let key = headers.get(REPEAT_KEY).and_then(|key| key.to_str().ok());
    Ok(Json(server.jobs.ask(&caller, &what, key, house.fresh_id(), house.time()).await?))
}

pub(super) async fn one(State(server): State<Shared>, Named(id): Named<String>) -> Answer<Job> {
    Ok(Json(server.jobs.job(&id).await?))
}

/// Whoever began a job may stop it, and whoever keeps the records.
pub(super) async fn cancel(
    State(server): State<Shared>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Failure> {
    let job = server.jobs.job(&id).await?;
    let keeps = caller.who.roles.contains(&florin_domain::Role::DataEngineer);
    if job.by != caller.who.user && !keeps {
        return Err(Failure::refused(format!("{} began this job: they may stop it, or a data engineer", job.by)));
    }
    server.jobs.cancel(&id, server.house().time()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A job as it goes on, until it ends or the server does.
pub(super) async fn events(
    State(server): State<Shared>,
    Named(id): Named<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let first = server.jobs.job(&id).await?;
    let (moved, ending) = (server.jobs.watch(), server.ending.subscribe());
    let stream = futures::stream::unfold(Some((Some(first), moved, ending)), move |at| {
        let (server, id) = (server.clone(), id.clone());
        async move {
            let (told, mut moved, mut ending) = at?;
            let job = match told {
                Some(first) => first,
                None => {
                    tokio::select! {
                        () = ended(&mut ending) => return None,
                        changed = moved.changed() => changed.ok()?,
                    }
                    // What moves often is told of now and then.
                    tokio::time::sleep(JOB_TOLD_EVERY).await;
                    moved.mark_unchanged();
                    server.jobs.job(&id).await.ok()?
                }
            };
            let goes_on = matches!(job.state, JobState::Waiting | JobState::Running);
            let event = Event::default().event("job").json_data(&job).ok()?;
            Some((Ok(event), goes_on.then_some((None, moved, ending))))
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE_EVERY)))
}
