//! Memberships follow what was just committed: the customers of the new rows are decided anew, by their own histories.
//!
//! Only predicates of behaviour and holdings can be followed so. What a membership was decided from must be what the table was
//! before the commit; else it is decided whole, once the load is done, as it is where very many customers are touched.

use std::collections::BTreeSet;

use florin_domain::{EventTime, Purpose};
use florin_features::segments::{Membership as Meant, Segment, history::Moves, sets::TruthSets};
use florin_store::{Kept, StoreError};
use roaring::RoaringBitmap;
use serde::Serialize;

use super::{content::Content, decide::Deciding, inputs::inputs, keep::keep};
use crate::{FlowError, House};

/// Customers that are decided one by one at most; where more are touched, all are.
pub const FOLLOWED_MAX: u64 = 5_000;
/// How often a membership is written anew because somebody else wrote it meanwhile.
const TRIES_MAX: usize = 5;
/// Tables whose rows say something of everybody: nobody is found by them.
const OF_EVERYBODY: [&str; 1] = ["product"];

/// A commit to a table of the lake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committed<'a> {
    /// Which table.
    pub(crate) table: &'a str,
    /// Its version before.
    pub(crate) before: u64,
    /// Its version after.
    pub(crate) after: u64,
    /// The first and the last batch.
    pub(crate) batches: (i64, i64),
    /// When it was done.
    pub(crate) at: EventTime,
}

/// A segment that followed a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    /// Which.
    pub segment: String,
    /// Customers who were looked at.
    pub customers: u64,
    /// Who entered.
    pub entered: u64,
    /// Who left.
    pub left: u64,
    /// Microseconds from the commit until the membership was kept.
    pub micros: i64,
}

/// What came of following.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) followed: Vec<Followed>,
    /// Segments that must be decided whole.
    pub(crate) whole: BTreeSet<String>,
}

/// Brings the memberships up to date that a commit may have changed.
pub(crate) async fn follow(house: &House, commit: Committed<'_>) -> Result<Outcome, FlowError> {
    let mut outcome = Outcome::default();
    let mut ready: Vec<&Segment> = Vec::new();
    if OF_EVERYBODY.contains(&commit.table) {
        return Ok(outcome);
    }
    let persons = house.store.persons_changed_at().await?.map_or(0, EventTime::micros);
    for line in house.store.memberships().await? {
        let Some(segment) = house.bank.segments.get(&line.segment) else { continue };
        let content = Content::read(&line.content)?;
        let inputs = inputs(segment);
        // One whose definition changed waits for `florin run`, which says so.
        if !inputs.row_by_row || !inputs.tables.contains(commit.table) || content.definition != segment.definition() {
            continue;
        }
        match fits(&content, commit, persons) {
            true => ready.push(segment),
            false => drop(outcome.whole.insert(line.segment)),
        }
    }
    if ready.is_empty() {
        return Ok(outcome);
    }
    let tables: BTreeSet<&str> = ready.iter().flat_map(|segment| inputs(segment).tables).collect();
    let mut deciding = Deciding::begin(house, Purpose::Service, house.now(), &tables).await?;
    let touched = deciding.touched(commit.table, commit.batches).await?;
    if touched.len() > FOLLOWED_MAX {
        outcome.whole.extend(ready.iter().map(|segment| segment.name.clone()));
        return Ok(outcome);
    }
    deciding.mean(Some(touched.clone())).await?;
    let predicates = ready.iter().filter_map(|segment| match &segment.membership {
        Meant::Where(predicate) => Some((*segment, predicate)),
        Meant::Clusters(_) => None,
    });
    let predicates: Vec<_> = predicates.collect();
    deciding.prepare(&predicates.iter().map(|(_, predicate)| *predicate).collect::<Vec<_>>()).await?;
    for (segment, predicate) in predicates {
        let sets = deciding.decide(predicate).await?;
        match one(&deciding, segment, commit, persons, &touched, &sets).await? {
            Some(moves) => outcome.followed.push(Followed {
                segment: segment.name.clone(),
                customers: touched.len(),
                entered: moves.entered.len(),
                left: moves.left.len(),
                micros: house.now().micros() - commit.at.micros(),
            }),
            None => drop(outcome.whole.insert(segment.name.clone())),
        }
    }
    Ok(outcome)
}

/// Whether a membership was decided from what the table was right before the commit, or from the commit already.
fn fits(content: &Content, commit: Committed<'_>, persons: i64) -> bool {
    let version = content.from.tables.get(commit.table).copied().unwrap_or_default();
    (version == commit.before || version == commit.after) && content.from.persons == persons
}

/// Puts what was decided of some in the place of what was kept of them; `None` when it does not fit any more.
async fn one(
    deciding: &Deciding<'_>,
    segment: &Segment,
    commit: Committed<'_>,
    persons: i64,
    touched: &RoaringBitmap,
    sets: &TruthSets,
) -> Result<Option<Moves>, FlowError> {
    for _ in 0..TRIES_MAX {
        let Some(Kept { revision, membership }) = deciding.house.store.membership(&segment.name).await? else {
            return Ok(None);
        };
        let mut content = Content::of(&membership)?;
        if content.definition != segment.definition() || !fits(&content, commit, persons) {
            return Ok(None);
        }
        let before = Kept { revision, membership: membership.clone() };
        let mut after = membership;
        after.members = (after.members - touched) | &sets.yes;
        after.unknown = (after.unknown - touched) | &sets.unknown;
        content.from.tables.insert(commit.table.to_owned(), commit.after);
        content.followed = Some(deciding.now.as_of);
        match keep(deciding, &segment.name, Some(&before), &mut after, &content).await {
            Err(FlowError::Store(StoreError::Conflict(_))) => {}
            done => return Ok(Some(done?)),
        }
    }
    Ok(None)
}
