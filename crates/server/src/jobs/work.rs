//! Does jobs, the oldest first.

use std::sync::Arc;

use florin_api::NewJob;
use florin_domain::Principal;
use florin_pipelines::{
    FlowError, House,
    care::optimize,
    load::{LoadReport, Progress, ingest, retry_quarantined},
    models,
    resolve::resolve,
    run::{self, How, What},
};
use florin_store::{JobState, KeptJob};
use tokio::sync::Notify;

use super::{Live, progress::Steps, roles};
use crate::{
    bounds::{JOB_BEGINNINGS_MAX, JOB_LOOKS_EVERY, JOB_WAITS_MAX, LOADER_PAUSE},
    failure::chain,
    serve::{Told, ended},
    state::Server,
};

/// Goes on until the server ends, on a thread of its own: what flows hold on to while they wait need not be fit for other threads. A job that is under way then is cut off, and begun again by the next server.
pub(crate) async fn work(server: Arc<Server>, told: Told) {
    let mut ending = server.ending.subscribe();
    loop {
        let next = next(&server).await;
        let Ok(Some(job)) = next else {
            if let Err(error) = next {
                told.of("jobs cannot be read; it is tried again", &error.to_string());
                tokio::time::sleep(LOADER_PAUSE).await;
                continue;
            }
            tokio::select! {
                () = ended(&mut ending) => return,
                () = server.jobs.bell.notified() => continue,
            }
        };
        tokio::select! {
            () = ended(&mut ending) => return,
            failed = one(&server, job) => if let Err(error) = failed {
                told.of("a job cannot be written down", &error.to_string());
                tokio::time::sleep(LOADER_PAUSE).await;
            },
        }
    }
}

async fn next(server: &Server) -> Result<Option<KeptJob>, florin_store::StoreError> {
    Ok(server.house().store().open_jobs().await?.into_iter().next())
}

async fn one(server: &Arc<Server>, job: KeptJob) -> Result<(), florin_store::StoreError> {
    let (store, at) = (server.house().store().clone(), || server.house().time());
    if job.begun >= JOB_BEGINNINGS_MAX {
        let said = format!("the server stopped {JOB_BEGINNINGS_MAX} times while it was done");
        store.end_job(&job.id, JobState::Interrupted, &said, at()).await?;
        return Ok(());
    }
    if !store.begin_job(&job.id).await? {
        return Ok(());
    }
    let house = server.house().acting_as(Principal { user: job.asked_by.clone(), roles: roles(&job)? });
    let steps = Steps { server: Arc::clone(server), id: job.id.clone() };
    let stop = Arc::new(Notify::new());
    server.jobs.live().insert(job.id.clone(), Live { step: None, stop: Arc::clone(&stop) });
    server.jobs.has_moved();
    let came_to = match serde_json::from_str::<NewJob>(&job.what) {
        Ok(what) => tokio::select! {
            came_to = in_turn(&house, &what, &steps) => Some(came_to.map_err(|error| chain(&error))),
            () = stop.notified() => None,
        },
        Err(_) => Some(Err("another version of Florin asked for it; ask again".to_owned())),
    };
    server.jobs.live().remove(&job.id);
    let (state, outcome) = match came_to {
        Some(Ok(outcome)) => (JobState::Done, outcome),
        Some(Err(said)) => (JobState::Failed, said),
        None => (JobState::Cancelled, "stopped on request".to_owned()),
    };
    store.end_job(&job.id, state, &outcome, at()).await?;
    server.jobs.has_moved();
    Ok(())
}

/// Does it, as soon as no other process has the lake: within one, loads wait for each other.
async fn in_turn(house: &House, what: &NewJob, steps: &dyn Progress) -> Result<String, FlowError> {
    let start = tokio::time::Instant::now();
    loop {
        match done(house, what, steps).await {
            // What it had finished stays, so it is not done again.
            Err(FlowError::Busy { .. }) if start.elapsed() < JOB_WAITS_MAX => tokio::time::sleep(JOB_LOOKS_EVERY).await,
            came_to => return came_to,
        }
    }
}

/// Does it, and says what came of it.
async fn done(house: &House, what: &NewJob, steps: &dyn Progress) -> Result<String, FlowError> {
    match what {
        NewJob::Ingest { sources } => Ok(loaded(&ingest(house, sources, steps).await?)),
        NewJob::RetryQuarantined { sources } => Ok(loaded(&retry_quarantined(house, sources, steps).await?)),
        NewJob::Resolve {} => {
            let resolved = resolve(house, steps).await?;
            Ok(format!("{} customers are {} persons", resolved.records, resolved.persons_after))
        }
        NewJob::Run {} => run(house, steps).await,
        NewJob::Train { model } => {
            let trained = models::train(house, model, None, None, steps).await?;
            Ok(format!("{} version {} is {}", trained.name, trained.version, trained.state.name()))
        }
        NewJob::Optimize {} => {
            let cared = optimize(house, &[], steps).await?;
            Ok(format!("{} tables", cared.len()))
        }
    }
}

fn loaded(report: &LoadReport) -> String {
    let total = report.total();
    let failed: usize = report.loads.iter().map(|load| load.failed.len()).sum();
    let failed = if failed > 0 { format!("; {failed} files could not be read") } else { String::new() };
    format!(
        "{} read: {} stored, {} duplicate, {} quarantined, {} refused{failed}",
        total.read, total.stored, total.duplicate, total.quarantined, total.refused
    )
}

async fn run(house: &House, steps: &dyn Progress) -> Result<String, FlowError> {
    let start = tokio::time::Instant::now();
    let how = How { as_of: house.time(), force: false, learn: true };
    let ran = run::run(house, &What::of(house, &[]), how, steps, &|| start.elapsed()).await?;
    let failed = match ran.failed() {
        0 => String::new(),
        failed => format!("; {failed} failed, `florin run` says which"),
    };
    Ok(format!(
        "{} traits, {} segments, {} models scored, {} lists of offers, {} models trained anew{failed}",
        ran.traits.done.len(),
        ran.segments.len(),
        ran.scores.len(),
        ran.offers.len(),
        ran.retrained.len()
    ))
}
