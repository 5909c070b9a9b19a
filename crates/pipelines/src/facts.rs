//! What is true of the bank as a whole: where records come from, what was loaded, what customers said on purposes, whom a list reaches.
//! Counts and names; nothing of any customer.

use florin_domain::{Counts, EventTime, Purpose};
use florin_governance::{ConsentFilter, PurposeRule};
use florin_store::Batch;
use roaring::RoaringBitmap;

use crate::{FlowError, House, ask::of_persons};

/// A source of records.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFacts {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// Into which tables it is mapped.
    pub tables: Vec<String>,
    /// How many loads there were.
    pub loads: u64,
    /// What became of all its records.
    pub counts: Counts,
    /// When it was last loaded.
    pub loaded_at: Option<EventTime>,
}

/// What a purpose rests on, and what customers said.
#[derive(Debug, Clone, PartialEq)]
pub struct PurposeFacts {
    /// Which.
    pub purpose: Purpose,
    /// What it rests on.
    pub rule: PurposeRule,
    /// How many persons said yes.
    pub given: u64,
    /// How many said no.
    pub withdrawn: u64,
}

/// All sources, by name.
///
/// # Errors
/// When the store fails.
pub async fn sources(house: &House) -> Result<Vec<SourceFacts>, FlowError> {
    let totals = house.store.source_totals().await?;
    let facts = house.bank.sources.iter().map(|(name, def)| {
        let of_it: Vec<_> = totals.iter().filter(|total| total.source == *name).collect();
        let mut counts = Counts::default();
        of_it.iter().for_each(|total| counts += total.counts);
        let mut tables: Vec<String> = def.maps.iter().map(|map| map.into.get_ref().clone()).collect();
        tables.dedup();
        SourceFacts {
            name: name.clone(),
            about: def.about.clone(),
            tables,
            loads: of_it.iter().map(|total| total.batches).sum(),
            counts,
            loaded_at: of_it.iter().map(|total| total.finished_at).max(),
        }
    });
    Ok(facts.collect())
}

/// The latest loads, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn loads(house: &House, source: Option<&str>, limit: u32) -> Result<Vec<Batch>, FlowError> {
    Ok(house.store.batches(source, limit).await?)
}

/// What customers said, by purpose.
///
/// # Errors
/// When the store fails.
pub async fn consent(house: &House) -> Result<Vec<PurposeFacts>, FlowError> {
    let persons = crate::resolve::persons(house, None).await?;
    let mut facts = Vec::new();
    for purpose in Purpose::ALL {
        let words = house.store.consent_bitmaps(purpose, house.now()).await?;
        let said = of_persons(florin_lake::Consented { given: words.given, withdrawn: words.withdrawn }, &persons);
        let rule = house.bank.settings.purposes.rule(purpose);
        facts.push(PurposeFacts { purpose, rule, given: said.given.len(), withdrawn: said.withdrawn.len() });
    }
    Ok(facts)
}

/// How many of these persons each purpose reaches.
///
/// # Errors
/// When the store fails.
pub async fn reach(house: &House, customers: &RoaringBitmap) -> Result<Vec<(Purpose, u64)>, FlowError> {
    let persons = crate::resolve::persons(house, None).await?;
    let mut reached = Vec::new();
    for purpose in Purpose::ALL {
        let filter = house.bank.settings.purposes.rule(purpose).filter();
        if filter == ConsentFilter::Everyone {
            reached.push((purpose, customers.len()));
            continue;
        }
        let words = house.store.consent_bitmaps(purpose, house.now()).await?;
        let said = of_persons(florin_lake::Consented { given: words.given, withdrawn: words.withdrawn }, &persons);
        let count = match filter {
            ConsentFilter::Everyone => customers.len(),
            ConsentFilter::AllBut => customers.difference_len(&said.withdrawn),
            ConsentFilter::Only => customers.intersection_len(&said.given),
        };
        reached.push((purpose, count));
    }
    Ok(reached)
}
