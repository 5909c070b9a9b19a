//! `florin segment`: who belongs to what, kept, followed and handed out.
//!
//! A membership is decided under Florin's own leave, of everybody (`decide`: behaviours and holdings by governed questions over
//! the lake, traits by their values, other segments by theirs), and kept with what it was decided from (`keep`), so that it can be
//! told when it is no longer up to date, and why (`stale`). New rows are followed customer by customer where a predicate allows
//! it (`follow`). Purposes, consent, classes and persons apply when it is read (`seen`): in SQL as `segments.<name>`, as a number,
//! a list or an export, which therefore agree.

mod behaviour;
mod content;
mod decide;
mod export;
mod follow;
mod inputs;
mod keep;
mod moves;
mod saved;
mod seen;
mod stale;
mod view;

use florin_features::segments::Segment;

pub use content::{Described, DescribedCluster, DescribedDifference, Saved};
pub use export::{ExportFormat, Exported};
pub use florin_features::segments::preview::Beside;
pub(crate) use follow::{Committed, follow};
pub use follow::{FOLLOWED_MAX, Followed};
pub use keep::{Refreshed, refresh};
pub use moves::Moment;
pub use saved::Number;
pub use seen::{Members, SCHEMA};
pub(crate) use seen::{Seen, is_clustering, may_be_known};
pub use stale::{Stale, stale};
pub use view::{Draft, Draftable, Drift, Line, Moved, View};

use crate::{FlowError, House};

/// A segment of the bank directory.
fn defined<'h>(house: &'h House, name: &str) -> Result<&'h Segment, FlowError> {
    house.bank.segments.get(name).ok_or_else(|| {
        let known: Vec<&str> = house.bank.segments.in_order().map(|segment| segment.name.as_str()).collect();
        FlowError::Unknown { what: "segment in the bank directory", name: name.to_owned(), known: known.join(", ") }
    })
}

fn never_decided(name: &str) -> FlowError {
    FlowError::Segment(format!("segment `{name}` was never decided; `florin run` decides it"))
}

/// By which version of its definition, and in which revision, a segment's members are known.
async fn version(house: &House, name: &str) -> Result<serde_json::Value, FlowError> {
    let kept = house.store.membership(name).await?;
    let content = kept.as_ref().map(|kept| content::Content::of(&kept.membership)).transpose()?;
    let file = house.bank.segments.get(name).map(|segment| std::path::Path::new(&segment.file));
    let file = file.and_then(std::path::Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let recorded = match &file {
        Some(file) => house.store.definition("segment", file, None).await?.map(|recorded| recorded.version),
        None => None,
    };
    Ok(serde_json::json!({
        "file": file,
        "version": recorded,
        "definition": content.as_ref().map(|content| &content.definition),
        "as_of": content.as_ref().map(content::Content::latest),
        "revision": kept.map(|kept| kept.revision),
    }))
}

/// Erased customers vanish from every membership, from those of whom it cannot be told, from clusters, and from every change of
/// every history.
pub(crate) async fn erase(house: &House, customers: &roaring::RoaringBitmap) -> Result<usize, FlowError> {
    use florin_features::segments::history::History;
    let change = |_: &str, membership: &mut florin_store::Membership| {
        let mut history = History::from_bytes(&membership.history)?;
        history.erase(customers);
        let bytes = history.to_bytes()?;
        let clusters = membership.clusters.as_deref().unwrap_or_default();
        let known = !membership.members.is_disjoint(customers)
            || !membership.unknown.is_disjoint(customers)
            || clusters.iter().any(|cluster| !cluster.is_disjoint(customers))
            || bytes != membership.history;
        membership.members -= customers;
        membership.unknown -= customers;
        membership.clusters.iter_mut().flatten().for_each(|cluster| *cluster -= customers);
        membership.history = bytes;
        Ok::<bool, FlowError>(known)
    };
    house.store.erase_from_memberships(change).await
}
