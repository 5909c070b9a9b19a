//! `florin run`: brings traits up to date.

use std::{collections::BTreeSet, time::Duration};

use florin_domain::{EventTime, Purpose};
use florin_features::{Trait, TraitRun, definition::Reason};
use florin_governance::{
    Action, Resource,
    audit::{Entry, EventKind},
};
use serde::Serialize;

use super::{
    keep::{Computed, TOGETHER_MAX, keep},
    state::{Kept, TraitState, states, versions},
};
use crate::{FlowError, House, load::Progress};

/// What would be computed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What is asked for and what it needs, in order: those with reasons are computed.
    pub traits: Vec<TraitState>,
    /// The time they would be as of.
    pub as_of: EventTime,
}

/// A trait that was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Which.
    pub name: String,
    /// Why it was stale.
    pub because: Vec<Reason>,
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: Kept,
}

/// A trait that could not be computed; what was kept of it before stays.
#[derive(Debug)]
pub struct Failed {
    /// Which.
    pub name: String,
    /// Why.
    pub error: FlowError,
}

/// What became of the traits that were stale.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Those that are up to date now.
    pub done: Vec<Done>,
    /// Those that are not.
    pub failed: Vec<Failed>,
}

/// What must be computed for these traits (all, when none is named) as of a time.
///
/// # Errors
/// When there is no such trait, or the lake cannot be read.
pub async fn plan(house: &House, names: &[String], as_of: EventTime, anew: bool) -> Result<Plan, FlowError> {
    let wanted = wanted(house, names)?;
    let mut traits = states(house, as_of).await?;
    traits.retain(|state| wanted.contains(state.name.as_str()));
    for state in traits.iter_mut().filter(|state| anew && state.stale.is_empty()) {
        state.stale.push(Reason::Asked);
    }
    Ok(Plan { traits, as_of })
}

/// The traits that are named, and those they read.
fn wanted<'a>(house: &'a House, names: &'a [String]) -> Result<BTreeSet<&'a str>, FlowError> {
    let traits = &house.bank.traits;
    if names.is_empty() {
        return Ok(traits.in_order().map(|of| of.name.as_str()).collect());
    }
    let mut wanted = BTreeSet::new();
    for name in names {
        if traits.get(name).is_none() {
            let known = traits.in_order().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(FlowError::Unknown { what: "trait", name: name.clone(), known });
        }
        wanted.insert(name.as_str());
        wanted.extend(traits.lineage(name).1);
    }
    Ok(wanted)
}

/// Computes what is stale of these traits (all, when none is named), and keeps it. `clock` gives the time that went by since
/// it was first asked.
///
/// # Errors
/// When the policies do not permit it, a load is at work, or the lake or the store fails. What was kept before an error stays kept.
pub async fn run(
    house: &House,
    plan: &Plan,
    progress: &dyn Progress,
    clock: &(dyn Fn() -> Duration + Sync),
) -> Result<Outcome, FlowError> {
    let stale: Vec<&TraitState> = plan.traits.iter().filter(|state| !state.stale.is_empty()).collect();
    if stale.is_empty() {
        house.permit(Purpose::Service, Action::Profile, Resource::Bank).await?;
        return Ok(Outcome::default());
    }
    let (_turn, house) = &crate::turns::work(house).await?;
    let profiling = house.profiling(Purpose::Service, plan.as_of).await?;
    let tables = versions(house).await?;
    let wanted: Vec<&Trait> = stale.iter().filter_map(|state| house.bank.traits.get(&state.name)).collect();
    let mut runs = plan.traits.iter().filter_map(|s| Some((s.name.clone(), s.kept.as_ref()?.run.clone()))).collect();
    let mut all_done = Vec::new();
    let mut before = clock();
    progress.begin("computing traits", "traits", Some(wanted.len() as u64));
    let mut failed = Vec::new();
    let computed = profiling.compute(&wanted, async |answers| {
        let took = u64::try_from((clock() - before).as_millis()).unwrap_or(u64::MAX);
        let took_ms = took / answers.len().max(1) as u64;
        let mut computed = Vec::new();
        for (of, whole) in answers {
            match whole {
                Ok(whole) => {
                    computed.push(Computed { of, whole, run: TraitRun::plan(of, &tables, &runs, plan.as_of), took_ms });
                }
                Err(error) => {
                    progress.advance(1);
                    failed.push(Failed { name: of.name.clone(), error });
                }
            }
        }
        for together in computed.chunks(TOGETHER_MAX) {
            for (trait_, kept) in together.iter().zip(keep(house, together).await?) {
                let name = &trait_.of.name;
                runs.insert(name.clone(), trait_.run.clone());
                let because = stale.iter().find(|s| s.name == *name).map(|s| s.stale.clone()).unwrap_or_default();
                all_done.push(Done { name: name.clone(), because, kept });
                progress.advance(1);
            }
        }
        before = clock();
        Ok(())
    });
    let computed = computed.await;
    progress.end();
    if !all_done.is_empty() {
        let names = all_done.iter().map(|done| done.name.as_str()).collect::<Vec<_>>().join(", ");
        let entry = Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Profile)
            .with("traits", names)
            .with("as_of", plan.as_of.micros());
        house.record(&entry).await?;
    }
    computed.map(|()| Outcome { done: all_done, failed })
}
