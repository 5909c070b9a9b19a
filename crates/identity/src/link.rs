//! Links: pairs of records that rules or weights hold for one person.

use serde::{Deserialize, Serialize};

use crate::{
    blocking::{Blocks, SkewedKey, Wanted},
    error::{IdentityError, Result, setting},
    model::{Model, weight},
    settings::Settings,
    table::{RecordRef, Records},
    weigh::Scale,
};

/// Two rows, the smaller first, and what speaks for them being one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The smaller row.
    pub left: u32,
    /// The larger row.
    pub right: u32,
    /// Why.
    pub evidence: Evidence,
}

/// What speaks for a link.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of each variant say what its fields are")]
pub enum Evidence {
    /// A certain rule of the settings, by its place.
    Certain { rule: u16 },
    /// The match weight in bits, prior included.
    Weighed { weight: f64 },
}

/// All links, and what was seen on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Links {
    /// Certain ones by rule, then weighed ones, each by (left, right).
    pub links: Vec<Link>,
    /// Pairs that were compared.
    pub pairs_compared: u64,
    /// How many keys were shared by too many records.
    pub skewed_keys: u64,
    /// The worst of them.
    pub skewed: Vec<SkewedKey>,
}

#[derive(Default)]
struct Seen {
    compared: u64,
    links: Vec<Link>,
}

/// Compares all pairs that the blocking rules make and keeps those of at least that probability; adds what the certain
/// rules say. Same records, settings and model, same links, on any number of threads.
///
/// # Errors
/// When the settings name columns that are not there or are out of bounds, or the model is of other comparisons.
pub fn link(records: &Records, settings: &Settings, model: &Model, probability_min: f64) -> Result<Links> {
    link_wanted(records, settings, model, probability_min, Wanted::All)
}

/// What [`link`] finds of pairs of which one record at least is in `new`: those links, the same, and no others. What was
/// compared before is not compared again, and what is counted and reported is of keys that new records have.
///
/// `records` are all there are, the new ones among them; a record whose values changed is a new one. The model is that of the last
/// full training: [`KeptModel`](crate::model::KeptModel).
///
/// # Errors
/// As [`link`], and when a new record is not among the records.
pub fn link_new(
    records: &Records,
    settings: &Settings,
    model: &Model,
    new: &[RecordRef],
    probability_min: f64,
) -> Result<Links> {
    let mut marked = vec![false; records.len()];
    for id in new {
        let row = records.row(*id).ok_or(IdentityError::NoRecord { system: id.system, key: id.key })?;
        marked[row as usize] = true;
    }
    link_wanted(records, settings, model, probability_min, Wanted::Touching(&marked))
}

fn link_wanted(
    records: &Records,
    settings: &Settings,
    model: &Model,
    probability_min: f64,
    wanted: Wanted<'_>,
) -> Result<Links> {
    if !(0.0..1.0).contains(&probability_min) {
        return Err(setting("probability", format!("is {probability_min}; it must be at least 0 and below 1")));
    }
    let scale = Scale::new(records, settings, model)?;
    let least = weight(probability_min);
    let one_record_systems = settings.one_record_mask()?;
    let blocks = Blocks::build(records, &settings.blocking, settings.block_records_max, one_record_systems, wanted)?;
    let (mut links, mut skewed) = certain_links(records, settings, wanted)?;
    let mut pairs_compared = 0;
    let weighed = blocks.visit(|seen: &mut Seen, left, right| {
        seen.compared += 1;
        let weight = scale.weigh_above(records, &records.stored(left), &records.stored(right), least);
        seen.links.extend(weight.map(|weight| Link { left, right, evidence: Evidence::Weighed { weight } }));
    });
    let first_weighed = links.len();
    for seen in weighed {
        pairs_compared += seen.compared;
        links.extend(seen.links);
    }
    links[first_weighed..].sort_unstable_by_key(|link| (link.left, link.right));
    skewed.extend_from_slice(blocks.skewed());
    let skewed_keys = skewed.len() as u64;
    skewed.truncate(settings.skewed_reported_max as usize);
    Ok(Links { links, pairs_compared, skewed_keys, skewed })
}

/// A record is linked with the first of its block that the rule's tests let it be, so that a block of n records makes
/// fewer than n links.
fn certain_links(records: &Records, settings: &Settings, wanted: Wanted<'_>) -> Result<(Vec<Link>, Vec<SkewedKey>)> {
    let blocks = Blocks::build(records, &settings.certain, settings.certain_records_max, 0, wanted)?;
    let mut links = Vec::new();
    for rule in 0..settings.certain.len() {
        let number = u16::try_from(rule).map_err(|_| setting("certain", "has too many rules"))?;
        for block in blocks.blocks(rule) {
            for (at, right) in block.iter().enumerate() {
                let left = block[..at].iter().find(|left| blocks.passes(rule, **left, *right));
                let left = left.filter(|left| wanted.makes(**left, *right));
                let evidence = Evidence::Certain { rule: number };
                links.extend(left.map(|left| Link { left: *left, right: *right, evidence }));
            }
        }
        links.sort_by_key(|link: &Link| (link.evidence.rule(), link.left, link.right));
    }
    Ok((links, blocks.skewed().to_vec()))
}

impl Evidence {
    /// The certain rule, if it is one.
    #[must_use]
    pub fn rule(&self) -> Option<u16> {
        match self {
            Self::Certain { rule } => Some(*rule),
            Self::Weighed { .. } => None,
        }
    }

    /// The match weight, if it was weighed.
    #[must_use]
    pub fn weight(&self) -> Option<f64> {
        match self {
            Self::Weighed { weight } => Some(*weight),
            Self::Certain { .. } => None,
        }
    }
}
