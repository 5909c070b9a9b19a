//! `florin models`: which versions there are, and how they stand.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::EventTime;
use florin_models::evaluation::Headline;
use florin_store::{ModelAct, ModelState, ModelVersion};
use serde::Serialize;

use super::{drift::Drifted, kept::kept_of, known::Made, state, wrong};
use crate::{FlowError, House, bank::Seat};

/// A version on one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Of which model.
    pub name: String,
    /// Its number; nothing of a model that was never trained.
    pub version: Option<u32>,
    /// Where it stands.
    pub state: Option<ModelState>,
    /// When it was trained, and by whom.
    pub trained_at: Option<EventTime>,
    /// By whom.
    pub trained_by: Option<String>,
    /// How good it is on its test.
    pub headline: Option<Headline>,
    /// Guards that hold it back.
    pub held_back_by: Vec<String>,
    /// Guards that were waived.
    pub waived: Vec<String>,
    /// Of the newest version: why it ought to be trained anew.
    pub stale: Vec<String>,
    /// Of the champion, and of a challenger that scored: how far scores and features are from training, the farthest first.
    pub drift: Vec<Drifted>,
}

/// Everything about a version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// A hash of what it is.
    pub content: String,
    /// A hash of its bytes.
    pub bytes: String,
    /// What it was made of and how good it is.
    pub made: Made,
    /// What was done with it.
    pub acts: Vec<ModelAct>,
}

/// All versions of one model or of all, by name, the newest first; models that were never trained too.
///
/// # Errors
/// When there is no such model, or the store or the lake cannot be read.
pub async fn list(house: &House, name: Option<&str>) -> Result<Vec<Line>, FlowError> {
    let versions = house.store.model_versions(name).await?;
    if let Some(name) = name.filter(|_| versions.is_empty()) {
        super::defined(house, name)?;
    }
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for version in &versions {
        let newest = seen.insert(version.name.clone());
        lines.push(line(house, version, newest).await?);
    }
    let untrained = house.bank.models.keys().filter(|model| !seen.contains(*model));
    lines.extend(untrained.filter(|model| name.is_none_or(|name| name == *model)).map(|model| Line {
        name: model.clone(),
        version: None,
        state: None,
        trained_at: None,
        trained_by: None,
        headline: None,
        held_back_by: Vec::new(),
        waived: Vec::new(),
        stale: vec!["it was never trained".to_owned()],
        drift: Vec::new(),
    }));
    lines.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
    Ok(lines)
}

/// One version (the newest, when none is named).
///
/// # Errors
/// When there is none, or the store or the lake cannot be read.
pub async fn show(house: &House, name: &str, version: Option<u32>) -> Result<Shown, FlowError> {
    let versions = versions(house, name).await?;
    let found = pick(name, &versions, version, &ModelState::ALL)?;
    let newest = versions.first().is_some_and(|newest| newest.version == found.version);
    Ok(Shown {
        line: line(house, found, newest).await?,
        content: found.content.clone(),
        bytes: found.bytes.clone(),
        made: Made::of(found)?,
        acts: house.store.model_acts(name, found.version).await?,
    })
}

/// The version in a seat: of several challengers the newest.
pub(super) async fn seated(house: &House, name: &str, seat: Seat) -> Result<Option<ModelVersion>, FlowError> {
    let versions = house.store.model_versions(Some(name)).await?;
    let state = match seat {
        Seat::Champion => ModelState::Champion,
        Seat::Challenger => ModelState::Challenger,
    };
    Ok(versions.into_iter().find(|version| version.state == state))
}

/// All versions of a model, the newest first; at least one.
pub(super) async fn versions(house: &House, name: &str) -> Result<Vec<ModelVersion>, FlowError> {
    let versions = house.store.model_versions(Some(name)).await?;
    if versions.is_empty() {
        super::defined(house, name)?;
        return Err(wrong(name, format!("it was never trained; `florin train {name}`")));
    }
    Ok(versions)
}

/// The version that is named, or the newest that is in one of these states.
pub(super) fn pick<'v>(
    name: &str,
    versions: &'v [ModelVersion],
    number: Option<u32>,
    states: &[ModelState],
) -> Result<&'v ModelVersion, FlowError> {
    if let Some(number) = number {
        let known = || versions.iter().map(|v| v.version.to_string()).collect::<Vec<_>>().join(", ");
        let found = versions.iter().find(|version| version.version == number);
        return found.ok_or_else(|| wrong(name, format!("it has no version {number}; there are: {}", known())));
    }
    versions.iter().find(|version| states.contains(&version.state)).ok_or_else(|| {
        let wanted = states.iter().map(|state| state.name()).collect::<Vec<_>>().join(" or ");
        let there =
            versions.iter().map(|v| format!("{} is {}", v.version, v.state.name())).collect::<Vec<_>>().join(", ");
        wrong(name, format!("no version of it is {wanted}: {there}"))
    })
}

async fn line(house: &House, version: &ModelVersion, newest: bool) -> Result<Line, FlowError> {
    let made = Made::of(version)?;
    let waived = waivers(&house.store.model_acts(&version.name, version.version).await?);
    let held_back_by = made.failing().into_iter().filter(|guard| !waived.contains_key(guard)).collect();
    let stale = match house.bank.models.get(&version.name).filter(|_| newest) {
        Some(def) => state::stale(house, def, &made).await?,
        None => Vec::new(),
    };
    let seat = match version.state {
        ModelState::Champion => Some(Seat::Champion),
        ModelState::Challenger => Some(Seat::Challenger),
        _ => None,
    };
    let scored = match seat {
        Some(seat) => kept_of(house, &version.name, seat).await?.filter(|kept| kept.version == version.version),
        None => None,
    };
    let drift = scored.map(|kept| kept.drift).unwrap_or_default();
    Ok(Line {
        name: version.name.clone(),
        version: Some(version.version),
        state: Some(version.state),
        trained_at: Some(version.trained_at),
        trained_by: Some(version.trained_by.clone()),
        headline: Some(made.headline()),
        held_back_by,
        waived: waived.into_keys().collect(),
        stale,
        drift,
    })
}

/// Guards that were waived, by whom.
pub(super) fn waivers(acts: &[ModelAct]) -> BTreeMap<String, String> {
    let waived = acts.iter().filter(|act| act.act == "waived");
    waived.filter_map(|act| Some((act.subject.clone()?, act.by.clone()))).collect()
}
