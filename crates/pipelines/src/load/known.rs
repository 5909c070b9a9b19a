//! Keys that the lake has already.
//!
//! They are kept beside the lake in order, and brought up to what the table's log says before a load is compared with them: of rows that
//! loads committed since, only these are read. Where something else became of the table, where the log does not reach back, or where an
//! index is not there or not whole, all keys of the table are read again.

use std::{io, path::PathBuf};

use arrow::array::ArrayRef;
use florin_domain::TableDef;
use florin_ingest::deduplicate::{KeyIndex, KeySeeds, key_hash, single_id};
use florin_lake::{Commit, LakeTable, Session};
use futures::StreamExt as _;

use crate::{FlowError, House};

/// The folder of all indexes.
const FOLDER: &str = "known";
/// What the names and the contents of indexes are derived from.
const DOMAIN: &str = "florin.known_keys.v1";
/// Commits since an index was brought up to date, at most.
const COMMITS_MAX: usize = 1_000;

/// Whose keys, and by which columns rows are the same.
pub(super) struct Asked<'a> {
    pub(super) house: &'a House,
    pub(super) session: &'a Session,
    pub(super) table: &'a LakeTable,
    pub(super) columns: &'a [String],
    pub(super) seeds: &'a KeySeeds,
}

/// What became of a table since.
enum Since {
    /// Rows of these batches, from the first to the last, were added; nothing else.
    Added(Vec<(i64, i64)>),
    Else,
}

impl Asked<'_> {
    /// An index of the keys of every row of the table.
    pub(super) async fn index(&self) -> Result<KeyIndex, FlowError> {
        let (dir, of) = self.place();
        let failed = |error: io::Error| FlowError::file(&dir, error);
        let now = self.table.version();
        if let Some(mut index) = KeyIndex::open(&dir, &of).map_err(failed)? {
            if index.upto() == now {
                return Ok(index);
            }
            if let Since::Added(batches) = self.since(index.upto()).await? {
                for (first, last) in batches {
                    let some = format!(" where batch >= {first} and batch <= {last}");
                    self.read(&some, &mut index, &dir).await?;
                }
                index.save(now).map_err(failed)?;
                return Ok(index);
            }
        }
        let mut index = KeyIndex::begin(&dir, &of).map_err(failed)?;
        self.read("", &mut index, &dir).await?;
        index.save(now).map_err(failed)?;
        Ok(index)
    }

    /// Where the index is, and what it is of: this table by these columns under the bank's key.
    fn place(&self) -> (PathBuf, String) {
        let columns = self.columns.join("\u{1f}");
        let of = format!("{}\u{1f}{}\u{1f}{columns}", self.table.id(), self.def().name);
        let digest = |text: &str| {
            let digest = self.house.keys.hasher().digest(DOMAIN, text.as_bytes());
            digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let name = &digest(&columns)[..16];
        (self.house.work_dir.join(FOLDER).join(&self.def().name).join(name), digest(&of))
    }

    fn def(&self) -> &TableDef {
        self.table.def()
    }

    async fn since(&self, version: u64) -> Result<Since, FlowError> {
        let Some(many) = self.table.version().checked_sub(version).and_then(|n| usize::try_from(n).ok()) else {
            return Ok(Since::Else);
        };
        if many > COMMITS_MAX {
            return Ok(Since::Else);
        }
        let commits = self.table.history(many).await?;
        if commits.len() < many {
            return Ok(Since::Else);
        }
        let mut added = Vec::new();
        for commit in commits.iter().filter(|commit| !commit.keeps_rows()) {
            match batches_of(commit) {
                Some(batches) => added.push(batches),
                None => return Ok(Since::Else),
            }
        }
        Ok(Since::Added(added))
    }

    async fn read(&self, condition: &str, index: &mut KeyIndex, dir: &std::path::Path) -> Result<(), FlowError> {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("\"{column}\"")).collect();
        let sql = format!("select {} from \"{}\"{condition}", columns.join(", "), self.def().name);
        let mut rows = self.session.sql(&sql).await?.batches;
        while let Some(batch) = rows.next().await {
            let keys = keys_of(batch?.columns(), self.seeds)?;
            index.add(&keys).map_err(|error| FlowError::file(dir, error))?;
        }
        Ok(())
    }
}

/// The batches that a load's commit says it added.
fn batches_of(commit: &Commit) -> Option<(i64, i64)> {
    let batches = commit.info.get("batches").filter(|_| commit.operation == "WRITE")?;
    Some((batches.get(0)?.as_i64()?, batches.get(1)?.as_i64()?))
}

/// Removes all that is kept of keys: of somebody who is erased nothing stays. The next load reads the tables again.
pub(crate) fn forget(house: &House) -> Result<(), FlowError> {
    let dir = house.work_dir.join(FOLDER);
    match std::fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FlowError::file(&dir, error)),
        _ => Ok(()),
    }
}

/// The key of each row. A single id column is a keyed hash already, unless it is the dense customer number.
pub(super) fn keys_of(columns: &[ArrayRef], seeds: &KeySeeds) -> Result<Vec<u64>, FlowError> {
    match single_id(columns) {
        Some(ids) => Ok(ids.to_vec()),
        None => key_hash(columns, seeds).map_err(|e| FlowError::Internal(e.to_string())),
    }
}
