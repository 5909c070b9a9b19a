//! What a model's rows are read for.

use florin_domain::{Purpose, catalogue::TRAITS};
use florin_features::definition::reads;
use florin_governance::open_session;
use florin_models::definition::{ModelDef, Source};

use super::wrong;
use crate::{FlowError, House};

/// The purpose that is asked for, which must be one of the model's; without one, the first of them for which the user may see everything that the model
/// reads. Where there is none, the first: what is then refused says what is missing.
pub(super) fn purpose_of(house: &House, def: &ModelDef, asked: Option<Purpose>) -> Result<Purpose, FlowError> {
    let named = || def.purposes.iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
    match (asked, def.purposes.first()) {
        (Some(purpose), _) if def.purposes.contains(&purpose) => Ok(purpose),
        (Some(purpose), _) => Err(wrong(&def.name, format!("it is not for {purpose}; its purposes: {}", named()))),
        (None, Some(first)) => {
            Ok(def.purposes.iter().copied().find(|purpose| sees_all(house, def, *purpose)).unwrap_or(*first))
        }
        (None, None) => Err(wrong(&def.name, "it has no purpose")),
    }
}

/// Asks the policies and nothing else: no session is opened.
fn sees_all(house: &House, def: &ModelDef, purpose: Purpose) -> bool {
    let (bank, now) = (&house.bank, house.now());
    let (policies, rules) = (&bank.policies, &bank.settings.purposes);
    let Ok(grant) = open_session(policies, &bank.catalogue, rules, &house.who, purpose, None, now) else {
        return false;
    };
    match &def.source {
        Source::Lake { traits, .. } => {
            let seen = |name: &String| grant.table(&format!("{TRAITS}.{name}")).is_some_and(|t| !t.is_masked("value"));
            traits.iter().all(seen)
        }
        Source::Texts { sql, .. } => sql.as_deref().and_then(reads).is_none_or(|found| {
            let seen = |name: &String| grant.table(name).is_some_and(|table| !table.is_masked("text"));
            found.tables.iter().all(seen)
        }),
        Source::Series { sql, .. } => sql
            .as_deref()
            .and_then(reads)
            .is_none_or(|found| found.tables.iter().all(|name| grant.table(name).is_some())),
        Source::Table { name, columns, .. } => {
            grant.table(name).is_some_and(|table| columns.iter().all(|column| !table.is_masked(column)))
        }
    }
}
