//! What is kept of each trait, and which are stale.

use std::collections::BTreeMap;

use florin_domain::{EventTime, catalogue::ANONYMOUS_SPAN};
use florin_features::{
    TraitRun,
    definition::{PERSONS, Reason, stale},
};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

use crate::{FlowError, House};

/// Commits that are looked through for the last run: erasures and care come in between.
const COMMITS_MAX: usize = 50;
/// Logs that are looked at at once.
const LOOKS_MAX: usize = 16;

/// What is kept beside the values of a trait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What they were computed from.
    pub run: TraitRun,
    /// Customers with a value of their own.
    pub customers: usize,
    /// Customers whose gap was filled.
    pub filled: usize,
    /// Customers without a value.
    pub missing: usize,
    /// When they were computed.
    pub computed_at: EventTime,
    /// How long that took, in milliseconds: its share, where it was computed together with others.
    pub took_ms: u64,
}

/// A trait as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraitState {
    /// Which.
    pub name: String,
    /// What is kept; `None` when it was never computed.
    pub kept: Option<Kept>,
    /// Why it must be computed again; empty when it is up to date.
    pub stale: Vec<Reason>,
}

/// How all traits stand as of a time, in an order in which each comes after those it reads.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn states(house: &House, as_of: EventTime) -> Result<Vec<TraitState>, FlowError> {
    let kept = kept(house).await?;
    let tables = versions(house).await?;
    let zone = house.bank.settings.bank.time_zone.clone();
    // A trait that asks for the time is as old as its day: the bank's days are what windows are counted in.
    let moved = |from: EventTime, to: EventTime| match (day_of(from, &zone), day_of(to, &zone)) {
        (Ok(from), Ok(to)) => from != to,
        _ => from != to,
    };
    let runs = kept.iter().map(|(name, kept)| (name.clone(), kept.run.clone())).collect();
    let mut reasons: BTreeMap<String, Vec<Reason>> =
        stale(&house.bank.traits, &runs, &tables, as_of, &moved).into_iter().map(|s| (s.name, s.reasons)).collect();
    let state = |of: &florin_features::Trait| TraitState {
        name: of.name.clone(),
        kept: kept.get(&of.name).cloned(),
        stale: reasons.remove(&of.name).unwrap_or_default(),
    };
    Ok(house.bank.traits.in_order().map(state).collect())
}

/// What is kept of each trait that was ever computed.
pub(super) async fn kept(house: &House) -> Result<BTreeMap<String, Kept>, FlowError> {
    let looks = house.bank.traits.in_order().map(|of| async move { (of.name.clone(), kept_of(house, &of.name).await) });
    let mut looks = futures::stream::iter(looks).buffer_unordered(LOOKS_MAX);
    let mut found = BTreeMap::new();
    while let Some((name, kept)) = looks.next().await {
        found.extend(kept?.map(|kept| (name, kept)));
    }
    Ok(found)
}

/// What is kept of one trait: its log's last word, unless that is of an erasure or of care.
pub(crate) async fn kept_of(house: &House, name: &str) -> Result<Option<Kept>, FlowError> {
    let table = format!("{}.{name}", florin_domain::catalogue::TRAITS);
    let Some(newest) = house.lake.newest_commit(&table).await? else { return Ok(None) };
    if let Ok(kept) = serde_json::from_value(newest.info) {
        return Ok(Some(kept));
    }
    let Some(table) = house.lake.table(&table).await? else { return Ok(None) };
    let run = |commit: &florin_lake::Commit| serde_json::from_value(commit.info.clone()).ok();
    Ok(table.history(COMMITS_MAX).await?.iter().find_map(run))
}

/// The version of each table that a trait reads, and of who is who.
pub(super) async fn versions(house: &House) -> Result<BTreeMap<String, u64>, FlowError> {
    let read = house.bank.traits.in_order().flat_map(|of| of.tables.iter().cloned());
    let names: std::collections::BTreeSet<String> = read.collect();
    let mut versions = BTreeMap::new();
    for name in names {
        if let Some(table) = house.lake.table(&name).await? {
            // A table that is there but was never filled is version 0; a filled one is more.
            versions.insert(name, table.data_version().await?);
        }
    }
    versions.insert(PERSONS.to_owned(), persons_version(house).await?);
    Ok(versions)
}

/// Grows with every event of identity and every new finding about visitors.
pub(crate) async fn persons_version(house: &House) -> Result<u64, FlowError> {
    let latest = house.store.persons_changed_at().await?.map_or(0, |at| at.micros().unsigned_abs());
    let spans = match house.lake.table(ANONYMOUS_SPAN).await? {
        Some(table) => table.data_version().await?,
        None => 0,
    };
    Ok(latest + spans)
}

/// The day of a moment in a time zone, as days since 1970-01-01.
pub(crate) fn day_of(at: EventTime, zone: &str) -> Result<i32, FlowError> {
    let wrong = |e: jiff::Error| FlowError::Internal(e.to_string());
    let zone = jiff::tz::TimeZone::get(zone).map_err(wrong)?;
    let moment = jiff::Timestamp::from_microsecond(at.micros()).map_err(wrong)?;
    let since = zone.to_datetime(moment).date().since(jiff::civil::date(1970, 1, 1)).map_err(wrong)?;
    Ok(since.get_days())
}
