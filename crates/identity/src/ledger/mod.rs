//! Whose records are whose, as a history: merges, splits, and undoing them.
//!
//! *Goal*: any merge or split can be taken back, wholly or for some of its records, at any time and in any order, and what
//! remains is exactly the state that the other events make. Customer numbers stay what they are when records are added.
//!
//! *How*. Every record is born with a customer number of its own. An event moves records from one customer to another,
//! and is remembered for each record it moved. A record's customer is found by going through its moves in order: a move
//! counts when it was not taken back and the record is at that moment with the customer that it moves away from. So a
//! merge of *a* into *b* that later went into *c* can be taken back, and the records of *a* are with *a* again, while
//! those of *b* stay with *c*.
//!
//! *What follows* (and is tested): taking back the last event gives the state before it; taking back all events, in any
//! order, gives the state of birth; an event about some customers changes no record of others; the same events give
//! the same state. The survivor of a merge is the smallest customer number.
//!
//! The ledger is rebuilt from its events, which are what the store keeps.

mod decide;
mod state;

use florin_domain::{CustomerId, EventTime};
use serde::{Deserialize, Serialize};

pub use decide::{Proposal, reconcile};
pub use state::Ledger;

use crate::table::{Born, RecordRef};

/// The place of an event in the ledger, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u32);

/// Who did something, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// A user, or the name of the run.
    pub actor: String,
    /// Whether the actor is a person. What persons did is decided: later runs obey it.
    pub by_person: bool,
    /// In their words, or the rule or weight of the link.
    pub reason: String,
    /// When.
    pub at: EventTime,
}

/// Something that happened to customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What.
    pub change: Change,
    /// Who, when and why.
    pub signature: Signature,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Change {
    /// Records were seen for the first time, each with a customer number of its own.
    Added { records: Vec<Born> },
    /// All records of a customer went to one with a smaller number.
    Merged { survivor: CustomerId, absorbed: CustomerId, records: Vec<RecordRef> },
    /// Some records of a customer went to another number.
    Split { from: CustomerId, into: CustomerId, records: Vec<RecordRef> },
    /// A merge or a split was taken back for those records.
    Undone { event: EventId, records: Vec<RecordRef> },
}
