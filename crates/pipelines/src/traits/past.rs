//! Traits in a session: as kept, or as of its own past date.

use florin_domain::EventTime;
use florin_features::{Trait, definition::reads};

use super::{
    Profiling,
    state::{TraitState, kept_of, states},
};
use crate::{FlowError, House, ask::Asking};

impl Asking<'_> {
    /// Sees to it that the traits a question names are there as of the session's time.
    pub(crate) async fn traits_of(&self, sql: &str) -> Result<(), FlowError> {
        let Some(named) = reads(sql) else { return Ok(()) };
        self.with_traits(named.traits.iter().map(String::as_str)).await
    }

    /// Sees to it that these traits are there. Those that the grant does not show are left to be refused.
    pub(crate) async fn with_traits<'t>(&self, names: impl Iterator<Item = &'t str>) -> Result<(), FlowError> {
        let house = self.house();
        let granted = names.filter_map(|name| house.bank.traits.get(name));
        let granted: Vec<&Trait> = granted.filter(|of| self.grant().table(&of.table().name).is_some()).collect();
        let Some(as_of) = self.grant().as_of() else {
            for of in granted {
                if kept_of(house, &of.name).await?.is_none() {
                    return Err(FlowError::NeverComputed(of.name.clone()));
                }
            }
            return Ok(());
        };
        let mut missing: Vec<&Trait> = granted.into_iter().filter(|of| !self.has_past(&of.name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // What is up to date as of this very moment is what would be computed.
        let states = states(house, as_of).await?;
        let kept = |state: &TraitState| {
            state.stale.is_empty() && state.kept.as_ref().is_some_and(|kept| kept.run.as_of == as_of)
        };
        missing.retain(|of| !states.iter().any(|state| state.name == of.name && kept(state)));
        if missing.is_empty() { Ok(()) } else { self.compute_past(&missing, as_of).await }
    }

    async fn compute_past(&self, missing: &[&Trait], as_of: EventTime) -> Result<(), FlowError> {
        let house = self.house();
        let closure = with_inputs(house, missing);
        let profiling = house.profiling(self.grant().purpose(), as_of).await?;
        profiling
            .compute(&closure, async |answers| {
                for (of, whole) in answers {
                    self.session().in_place_of(&of.table().name, whole?.batch(as_of)?)?;
                    self.remember_past(&of.name);
                }
                Ok(())
            })
            .await
    }
}

impl Profiling<'_> {
    /// Sees to it that these traits are there as of its own moment: as kept, where that is up to date, else computed for this session only.
    pub(crate) async fn with_traits(&self, names: &std::collections::BTreeSet<String>) -> Result<(), FlowError> {
        let house = self.house();
        let states = states(house, self.as_of()).await?;
        let kept = |state: &TraitState| {
            state.stale.is_empty() && state.kept.as_ref().is_some_and(|kept| kept.run.as_of <= self.as_of())
        };
        let due = states.iter().filter(|state| names.contains(&state.name) && !kept(state));
        let due: Vec<&Trait> = due.filter_map(|state| house.bank.traits.get(&state.name)).collect();
        if due.is_empty() {
            return Ok(());
        }
        self.compute(&with_inputs(house, &due), async |answers| {
            answers.into_iter().try_for_each(|(_, whole)| whole.map(|_| ()))
        })
        .await
    }
}

/// Traits with all they rest on, in order.
pub(super) fn with_inputs<'h>(house: &'h House, wanted: &[&Trait]) -> Vec<&'h Trait> {
    let traits = &house.bank.traits;
    let mut names: std::collections::BTreeSet<&str> = wanted.iter().map(|of| of.name.as_str()).collect();
    for of in wanted {
        names.extend(traits.lineage(&of.name).1);
    }
    traits.in_order().filter(|of| names.contains(of.name.as_str())).collect()
}
