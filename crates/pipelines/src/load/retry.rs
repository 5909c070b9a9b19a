//! Quarantined records through their mapping again, once it or the data it looks up is mended.

use std::{collections::BTreeMap, path::PathBuf};

use florin_ingest::sources::{Chunk, ReadOptions, reread};
use florin_store::{Batch, BatchId, QuarantineFilter, QuarantineId, Quarantined};

use super::{
    MapReport,
    fill::Origin,
    rows::Tally,
    run::{Loader, Part},
    sealing::RAW_KIND,
};
use crate::{
    FlowError,
    bank::{CompiledMap, CompiledSource},
};

/// Quarantined records read from the store at a time.
const PAGE: u32 = 10_000;
/// Records retried in one load; the next retry takes the rest.
const RETRIED_MAX: usize = 500_000;

/// The quarantined records of one batch.
struct Again {
    batch: Batch,
    rows: Vec<Quarantined>,
}

impl Loader<'_> {
    /// Retries the quarantined records of one mapping. Those that fail again stay where they are.
    pub(super) async fn retry(
        &mut self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
    ) -> Result<MapReport, FlowError> {
        let mut report = MapReport { source: source.name.clone(), mapping: map.name.clone(), ..MapReport::default() };
        let again = self.quarantined(source, map).await?;
        if again.is_empty() {
            return Ok(report);
        }
        report.files = again.len();
        let bytes = again.iter().flat_map(|a| &a.rows).map(|q| q.record.raw.len() as u64).sum();
        let bench = self.workbench(source, map, bytes).await?;
        let received_at = self.house.now();
        let (mut parts, mut resolves) = (Vec::new(), Vec::new());
        for (index, again) in (0u64..).zip(&again) {
            let file = PathBuf::from(&again.batch.file);
            let batch = self.plan(source, map, &file, again.batch.content, received_at, true).await?;
            let chunk = self.reread(source, again).await?;
            let origin = Origin { source: &source.name, batch, received_at };
            let tally = Tally::default();
            let failed = tokio::task::block_in_place(|| bench.shop.process_again(&chunk, index, &origin, &tally))?;
            let went_in = again.rows.iter().filter(|q| !failed.contains(&q.record.row_number));
            resolves.extend(went_in.map(|q| (q.id, batch)));
            parts.push(Part {
                batch,
                read: again.rows.len() as u64,
                header: again.batch.header.clone(),
                file,
                tally,
                raw: Some(raw_rows(&chunk)),
            });
        }
        self.finish(source, map, bench, &parts, resolves, &mut report).await?;
        Ok(report)
    }

    async fn quarantined(&self, source: &CompiledSource<'_>, map: &CompiledMap) -> Result<Vec<Again>, FlowError> {
        let mut filter = QuarantineFilter {
            source: Some(source.name.clone()),
            mapping: Some(map.name.clone()),
            ..QuarantineFilter::default()
        };
        let mut by_batch: BTreeMap<BatchId, Vec<Quarantined>> = BTreeMap::new();
        let mut taken = 0;
        while taken < RETRIED_MAX {
            let page = self.house.store.quarantine(&filter, PAGE, 0).await?;
            let Some(last) = page.last().map(|q: &Quarantined| -> QuarantineId { q.id }) else { break };
            filter.after = Some(last);
            taken += page.len();
            for row in page {
                by_batch.entry(row.record.batch).or_default().push(row);
            }
        }
        let mut again = Vec::new();
        for (id, mut rows) in by_batch {
            rows.sort_by_key(|q| q.record.row_number);
            let batch = self.house.store.batch(id).await?;
            let batch = batch.ok_or_else(|| FlowError::Internal(format!("batch {id} is not in the ledger")))?;
            again.push(Again { batch, rows });
        }
        Ok(again)
    }

    /// The records as the definition reads them now.
    async fn reread(&self, source: &CompiledSource<'_>, again: &Again) -> Result<Chunk, FlowError> {
        let subject = again.batch.id.vault_subject();
        let keys = self.house.store.subject_keys_unsorted(std::slice::from_ref(&subject)).await?;
        let wrapped = keys.first().ok_or_else(|| FlowError::Internal(format!("the key of {subject} is gone")))?;
        let key = self.house.vault.open_subject(wrapped)?;
        let open = |q: &Quarantined| {
            let raw = key.open(RAW_KIND, &q.record.row_number.to_string(), &q.record.raw)?;
            Ok((q.record.row_number, raw.to_vec()))
        };
        let records = again.rows.iter().map(open).collect::<Result<Vec<_>, FlowError>>()?;
        let options = ReadOptions { workers: 1, time_zone: self.time_zone()?, on_bytes: &|_| {} };
        Ok(reread(&source.def.input, &again.batch.header, &records, &options)?)
    }
}

fn raw_rows(chunk: &Chunk) -> BTreeMap<u64, Vec<u8>> {
    chunk.row_numbers.iter().enumerate().map(|(row, number)| (*number, chunk.raw(row))).collect()
}
