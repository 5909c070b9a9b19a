//! What versions and scores rest on, and whether it changed.

use std::collections::{BTreeMap, BTreeSet};

use florin_models::definition::ModelDef;

use super::{known::Made, train::named};
use crate::{FlowError, House};

/// The version of every table that a model's rows are from, directly or through traits.
pub(super) async fn tables(house: &House, def: &ModelDef) -> Result<BTreeMap<String, u64>, FlowError> {
    let (mut names, traits) = named(def);
    for name in &traits {
        names.extend(house.bank.traits.lineage(name).0.into_iter().map(str::to_owned));
    }
    let mut versions = BTreeMap::new();
    for name in names {
        if let Some(table) = house.lake.table(&name).await? {
            versions.insert(name, table.data_version().await?);
        }
    }
    Ok(versions)
}

/// The definition of every trait that a model's rows are from, by hash.
pub(super) fn trait_definitions(house: &House, def: &ModelDef) -> BTreeMap<String, String> {
    let (_, named) = named(def);
    let mut all: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    for name in &named {
        all.extend(house.bank.traits.lineage(name).1);
    }
    let defined = all.into_iter().filter_map(|name| house.bank.traits.get(name));
    defined.map(|of| (of.name.clone(), of.definition.clone())).collect()
}

/// Why a version ought to be trained anew; empty when nothing that it rests on changed.
pub(super) async fn stale(house: &House, def: &ModelDef, made: &Made) -> Result<Vec<String>, FlowError> {
    let mut reasons = Vec::new();
    if made.definition != def.definition {
        reasons.push("its definition is another".to_owned());
    }
    let changed = |before: &BTreeMap<String, String>, now: &BTreeMap<String, String>| {
        now.iter().filter(|(name, hash)| before.get(*name) != Some(*hash)).map(|(name, _)| name.clone()).collect()
    };
    let traits: Vec<String> = changed(&made.trained_on.traits, &trait_definitions(house, def));
    if !traits.is_empty() {
        reasons.push(format!("the definition of {} is another", traits.join(", ")));
    }
    let now = tables(house, def).await?;
    let tables: Vec<&str> = now
        .iter()
        .filter(|(name, version)| made.trained_on.tables.get(*name) != Some(*version))
        .map(|(name, _)| name.as_str())
        .collect();
    if !tables.is_empty() {
        reasons.push(format!("{} changed since", tables.join(", ")));
    }
    Ok(reasons)
}
