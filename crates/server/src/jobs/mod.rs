//! Long work: kept in the store, done one at a time, told of while it goes on, gone on with after a restart.
//!
//! One at a time, since loads and care of the lake exclude each other anyway, and a small machine has no cores to spare beside questions.
//! What is done is safe to be cut off at any time and begun again: that is what every flow promises of a crash.

mod progress;
mod work;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use florin_api::{Job, JobStep, NewJob};
use florin_domain::{EventTime, Role};
use florin_store::{JobState, KeptJob, Store, StoreError};
use tokio::sync::{Notify, watch};

pub(crate) use work::work;

use crate::{
    bounds::{JOBS_LISTED, JOBS_OPEN_MAX},
    caller::Caller,
    failure::Failure,
};

/// The longest key of a repeated request.
const REPEAT_KEY_CHARS_MAX: usize = 200;

/// All jobs.
pub(crate) struct Jobs {
    store: Store,
    /// Rings when there may be something to do.
    bell: Notify,
    /// What is true of the job that is being done.
    live: Mutex<BTreeMap<String, Live>>,
    /// Counts whatever moved.
    moved: watch::Sender<u64>,
}

struct Live {
    step: Option<JobStep>,
    /// Stops it.
    stop: Arc<Notify>,
}

impl Jobs {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, bell: Notify::new(), live: Mutex::default(), moved: watch::Sender::new(0) }
    }

    /// Looks whether there is something to do.
    pub(crate) fn wake(&self) {
        self.bell.notify_one();
    }

    /// Told whenever a job moved.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Jobs that wait or run.
    pub(crate) async fn open(&self) -> Result<usize, Failure> {
        Ok(self.store.open_jobs().await?.len())
    }

    /// Keeps work to be done, in the roles of whoever asks. A repeated request finds the job there is.
    pub(crate) async fn ask(
        &self,
        caller: &Caller,
        what: &NewJob,
        repeat_key: Option<&str>,
        id: String,
        at: EventTime,
    ) -> Result<Job, Failure> {
        if self.open().await? >= JOBS_OPEN_MAX {
            return Err(Failure::busy(60));
        }
        if repeat_key.is_some_and(|key| key.chars().count() > REPEAT_KEY_CHARS_MAX) {
            let wrong = format!("an idempotency key has at most {REPEAT_KEY_CHARS_MAX} characters");
            return Err(Failure::invalid(wrong));
        }
        let user = &caller.who.user;
        let job = KeptJob {
            id,
            what: serde_json::to_string(what)?,
            state: JobState::Waiting,
            asked_by: user.clone(),
            roles: serde_json::to_string(&caller.who.roles)?,
            // Keys of two users have nothing in common.
            repeat_key: repeat_key.map(|key| format!("{user} {key}")),
            asked_at: at,
            ended_at: None,
            begun: 0,
            outcome: None,
        };
        let (kept, _) = self.store.keep_job(&job).await?;
        self.wake();
        self.shown(kept)
    }

    /// Jobs, the newest first.
    pub(crate) async fn list(&self) -> Result<Vec<Job>, Failure> {
        let kept = self.store.jobs(JOBS_LISTED).await?;
        kept.into_iter().map(|job| self.shown(job)).collect()
    }

    /// One job.
    pub(crate) async fn job(&self, id: &str) -> Result<Job, Failure> {
        let kept = self.store.job(id).await?;
        self.shown(kept.ok_or_else(|| Failure::unknown(format!("there is no job `{id}`")))?)
    }

    /// Stops a job. What it has finished stays.
    pub(crate) async fn cancel(&self, id: &str, at: EventTime) -> Result<(), Failure> {
        let job = self.job(id).await?;
        if !self.store.end_job(id, JobState::Cancelled, "stopped on request", at).await? {
            return Err(Failure::conflict(format!("job `{}` has ended before", job.id)));
        }
        if let Some(live) = self.live().get(id) {
            live.stop.notify_one();
        }
        self.has_moved();
        Ok(())
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<String, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_moved(&self) {
        self.moved.send_modify(|count| *count += 1);
    }

    fn shown(&self, kept: KeptJob) -> Result<Job, Failure> {
        let step = self.live().get(&kept.id).and_then(|live| live.step.clone());
        let step = step.filter(|_| kept.state == JobState::Running);
        Ok(Job {
            what: serde_json::from_str(&kept.what)?,
            state: state(kept.state),
            id: kept.id,
            by: kept.asked_by,
            asked_at: kept.asked_at,
            ended_at: kept.ended_at,
            step,
            outcome: kept.outcome,
        })
    }
}

fn state(of: JobState) -> florin_api::JobState {
    match of {
        JobState::Waiting => florin_api::JobState::Waiting,
        JobState::Running => florin_api::JobState::Running,
        JobState::Done => florin_api::JobState::Done,
        JobState::Failed => florin_api::JobState::Failed,
        JobState::Cancelled => florin_api::JobState::Cancelled,
        JobState::Interrupted => florin_api::JobState::Interrupted,
    }
}

fn roles(kept: &KeptJob) -> Result<Vec<Role>, StoreError> {
    serde_json::from_str(&kept.roles).map_err(|_| StoreError::Corrupt("roles of a job that are none".to_owned()))
}
