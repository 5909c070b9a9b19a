//! The bank's audit log, as this crate writes it.

use std::net::IpAddr;

use async_trait::async_trait;
use florin_domain::{EventTime, Principal};
use florin_governance::audit::{Entry, EventKind};

/// The bank's audit log. `pipelines` writes it; whoever puts the parts together hands it in.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Puts something on record. What needs a record is not done before this returned.
    ///
    /// # Errors
    /// When it could not be kept.
    async fn record(&self, entry: Entry) -> Result<(), Unrecorded>;
}

/// The audit log could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit log cannot be written: {0}")]
pub struct Unrecorded(pub String);

/// Who it was when nobody signed in: Florin itself.
pub(crate) const FLORIN: &str = "florin";
/// Who it was when there is no such user. What was typed is not written down: it may be a password.
pub(crate) const UNKNOWN: &str = "unknown";

/// Somebody without roles: nobody knows yet who they are.
pub(crate) fn nobody(user: &str) -> Principal {
    Principal { user: user.to_owned(), roles: Vec::new() }
}

/// Something that was done, with where it came from when it came from somewhere.
pub(crate) fn entry(at: EventTime, who: &Principal, kind: EventKind, act: &str, from: Option<IpAddr>) -> Entry {
    let entry = Entry::new(at, who, None, kind).with("act", act);
    match from {
        Some(address) => entry.with("from", address.to_string()),
        None => entry,
    }
}
