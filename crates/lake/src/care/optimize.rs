//! Many small files become one sorted file a bucket.

use deltalake_core::protocol::DeltaOperation;
use florin_governance::Permit;
use serde_json::json;

use super::rewrite::{Rewriting, rewrite};
use crate::{LakeError, LakeTable, LiveFile};

/// What an optimisation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Optimized {
    /// Files that were merged.
    pub files_before: usize,
    /// Files they were merged into.
    pub files_after: usize,
    /// Rows in them, which are the same before and after.
    pub rows: u64,
}

/// Merges the files of every bucket that has more than one. Readers see the old files or the new ones, never both.
///
/// # Errors
/// When the storage fails, another writer was in the way, or (a bug or damage) the rows are not as many as before; the
/// table is then as it was.
pub async fn optimize(_permit: &Permit, table: &LakeTable, with: &Rewriting<'_>) -> Result<Optimized, LakeError> {
    let files = table.live_files()?;
    let (mut old, mut new, mut done) = (Vec::new(), Vec::new(), Optimized::default());
    for bucket in files.chunk_by(|a, b| a.bucket == b.bucket).filter(|b| b.len() > 1) {
        let merged = rewrite(table, bucket, None, new.len(), with).await?;
        let before: Option<u64> = bucket.iter().map(|f| f.rows).sum();
        if merged.read != merged.written || before.is_some_and(|n| n != merged.written) {
            return Err(LakeError::Shape {
                table: table.def().name.clone(),
                difference: format!("merging {} files gave {} rows of {before:?}", bucket.len(), merged.written),
            });
        }
        done.files_before += bucket.len();
        done.rows += merged.written;
        old.extend_from_slice(bucket);
        new.extend(merged.add);
    }
    done.files_after = new.len();
    if !old.is_empty() {
        let target_size = i64::try_from(old.iter().map(|f: &LiveFile| f.size).sum::<u64>()).unwrap_or(i64::MAX);
        let operation = DeltaOperation::Optimize { predicate: None, target_size };
        table.replace(&old, new, operation, false, with.now_millis, json!({ "optimize": done })).await?;
    }
    Ok(done)
}
