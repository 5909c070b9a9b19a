//! Long work that was asked of a server, so that it survives a restart.

use florin_domain::EventTime;

use crate::{
    error::{Result, StoreError},
    open::Store,
    sql::{Row, values},
};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Servers stopped while it ran, again and again.
    Interrupted,
}

impl JobState {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Interrupted];

    /// The name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub fn ended(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// Work that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptJob {
    /// Unique.
    pub id: String,
    /// What is to be done, as JSON.
    pub what: String,
    /// Where it stands.
    pub state: JobState,
    /// Who asked.
    pub asked_by: String,
    /// In which roles it is done, as JSON.
    pub roles: String,
    /// By which a repeated request is known.
    pub repeat_key: Option<String>,
    /// When.
    pub asked_at: EventTime,
    /// When it ended.
    pub ended_at: Option<EventTime>,
    /// How often it was begun.
    pub begun: u32,
    /// What came of it.
    pub outcome: Option<String>,
}

impl Store {
    /// Keeps a job. Where one of the same `repeat_key` is there, that one is given back, with `false`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep_job(&self, job: &KeptJob) -> Result<(KeptJob, bool)> {
        let mut tx = self.write().await?;
        let sql = "insert into job (id, what, state, asked_by, roles, repeat_key, asked_at, begun)
                   values ($1, $2, $3, $4, $5, $6, $7, 0) on conflict do nothing";
        let KeptJob { id, what, state, asked_by, roles, repeat_key, asked_at, .. } = job;
        let row = values![id, what, state.name(), asked_by, roles, repeat_key.clone(), *asked_at];
        let new = tx.execute(sql, row).await? == 1;
        let sql = "select id, what, state, asked_by, roles, repeat_key, asked_at, ended_at, begun, outcome from job
                   where id = $1 or repeat_key = $2";
        let kept = tx.first(sql, values![id, repeat_key.clone()], kept).await?;
        tx.commit().await?;
        Ok((kept.ok_or_else(|| StoreError::Corrupt("a job that was kept is gone".to_owned()))?, new))
    }

    /// Jobs, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn jobs(&self, limit: u32) -> Result<Vec<KeptJob>> {
        let sql = "select id, what, state, asked_by, roles, repeat_key, asked_at, ended_at, begun, outcome from job
                   order by asked_at desc, id desc limit $1";
        self.read().await?.all(sql, values![limit], kept).await
    }

    /// Jobs that have not ended, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_jobs(&self) -> Result<Vec<KeptJob>> {
        let sql = "select id, what, state, asked_by, roles, repeat_key, asked_at, ended_at, begun, outcome from job
                   where state in ('waiting', 'running') order by asked_at, id";
        self.read().await?.all(sql, values![], kept).await
    }

    /// One job.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn job(&self, id: &str) -> Result<Option<KeptJob>> {
        let sql = "select id, what, state, asked_by, roles, repeat_key, asked_at, ended_at, begun, outcome from job
                   where id = $1";
        self.read().await?.first(sql, values![id], kept).await
    }

    /// Writes down that a job is being done. `false` when it has ended meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_job(&self, id: &str) -> Result<bool> {
        let sql =
            "update job set state = 'running', begun = begun + 1 where id = $1 and state in ('waiting', 'running')";
        let mut tx = self.write().await?;
        let begun = tx.execute(sql, values![id]).await? == 1;
        tx.commit().await?;
        Ok(begun)
    }

    /// Writes down how a job ended. `false` when it has ended before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_job(&self, id: &str, state: JobState, outcome: &str, at: EventTime) -> Result<bool> {
        let sql = "update job set state = $2, outcome = $3, ended_at = $4
                   where id = $1 and state in ('waiting', 'running')";
        let mut tx = self.write().await?;
        let ended = tx.execute(sql, values![id, state.name(), outcome, at]).await? == 1;
        tx.commit().await?;
        Ok(ended)
    }
}

fn kept(row: &Row) -> Result<KeptJob> {
    let word: String = row.get(2)?;
    let state = JobState::ALL.into_iter().find(|state| state.name() == word);
    let ended_at: Option<i64> = row.get(7)?;
    Ok(KeptJob {
        id: row.get(0)?,
        what: row.get(1)?,
        state: state.ok_or_else(|| StoreError::Corrupt("a job is in a state that is none".to_owned()))?,
        asked_by: row.get(3)?,
        roles: row.get(4)?,
        repeat_key: row.get(5)?,
        asked_at: row.time(6)?,
        ended_at: ended_at.map(EventTime),
        begun: row.number(8)?,
        outcome: row.get(9)?,
    })
}
