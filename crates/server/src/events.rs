//! Loads what the collector keeps: closed segments become rows within a second or two, and are then removed.

use std::{collections::BTreeSet, sync::Arc};

use florin_collector::{ClosedSegment, Collector};
use florin_domain::{Principal, Role};
use florin_pipelines::{
    FlowError,
    load::{Silent, ingest},
};

use crate::{
    bounds::LOADER_PAUSE,
    serve::{Told, ended},
    state::Server,
};

/// Who loads events, on the audit log.
const LOADER: &str = "florin";
/// Loads that a segment is looked for among: one load names the files of its own time.
const BATCHES_LOOKED_AT: u32 = 10_000;

/// Goes on until the server ends.
pub(crate) async fn load(server: Arc<Server>, told: Told) {
    let Some(collector) = server.collector.clone() else { return };
    let (mut closed, mut ending) = (collector.log().watch(), server.ending.subscribe());
    closed.mark_changed();
    loop {
        tokio::select! {
            () = ended(&mut ending) => return,
            changed = closed.changed() => if changed.is_err() { return },
        }
        if let Err(said) = load_closed(&server, &collector).await {
            told.of("loading events failed; they are kept and it is tried again", &said);
            tokio::time::sleep(LOADER_PAUSE).await;
            closed.mark_changed();
        }
    }
}

async fn load_closed(server: &Server, collector: &Collector) -> Result<(), String> {
    let waiting = collector.log().closed().map_err(|error| error.to_string())?;
    let house = server.house();
    let Some(events) = house.bank().settings.serve.events.as_ref().filter(|_| !waiting.is_empty()) else {
        return Ok(());
    };
    let house = house.acting_as(Principal { user: LOADER.to_owned(), roles: vec![Role::DataEngineer] });
    let report = match ingest(&house, &events.sources, &Silent).await {
        // Another load has the lake: it is tried again when it is done.
        Err(FlowError::Busy { by }) => return Err(format!("another load is at work: {by}")),
        other => other.map_err(|error| crate::failure::chain(&error))?,
    };
    if let Some((file, why)) = report.loads.iter().flat_map(|load| &load.failed).next() {
        return Err(format!("`{}`: {why}", file.display()));
    }
    release(&house, collector, &waiting).await
}

/// Removes the segments that were loaded. They were there before a load that failed in nothing, so all that sources make of them is done;
/// one that no source has read is not among the batches and stays.
async fn release(
    house: &florin_pipelines::House,
    collector: &Collector,
    waiting: &[ClosedSegment],
) -> Result<(), String> {
    let batches = florin_pipelines::facts::loads(house, None, BATCHES_LOOKED_AT).await.map_err(|e| e.to_string())?;
    let done: BTreeSet<&str> = batches
        .iter()
        .filter(|batch| batch.finished_at.is_some())
        .filter_map(|batch| batch.file.rsplit('/').next())
        .collect();
    let loaded = |segment: &&ClosedSegment| {
        let file = segment.path.file_name().map(|name| name.to_string_lossy());
        file.is_some_and(|file| done.contains(file.as_ref()))
    };
    for segment in waiting.iter().filter(loaded) {
        collector.log().release(&segment.name).map_err(|error| error.to_string())?;
    }
    Ok(())
}
