//! Leave to do something other than ask questions of the tables: load, look up, mend, approve ….

use std::fmt;

use cedar_policy::EntityUid;
use florin_domain::{CustomerId, EventTime, Principal, Purpose, Role};
use serde::Serialize;

use crate::{
    policy::{Asker, Policies, entity},
    refusal::{Denied, Refusal, Wish},
};

/// What somebody wants to do. The names are those of `schema.cedarschema`. In the default policies the data engineer's
/// and the administrator's actions are for [`Purpose::Service`], and the compliance officer's for [`Purpose::Compliance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See the identifying values of one customer, from the vault.
    LookUp,
    /// Write down what a customer said about a purpose.
    RecordConsent,
    /// Erase a customer, with everything derived.
    Erase,
    /// Load records of a source, or of all.
    Ingest,
    /// See which records were put aside, and why.
    ListQuarantine,
    /// See the raw text of records that were put aside.
    ReadQuarantined,
    /// Optimise, vacuum or mend a table, or all.
    Maintain,
    /// Find out whose records are whose, and merge and split customers.
    Resolve,
    /// Compute what is known of every customer: traits and segments.
    Profile,
    /// Read the audit log.
    ReadAudit,
    /// Put definitions in force (`florin apply`).
    Define,
    /// Approve or reject what a colleague submitted.
    Approve,
    /// Say who may sign in, as what: users, their roles, their passwords, their keys.
    Administer,
}

impl Action {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 13] = [
        Self::LookUp,
        Self::RecordConsent,
        Self::Erase,
        Self::Ingest,
        Self::ListQuarantine,
        Self::ReadQuarantined,
        Self::Maintain,
        Self::Resolve,
        Self::Profile,
        Self::ReadAudit,
        Self::Define,
        Self::Approve,
        Self::Administer,
    ];

    /// The name used in policies and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LookUp => "look_up",
            Self::RecordConsent => "record_consent",
            Self::Erase => "erase",
            Self::Ingest => "ingest",
            Self::ListQuarantine => "list_quarantine",
            Self::ReadQuarantined => "read_quarantined",
            Self::Maintain => "maintain",
            Self::Resolve => "resolve",
            Self::Profile => "profile",
            Self::ReadAudit => "read_audit",
            Self::Define => "define",
            Self::Approve => "approve",
            Self::Administer => "administer",
        }
    }

    /// Whether the action can be done to such a thing at all, as `schema.cedarschema` says.
    #[must_use]
    pub fn applies_to(self, resource: &Resource) -> bool {
        match self {
            Self::LookUp | Self::RecordConsent | Self::Erase => matches!(resource, Resource::Customer(_)),
            Self::Ingest | Self::ListQuarantine | Self::ReadQuarantined => {
                matches!(resource, Resource::Source(_) | Resource::Bank)
            }
            Self::Maintain => matches!(resource, Resource::Table(_) | Resource::Bank),
            Self::Resolve | Self::Profile | Self::ReadAudit | Self::Define | Self::Approve | Self::Administer => {
                matches!(resource, Resource::Bank)
            }
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What it is done to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The whole bank: all sources, all tables, the audit log, the definitions.
    Bank,
    /// A table of the catalogue, by name.
    Table(String),
    /// A source, by the name of its file in `sources/`.
    Source(String),
    /// One customer.
    Customer(CustomerId),
}

impl Resource {
    /// The type's name in `schema.cedarschema`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bank => "Bank",
            Self::Table(_) => "Table",
            Self::Source(_) => "Source",
            Self::Customer(_) => "Customer",
        }
    }

    fn entity(&self) -> Option<EntityUid> {
        match self {
            Self::Bank => entity(self.kind(), "bank"),
            Self::Table(name) | Self::Source(name) => entity(self.kind(), name),
            Self::Customer(id) => entity(self.kind(), &id.to_string()),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank => f.write_str("the bank"),
            Self::Table(name) => write!(f, "table `{name}`"),
            Self::Source(name) => write!(f, "source `{name}`"),
            Self::Customer(id) => write!(f, "customer {id}"),
        }
    }
}

/// Leave for one action on one thing. Only [`permit`](permit()) makes one.
///
/// ```compile_fail,E0451
/// let forged = florin_governance::Permit { action: florin_governance::Action::Erase, ..unimplemented!() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Permit {
    principal: Principal,
    purpose: Purpose,
    action: Action,
    resource: Resource,
    permitted_at: EventTime,
    #[serde(with = "crate::hex")]
    policy_version: [u8; 32],
}

impl Permit {
    /// Who may.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Do what.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// To what.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Whether this is leave for exactly that. Whoever takes a permit asks this first.
    #[must_use]
    pub fn is_for(&self, action: Action, resource: &Resource) -> bool {
        self.action == action && self.resource == *resource
    }

    /// Since when.
    #[must_use]
    pub fn permitted_at(&self) -> EventTime {
        self.permitted_at
    }

    /// [`Policies::version`] of the policies that decided.
    #[must_use]
    pub fn policy_version(&self) -> [u8; 32] {
        self.policy_version
    }
}

/// Asks whether somebody may do something to something, for one purpose.
///
/// # Errors
/// A refusal: the policies do not permit it, or the action is not one that is done to such a thing.
pub fn permit(
    policies: &Policies,
    principal: &Principal,
    purpose: Purpose,
    action: Action,
    resource: Resource,
    at: EventTime,
) -> Result<Permit, Refusal> {
    let asker = Asker::new(policies, principal);
    if asker.may(purpose, action.name(), resource.entity()).allowed {
        return Ok(Permit {
            principal: principal.clone(),
            purpose,
            action,
            resource,
            permitted_at: at,
            policy_version: policies.version(),
        });
    }
    let denied = why_not(&asker, principal, purpose, action, &resource);
    Err(Refusal::new(principal, purpose, Wish::Action { action, resource }, denied))
}

fn why_not(asker: &Asker<'_>, principal: &Principal, purpose: Purpose, action: Action, resource: &Resource) -> Denied {
    let ask = |asker: &Asker<'_>, purpose| asker.may(purpose, action.name(), resource.entity());
    Denied {
        purposes: Purpose::ALL.into_iter().filter(|&other| ask(asker, other).allowed).collect(),
        roles: Role::ALL
            .into_iter()
            .filter(|&role| ask(&asker.with_only(&principal.user, role), purpose).allowed)
            .collect(),
        forbidden_by: ask(asker, purpose).forbidden_by.into_iter().collect(),
        ..Denied::default()
    }
}
