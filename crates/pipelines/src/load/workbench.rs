//! What one load needs before its first record.

use std::collections::HashSet;

use arrow::{
    array::{AsArray, RecordBatch},
    compute::concat_batches,
    datatypes::{DataType, Int64Type},
};
use florin_domain::catalogue::CUSTOMER_ID;
use florin_ingest::{
    deduplicate::{KeySeeds, KeySpill, partitions_for},
    scrub::Scrubber,
    sources::{ReadError, ReadOptions, list_files, read_file},
};
use florin_lake::{
    Consented, LakeTable, Session,
    write::{Spill, SpillPlan},
};
use futures::StreamExt as _;

use super::{
    rows::{Key, Workshop},
    run::Loader,
    sealing::Sealer,
};
use crate::{
    FlowError,
    bank::{CompiledMap, CompiledSource, input_schema},
    house::Scratch,
};

/// Bytes of an input that is looked things up in, at most: it is held in memory.
const LOOKUP_BYTES_MAX: usize = 2 << 30;
/// A record of text has at least about so many bytes: how rows are estimated from bytes.
const ROW_BYTES_MIN: u64 = 24;

/// A mapping with everything it needs.
pub(super) struct Workbench<'a> {
    pub(super) shop: Workshop<'a>,
    pub(super) table: LakeTable,
    pub(super) session: Session,
    pub(super) scratch: Scratch,
}

impl<'h> Loader<'h> {
    /// Prepares a mapping for about `bytes` of input.
    pub(super) async fn workbench<'w>(
        &mut self,
        source: &CompiledSource<'_>,
        map: &'w CompiledMap,
        bytes: u64,
    ) -> Result<Workbench<'w>, FlowError>
    where
        'h: 'w,
    {
        let house = self.house;
        let select = select_text(source, map);
        let numbering = map.table.name == "customer";
        let numbers = self.customers.numbers(house, &select, numbering).await?;
        self.keyring.set(numbers);
        let table = house.lake.table_for_writing(&map.table.name).await?;
        let scratch = house.scratch_of_load()?;
        let session = Session::open(&house.lake, &self.grant, &Consented::default(), Vec::new(), house.around.threads)?;
        let plan = SpillPlan::new(&map.table, table.buckets(), bytes, id_max(map, self.customers.max, bytes));
        let partitions = partitions_for(bytes / ROW_BYTES_MIN);
        let key_spill = |name: String| {
            let dir = scratch.path().join(name);
            KeySpill::create(&dir, partitions).map_err(|e| FlowError::file(dir, e))
        };
        let withdrawn = match map.purpose {
            Some(purpose) => Some(house.store.consent_bitmaps(purpose, house.now()).await?.withdrawn),
            None => None,
        };
        let shop = Workshop {
            map,
            bound: map.mapping.bind(&self.lookups(map)?)?,
            references: references(&session, map).await?,
            withdrawn,
            spill: Spill::new(plan, scratch.path()),
            keys: Some(key_spill("keys".to_owned())?),
            unique: (0..map.checks.unique().len())
                .map(|i| key_spill(format!("unique-{i}")))
                .collect::<Result<_, _>>()?,
            seeds: KeySeeds::derive(&house.keys.hasher()),
            scrubber: Scrubber::new(),
            sealer: Sealer::new(house),
            schema: Workshop::schema_of(map),
            warned: std::sync::Mutex::default(),
            customers: numbering.then(std::sync::Mutex::default),
        };
        Ok(Workbench { shop, table, session, scratch })
    }

    /// The inputs that a mapping looks things up in, each read whole.
    fn lookups(&self, map: &CompiledMap) -> Result<Vec<RecordBatch>, FlowError> {
        map.mapping.lookups().map(|name| self.lookup(name)).collect()
    }

    fn lookup(&self, name: &str) -> Result<RecordBatch, FlowError> {
        let input = &self.house.bank.sources[name].input;
        let schema = input_schema(input);
        let mut rows = Vec::new();
        for path in list_files(input, &self.house.bank.dir)? {
            let chunks = std::sync::Mutex::new(Vec::new());
            let options = ReadOptions { workers: 1, time_zone: self.time_zone()?, on_bytes: &|_| {} };
            let take = |chunk: florin_ingest::sources::Chunk| {
                chunks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(chunk.rows);
                Ok::<(), FlowError>(())
            };
            match tokio::task::block_in_place(|| read_file(input, &path, &options, &take)) {
                Ok(_) => rows.extend(chunks.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)),
                Err(ReadError::Source(error)) => return Err(error.into()),
                Err(ReadError::Each(error)) => return Err(error),
            }
            let bytes: usize = rows.iter().map(RecordBatch::get_array_memory_size).sum();
            if bytes > LOOKUP_BYTES_MAX {
                let name = name.to_owned();
                return Err(FlowError::LookupTooLarge { name, bytes_max: LOOKUP_BYTES_MAX });
            }
        }
        Ok(concat_batches(&schema, &rows)?)
    }
}

/// The text of a mapping's SELECT.
fn select_text(source: &CompiledSource<'_>, map: &CompiledMap) -> String {
    source.def.maps.get(map.position).map(|m| m.select.get_ref().clone()).unwrap_or_default()
}

/// The largest value that the bucket column is expected to have.
fn id_max(map: &CompiledMap, customers_max: u32, bytes: u64) -> i64 {
    let numbered = i64::from(customers_max);
    match map.table.bucket_column() {
        Some(CUSTOMER_ID) if map.table.name == "customer" => {
            numbered.saturating_add(i64::try_from(bytes / ROW_BYTES_MIN).unwrap_or(i64::MAX))
        }
        Some(CUSTOMER_ID) => numbered,
        _ => i64::MAX,
    }
}

/// The values that `exists_in` checks ask for, as the lake has them now.
async fn references(session: &Session, map: &CompiledMap) -> Result<Vec<HashSet<Key>>, FlowError> {
    let mut sets = Vec::new();
    for reference in map.checks.references() {
        let (column, table) = (&reference.target_column, &reference.table);
        let sql = format!("select distinct \"{column}\" from \"{table}\" where \"{column}\" is not null");
        let mut values = HashSet::new();
        let mut rows = session.sql(&sql).await?.batches;
        while let Some(batch) = rows.next().await {
            let batch = batch?;
            let column = batch.column(0);
            match column.data_type() {
                DataType::Int64 => {
                    values.extend(column.as_primitive::<Int64Type>().values().iter().map(|&id| Key::Int(id)));
                }
                DataType::Utf8 => {
                    values.extend(column.as_string::<i32>().iter().flatten().map(|t| Key::Text(t.into())));
                }
                other => return Err(FlowError::Internal(format!("a reference to a column of type {other}"))),
            }
        }
        sets.push(values);
    }
    Ok(sets)
}
