//! What may not reach the lake: identifying values and quarantined records, sealed into the store in bounded portions.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use florin_store::{BatchId, ConsentWord, Extras, NewQuarantined, SealedValue, SubjectKey, WrappedKey};
use tokio::runtime::Handle;

use crate::{FlowError, House};

/// Quarantined rows held in memory before they are staged in the store.
const QUARANTINED_HELD_MAX: usize = 20_000;
/// Identifying values held in memory before they are staged in the store.
const IDENTIFYING_HELD_MAX: usize = 20_000;
/// Customers' words held in memory before they are staged in the store.
const CONSENT_HELD_MAX: usize = 20_000;

/// An identifying value that a token took the place of.
pub(super) struct Identifying {
    pub(super) customer: Option<u32>,
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) token: String,
}

/// Seals, and stages portions of what it sealed. Worker threads use it at once.
pub(super) struct Sealer<'a> {
    house: &'a House,
    runtime: Handle,
    batch_keys: Mutex<HashMap<i64, BatchKey>>,
    quarantined: Mutex<Vec<NewQuarantined>>,
    identifying: Mutex<Vec<(Identifying, BatchId)>>,
    consent: Mutex<Vec<ConsentWord>>,
    /// One thread stages at a time: keys of subjects are made once.
    staging: tokio::sync::Mutex<()>,
}

struct BatchKey {
    key: SubjectKey,
    /// Until it is in the store.
    wrapped: Option<WrappedKey>,
}

impl<'a> Sealer<'a> {
    pub(super) fn new(house: &'a House) -> Self {
        Self {
            house,
            runtime: Handle::current(),
            batch_keys: Mutex::default(),
            quarantined: Mutex::default(),
            identifying: Mutex::default(),
            consent: Mutex::default(),
            staging: tokio::sync::Mutex::default(),
        }
    }

    /// The token of an identifying value.
    pub(super) fn token(&self, kind: &str, value: &str) -> String {
        self.house.vault.token(kind, value)
    }

    /// A raw record, sealed under its batch's key.
    pub(super) fn seal_raw(&self, batch: BatchId, row_number: u64, raw: &[u8]) -> Result<Vec<u8>, FlowError> {
        let mut random = |bytes: &mut [u8]| (self.house.around.random)(bytes);
        let mut keys = self.batch_keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let std::collections::hash_map::Entry::Vacant(vacant) = keys.entry(batch.0) {
            let (key, wrapped) = self.house.vault.new_subject(&batch.vault_subject(), &mut random)?;
            vacant.insert(BatchKey { key, wrapped: Some(wrapped) });
        }
        let key = keys.get(&batch.0).ok_or_else(|| FlowError::Internal("a batch lost its key".to_owned()))?;
        Ok(key.key.seal(RAW_KIND, &row_number.to_string(), raw, &mut random)?)
    }

    pub(super) fn add_quarantined(&self, rows: Vec<NewQuarantined>) -> Result<(), FlowError> {
        if self.hold_quarantined(rows) { self.runtime.block_on(self.stage()) } else { Ok(()) }
    }

    /// The same from within the runtime.
    pub(super) async fn add_quarantined_async(&self, rows: Vec<NewQuarantined>) -> Result<(), FlowError> {
        if self.hold_quarantined(rows) { self.stage().await } else { Ok(()) }
    }

    fn hold_quarantined(&self, rows: Vec<NewQuarantined>) -> bool {
        if rows.is_empty() {
            return false;
        }
        let mut held = self.quarantined.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(rows);
        held.len() >= QUARANTINED_HELD_MAX
    }

    pub(super) fn add_identifying(&self, values: Vec<Identifying>, batch: BatchId) -> Result<(), FlowError> {
        let full = {
            let mut held = self.identifying.lock().unwrap_or_else(PoisonError::into_inner);
            held.extend(values.into_iter().map(|v| (v, batch)));
            held.len() >= IDENTIFYING_HELD_MAX
        };
        if full { self.runtime.block_on(self.stage()) } else { Ok(()) }
    }

    /// What customers said. Words of duplicate rows go in too: where they disagree with the row that is stored, both
    /// are of one moment, and the withdrawal counts.
    pub(super) fn add_consent(&self, words: Vec<ConsentWord>) -> Result<(), FlowError> {
        let full = {
            let mut held = self.consent.lock().unwrap_or_else(PoisonError::into_inner);
            held.extend(words);
            held.len() >= CONSENT_HELD_MAX
        };
        if full { self.runtime.block_on(self.stage()) } else { Ok(()) }
    }

    /// Puts what is held into the store; it becomes visible when its batch is done.
    pub(super) async fn stage(&self) -> Result<(), FlowError> {
        let _one = self.staging.lock().await;
        let extras = self.take().await?;
        Ok(self.house.store.stage(extras).await?)
    }

    /// What is held, sealed.
    pub(super) async fn take(&self) -> Result<Extras, FlowError> {
        let quarantined = std::mem::take(&mut *self.quarantined.lock().unwrap_or_else(PoisonError::into_inner));
        let identifying = std::mem::take(&mut *self.identifying.lock().unwrap_or_else(PoisonError::into_inner));
        let consent = std::mem::take(&mut *self.consent.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut subject_keys, values) = self.seal_identifying(identifying).await?;
        subject_keys.extend(self.new_batch_keys());
        Ok(Extras { quarantined, consent, subject_keys, values, ..Extras::default() })
    }

    fn new_batch_keys(&self) -> Vec<WrappedKey> {
        let mut keys = self.batch_keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.values_mut().filter_map(|key| key.wrapped.take()).collect()
    }

    async fn seal_identifying(
        &self,
        found: Vec<(Identifying, BatchId)>,
    ) -> Result<(Vec<WrappedKey>, Vec<SealedValue>), FlowError> {
        let mut by_subject: BTreeMap<String, Vec<Identifying>> = BTreeMap::new();
        for (value, batch) in found {
            // A value that belongs to no known customer lives and dies with its batch.
            let subject = value.customer.map_or_else(|| batch.vault_subject(), |id| format!("customer:{id}"));
            by_subject.entry(subject).or_default().push(value);
        }
        let subjects: Vec<String> = by_subject.keys().cloned().collect();
        let stored = self.house.store.subject_keys_unsorted(&subjects).await?;
        let stored: HashMap<&str, &WrappedKey> = stored.iter().map(|k| (k.subject.as_str(), k)).collect();
        let (mut new_keys, mut sealed) = (Vec::new(), Vec::new());
        let mut random = |bytes: &mut [u8]| (self.house.around.random)(bytes);
        for (subject, values) in by_subject {
            let batch_key = self.batch_subject(&subject, &values, &mut random)?;
            if let Some(values) = batch_key {
                sealed.extend(values);
                continue;
            }
            let key = match stored.get(subject.as_str()) {
                Some(wrapped) => self.house.vault.open_subject(wrapped)?,
                None => {
                    let (key, wrapped) = self.house.vault.new_subject(&subject, &mut random)?;
                    new_keys.push(wrapped);
                    key
                }
            };
            sealed.extend(seal_all(&key, values, &mut random)?);
        }
        Ok((new_keys, sealed))
    }

    /// Values of a batch's own subject, sealed under the key that its raw rows are sealed under; `None` for customers.
    fn batch_subject(
        &self,
        subject: &str,
        values: &[Identifying],
        random: florin_store::Random<'_>,
    ) -> Result<Option<Vec<SealedValue>>, FlowError> {
        let Some(batch) = subject.strip_prefix("batch:").and_then(|id| id.parse::<i64>().ok()) else { return Ok(None) };
        self.seal_raw(BatchId(batch), 0, b"")?;
        let keys = self.batch_keys.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = keys.get(&batch) else { return Ok(None) };
        let seal = |v: &Identifying| key.key.seal_value(v.token.clone(), &v.kind, &v.value, random);
        Ok(Some(values.iter().map(seal).collect::<Result<_, _>>()?))
    }
}

/// What raw records are sealed as.
pub(crate) const RAW_KIND: &str = "raw";

fn seal_all(
    key: &SubjectKey,
    values: Vec<Identifying>,
    random: florin_store::Random<'_>,
) -> Result<Vec<SealedValue>, FlowError> {
    values.into_iter().map(|v| Ok(key.seal_value(v.token, &v.kind, &v.value, &mut *random)?)).collect()
}
