//! Which recommendations are stale, and why.

use std::collections::{BTreeMap, BTreeSet};

use florin_decisions::offers::Offers;
use florin_domain::{EventTime, Purpose};
use florin_features::definition::reads;
use serde::Serialize;

use super::{
    kept::{KeptOffers, RestsOn, kept},
    purposes,
    scored::models_of,
};
use crate::{FlowError, House, bank::score_table};

/// Recommendations that are stale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaleOffers {
    /// For which purpose.
    pub purpose: Purpose,
    /// Why.
    pub reasons: Vec<String>,
}

/// The purposes whose recommendations are not up to date as of a time.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn stale_offers(house: &House, as_of: EventTime) -> Result<Vec<StaleOffers>, FlowError> {
    let wanted = purposes(house);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let now = rests_on(house, &house.bank.offers).await?;
    let mut found = Vec::new();
    for purpose in wanted {
        let reasons = stale(house, kept(house, purpose).await?.as_ref(), &now, as_of)?;
        if !reasons.is_empty() {
            found.push(StaleOffers { purpose, reasons });
        }
    }
    Ok(found)
}

/// Why what is kept is not up to date; empty when it is.
pub(super) fn stale(
    house: &House,
    kept: Option<&KeptOffers>,
    now: &RestsOn,
    as_of: EventTime,
) -> Result<Vec<String>, FlowError> {
    let Some(kept) = kept else { return Ok(vec!["none were ever made".to_owned()]) };
    let before = &kept.rests_on;
    let mut reasons = Vec::new();
    if before.definitions != now.definitions {
        reasons.push("offers are defined otherwise".to_owned());
    }
    let mut changed = |names: Vec<&str>, what: &str| {
        if !names.is_empty() {
            reasons.push(format!("{} {what}", words(&names)));
        }
    };
    changed(differing(&before.scores, &now.scores), "scored since");
    changed(differing(&before.traits, &now.traits), "computed since");
    changed(differing(&before.tables, &now.tables), "changed since");
    if before.persons != now.persons {
        reasons.push("customers were found to be one, or no longer, since".to_owned());
    }
    let zone = &house.bank.settings.bank.time_zone;
    if crate::traits::day_of(kept.as_of, zone)? != crate::traits::day_of(as_of, zone)? {
        reasons.push("they are as of another day".to_owned());
    }
    Ok(reasons)
}

fn differing<'n, T: PartialEq>(before: &BTreeMap<String, T>, now: &'n BTreeMap<String, T>) -> Vec<&'n str> {
    now.iter().filter(|(name, is)| before.get(*name) != Some(*is)).map(|(name, _)| name.as_str()).collect()
}

fn words(names: &[&str]) -> String {
    match names {
        [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}

/// The traits that offers' conditions and the queries for facts name.
pub(super) fn traits_of(offers: &Offers) -> BTreeSet<String> {
    let eligible = offers.all().iter().filter_map(|offer| offer.eligibility.as_ref());
    let mut named: BTreeSet<String> = eligible.clone().flat_map(|of| of.traits.iter().cloned()).collect();
    let asked = eligible.filter_map(|of| reads(&format!("SELECT 1 WHERE {}", of.sql)));
    let facts = offers.rules().facts.needed().into_iter().filter_map(|(_, sql)| reads(sql));
    named.extend(asked.chain(facts).flat_map(|found| found.traits.iter().cloned().collect::<Vec<_>>()));
    named
}

/// What recommendations would rest on now.
pub(super) async fn rests_on(house: &House, offers: &Offers) -> Result<RestsOn, FlowError> {
    let mut tables = BTreeSet::from(["customer".to_owned(), "consent".to_owned()]);
    let eligible = offers.all().iter().filter_map(|offer| offer.eligibility.as_ref());
    let asked = eligible.filter_map(|of| reads(&format!("SELECT 1 WHERE {}", of.sql)));
    let facts = offers.rules().facts.needed().into_iter().filter_map(|(_, sql)| reads(sql));
    tables.extend(asked.chain(facts).flat_map(|found| found.tables.iter().cloned().collect::<Vec<_>>()));
    let mut versions = BTreeMap::new();
    for name in tables {
        if let Some(table) = house.lake.table(&name).await? {
            versions.insert(name, table.data_version().await?);
        }
    }
    let mut computed = BTreeMap::new();
    for name in traits_of(offers) {
        if let Some(kept) = crate::traits::kept_of(house, &name).await? {
            computed.insert(name, kept.computed_at);
        }
    }
    let mut scores = BTreeMap::new();
    for model in models_of(offers) {
        let table = score_table(&model);
        if house.bank.catalogue.table(&table).is_none() {
            continue;
        }
        if let Some(table) = house.lake.table(&table).await? {
            scores.insert(model, table.data_version().await?);
        }
    }
    Ok(RestsOn {
        definitions: definitions(house),
        scores,
        traits: computed,
        tables: versions,
        persons: crate::traits::persons_version(house).await?,
    })
}

fn definitions(house: &House) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut files: Vec<_> = house.bank.texts.iter().filter(|text| text.kind == "offer").collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    for file in files {
        hasher.update(&(file.text.len() as u64).to_le_bytes());
        hasher.update(file.text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
