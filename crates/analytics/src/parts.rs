//! Runs of rows, read side by side, each part with a kernel of its own.

use std::sync::Arc;

use arrow::array::RecordBatch;
use florin_lake::{Run, Session};
use futures::{StreamExt as _, TryStreamExt as _, stream};

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
    let push = Arc::new(push);
    let mut begun = Vec::new();
    for run in session.runs(sql).await? {
        begun.push((run, begin()?));
    }
    let part = |(run, part)| {
        let task = tokio::spawn(read_one(run, part, Arc::clone(&push)));
        async move { task.await.map_err(|_| AnalyticsError::Worker)? }
    };
    stream::iter(begun).map(part).buffer_unordered(threads.max(1)).try_collect().await
}

async fn read_one<P>(
    mut run: Run,
    mut part: P,
    push: Arc<impl Fn(&mut P, &RecordBatch) -> Result<(), AnalyticsError>>,
) -> Result<P, AnalyticsError> {
    while let Some(batch) = run.try_next().await? {
        push(&mut part, &batch)?;
    }
    Ok(part)
}
