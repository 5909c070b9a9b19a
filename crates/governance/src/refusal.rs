//! A no, in words that help: who, what, for which purpose, and what would be allowed. Never a value of the data.

use std::{collections::BTreeSet, fmt};

use florin_domain::{DataClass, Principal, Purpose, Role, TableDef};

use crate::{
    grant::Grant,
    permit::{Action, Permit, Resource},
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    AnyTable,
    Table { name: String },
    UnknownTable { name: String, seen: Vec<String> },
    Action { action: Action, resource: Resource },
    Segment { name: String },
    SegmentSays { name: String, table: String, class: DataClass },
    OtherPermit { has: Action, resource: Resource, needs: Vec<Action> },
}

/// Why it is not allowed, and what would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Denied {
    /// Purposes for which the same principal may.
    pub(crate) purposes: BTreeSet<Purpose>,
    /// Roles that may, for the same purpose.
    pub(crate) roles: BTreeSet<Role>,
    /// `forbid` policies that decided.
    pub(crate) forbidden_by: BTreeSet<String>,
    /// What the table may be used for at all, where its definition says so.
    pub(crate) defined_for: BTreeSet<Purpose>,
}

impl Denied {
    /// The definition of a table does not name the purpose.
    pub(crate) fn for_other_purposes(table: &TableDef) -> Self {
        let defined_for: BTreeSet<Purpose> = table.purposes.iter().copied().collect();
        Self { purposes: defined_for.clone(), defined_for, ..Self::default() }
    }

    /// Of several things, what would allow at least one.
    pub(crate) fn all_of(denials: impl Iterator<Item = Self>) -> Self {
        denials.fold(Self::default(), |mut all, denied| {
            all.purposes.extend(denied.purposes);
            all.roles.extend(denied.roles);
            all.forbidden_by.extend(denied.forbidden_by);
            all
        })
    }
}

/// A refusal. Its text says who may not do what for which purpose, and what would be allowed; [`Refusal::help`] says
/// what to do about it. Each belongs on the audit log ([`Entry::refused`](crate::audit::Entry::refused)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    principal: Principal,
    purpose: Purpose,
    wish: Wish,
    denied: Denied,
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(crate) fn new(principal: &Principal, purpose: Purpose, wish: Wish, denied: Denied) -> Self {
        Self(Box::new(Details { principal: principal.clone(), purpose, wish, denied }))
    }

    pub(crate) fn no_such_table(principal: &Principal, purpose: Purpose, name: &str, seen: Vec<String>) -> Self {
        let wish = Wish::UnknownTable { name: name.to_owned(), seen };
        Self::new(principal, purpose, wish, Denied::default())
    }

    /// To somebody who asks for the members of a segment that is for other purposes.
    #[must_use]
    pub fn segment_for_others(grant: &Grant, name: &str, purposes: &[Purpose]) -> Self {
        let purposes: BTreeSet<Purpose> = purposes.iter().copied().collect();
        let denied = Denied { purposes: purposes.clone(), defined_for: purposes, ..Denied::default() };
        Self::new(&grant.principal, grant.purpose, Wish::Segment { name: name.to_owned() }, denied)
    }

    /// To somebody who asks for the members of a segment that says something of what they may not read.
    #[must_use]
    pub fn segment_says(grant: &Grant, name: &str, table: &str, class: DataClass) -> Self {
        let wish = Wish::SegmentSays { name: name.to_owned(), table: table.to_owned(), class };
        Self::new(&grant.principal, grant.purpose, wish, Denied::default())
    }

    pub(crate) fn wrong_permit(permit: &Permit, needs: &[Action]) -> Self {
        let wish =
            Wish::OtherPermit { has: permit.action(), resource: permit.resource().clone(), needs: needs.to_vec() };
        Self::new(permit.principal(), permit.purpose(), wish, Denied::default())
    }

    /// Who was refused.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The purpose that was asked for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.0.purpose
    }

    /// Purposes for which the same principal may.
    #[must_use]
    pub fn allowed_purposes(&self) -> &BTreeSet<Purpose> {
        &self.0.denied.purposes
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        let denied = &self.0.denied;
        if let Wish::UnknownTable { seen, .. } = &self.0.wish {
            return format!("tables of this session: {}", list(seen));
        }
        if let Wish::OtherPermit { needs, .. } = &self.0.wish {
            let needs: Vec<String> = needs.iter().map(|action| format!("`{action}`")).collect();
            return format!("ask for leave to {}", needs.join(" or "));
        }
        if let Wish::SegmentSays { table, class, .. } = &self.0.wish {
            return format!("ask somebody who may read {class} of `{table}`; its size is shown to everybody");
        }
        if !self.is_possible() {
            return "see `schema.cedarschema` for what each action is done to".to_owned();
        }
        if !denied.defined_for.is_empty() {
            return format!("its definition allows it for: {}", names(&denied.defined_for));
        }
        if !denied.forbidden_by.is_empty() {
            return format!("forbidden by {}, whatever else permits it", list(&denied.forbidden_by));
        }
        match denied.roles.is_empty() {
            true => format!("nothing in `policies/*.cedar` permits it to anyone for {}", self.0.purpose),
            false => format!("for {}, `policies/*.cedar` permits it to: {}", self.0.purpose, names(&denied.roles)),
        }
    }

    fn is_possible(&self) -> bool {
        match &self.0.wish {
            Wish::Action { action, resource } => action.applies_to(resource),
            _ => true,
        }
    }

    fn allowed(&self, of: &str) -> String {
        let purposes = &self.0.denied.purposes;
        let purposes = if purposes.is_empty() { "none".to_owned() } else { names(purposes) };
        format!("allowed purposes for {of}: {purposes}")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { principal, purpose, wish, .. } = &*self.0;
        let who = format!("`{}` ({})", principal.user, roles(principal));
        match wish {
            Wish::AnyTable => write!(f, "{who} may not read any table for {purpose}; {}", self.allowed("tables")),
            Wish::Table { name } => {
                write!(f, "{who} may not read `{name}` for {purpose}; {}", self.allowed("this table"))
            }
            Wish::Segment { name } => {
                write!(f, "{who} may not use segment `{name}` for {purpose}; {}", self.allowed("this segment"))
            }
            Wish::SegmentSays { name, table, class } => {
                write!(f, "{who} may not know who is in segment `{name}` for {purpose}: it tells {class} of `{table}`")
            }
            Wish::UnknownTable { name, .. } => write!(f, "no table `{name}`"),
            Wish::Action { action, resource } if !self.is_possible() => {
                write!(f, "`{action}` is not done to {resource}")
            }
            Wish::Action { action, resource } => {
                write!(f, "{who} may not `{action}` {resource} for {purpose}; {}", self.allowed("this"))
            }
            Wish::OtherPermit { has, resource, .. } => write!(f, "{who} has leave to `{has}` {resource}, not for this"),
        }
    }
}

fn roles(principal: &Principal) -> String {
    match principal.roles.is_empty() {
        true => "no role".to_owned(),
        false => names(&principal.roles.iter().copied().collect()),
    }
}

fn names<T: fmt::Display>(items: &BTreeSet<T>) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
