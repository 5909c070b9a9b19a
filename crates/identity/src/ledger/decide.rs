//! Between the ledger and a run: what people did binds the run, and what the run found is proposed to the ledger.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::CustomerId;
use serde::Serialize;

use super::{Change, Ledger};
use crate::{
    cluster::{Clusters, Decision},
    table::{RecordRef, Records},
};

/// What a run would change in a ledger. It only proposes merges: no customer is taken apart because weights changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Proposal {
    /// Customers whose records are one cluster: the survivor and those to be merged into it, by survivor.
    pub merges: Vec<(CustomerId, Vec<CustomerId>)>,
    /// Customers whose records the run would not hold for one any more, for a person to look at.
    pub doubtful: Vec<CustomerId>,
}

impl Ledger {
    /// What people decided, oldest first, for [`cluster`](crate::cluster::cluster()): a merge says that the survivor's
    /// records and the absorbed are one; a split, and taking back a merge, that those that left and those that stayed are
    /// not; taking back a split, that they are.
    ///
    /// Merges are said by as many pairs as make all records one, partings by every pair of those that left and those that stayed.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        if !self.events().iter().any(|event| event.signature.by_person) {
            return decisions;
        }
        let mut past = Self::default();
        for event in self.events() {
            let before = past.clone_places(event);
            if past.apply(event.clone()).is_err() {
                break;
            }
            if event.signature.by_person {
                decide(&past, &before, &event.change, &mut decisions);
            }
        }
        decisions
    }

    /// Whose the records that an event names were before it, and who was with them.
    fn clone_places(&self, event: &super::Event) -> BTreeMap<RecordRef, BTreeSet<RecordRef>> {
        let records = match &event.change {
            Change::Added { .. } => return BTreeMap::new(),
            Change::Merged { records, .. } | Change::Split { records, .. } | Change::Undone { records, .. } => records,
        };
        let companions =
            |record: &RecordRef| self.customer(*record).map(|customer| (*record, self.records(customer).collect()));
        records.iter().filter_map(companions).collect()
    }
}

/// Compares each named record's companions before and after: new ones are the same customer, lost ones are not. The first
/// record is tied to all new companions and the others to one of them, which makes all of them one.
fn decide(
    now: &Ledger,
    before: &BTreeMap<RecordRef, BTreeSet<RecordRef>>,
    change: &Change,
    decisions: &mut Vec<Decision>,
) {
    for (at, (record, companions)) in before.iter().enumerate() {
        let Some(customer) = now.customer(*record) else { continue };
        let after: BTreeSet<RecordRef> = now.records(customer).collect();
        let lost = companions.difference(&after).map(|other| Decision { left: *record, right: *other, same: false });
        decisions.extend(lost);
        let gained = after.difference(companions).filter(|other| !before.contains_key(other));
        let gained = gained.take(if at == 0 { usize::MAX } else { 1 });
        // Taking back a merge may bring a record to others by older events; nobody decided that now.
        if !matches!(change, Change::Undone { .. }) || companions.is_subset(&after) {
            decisions.extend(gained.map(|other| Decision { left: *record, right: *other, same: true }));
        }
    }
}

/// What a run over `records` would change. Records that the ledger does not know are left out.
#[must_use]
pub fn reconcile(ledger: &Ledger, records: &Records, clusters: &Clusters) -> Proposal {
    let mut proposal = Proposal::default();
    let mut seen = BTreeSet::new();
    let mut doubtful = BTreeSet::new();
    for members in clusters.members() {
        let customers: BTreeSet<CustomerId> =
            members.iter().filter_map(|row| ledger.customer(records.id(*row))).collect();
        for customer in &customers {
            if !seen.insert(*customer) {
                doubtful.insert(*customer);
            }
        }
        let mut customers = customers.into_iter();
        if let Some(survivor) = customers.next() {
            let absorbed: Vec<CustomerId> = customers.collect();
            if !absorbed.is_empty() {
                proposal.merges.push((survivor, absorbed));
            }
        }
    }
    proposal.merges.sort_unstable();
    proposal.doubtful = doubtful.into_iter().collect();
    proposal
}
