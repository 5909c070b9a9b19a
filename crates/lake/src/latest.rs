//! What was read of tables' logs before and is still so.
//!
//! Opening a table reads its log: the last checkpoint and every commit since. That takes longer than most questions about one customer do, and
//! between two questions hardly any table changes. So what was read is kept, and believed as long as the file of the version that it is of
//! is the one that it was, and the file of the version after it is not there: versions of a Delta log have no gaps, and logs are cleaned
//! from their beginning.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use object_store::{ObjectStoreExt as _, path::Path};

use crate::{LakeError, Location};

/// Something of each table of a lake, as of the latest version that was seen of it.
pub(crate) struct Latest<T> {
    kept: Arc<Mutex<BTreeMap<String, Kept<T>>>>,
}

#[derive(Clone)]
struct Kept<T> {
    what: T,
    version: u64,
    /// The file of that version.
    entry: Stamp,
}

/// What tells a file from another in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stamp {
    /// On local disk: size, time of the last change, number of the inode. Looked at where it is: handing it to another thread, as the
    /// object store does, takes longer than looking.
    Local(u64, Option<SystemTime>, u64),
    Stored(u64, DateTime<Utc>, Option<String>),
}

impl Stamp {
    /// That of a version's file; `None` where there is none.
    async fn of(location: &Location, table: &str, version: u64) -> Result<Option<Self>, LakeError> {
        if let Some(lake) = location.local_dir() {
            let file = std::fs::metadata(lake.join(table).join("_delta_log").join(file_of(version)));
            return Ok(file.ok().map(|of| Self::Local(of.len(), of.modified().ok(), inode(&of))));
        }
        match location.store().head(&log_entry(location, table, version)?).await {
            Ok(of) => Ok(Some(Self::Stored(of.size, of.last_modified, of.e_tag))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(unix)]
fn inode(of: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(of)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

impl<T: Clone> Latest<T> {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of a table, if no later version of it is there.
    pub(crate) async fn of(&self, location: &Location, table: &str) -> Option<T> {
        let Kept { what, version, entry } = self.kept().get(table).cloned()?;
        let (now, next) = futures::join!(Stamp::of(location, table, version), Stamp::of(location, table, version + 1));
        let same = now.is_ok_and(|now| now == Some(entry));
        (same && matches!(next, Ok(None))).then_some(what)
    }

    /// Keeps something of a version of a table. Of one whose commit stands in a checkpoint alone nothing is kept.
    ///
    /// # Errors
    /// When the table has no place in the lake, or the storage fails.
    pub(crate) async fn keep(&self, location: &Location, table: &str, version: u64, what: T) -> Result<(), LakeError> {
        match Stamp::of(location, table, version).await? {
            Some(entry) => self.kept().insert(table.to_owned(), Kept { what, version, entry }),
            None => self.kept().remove(table),
        };
        Ok(())
    }
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self { kept: Arc::default() }
    }
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self { kept: Arc::clone(&self.kept) }
    }
}

/// Where the log of a table is.
pub(crate) fn log_of(location: &Location, table: &str) -> Result<Path, LakeError> {
    let url = location.table_url(table)?;
    let root = Path::from_url_path(url.path())
        .map_err(|error| LakeError::Setting(format!("`{url}` cannot be a path: {error}")))?;
    Ok(root.join("_delta_log"))
}

/// Where the log of a table says what a version did.
pub(crate) fn log_entry(location: &Location, table: &str, version: u64) -> Result<Path, LakeError> {
    Ok(log_of(location, table)?.join(file_of(version)))
}

fn file_of(version: u64) -> String {
    format!("{version:020}.json")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_holds_until_the_log_says_more() {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::local(dir.path()).unwrap();
        let log = dir.path().join("t/_delta_log");
        std::fs::create_dir_all(&log).unwrap();
        let write = |version: u64, text: &str| std::fs::write(log.join(format!("{version:020}.json")), text).unwrap();
        let latest = Latest::default();
        let now = async || latest.of(&location, "t").await;
        assert_eq!(now().await, None, "nothing was kept");
        write(0, "{}");
        latest.keep(&location, "t", 0, "first").await.unwrap();
        assert_eq!(now().await, Some("first"));
        assert_eq!(latest.of(&location, "another").await, None);
        write(1, "{}");
        assert_eq!(now().await, None, "there is a later version");
        latest.keep(&location, "t", 1, "second").await.unwrap();
        assert_eq!(now().await, Some("second"));
        write(1, "{\"another\": \"lake\"}");
        assert_eq!(now().await, None, "it is another commit");
        latest.keep(&location, "t", 7, "of a checkpoint").await.unwrap();
        assert_eq!(now().await, None, "its commit is not there");
    }
}
