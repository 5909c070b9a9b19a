//! What a crashed load left: finished where the lake has it, abandoned where not.

use florin_lake::LoadMark;
use florin_store::{Batch, BatchId, BatchState};

use crate::{FlowError, House};

/// The mark a load leaves in a table's log.
pub(super) fn mark(source: &str, mapping: &str, newest: BatchId) -> LoadMark {
    LoadMark { app: format!("florin/{source}/{mapping}"), version: newest.0 }
}

/// Finishes or abandons every batch that is neither; says how many of each. Only under the lock.
pub(super) async fn recover(house: &House) -> Result<(usize, usize), FlowError> {
    let unfinished = house.store.unfinished_batches().await?;
    let (mut finished, mut abandoned) = (0, Vec::new());
    for batch in &unfinished {
        match lake_version(house, batch, &unfinished).await? {
            Some(version) => {
                house.store.finish_batches(&[batch.id], version, house.now()).await?;
                finished += 1;
            }
            None => abandoned.push(batch.id),
        }
    }
    house.store.abandon_batches(&abandoned).await?;
    Ok((finished, abandoned.len()))
}

/// The version of the lake that has the batch (none for one that stored nothing), or `None` when the lake lacks it.
async fn lake_version(house: &House, batch: &Batch, unfinished: &[Batch]) -> Result<Option<Option<i64>>, FlowError> {
    if batch.state != BatchState::Prepared {
        return Ok(None);
    }
    // A file whose records were all duplicates may have been so only because of another file of the same load.
    let same_load = |b: &&Batch| b.source == batch.source && b.mapping == batch.mapping && b.counts.stored > 0;
    let Some(stored) = unfinished.iter().find(same_load) else { return Ok(Some(None)) };
    let Some(table) = house.lake.table(&batch.table).await? else { return Ok(None) };
    let there = table.has_load(&mark(&stored.source, &stored.mapping, stored.id)).await?;
    Ok(there.then(|| (batch.counts.stored > 0).then(|| table.version().cast_signed())))
}
