//! Rows of customers, deleted.

use deltalake_core::protocol::DeltaOperation;
use florin_governance::Permit;
use roaring::RoaringBitmap;
use serde_json::json;

use super::rewrite::{Keep, Rewriting, rewrite};
use crate::{
    LakeError, LakeTable,
    read::{CustomerSet, has_visitors, visitors},
    session::engine,
};

/// What a deletion did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Deleted {
    /// Rows that are gone.
    pub rows: u64,
    /// Files that were rewritten without them.
    pub files: usize,
}

/// Deletes every row of these customers, by rewriting the files that hold some: also what they did as anonymous visitors,
/// as far as it is known (so `anonymous_span` is to be deleted from last). Earlier versions still have them until `vacuum`
/// removes the old files.
///
/// # Errors
/// When the storage fails or another writer was in the way; the table is then as it was.
pub async fn delete_customers(
    _permit: &Permit,
    table: &LakeTable,
    customers: &RoaringBitmap,
    with: &Rewriting<'_>,
) -> Result<Deleted, LakeError> {
    if !table.def().is_about_customers() || customers.is_empty() {
        return Ok(Deleted::default());
    }
    let context = engine(with.lake, with.threads)?;
    let visitors = match has_visitors(table.def()) {
        true => visitors(with.lake, None, &context).await?,
        false => std::sync::Arc::default(),
    };
    let keep = Keep { customers: CustomerSet::all_but(customers), visitors };
    let (mut old, mut new, mut done) = (Vec::new(), Vec::new(), Deleted::default());
    for (part, file) in table.live_files()?.into_iter().enumerate() {
        let files = [file];
        let rewritten = rewrite(table, &files, Some(&keep), part, with).await?;
        if rewritten.read == rewritten.written {
            continue;
        }
        done.rows += rewritten.read - rewritten.written;
        done.files += 1;
        old.extend(files);
        new.extend(rewritten.add);
    }
    // It has these rows too, and is to have them no longer than the table; one that is not in step may have any.
    if !old.is_empty() || crate::narrow::covering(table)?.is_none() {
        crate::narrow::remove(table)?;
    }
    if !old.is_empty() {
        let operation = DeltaOperation::Delete { predicate: Some("customer_id in (…)".to_owned()) };
        table.replace(&old, new, operation, true, with.now_millis, json!({ "delete": done })).await?;
    }
    Ok(done)
}
