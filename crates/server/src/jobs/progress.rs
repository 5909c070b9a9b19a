//! How far a job has come.

use std::sync::Arc;

use florin_api::JobStep;
use florin_pipelines::load::Progress;

use crate::state::Server;

/// Told by flows, from several threads.
pub(super) struct Steps {
    pub(super) server: Arc<Server>,
    pub(super) id: String,
}

impl Steps {
    fn tell(&self, change: impl FnOnce(&mut Option<JobStep>)) {
        if let Some(live) = self.server.jobs.live().get_mut(&self.id) {
            change(&mut live.step);
        }
        self.server.jobs.has_moved();
    }
}

impl Progress for Steps {
    fn begin(&self, step: &str, unit: &'static str, total: Option<u64>) {
        self.tell(|now| *now = Some(JobStep { name: step.to_owned(), unit: unit.to_owned(), done: 0, total }));
    }

    fn advance(&self, units: u64) {
        self.tell(|now| {
            if let Some(step) = now {
                step.done += units;
            }
        });
    }

    fn end(&self) {
        self.tell(|now| {
            if let Some(step) = now {
                step.done = step.total.unwrap_or(step.done);
            }
        });
    }
}
