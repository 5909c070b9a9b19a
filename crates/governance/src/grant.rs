//! A grant: who may read which tables and columns, for which purpose, as of which time.
//!
//! Whoever reads the lake takes a `&Grant`. Only this crate makes one: by [`open_session`](crate::open_session) for a
//! person, by [`Grant::for_loading`] and [`Grant::for_maintenance`] for Florin's own work. It cannot be built or read
//! from anywhere else:
//!
//! ```compile_fail,E0451
//! use florin_governance::{ConsentFilter, Grant, GrantKind};
//! let forged = Grant {
//!     kind: GrantKind::Session,
//!     principal: florin_domain::Principal { user: "mallory".into(), roles: vec![] },
//!     purpose: florin_domain::Purpose::Marketing,
//!     as_of: None,
//!     tables: Default::default(),
//!     refused: Default::default(),
//!     consent: ConsentFilter::Everyone,
//!     granted_at: florin_domain::EventTime(0),
//!     policy_version: [0; 32],
//! };
//! ```
//!
//! ```compile_fail,E0277
//! let forged: florin_governance::Grant = serde_json::from_str("{}").unwrap();
//! ```

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{
    Catalogue, DataClass, EventTime, Principal, Purpose, TableDef,
    catalogue::{COMMON_COLUMNS, CUSTOMER_ID},
};
use serde::Serialize;

use crate::{
    consent::ConsentFilter,
    permit::{Action, Permit, Resource},
    refusal::{Denied, Refusal, Wish},
};

/// Whose work a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// A person asks questions.
    Session,
    /// Florin loads records: keys and references have to be looked up in the lake.
    Loading,
    /// Florin rewrites files: compaction, erasure.
    Maintenance,
    /// Florin compares customers: who of them is one.
    Resolving,
    /// Florin computes traits and segments: of everybody, as a session sees persons and times.
    Profiling,
}

/// What a grant shows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableGrant {
    masked: BTreeSet<String>,
    class_max: DataClass,
}

impl TableGrant {
    pub(crate) fn new(table: &TableDef, class_max: DataClass) -> Self {
        let masked = table.columns.iter().filter(|c| c.class > class_max && !never_masked(&c.name));
        Self { masked: masked.map(|c| c.name.clone()).collect(), class_max }
    }

    /// Columns that read as NULL, wherever a query uses them: a condition on one finds nothing out. This holds for
    /// required columns too, so the schema that a session sees has them nullable.
    #[must_use]
    pub fn masked(&self) -> &BTreeSet<String> {
        &self.masked
    }

    /// Whether a column reads as NULL.
    #[must_use]
    pub fn is_masked(&self, column: &str) -> bool {
        self.masked.contains(column)
    }

    /// The most sensitive class that is seen.
    #[must_use]
    pub fn class_max(&self) -> DataClass {
        self.class_max
    }
}

/// Without the customer a row could not be filtered by consent, nor joined; the common columns say where it came from.
fn never_masked(column: &str) -> bool {
    column == CUSTOMER_ID || COMMON_COLUMNS.iter().any(|(name, _)| *name == column)
}

/// Leave to read. See the module's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    pub(crate) kind: GrantKind,
    pub(crate) principal: Principal,
    pub(crate) purpose: Purpose,
    pub(crate) as_of: Option<EventTime>,
    pub(crate) tables: BTreeMap<String, TableGrant>,
    /// The catalogue's other tables, and why they are absent.
    #[serde(skip)]
    pub(crate) refused: BTreeMap<String, Denied>,
    pub(crate) consent: ConsentFilter,
    pub(crate) granted_at: EventTime,
    #[serde(with = "crate::hex")]
    pub(crate) policy_version: [u8; 32],
}

impl Grant {
    /// For Florin's own look-ups while it loads: everything is seen, consent does not bind (that a record of somebody
    /// exists must be known to refuse it). From an [`Action::Ingest`] permit.
    ///
    /// # Errors
    /// A refusal when the permit is for something else.
    pub fn for_loading(permit: &Permit, catalogue: &Catalogue) -> Result<Self, Refusal> {
        Self::for_own_work(permit, &[Action::Ingest], GrantKind::Loading, catalogue)
    }

    /// For rewriting files: everything is seen, consent does not bind (what is withheld from a purpose must survive a
    /// compaction). From an [`Action::Maintain`] permit, for the table it names or for all; or from an [`Action::Erase`]
    /// permit, for all.
    ///
    /// # Errors
    /// A refusal when the permit is for something else.
    pub fn for_maintenance(permit: &Permit, catalogue: &Catalogue) -> Result<Self, Refusal> {
        Self::for_own_work(permit, &[Action::Maintain, Action::Erase], GrantKind::Maintenance, catalogue)
    }

    /// For finding out whose records are whose: everything is seen, consent does not bind (a customer is one, whatever
    /// they agreed to), and only weights and numbers leave. From an [`Action::Resolve`] permit.
    ///
    /// # Errors
    /// A refusal when the permit is for something else.
    pub fn for_resolving(permit: &Permit, catalogue: &Catalogue) -> Result<Self, Refusal> {
        Self::for_own_work(permit, &[Action::Resolve], GrantKind::Resolving, catalogue)
    }

    /// For computing traits and segments: everything is seen, consent does not bind (what comes of it is read under its own
    /// class, purposes and consent), but rows not yet known at `as_of` are hidden. From an [`Action::Profile`] permit.
    ///
    /// # Errors
    /// A refusal when the permit is for something else.
    pub fn for_profiling(permit: &Permit, catalogue: &Catalogue, as_of: EventTime) -> Result<Self, Refusal> {
        let grant = Self::for_own_work(permit, &[Action::Profile], GrantKind::Profiling, catalogue)?;
        Ok(Self { as_of: Some(as_of), ..grant })
    }

    fn for_own_work(
        permit: &Permit,
        actions: &[Action],
        kind: GrantKind,
        catalogue: &Catalogue,
    ) -> Result<Self, Refusal> {
        if !actions.contains(&permit.action()) {
            return Err(Refusal::wrong_permit(permit, actions));
        }
        let meant = |table: &TableDef| match permit.resource() {
            Resource::Table(name) => *name == table.name,
            _ => true,
        };
        let unmasked = |table: &TableDef| (table.name.clone(), TableGrant::new(table, DataClass::Identifying));
        Ok(Self {
            kind,
            principal: permit.principal().clone(),
            purpose: permit.purpose(),
            as_of: None,
            tables: catalogue.tables().filter(|table| meant(table)).map(|table| unmasked(table)).collect(),
            refused: BTreeMap::new(),
            consent: ConsentFilter::Everyone,
            granted_at: permit.permitted_at(),
            policy_version: permit.policy_version(),
        })
    }

    /// What is seen of a table; `None` when the table does not exist for this session ([`Grant::refuse_table`] says
    /// why).
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableGrant> {
        self.tables.get(name)
    }

    /// The tables that are seen, by name.
    #[must_use]
    pub fn tables(&self) -> &BTreeMap<String, TableGrant> {
        &self.tables
    }

    /// What to answer to somebody who asked for a table that is not seen: no such table, or not for this purpose.
    #[must_use]
    pub fn refuse_table(&self, name: &str) -> Refusal {
        match self.refused.get(name) {
            Some(denied) => {
                let wish = Wish::Table { name: name.to_owned() };
                Refusal::new(&self.principal, self.purpose, wish, denied.clone())
            }
            None => Refusal::no_such_table(&self.principal, self.purpose, name, self.tables.keys().cloned().collect()),
        }
    }

    /// Whose work it is for. [`GrantKind::Session`] is bound by consent and masks, the others are not.
    #[must_use]
    pub fn kind(&self) -> GrantKind {
        self.kind
    }

    /// Who asked. For Florin's own work: who started it.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Rows not yet known at this time are hidden; `None` hides nothing.
    #[must_use]
    pub fn as_of(&self) -> Option<EventTime> {
        self.as_of
    }

    /// Whose rows are seen. Judged by each customer's latest word at [`Grant::granted_at`], whatever
    /// [`Grant::as_of`] says: a withdrawal binds the past too.
    #[must_use]
    pub fn consent(&self) -> ConsentFilter {
        self.consent
    }

    /// When it was granted.
    #[must_use]
    pub fn granted_at(&self) -> EventTime {
        self.granted_at
    }

    /// [`Policies::version`](crate::Policies::version) of the policies that decided.
    #[must_use]
    pub fn policy_version(&self) -> [u8; 32] {
        self.policy_version
    }
}
