//! Which memberships are not up to date, and why.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::EventTime;
use florin_features::segments::Segment;
use serde::Serialize;

use super::{
    content::{Content, Versions},
    decide::{versions, zone},
    inputs::inputs,
};
use crate::{FlowError, House};

/// A segment whose membership is not up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// Which.
    pub name: String,
    /// Why, in words: at least one reason.
    pub reasons: Vec<String>,
}

/// The segments to decide, each after those it names, and why; as of a time.
///
/// # Errors
/// When the store or the lake fails.
pub async fn stale(house: &House, as_of: EventTime) -> Result<Vec<Stale>, FlowError> {
    let segments: Vec<&Segment> = house.bank.segments.in_order().collect();
    if segments.is_empty() {
        return Ok(Vec::new());
    }
    let mut kept = BTreeMap::new();
    for line in house.store.memberships().await? {
        kept.insert(line.segment, (line.revision, Content::read(&line.content)?));
    }
    let tables: BTreeSet<&str> = segments.iter().flat_map(|segment| inputs(segment).tables).collect();
    let mut now = versions(house, &tables).await?;
    for name in segments.iter().flat_map(|segment| segment.traits()) {
        if !now.traits.contains_key(name) {
            now.traits.insert(name.to_owned(), trait_version(house, name).await?);
        }
    }
    let traits: BTreeSet<String> = match now.traits.is_empty() {
        true => BTreeSet::new(),
        false => {
            let states = crate::traits::states(house, as_of).await?;
            states.into_iter().filter(|state| !state.stale.is_empty()).map(|state| state.name).collect()
        }
    };
    now.segments.extend(kept.iter().map(|(name, (revision, _))| (name.clone(), *revision)));
    let days = Days { zone: zone(house)?, as_of };
    let mut found: Vec<Stale> = Vec::new();
    for segment in segments {
        let names: BTreeSet<&str> = found.iter().map(|stale| stale.name.as_str()).collect();
        let reasons = match kept.get(&segment.name) {
            None => vec!["it was never decided".to_owned()],
            Some((_, content)) => reasons(segment, content, &now, (&traits, &names), &days),
        };
        if !reasons.is_empty() {
            found.push(Stale { name: segment.name.clone(), reasons });
        }
    }
    Ok(found)
}

/// Which run a trait's values are of; empty when there was none.
pub(super) async fn trait_version(house: &House, name: &str) -> Result<String, FlowError> {
    let kept = crate::traits::state::kept_of(house, name).await?;
    Ok(kept.map(|kept| kept.run.version()).unwrap_or_default())
}

/// Natural days of the bank.
struct Days {
    zone: jiff::tz::TimeZone,
    as_of: EventTime,
}

impl Days {
    fn of(&self, at: EventTime) -> Option<jiff::civil::Date> {
        jiff::Timestamp::from_microsecond(at.micros()).ok().map(|at| self.zone.to_datetime(at).date())
    }

    /// Whether a day of the bank began since.
    fn passed(&self, since: EventTime) -> bool {
        self.of(since) < self.of(self.as_of)
    }
}

fn reasons(
    segment: &Segment,
    content: &Content,
    now: &Versions,
    (stale_traits, stale): (&BTreeSet<String>, &BTreeSet<&str>),
    days: &Days,
) -> Vec<String> {
    let (from, inputs) = (&content.from, inputs(segment));
    let mut reasons = Vec::new();
    if content.definition != segment.definition() {
        reasons.push("its definition changed".to_owned());
    }
    for table in &inputs.tables {
        // A table that is not there is at the version at which it is made.
        let version = |of: &Versions| of.tables.get(*table).copied().unwrap_or_default();
        if version(from) != version(now) {
            reasons.push(format!("`{table}` went from version {} to {}", version(from), version(now)));
        }
    }
    for name in &inputs.traits {
        if stale_traits.contains(*name) {
            reasons.push(format!("trait `{name}` is stale"));
        } else if from.traits.get(*name) != now.traits.get(*name) {
            reasons.push(format!("trait `{name}` was computed since"));
        }
    }
    for name in &inputs.segments {
        if stale.contains(name) {
            reasons.push(format!("segment `{name}` is stale"));
        } else if from.segments.get(*name) != now.segments.get(*name) {
            reasons.push(format!("segment `{name}` was decided since"));
        }
    }
    if from.persons != now.persons {
        reasons.push("customers were found to be one, or no longer, since".to_owned());
    }
    if inputs.time && days.passed(content.as_of) {
        reasons.push("a day began since, and time alone can change it".to_owned());
    }
    reasons
}
