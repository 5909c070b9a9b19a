//! Keys that the lake has already.

use std::{
    fs::File,
    io::{self, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::array::ArrayRef;
use florin_domain::TableDef;
use florin_ingest::deduplicate::{KeySeeds, key_hash, partition_of, single_id};
use florin_lake::Session;
use futures::StreamExt as _;

use crate::FlowError;

/// Keys on disk, by partition.
pub(super) struct KnownKeys {
    paths: Vec<PathBuf>,
}

impl KnownKeys {
    /// Reads the keys of every row of a table, in columns `key`, into files under `dir`.
    pub(super) async fn read(
        session: &Session,
        table: &Arc<TableDef>,
        key: &[String],
        seeds: &KeySeeds,
        partitions: usize,
        dir: &Path,
    ) -> Result<Self, FlowError> {
        let failed = |e: io::Error| FlowError::file(dir, e);
        let paths: Vec<PathBuf> = (0..partitions).map(|p| dir.join(format!("known-{p:04}.keys"))).collect();
        let files: io::Result<Vec<_>> = paths.iter().map(|p| File::create(p).map(BufWriter::new)).collect();
        let mut files = files.map_err(failed)?;
        let columns: Vec<String> = key.iter().map(|k| format!("\"{k}\"")).collect();
        let sql = format!("select {} from \"{}\"", columns.join(", "), table.name);
        let mut rows = session.sql(&sql).await?.batches;
        while let Some(batch) = rows.next().await {
            for key in keys_of(batch?.columns(), seeds)? {
                files[partition_of(key, partitions)].write_all(&key.to_le_bytes()).map_err(failed)?;
            }
        }
        for mut file in files {
            file.flush().map_err(failed)?;
        }
        Ok(Self { paths })
    }

    /// No keys at all.
    pub(super) fn none() -> Self {
        Self { paths: Vec::new() }
    }

    /// The keys of one partition.
    pub(super) fn partition(&self, partition: usize) -> io::Result<Vec<u64>> {
        let Some(path) = self.paths.get(partition) else { return Ok(Vec::new()) };
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        let (keys, _) = bytes.as_chunks::<8>();
        Ok(keys.iter().map(|&k| u64::from_le_bytes(k)).collect())
    }
}

/// The key of each row. A single id column is a keyed hash already, unless it is the dense customer number.
pub(super) fn keys_of(columns: &[ArrayRef], seeds: &KeySeeds) -> Result<Vec<u64>, FlowError> {
    match single_id(columns) {
        Some(ids) => Ok(ids.to_vec()),
        None => key_hash(columns, seeds).map_err(|e| FlowError::Internal(e.to_string())),
    }
}
