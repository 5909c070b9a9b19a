//! Who did what and for which purpose; consent; policies.

use axum::{Json, extract::State};
use florin_api::{AuditEntry, AuditQuery, AuditVerified, MatrixCell, PolicyFacts, PolicyText, PurposeConsent};
use florin_governance::{ConsentFilter, PurposeRule};
use florin_pipelines::{FlowError, define::definitions, facts};

use crate::{
    caller::{Asked, Caller},
    failure::{Answer, Failure},
    state::Shared,
};

/// Entries that are looked at when nobody says.
const ENTRIES_DEFAULT: u32 = 200;
/// Entries that are looked at, at most.
const ENTRIES_MAX: u32 = 10_000;

pub(super) async fn audit(
    State(server): State<Shared>,
    caller: Caller,
    Asked(asked): Asked<AuditQuery>,
) -> Answer<Vec<AuditEntry>> {
    let limit = asked.limit.unwrap_or(ENTRIES_DEFAULT).clamp(1, ENTRIES_MAX);
    let entries = caller.house(&server).audit_entries(limit).await?;
    let meant = entries.into_iter().rev().filter(|(_, entry)| {
        asked.user.as_ref().is_none_or(|user| *user == entry.user)
            && asked.kind.as_ref().is_none_or(|kind| *kind == entry.kind.name())
            && asked.purpose.is_none_or(|purpose| Some(purpose) == entry.purpose)
    });
    let shown = meant.map(|(number, entry)| {
        let detail = serde_json::to_value(&entry.detail)?;
        let (user, roles, kind) = (entry.user, entry.roles, entry.kind.name().to_owned());
        Ok(AuditEntry { number, at: entry.at, user, roles, purpose: entry.purpose, kind, detail })
    });
    Ok(Json(shown.collect::<Result<_, Failure>>()?))
}

pub(super) async fn verify(State(server): State<Shared>, caller: Caller) -> Answer<AuditVerified> {
    match caller.house(&server).audit_verify().await {
        Ok(found) => {
            let checkpoints = found.checkpoints as u64;
            Ok(Json(AuditVerified { whole: true, entries: found.entries, checkpoints, wrong: None }))
        }
        Err(FlowError::Tampered(wrong)) => {
            Ok(Json(AuditVerified { whole: false, entries: 0, checkpoints: 0, wrong: Some(wrong) }))
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn consent(State(server): State<Shared>, caller: Caller) -> Answer<Vec<PurposeConsent>> {
    let found = facts::consent(&caller.house(&server)).await?;
    let shown = found.into_iter().map(|of| PurposeConsent {
        purpose: of.purpose,
        basis: basis(of.rule).to_owned(),
        default: if of.rule.filter() == ConsentFilter::Only { "withdrawn" } else { "given" }.to_owned(),
        given: of.given,
        withdrawn: of.withdrawn,
    });
    Ok(Json(shown.collect()))
}

fn basis(rule: PurposeRule) -> &'static str {
    match rule {
        PurposeRule::Contract => "contract",
        PurposeRule::LegalDuty => "legal_duty",
        PurposeRule::Consent { .. } => "consent",
    }
}

pub(super) async fn policies(State(server): State<Shared>, caller: Caller) -> Answer<PolicyFacts> {
    let house = caller.house(&server);
    let files = definitions(&house, "policy").await?;
    let files = files.into_iter().map(|file| PolicyText { name: file.name, text: file.text }).collect();
    let number = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    let cells = house.role_matrix().into_iter().map(|cell| MatrixCell {
        role: cell.role,
        purpose: cell.purpose,
        tables: number(cell.tables),
        of: number(cell.of),
        masked: number(cell.masked),
    });
    Ok(Json(PolicyFacts { files, matrix: cells.collect() }))
}
