//! `florin quarantine`: records that could not be stored, for those who may see them.

use florin_domain::Purpose;
use florin_governance::{Action, Resource};
use florin_store::{QuarantineCount, QuarantineFilter, Quarantined};
use serde::Serialize;

use crate::{FlowError, House, load::RAW_KIND};

/// A record of the quarantine as people see it.
#[derive(Debug, Serialize)]
pub struct QuarantinedRecord {
    /// Its number in the quarantine.
    pub id: i64,
    /// Which source it came from.
    pub source: String,
    /// Into which table it was to go.
    pub mapping: String,
    /// Which file.
    pub file: String,
    /// Which record of it, from 1.
    pub row_number: u64,
    /// What is wrong, for machines.
    pub code: String,
    /// With which column, if it is one.
    pub column: Option<String>,
    /// What is wrong, for people.
    pub reason: String,
    /// The record itself, when it was asked for.
    pub raw: Option<String>,
}

/// How many records are in the quarantine, by source and what is wrong.
///
/// # Errors
/// When the policies do not permit it, or the store fails.
pub async fn counts(house: &House) -> Result<Vec<QuarantineCount>, FlowError> {
    let purpose = purpose_of(house, Action::ListQuarantine);
    house.permit(purpose, Action::ListQuarantine, Resource::Bank).await?;
    Ok(house.store.quarantine_counts().await?)
}

/// Records of the quarantine, oldest first; with their raw text when `raw` is asked for and permitted.
///
/// # Errors
/// When the policies do not permit it, or the store fails.
pub async fn records(
    house: &House,
    source: Option<&str>,
    limit: u32,
    raw: bool,
) -> Result<Vec<QuarantinedRecord>, FlowError> {
    let action = if raw { Action::ReadQuarantined } else { Action::ListQuarantine };
    house.permit(purpose_of(house, action), action, Resource::Bank).await?;
    let filter = QuarantineFilter { source: source.map(str::to_owned), ..QuarantineFilter::default() };
    let mut records = Vec::new();
    for row in house.store.quarantine(&filter, limit, 0).await? {
        let batch = house.store.batch(row.record.batch).await?;
        let file = batch.map(|b| b.file).unwrap_or_default();
        let raw = if raw { Some(house.raw_text(&row).await?) } else { None };
        records.push(QuarantinedRecord {
            id: row.id.0,
            source: row.source,
            mapping: row.mapping,
            file,
            row_number: row.record.row_number,
            code: row.record.code,
            column: row.record.column,
            reason: row.record.reason,
            raw,
        });
    }
    Ok(records)
}

/// The purpose for which the user may do this: their work's own.
fn purpose_of(house: &House, action: Action) -> Purpose {
    let may = |purpose: &Purpose| {
        florin_governance::permit(&house.bank.policies, &house.who, *purpose, action, Resource::Bank, house.now())
            .is_ok()
    };
    Purpose::ALL.into_iter().find(may).unwrap_or(Purpose::Service)
}

impl House {
    async fn raw_text(&self, row: &Quarantined) -> Result<String, FlowError> {
        let subject = row.record.batch.vault_subject();
        let keys = self.store.subject_keys_unsorted(std::slice::from_ref(&subject)).await?;
        let Some(wrapped) = keys.first() else { return Ok(String::new()) };
        let key = self.vault.open_subject(wrapped)?;
        let raw = key.open(RAW_KIND, &row.record.row_number.to_string(), &row.record.raw)?;
        Ok(String::from_utf8_lossy(&raw).into_owned())
    }
}
