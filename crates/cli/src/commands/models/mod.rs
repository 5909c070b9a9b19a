//! Models: trained, judged, approved, explained.

pub(super) mod evaluate;
pub(super) mod explain;
pub(super) mod figures;
pub(super) mod registry;
pub(super) mod train;
