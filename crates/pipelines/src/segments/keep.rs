//! Bringing memberships up to date: decide, compare with what was, write down who moved.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{EventTime, Purpose};
use florin_features::segments::{
    Membership as Meant, Segment,
    history::{History, Moves},
    preview::Distribution,
    sets::TruthSets,
};
use florin_governance::audit::{Entry, EventKind};
use florin_store::{Kept, Membership, StoreError};
use serde::Serialize;

use super::{
    content::{Baseline, Content, Described},
    decide::Deciding,
    inputs::inputs,
    stale::{Stale, stale},
};
use crate::{FlowError, House, load::Progress};

/// How often a segment is decided anew because somebody else wrote it meanwhile.
const TRIES_MAX: usize = 5;

/// A segment that was brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refreshed {
    /// Which.
    pub name: String,
    /// Why.
    pub reasons: Vec<String>,
    /// Who belongs now.
    pub members: u64,
    /// Of whom it cannot be told.
    pub unknown: u64,
    /// Who belongs and did not.
    pub entered: u64,
    /// Who did and no longer does.
    pub left: u64,
    /// Why it could not be, if it could not.
    pub failed: Option<String>,
}

/// Decides segments (all that are stale when none is named) for a time, each after those it names. What a segment names
/// is brought up to date with it; traits must be already.
///
/// # Errors
/// When there is no such segment, the policies do not permit it, or the store or the lake fails. A segment that cannot be
/// decided is among the results with its reason, and the others are decided.
pub async fn refresh(
    house: &House,
    names: &[String],
    as_of: EventTime,
    progress: &dyn Progress,
) -> Result<Vec<Refreshed>, FlowError> {
    for name in names {
        super::defined(house, name)?;
    }
    let wanted = wanted(house, names, as_of).await?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let segments: Vec<&Segment> = wanted.iter().filter_map(|stale| house.bank.segments.get(&stale.name)).collect();
    progress.begin("segments: telling who did what", "segments", Some(segments.len() as u64));
    let mut deciding = begin(house, Purpose::Service, as_of, &segments).await?;
    let mut done = Vec::new();
    for (stale, segment) in wanted.iter().zip(segments) {
        done.push(match one(&mut deciding, segment).await {
            Ok((kept, moves)) => Refreshed {
                name: segment.name.clone(),
                reasons: stale.reasons.clone(),
                members: kept.members.len(),
                unknown: kept.unknown.len(),
                entered: moves.entered.len(),
                left: moves.left.len(),
                failed: None,
            },
            Err(FlowError::Feature(error)) => failed(stale, error.to_string()),
            Err(FlowError::Segment(error)) => failed(stale, error),
            Err(error @ FlowError::NeverComputed(_)) => failed(stale, error.to_string()),
            Err(other) => return Err(other),
        });
        progress.advance(1);
    }
    progress.end();
    record(house, &done).await?;
    Ok(done)
}

fn failed(stale: &Stale, why: String) -> Refreshed {
    let (name, reasons) = (stale.name.clone(), stale.reasons.clone());
    Refreshed { name, reasons, members: 0, unknown: 0, entered: 0, left: 0, failed: Some(why) }
}

/// What to decide, in order: what was named, and what that names where it is stale.
async fn wanted(house: &House, names: &[String], as_of: EventTime) -> Result<Vec<Stale>, FlowError> {
    let all = stale(house, as_of).await?;
    if names.is_empty() {
        return Ok(all);
    }
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = names.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if needed.insert(name) {
            open.extend(house.bank.segments.get(name).map(Segment::segments).into_iter().flatten());
        }
    }
    let in_order = house.bank.segments.in_order().filter(|segment| needed.contains(segment.name.as_str()));
    let find = |segment: &Segment| {
        let found = all.iter().find(|stale| stale.name == segment.name).cloned();
        let asked = || Stale { name: segment.name.clone(), reasons: vec!["it was asked for".to_owned()] };
        found.or_else(|| names.contains(&segment.name).then(asked))
    };
    Ok(in_order.filter_map(find).collect())
}

/// Opens what these segments are decided from, and answers what they ask of rows.
pub(super) async fn begin<'h>(
    house: &'h House,
    purpose: Purpose,
    as_of: EventTime,
    segments: &[&Segment],
) -> Result<Deciding<'h>, FlowError> {
    let tables: BTreeSet<&str> = segments.iter().flat_map(|segment| inputs(segment).tables).collect();
    let mut deciding = Deciding::begin(house, purpose, as_of, &tables).await?;
    deciding.mean(None).await?;
    let predicates = segments.iter().filter_map(|segment| match &segment.membership {
        Meant::Where(predicate) => Some(predicate),
        Meant::Clusters(_) => None,
    });
    deciding.prepare(&predicates.collect::<Vec<_>>()).await?;
    Ok(deciding)
}

/// Who belongs, as it would be kept; without a history.
pub(super) async fn decided(
    deciding: &mut Deciding<'_>,
    segment: &Segment,
) -> Result<(Membership, Content), FlowError> {
    let (sets, clusters, described) = match &segment.membership {
        Meant::Where(predicate) => (deciding.decide(predicate).await?, None, None),
        Meant::Clusters(clustering) => {
            let (clusters, found) = deciding.cluster(clustering).await?;
            let yes = clusters.iter().fold(roaring::RoaringBitmap::new(), |all, cluster| all | cluster);
            (TruthSets::known(yes), Some(clusters), Some(Described::of(&found)))
        }
    };
    let content = Content {
        definition: segment.definition(),
        as_of: deciding.now.as_of,
        followed: None,
        customers: deciding.everyone.len(),
        from: of_inputs(deciding, segment),
        clusters: described,
        traits: BTreeMap::new(),
    };
    let TruthSets { yes: members, unknown } = sets;
    Ok((Membership { members, unknown, clusters, ..Membership::default() }, content))
}

/// The versions of what one segment reads.
fn of_inputs(deciding: &Deciding<'_>, segment: &Segment) -> super::content::Versions {
    let inputs = inputs(segment);
    let mut versions = deciding.versions.clone();
    versions.tables.retain(|name, _| inputs.tables.contains(name.as_str()));
    versions.traits.retain(|name, _| inputs.traits.contains(name.as_str()));
    versions.segments.retain(|name, _| inputs.segments.contains(name.as_str()));
    versions
}

async fn one(deciding: &mut Deciding<'_>, segment: &Segment) -> Result<(Membership, Moves), FlowError> {
    let (mut membership, mut content) = decided(deciding, segment).await?;
    for _ in 0..TRIES_MAX {
        let before = deciding.house.store.membership(&segment.name).await?;
        let later = before.as_ref().map(|kept| Content::of(&kept.membership)).transpose()?;
        if later.is_some_and(|kept| kept.latest() > content.as_of) {
            let why = format!("segment `{}` was decided for a later time already", segment.name);
            return Err(FlowError::Segment(why));
        }
        content.traits = baselines(deciding, segment, &membership, before.as_ref(), &content)?;
        match keep(deciding, &segment.name, before.as_ref(), &mut membership, &content).await {
            Err(FlowError::Store(StoreError::Conflict(_))) => {}
            done => return Ok((membership, done?)),
        }
    }
    Err(FlowError::Busy { by: format!("others decide segment `{}`", segment.name) })
}

/// Puts a membership in the place of the one before.
pub(super) async fn keep(
    deciding: &Deciding<'_>,
    name: &str,
    before: Option<&Kept>,
    membership: &mut Membership,
    content: &Content,
) -> Result<Moves, FlowError> {
    let mut history = match before {
        Some(kept) => History::from_bytes(&kept.membership.history)?,
        None => History::new(),
    };
    // Two decisions of one moment are told apart by a microsecond.
    let at = history.last().map_or(content.latest(), |last| content.latest().max(EventTime(last.0 + 1)));
    let moves = history.record(at, &membership.members)?;
    membership.history = history.to_bytes()?;
    membership.content = content.text()?;
    let read = before.map(|kept| kept.revision);
    deciding.house.store.keep_membership(name, read, deciding.erasures, membership).await?;
    Ok(moves)
}

/// How its traits are distributed: as they were when the segment was first decided by this definition.
fn baselines(
    deciding: &Deciding<'_>,
    segment: &Segment,
    membership: &Membership,
    before: Option<&Kept>,
    content: &Content,
) -> Result<BTreeMap<String, Baseline>, FlowError> {
    let before = before.map(|kept| Content::of(&kept.membership)).transpose()?;
    let mut kept = match before.filter(|before| before.definition == content.definition) {
        Some(before) => before.traits,
        None => BTreeMap::new(),
    };
    for name in segment.traits() {
        let measures = deciding.measures(name, &membership.members);
        match kept.get_mut(name) {
            // Where nobody is left there is nothing to compare.
            Some(baseline) => baseline.shift = baseline.of.shift(&measures).unwrap_or(baseline.shift),
            None if measures.is_empty() => {}
            None => {
                let of = Distribution::of(&measures);
                kept.insert(name.to_owned(), Baseline { at: content.as_of, of, shift: 0.0 });
            }
        }
    }
    Ok(kept)
}

async fn record(house: &House, done: &[Refreshed]) -> Result<(), FlowError> {
    for segment in done.iter().filter(|segment| segment.failed.is_none()) {
        let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Profile)
            .with("segment", segment.name.clone())
            .with("members", segment.members);
        house.record(&entry).await?;
    }
    Ok(())
}
