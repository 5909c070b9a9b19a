//! One line of the audit log.

use std::{collections::BTreeMap, fmt};

use florin_domain::{EventTime, Principal, Purpose, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    grant::Grant,
    permit::{Action, Permit},
    refusal::Refusal,
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody may read tables from now on.
    SessionOpened,
    /// A query ran.
    Query,
    /// Rows left Florin: a file, a segment, an answer to another program.
    Export,
    /// Identifying values of a customer were read from the vault.
    LookUp,
    /// Something was refused.
    Refusal,
    /// Records were loaded.
    Ingest,
    /// The lake was optimised, vacuumed or mended.
    Maintenance,
    /// Customers were merged or split.
    Identity,
    /// Traits or segments were computed.
    Profile,
    /// A customer was erased.
    Erasure,
    /// Definitions came into force.
    Definition,
    /// A change was approved or rejected.
    Approval,
    /// A customer's word was recorded.
    Consent,
    /// Records that were put aside were listed, or their raw text read.
    Quarantine,
    /// The audit log was read.
    AuditRead,
    /// The head of the log was signed and put outside.
    Checkpoint,
    /// Somebody signed in: a session began, or a key opened a connection.
    SignIn,
    /// Somebody could not sign in.
    SignInFailed,
    /// Too many failures: a name or an address has to wait.
    LockOut,
    /// Sessions ended because somebody said so.
    SignOut,
    /// A user was made, given other roles, disabled or enabled.
    User,
    /// A password was changed, or a one-time password was made.
    Password,
    /// A second factor was set up or removed, or one of its recovery codes was used.
    SecondFactor,
    /// A key for a machine was made or revoked.
    ApiKey,
}

impl EventKind {
    /// The name used in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionOpened => "session_opened",
            Self::Query => "query",
            Self::Export => "export",
            Self::LookUp => "look_up",
            Self::Refusal => "refusal",
            Self::Ingest => "ingest",
            Self::Maintenance => "maintenance",
            Self::Identity => "identity",
            Self::Profile => "profile",
            Self::Erasure => "erasure",
            Self::Definition => "definition",
            Self::Approval => "approval",
            Self::Consent => "consent",
            Self::Quarantine => "quarantine",
            Self::AuditRead => "audit_read",
            Self::Checkpoint => "checkpoint",
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::LockOut => "lock_out",
            Self::SignOut => "sign_out",
            Self::User => "user",
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
            Self::ApiKey => "api_key",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Action> for EventKind {
    /// What is logged when it is done.
    fn from(action: Action) -> Self {
        match action {
            Action::LookUp => Self::LookUp,
            Action::RecordConsent => Self::Consent,
            Action::Erase => Self::Erasure,
            Action::Ingest => Self::Ingest,
            Action::ListQuarantine | Action::ReadQuarantined => Self::Quarantine,
            Action::Maintain => Self::Maintenance,
            Action::Resolve => Self::Identity,
            Action::Profile => Self::Profile,
            Action::ReadAudit => Self::AuditRead,
            Action::Define => Self::Definition,
            Action::Approve => Self::Approval,
            Action::Administer => Self::User,
        }
    }
}

/// What happened, before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: EventTime,
    /// Who.
    pub user: String,
    /// What they were then.
    pub roles: Vec<Role>,
    /// What for; absent for what has no purpose of its own, such as a checkpoint.
    pub purpose: Option<Purpose>,
    /// What.
    pub kind: EventKind,
    /// The rest, by name. Never a value of the data: SQL belongs here with its literals taken out.
    pub detail: BTreeMap<String, Value>,
}

/// A payload that is no entry. It does not repeat the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the audit log cannot be read")]
pub struct UnreadableEntry;

impl Entry {
    /// Something somebody did.
    #[must_use]
    pub fn new(at: EventTime, principal: &Principal, purpose: Option<Purpose>, kind: EventKind) -> Self {
        let Principal { user, roles } = principal.clone();
        Self { at, user, roles, purpose, kind, detail: BTreeMap::new() }
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// A grant was given: which tables with which masks, whose rows, as of when, by which policies. For Florin's own
    /// work the detail `kind` says so.
    #[must_use]
    pub fn session_opened(grant: &Grant) -> Self {
        let tables: BTreeMap<&String, Value> = grant.tables().iter().map(|(name, t)| (name, json!(t))).collect();
        Self::new(grant.granted_at(), grant.principal(), Some(grant.purpose()), EventKind::SessionOpened)
            .with("kind", json!(grant.kind()))
            .with("tables", json!(tables))
            .with("consent", grant.consent().name())
            .with("as_of", json!(grant.as_of()))
            .with("policy_version", crate::hex::encode(&grant.policy_version()))
    }

    /// Leave was given for something.
    #[must_use]
    pub fn permitted(permit: &Permit) -> Self {
        Self::new(permit.permitted_at(), permit.principal(), Some(permit.purpose()), permit.action().into())
            .with("action", permit.action().name())
            .with("resource", json!(permit.resource()))
            .with("policy_version", crate::hex::encode(&permit.policy_version()))
    }

    /// Something was refused.
    #[must_use]
    pub fn refused(refusal: &Refusal, at: EventTime) -> Self {
        Self::new(at, refusal.principal(), Some(refusal.purpose()), EventKind::Refusal)
            .with("message", refusal.to_string())
            .with("help", refusal.help())
    }

    /// The entry as sealed: JSON with sorted keys and no blanks, so that equal entries are equal bytes.
    #[must_use]
    pub fn payload(&self) -> String {
        sorted(&json!(self)).to_string()
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// It is none.
    pub fn from_payload(payload: &str) -> Result<Self, UnreadableEntry> {
        serde_json::from_str(payload).map_err(|_| UnreadableEntry)
    }
}

/// The same value with the keys of every object in order. `serde_json` keeps them as they came if any crate of the
/// build asks it to, and one does.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let in_order: BTreeMap<&String, &Value> = fields.iter().collect();
            Value::Object(in_order.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let ana = Principal { user: "ana".into(), roles: vec![Role::Analyst] };
        Entry::new(EventTime(7), &ana, Some(Purpose::Analytics), EventKind::Query)
    }

    #[test]
    fn a_payload_has_sorted_keys_however_they_came() {
        let one: Value = serde_json::from_str(r#"{"b":[{"y":1,"x":2}],"a":null}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":null,"b":[{"x":2,"y":1}]}"#).unwrap();
        let payload = entry().with("plan", one).payload();
        assert_eq!(payload, entry().with("plan", other).payload());
        insta::assert_snapshot!(payload, @r#"{"at":7,"detail":{"plan":{"a":null,"b":[{"x":2,"y":1}]}},"kind":"query","purpose":"analytics","roles":["analyst"],"user":"ana"}"#);
    }

    #[test]
    fn a_payload_reads_back_and_an_unreadable_one_is_not_repeated() {
        let entry = entry().with("rows", 3).with("名", "客户");
        assert_eq!(Entry::from_payload(&entry.payload()), Ok(entry));
        let error = Entry::from_payload("{\"phone\":\"555\"}").unwrap_err();
        assert_eq!(error.to_string(), "an entry of the audit log cannot be read");
    }

    #[test]
    fn kinds_are_named_as_they_are_stored() {
        for kind in [EventKind::SessionOpened, EventKind::LookUp, EventKind::AuditRead, EventKind::Export] {
            assert_eq!(json!(kind), json!(kind.name()));
        }
    }
}
