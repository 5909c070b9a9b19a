//! The newest commit of a table, without opening it.
//!
//! What is kept of sixty traits stands in the last lines of sixty logs. Opening a table replays its whole log; its newest commit is
//! one small file.

use futures::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _, path::Path};

use crate::{
    Commit, Lake, LakeError, Location,
    latest::{log_entry, log_of},
};

/// Digits of a version in the name of its commit.
const VERSION_DIGITS: usize = 20;

impl Lake {
    /// The newest commit of a table; `None` when it was never written. Where only the log's own summary is left of it, or it says
    /// nothing of itself, its `info` is empty, and [`crate::LakeTable::history`] knows more.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn newest_commit(&self, table: &str) -> Result<Option<Commit>, LakeError> {
        if let Some(commit) = self.commits().of(self.location(), table).await {
            return Ok(Some(commit));
        }
        let store = self.location().store();
        let commits = store.list(Some(&log_of(self.location(), table)?)).try_filter_map(|file| {
            let version = version_of(&file.location);
            async move { Ok(version.map(|version| (version, file.location))) }
        });
        let newest = commits.try_fold(None, |newest, commit| async move { Ok(newest.max(Some(commit))) }).await?;
        let Some((version, at)) = newest else { return Ok(None) };
        let text = store.get(&at).await?.bytes().await?;
        let commit = commit(version, &text);
        self.commits().keep(self.location(), table, version, commit.clone()).await?;
        Ok(Some(commit))
    }
}

/// What a version of a table did; `None` where its own file is gone, because a summary of the log has it.
pub(crate) async fn commit_at(location: &Location, table: &str, version: u64) -> Result<Option<Commit>, LakeError> {
    match location.store().get(&log_entry(location, table, version)?).await {
        Ok(file) => Ok(Some(commit(version, &file.bytes().await?))),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn version_of(file: &Path) -> Option<u64> {
    let digits = file.filename()?.strip_suffix(".json")?;
    (digits.len() == VERSION_DIGITS).then(|| digits.parse().ok()).flatten()
}

/// What the lines of a commit say of it.
fn commit(version: u64, text: &[u8]) -> Commit {
    let lines = text.split(|byte| *byte == b'\n');
    let info = lines.filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let info = info.filter_map(|mut action| action.get_mut("commitInfo").map(serde_json::Value::take)).next();
    let info = info.unwrap_or_default();
    Commit {
        version,
        timestamp_millis: info.get("timestamp").and_then(serde_json::Value::as_i64),
        operation: info.get("operation").and_then(|o| o.as_str()).unwrap_or_default().to_owned(),
        info: info.get("florin").cloned().unwrap_or_else(|| serde_json::json!({})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_told_from_what_else_is_in_a_log() {
        let version = |name: &str| version_of(&Path::from(format!("t/_delta_log/{name}")));
        assert_eq!(version("00000000000000000021.json"), Some(21));
        assert_eq!(version("00000000000000000100.checkpoint.parquet"), None);
        assert_eq!(version("_last_checkpoint"), None);
        assert_eq!(version("1.json"), None);
    }

    #[test]
    fn a_commit_says_what_its_writer_said() {
        let text = "{\"add\":{\"path\":\"x\"}}\n{\"commitInfo\":{\"timestamp\":5,\"operation\":\"WRITE\",\"florin\":{\"filled\":2}}}\n";
        let said = commit(3, text.as_bytes());
        assert_eq!((said.version, said.timestamp_millis, said.operation.as_str()), (3, Some(5), "WRITE"));
        assert_eq!(said.info["filled"], 2);
        assert_eq!(commit(4, b"{\"remove\":{}}\n").info, serde_json::json!({}));
    }
}
