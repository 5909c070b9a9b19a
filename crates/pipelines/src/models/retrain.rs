//! Models that are trained anew by themselves: `florin run` does it when `[retrain]` says that it is time, and there is something new to learn from.
//!
//! What comes of it is a candidate: guards judge it, somebody else approves it, and the champion goes on until then.

use florin_domain::EventTime;
use florin_models::definition::{ModelDef, Source};
use florin_store::ModelVersion;
use serde::Serialize;

use super::{
    dates::dates,
    known::Made,
    state,
    train::{Trained, train},
};
use crate::{FlowError, House, load::Progress};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A model for which it is time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueTraining {
    /// Which.
    pub name: String,
    /// Why, in words.
    pub because: String,
}

/// What became of one.
#[derive(Debug, Serialize)]
pub struct Retrained {
    /// Which.
    pub name: String,
    /// Why, in words.
    pub because: String,
    /// Its new version.
    pub trained: Option<Trained>,
    /// Why there is none. The version that there was goes on.
    pub failed: Option<String>,
}

/// The models whose newest version is older than they want, and that have something new to learn from. The first version is for people to train.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn due_for_training(house: &House) -> Result<Vec<DueTraining>, FlowError> {
    let mut due = Vec::new();
    for def in house.bank.models.values() {
        let Some(every) = def.retrain_days else { continue };
        let versions = house.store.model_versions(Some(&def.name)).await?;
        let Some(newest) = versions.first() else { continue };
        let days = house.now().micros().saturating_sub(newest.trained_at.micros()) / DAY;
        if days >= i64::from(every) && has_news(house, def, newest).await? {
            let because =
                format!("version {} was trained {days} days ago, and it wants to be every {every}", newest.version);
            due.push(DueTraining { name: def.name.clone(), because });
        }
    }
    Ok(due)
}

/// Whether a training would see what the newest version did not: dates whose horizon is over since; of what has no dates, tables that changed.
async fn has_news(house: &House, def: &ModelDef, newest: &ModelVersion) -> Result<bool, FlowError> {
    let made = Made::of(newest)?;
    let Source::Lake { dates: (first, last), latest, every, horizon_days, .. } = &def.source else {
        return Ok(!state::stale(house, def, &made).await?.is_empty());
    };
    let now: EventTime = house.now();
    let (there, _) = dates(house, &def.name, ((first, last), *latest), *every, *horizon_days, now)?;
    // A window that moves has as many dates as before, and a newer last one.
    let newest = there.last().map(|dated| dated.day.to_string());
    let known = made.trained_on.dates.last().map(|(day, _)| day);
    Ok(made.definition != def.definition || newest.as_ref() > known || there.len() > made.trained_on.dates.len())
}

/// Trains those for which it is time (of these names; all of them when there are none). One that cannot be trained holds up no other.
///
/// # Errors
/// When the lake or the store cannot be read.
pub async fn retrain(house: &House, names: &[String], progress: &dyn Progress) -> Result<Vec<Retrained>, FlowError> {
    let mut done = Vec::new();
    for due in due_for_training(house).await? {
        if !names.is_empty() && !names.contains(&due.name) {
            continue;
        }
        let (trained, failed) = match train(house, &due.name, None, None, progress).await {
            Ok(trained) => (Some(trained), None),
            Err(error) => (None, Some(error.to_string())),
        };
        done.push(Retrained { name: due.name, because: due.because, trained, failed });
    }
    Ok(done)
}
