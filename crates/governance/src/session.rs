//! Opens sessions: asks the policies about every table.

use std::collections::BTreeMap;

use florin_domain::{Catalogue, DataClass, EventTime, Principal, Purpose, Role, TableDef};

use crate::{
    consent::PurposeRules,
    grant::{Grant, GrantKind, TableGrant},
    policy::{Asker, Policies},
    refusal::{Denied, Refusal, Wish},
};

/// Opens a session for somebody, for one purpose, as of a time.
///
/// Tables of which the principal may read at least C1 are in the grant, with the columns of the classes not permitted
/// masked; the other tables are absent.
///
/// # Errors
/// A refusal when there is not one table that may be read.
pub fn open_session(
    policies: &Policies,
    catalogue: &Catalogue,
    rules: &PurposeRules,
    principal: &Principal,
    purpose: Purpose,
    as_of: Option<EventTime>,
    at: EventTime,
) -> Result<Grant, Refusal> {
    let asker = Asker::new(policies, principal);
    let only: Vec<(Role, Asker<'_>)> =
        Role::ALL.into_iter().map(|role| (role, asker.with_only(&principal.user, role))).collect();
    let mut tables = BTreeMap::new();
    let mut refused = BTreeMap::new();
    for table in catalogue.tables() {
        if !table.purposes.is_empty() && !table.purposes.contains(&purpose) {
            refused.insert(table.name.clone(), Denied::for_other_purposes(table));
            continue;
        }
        match asker.class_max(purpose, table) {
            Some(class_max) => drop(tables.insert(table.name.clone(), TableGrant::new(table, class_max))),
            None => drop(refused.insert(table.name.clone(), why_not(&asker, &only, purpose, table))),
        }
    }
    if tables.is_empty() {
        return Err(Refusal::new(principal, purpose, Wish::AnyTable, Denied::all_of(refused.into_values())));
    }
    Ok(Grant {
        kind: GrantKind::Session,
        principal: principal.clone(),
        purpose,
        as_of,
        tables,
        refused,
        consent: rules.rule(purpose).filter(),
        granted_at: at,
        policy_version: policies.version(),
    })
}

fn why_not(asker: &Asker<'_>, only: &[(Role, Asker<'_>)], purpose: Purpose, table: &TableDef) -> Denied {
    let may = |asker: &Asker<'_>, purpose| asker.may_read(purpose, table, DataClass::C1).allowed;
    Denied {
        purposes: Purpose::ALL.into_iter().filter(|&other| may(asker, other)).collect(),
        roles: only.iter().filter(|(_, asker)| may(asker, purpose)).map(|(role, _)| *role).collect(),
        forbidden_by: asker.may_read(purpose, table, DataClass::C1).forbidden_by.into_iter().collect(),
        ..Denied::default()
    }
}
