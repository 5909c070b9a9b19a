//! Long work.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Endpoint;

/// Work to be begun. An `Idempotency-Key` header makes a repetition answer with the job there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewJob {
    /// Load what is new.
    Ingest {
        /// Only these sources; all when empty.
        #[serde(default)]
        sources: Vec<String>,
    },
    /// Put quarantined records through their mappings again.
    RetryQuarantined {
        /// Only these sources; all when empty.
        #[serde(default)]
        sources: Vec<String>,
    },
    /// Find out who is one with whom.
    Resolve {},
    /// Bring traits, segments, scores and recommendations up to date.
    Run {},
    /// Learn a model anew.
    Train {
        /// Which.
        model: String,
    },
    /// Compact tables, and make projections anew.
    Optimize {},
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for others.
    Waiting,
    /// It is being done.
    Running,
    /// It was done.
    Done,
    /// It failed.
    Failed,
    /// It was stopped on request.
    Cancelled,
    /// The server stopped while it ran; what it had finished is kept. Begin it again.
    Interrupted,
}

/// Work that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its number.
    pub id: String,
    /// What is done.
    pub what: NewJob,
    /// Where it stands.
    pub state: JobState,
    /// Who began it.
    pub by: String,
    /// When it was asked for.
    pub asked_at: EventTime,
    /// When it ended.
    pub ended_at: Option<EventTime>,
    /// The step it is at.
    pub step: Option<JobStep>,
    /// What came of it, or what went wrong, for people.
    pub outcome: Option<String>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobStep {
    /// What is done.
    pub name: String,
    /// `bytes`, `rows` …
    pub unit: String,
    /// How much is done.
    pub done: u64,
    /// Of how much, where that is known.
    pub total: Option<u64>,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/jobs", "jobs", "Jobs, the newest first").lists::<Job>(),
        Endpoint::post("/v1/jobs", "beginJob", "Begin long work").takes::<NewJob>().answers::<Job>(),
        Endpoint::get("/v1/jobs/{id}", "job", "Where a job stands").answers::<Job>(),
        Endpoint::delete("/v1/jobs/{id}", "cancelJob", "Stop a job; what it has finished stays"),
        Endpoint::get("/v1/jobs/{id}/events", "jobEvents", "A job as it goes on: an event `job` whenever it has moved")
            .streams::<Job>(),
    ]
}
