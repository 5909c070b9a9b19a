//! Runs of rows, read side by side, each part with a kernel of its own.

use std::sync::Arc;

use arrow::array::RecordBatch;
use florin_lake::{Run, Session};
use futures::TryStreamExt as _;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::AnalyticsError;

/// Reads the answer to `sql` in runs. A part begins with what `begin` makes, takes batch after batch with `push`, and all
/// parts are returned, in no order.
pub(crate) async fn read<P: Send + 'static>(
    session: &Session,
    sql: &str,
    threads: usize,
    begin: impl Fn() -> Result<P, AnalyticsError>,
    push: impl Fn(&mut P, &RecordBatch) -> Result<(), AnalyticsError> + Send + Sync + 'static,
) -> Result<Vec<P>, AnalyticsError> {
    let (push, turns) = (Arc::new(push), Arc::new(Semaphore::new(threads.max(1))));
    let mut tasks = JoinSet::new();
    for run in session.runs(sql).await? {
        tasks.spawn(read_one(run, begin()?, Arc::clone(&push), Arc::clone(&turns)));
    }
    let mut parts = Vec::with_capacity(tasks.len());
    while let Some(part) = tasks.join_next().await {
        parts.push(part.map_err(|_| AnalyticsError::Worker)??);
    }
    Ok(parts)
}

async fn read_one<P>(
    mut run: Run,
    mut part: P,
    push: Arc<impl Fn(&mut P, &RecordBatch) -> Result<(), AnalyticsError>>,
    turns: Arc<Semaphore>,
) -> Result<P, AnalyticsError> {
    let _turn = turns.acquire().await.map_err(|_| AnalyticsError::Worker)?;
    while let Some(batch) = run.try_next().await? {
        push(&mut part, &batch)?;
    }
    Ok(part)
}
