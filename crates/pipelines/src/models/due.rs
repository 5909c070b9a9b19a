//! Which scores are stale, and why.

use std::collections::BTreeMap;

use florin_domain::EventTime;
use florin_models::definition::ModelDef;
use florin_store::ModelVersion;
use serde::Serialize;

use super::{kept::kept, registry::champion, state, train::named};
use crate::{FlowError, House};

/// A champion whose scores are stale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaleScores {
    /// Which model.
    pub name: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// The champions whose scores are not up to date as of a time.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn stale_scores(house: &House, as_of: EventTime) -> Result<Vec<StaleScores>, FlowError> {
    let mut found = Vec::new();
    for def in house.bank.models.values().filter(|def| super::texts::is_run(def)) {
        let Some(version) = champion(house, &def.name).await? else { continue };
        let reasons = stale(house, def, &version, as_of).await?;
        if !reasons.is_empty() {
            found.push(StaleScores { name: def.name.clone(), reasons });
        }
    }
    Ok(found)
}

pub(super) async fn stale(
    house: &House,
    def: &ModelDef,
    version: &ModelVersion,
    as_of: EventTime,
) -> Result<Vec<String>, FlowError> {
    let Some(kept) = kept(house, &def.name).await? else { return Ok(vec!["it never scored".to_owned()]) };
    let mut reasons = Vec::new();
    if kept.content != version.content {
        reasons.push(format!("version {} is the champion", version.version));
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
