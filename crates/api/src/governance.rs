//! Who read what and for which purpose; consent; policies.

use florin_domain::{EventTime, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Endpoint, Purpose};

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only for this purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub purpose: Option<Purpose>,
    /// Among the newest so many entries, up to 10,000; 200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: EventTime,
    /// Who.
    pub user: String,
    /// In which roles.
    pub roles: Vec<Role>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// What happened: `query`, `look_up`, `refusal` …
    pub kind: String,
    /// What else is known of it, without values of customers.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// Whether the audit log is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditVerified {
    /// Whether nothing was changed, removed or put in.
    pub whole: bool,
    /// How many entries were looked at.
    pub entries: u64,
    /// How many signed checkpoints agree.
    pub checkpoints: u64,
    /// What is wrong.
    pub wrong: Option<String>,
}

/// What a purpose rests on, and what customers said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurposeConsent {
    /// Which.
    pub purpose: Purpose,
    /// `contract`, `consent` or `legal_duty`.
    pub basis: String,
    /// What holds without a word: `given` or `withdrawn`.
    pub default: String,
    /// How many customers said yes.
    pub given: u64,
    /// How many said no.
    pub withdrawn: u64,
}

/// What a role may see of a table for a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixCell {
    /// Which role.
    pub role: Role,
    /// For which purpose.
    pub purpose: Purpose,
    /// How many tables it may read.
    pub tables: u32,
    /// Of how many.
    pub of: u32,
    /// How many columns of those read as NULL.
    pub masked: u32,
}

/// Policies, and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFacts {
    /// Files with their text; empty when the default policies hold.
    pub files: Vec<PolicyText>,
    /// By role and purpose.
    pub matrix: Vec<MatrixCell>,
}

/// A file of policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// Its name.
    pub name: String,
    /// As it is written.
    pub text: String,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/audit", "audit", "Who did what, the newest first")
            .query::<AuditQuery>()
            .lists::<AuditEntry>(),
        Endpoint::post("/v1/audit/verify", "verifyAudit", "Whether the log is whole").answers::<AuditVerified>(),
        Endpoint::get("/v1/consent", "consent", "What customers said, by purpose").lists::<PurposeConsent>(),
        Endpoint::get("/v1/policies", "policies", "Who may see what").answers::<PolicyFacts>(),
    ]
}
