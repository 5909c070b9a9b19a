//! Which scores are stale, and why.

use std::collections::BTreeMap;

use florin_domain::EventTime;
use florin_models::definition::{ModelDef, Task};
use florin_store::ModelVersion;
use serde::Serialize;

use super::{kept::kept_of, registry::seated, state, train::named};
use crate::{FlowError, House, bank::Seat};

/// A version whose scores are stale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaleScores {
    /// Which model.
    pub name: String,
    /// Whether they are those of a challenger, kept apart.
    pub challenger: bool,
    /// Why.
    pub reasons: Vec<String>,
}

/// The champions and challengers whose scores are not up to date as of a time.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn stale_scores(house: &House, as_of: EventTime) -> Result<Vec<StaleScores>, FlowError> {
    let mut found = Vec::new();
    for def in house.bank.models.values().filter(|def| super::texts::is_run(def)) {
        for seat in seats(def) {
            let Some(version) = seated(house, &def.name, seat).await? else { continue };
            let reasons = stale(house, (def, seat), &version, as_of).await?;
            if !reasons.is_empty() {
                found.push(StaleScores { name: def.name.clone(), challenger: seat == Seat::Challenger, reasons });
            }
        }
    }
    Ok(found)
}

/// Who of a model scores.
pub(super) fn seats(def: &ModelDef) -> impl Iterator<Item = Seat> + use<> {
    let alone = def.learner.task() == Task::Series;
    Seat::ALL.into_iter().filter(move |seat| *seat == Seat::Champion || !alone)
}

pub(super) async fn stale(
    house: &House,
    (def, seat): (&ModelDef, Seat),
    version: &ModelVersion,
    as_of: EventTime,
) -> Result<Vec<String>, FlowError> {
    let Some(kept) = kept_of(house, &def.name, seat).await? else { return Ok(vec!["it never scored".to_owned()]) };
    let mut reasons = Vec::new();
    if kept.content != version.content {
        reasons.push(format!("version {} is the {}", version.version, version.state.name()));
    }
    let now = rests_on(house, def).await?;
    let traits: Vec<&str> = now
        .traits
        .iter()
        .filter(|(name, at)| kept.traits.get(*name) != Some(*at))
        .map(|(name, _)| name.as_str())
        .collect();
    if !traits.is_empty() {
        reasons.push(format!("{} computed since", words(&traits)));
    }
    let tables: Vec<&str> = now
        .tables
        .iter()
        .filter(|(name, at)| kept.tables.get(*name) != Some(*at))
        .map(|(name, _)| name.as_str())
        .collect();
    if !tables.is_empty() {
        reasons.push(format!("{} changed since", words(&tables)));
    }
    if kept.persons != now.persons {
        reasons.push("customers were found to be one, or no longer, since".to_owned());
    }
    let zone = &house.bank.settings.bank.time_zone;
    if crate::traits::day_of(kept.as_of, zone)? != crate::traits::day_of(as_of, zone)? {
        reasons.push("they are as of another day".to_owned());
    }
    Ok(reasons)
}

fn words(names: &[&str]) -> String {
    match names {
        [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}

/// What scores rest on, as it stands.
pub(super) struct RestsOn {
    pub(super) traits: BTreeMap<String, EventTime>,
    pub(super) tables: BTreeMap<String, u64>,
    pub(super) persons: u64,
}

pub(super) async fn rests_on(house: &House, def: &ModelDef) -> Result<RestsOn, FlowError> {
    let (tables, traits) = named(def);
    let mut computed = BTreeMap::new();
    for name in traits {
        if let Some(kept) = crate::traits::kept_of(house, &name).await? {
            computed.insert(name, kept.computed_at);
        }
    }
    let mut versions = state::tables(house, def).await?;
    // Traits say themselves when their tables changed.
    versions.retain(|name, _| tables.contains(name));
    Ok(RestsOn { traits: computed, tables: versions, persons: crate::traits::persons_version(house).await? })
}
