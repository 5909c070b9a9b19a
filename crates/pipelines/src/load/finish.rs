//! What one load does after its last record: resolve, write, prepare, commit, finish.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, atomic::Ordering},
};

use florin_domain::Counts;
use florin_ingest::deduplicate::{KeySeeds, KeySpill};
use florin_lake::{
    LakeTable, Session,
    write::{Written, write_files},
};
use florin_store::{BatchId, Extras, Prepared, QuarantineId};
use roaring::RoaringTreemap;

use super::{
    MapReport,
    known::Asked,
    recover::mark,
    rows::{ROW_BITS, Workshop},
    run::{Loader, Part},
    unique,
    workbench::Workbench,
};
use crate::{
    FlowError, House,
    bank::{CompiledMap, CompiledSource},
    house::Scratch,
    segments::{Committed, follow},
};

/// Rows that are not stored although they could be.
struct Losing {
    /// Known by their key.
    duplicates: RoaringTreemap,
    /// Not alone with values that must not repeat.
    not_unique: RoaringTreemap,
}

impl Losing {
    fn all(&self) -> RoaringTreemap {
        &self.duplicates | &self.not_unique
    }
}

impl Loader<'_> {
    /// Takes a load whose records have all been read to its end.
    pub(super) async fn finish(
        &mut self,
        source: &CompiledSource<'_>,
        map: &CompiledMap,
        mut bench: Workbench<'_>,
        parts: &[Part],
        resolves: Vec<(QuarantineId, BatchId)>,
        report: &mut MapReport,
    ) -> Result<(), FlowError> {
        let losing = self.resolve(map, &mut bench).await?;
        if !losing.not_unique.is_empty() {
            unique::quarantine(self, source, &bench.shop, parts, &losing.not_unique).await?;
        }
        let written = self.write(map, &bench, parts, &losing.all()).await?;
        let counts: Vec<Counts> = (0u64..).zip(parts).map(|(i, part)| counts(i, part, &losing)).collect();
        let stored: u64 = counts.iter().map(|c| c.stored).sum();
        if stored != written.rows() {
            return Err(FlowError::Internal(format!("{} rows were written, {stored} were to be", written.rows())));
        }
        report.warned = warnings(map, &bench.shop);
        let mut extras = Extras { resolves, ..bench.shop.sealer.take().await? };
        if let Some(stored) = &bench.shop.customers {
            extras.customers = self.keyring.take_new(&stored.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.customers.keep(&self.keyring);
        self.prepare(parts, &counts, extras, &report.warned).await?;
        let batches: Vec<BatchId> = parts.iter().map(|p| p.batch).collect();
        let before = bench.table.data_version().await?;
        let version = match (written.rows(), batches.last()) {
            (1.., Some(&newest)) => {
                let info = serde_json::json!({ "source": source.name, "batches": [batches[0].0, newest.0] });
                Some(bench.table.append(written, &mark(&source.name, &map.name, newest), info).await?.cast_signed())
            }
            _ => None,
        };
        self.house.store.finish_batches(&batches, version, self.house.now()).await?;
        if let (Some(version), Some(first), Some(last)) = (version, batches.first(), batches.last()) {
            let (table, at) = (&map.table.name, self.house.now());
            let after = version.cast_unsigned();
            self.follow(Committed { table, before, after, batches: (first.0, last.0), at }, report).await;
        }
        for counts in counts {
            report.counts += counts;
        }
        Ok(())
    }

    /// Segments follow what was committed. That they cannot is a note: what was loaded stays loaded, and `florin run` decides them.
    async fn follow(&mut self, commit: Committed<'_>, report: &mut MapReport) {
        match follow(self.house, commit).await {
            Ok(outcome) => {
                report.followed.extend(outcome.followed);
                self.whole.extend(outcome.whole);
            }
            Err(error) => report.notes.push(format!("segments wait for `florin run`: {error}")),
        }
    }

    async fn resolve(&self, map: &CompiledMap, bench: &mut Workbench<'_>) -> Result<Losing, FlowError> {
        self.progress.begin(&format!("{}: finding duplicates", map.name), "rows", None);
        let resolver = Resolver {
            house: self.house,
            session: &bench.session,
            table: &bench.table,
            seeds: &bench.shop.seeds,
            scratch: &bench.scratch,
            lake_is_empty: bench.table.is_empty()?,
            threads: self.house.around.threads,
        };
        let keys =
            bench.shop.keys.take().ok_or_else(|| FlowError::Internal("keys were resolved already".to_owned()))?;
        let duplicates = resolver.losing(keys, &map.table.key).await?;
        let mut not_unique = RoaringTreemap::new();
        for (check, spilled) in map.checks.unique().iter().zip(std::mem::take(&mut bench.shop.unique)) {
            not_unique |= resolver.losing(spilled, &check.columns).await?;
        }
        self.progress.end();
        not_unique -= &duplicates;
        Ok(Losing { duplicates, not_unique })
    }

    async fn write(
        &self,
        map: &CompiledMap,
        bench: &Workbench<'_>,
        parts: &[Part],
        losing: &RoaringTreemap,
    ) -> Result<Written, FlowError> {
        let rows: u64 = parts.iter().map(|p| p.tally.spilled.load(Ordering::Relaxed)).sum();
        let step = format!("{}: sorting and writing", map.name);
        self.progress.begin(&step, "rows", Some(rows.saturating_sub(losing.len())));
        let name = self.house.fresh_name();
        let on_rows = |n| self.progress.advance(n);
        let sink = self.house.sink(&map.table, &bench.scratch, &name, self.house.around.threads, &on_rows);
        let written = write_files(&bench.shop.spill, losing, &sink).await?;
        self.progress.end();
        Ok(written)
    }

    async fn prepare(
        &self,
        parts: &[Part],
        counts: &[Counts],
        extras: Extras,
        warned: &[(String, u64)],
    ) -> Result<(), FlowError> {
        let warned = serde_json::to_value(warned).unwrap_or_default();
        let prepared = |(part, &counts): (&Part, &Counts)| Prepared {
            batch: part.batch,
            counts,
            header: part.header.clone(),
            warned: warned.clone(),
        };
        let prepared: Vec<Prepared> = parts.iter().zip(counts).map(prepared).collect();
        Ok(self.house.store.prepare_batches(&prepared, extras).await?)
    }
}

/// Finds rows that lose against others or against the lake.
struct Resolver<'a> {
    house: &'a House,
    session: &'a Session,
    table: &'a LakeTable,
    seeds: &'a KeySeeds,
    scratch: &'a Scratch,
    lake_is_empty: bool,
    threads: usize,
}

impl Resolver<'_> {
    async fn losing(&self, spilled: KeySpill, columns: &[String]) -> Result<RoaringTreemap, FlowError> {
        let index = match self.lake_is_empty {
            true => None,
            false => {
                let (house, session, table, seeds) = (self.house, self.session, self.table, self.seeds);
                Some(Asked { house, session, table, columns, seeds }.index().await?)
            }
        };
        let known = |keys: &[u64]| index.as_ref().map_or(Ok(Vec::new()), |index| index.known(keys));
        let resolve = || spilled.resolve(&known, self.threads);
        let duplicates = tokio::task::block_in_place(resolve).map_err(|e| FlowError::file(self.scratch.path(), e))?;
        Ok(duplicates.losing().clone())
    }
}

fn counts(file: u64, part: &Part, losing: &Losing) -> Counts {
    let of_file = |set: &RoaringTreemap| {
        let (start, end) = (file << ROW_BITS, (file + 1) << ROW_BITS);
        // Ranks count what is smaller or equal.
        set.rank(end - 1) - if start == 0 { 0 } else { set.rank(start - 1) }
    };
    let (duplicate, not_unique) = (of_file(&losing.duplicates), of_file(&losing.not_unique));
    Counts {
        read: part.read,
        stored: part.tally.spilled.load(Ordering::Relaxed) - duplicate - not_unique,
        duplicate,
        quarantined: part.tally.quarantined.load(Ordering::Relaxed) + not_unique,
        refused: part.tally.refused.load(Ordering::Relaxed),
    }
}

/// How many rows were stored with a warning, by check.
fn warnings(map: &CompiledMap, shop: &Workshop<'_>) -> Vec<(String, u64)> {
    let warned: BTreeMap<usize, u64> = shop.warned.lock().unwrap_or_else(PoisonError::into_inner).clone();
    warned.into_iter().map(|(check, rows)| (map.check_name(check), rows)).collect()
}
