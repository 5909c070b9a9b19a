//! The audit log: written before anything is read, and verified.
//!
//! Entries are chained and signed by `governance` and kept by `store`. After each, the signed head is written to a file
//! beside the keys: a log that lost its tail disagrees with it. A bank ships that file elsewhere as often as it likes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use florin_governance::{
    Grant, Permit, Refusal,
    audit::{Checkpoint, Entry, Head, Sealed, SigningKey, Verified, Verifier, seal},
};
use florin_store::{AuditRow, Keys, Store, StoreError};
use tokio::{sync::Mutex, task::JoinHandle};

use crate::{FlowError, House};

/// The signed head, beside the keys.
const CHECKPOINT_FILE: &str = "audit-checkpoint.json";
/// How often an entry is chained anew when other processes append at once.
const APPEND_TRIES_MAX: usize = 50;
/// Entries read at a time.
const PAGE: u32 = 1000;

/// Seals entries.
pub(crate) struct Recorder {
    key: SigningKey,
    checkpoint: PathBuf,
    /// Entries of this process are chained one after the other: at once they would overtake each other again and again.
    turn: Mutex<()>,
}

impl Recorder {
    pub(crate) fn new(keys: &Keys, dir: &Path) -> Self {
        Self {
            key: SigningKey::from_seed(keys.audit_seed()),
            checkpoint: dir.join(CHECKPOINT_FILE),
            turn: Mutex::default(),
        }
    }

    async fn append(&self, store: &Store, entry: &Entry) -> Result<(), FlowError> {
        let _turn = self.turn.lock().await;
        for _ in 0..APPEND_TRIES_MAX {
            let newest = store.audit_head().await?;
            let head = newest.map_or(Head::EMPTY, |(seq, hash)| Head { seq: seq.cast_unsigned(), hash });
            let sealed = seal(&head, entry, &self.key);
            match store.audit_append(newest, &row(&sealed, entry)).await {
                Ok(()) => return self.write_checkpoint(store, &sealed, entry).await,
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(FlowError::Busy { by: "many processes write the audit log".to_owned() })
    }

    /// Written beside and renamed, so that a crash leaves the old one or the new one.
    async fn write_checkpoint(&self, store: &Store, sealed: &Sealed, entry: &Entry) -> Result<(), FlowError> {
        if let Some(old) = self.newest_checkpoint()?
            && !follows(sealed, &old)
            && (old.seq >= sealed.seq || !has(store, &old).await?)
        {
            // A log that lost what the old one signed must not grow over it: the old one stays, as the proof.
            return Ok(());
        }
        let checkpoint = Checkpoint::new(&sealed.head(), entry.at, &self.key);
        let text = serde_json::to_vec(&checkpoint).map_err(|e| FlowError::Internal(e.to_string()))?;
        let beside = self.checkpoint.with_extension(format!("{}.tmp", sealed.seq));
        std::fs::write(&beside, text).map_err(|e| FlowError::file(&beside, e))?;
        std::fs::rename(&beside, &self.checkpoint).map_err(|e| FlowError::file(&self.checkpoint, e))
    }

    fn newest_checkpoint(&self) -> Result<Option<Checkpoint>, FlowError> {
        let text = match std::fs::read(&self.checkpoint) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FlowError::file(&self.checkpoint, error)),
        };
        let unreadable = |_| FlowError::Tampered(format!("`{}` is no checkpoint", self.checkpoint.display()));
        serde_json::from_slice(&text).map(Some).map_err(unreadable)
    }
}

/// Whether an entry is the next after the one that a checkpoint signed: then the log has that one.
fn follows(sealed: &Sealed, checkpoint: &Checkpoint) -> bool {
    checkpoint.seq + 1 == sealed.seq && checkpoint.hash == sealed.previous
}

/// Whether the log has the entry that a checkpoint signed.
async fn has(store: &Store, checkpoint: &Checkpoint) -> Result<bool, FlowError> {
    let rows = store.audit_rows(checkpoint.seq.cast_signed(), 1).await?;
    Ok(rows.first().is_some_and(|row| row.seq.cast_unsigned() == checkpoint.seq && row.hash == checkpoint.hash))
}

/// An entry that is being kept while its question is answered. The answer is told once [`Self::kept`] returned, and not without.
#[must_use = "what is not known to be on record must not be told"]
pub(crate) struct Recording(JoinHandle<Result<(), FlowError>>);

impl Recording {
    /// Waits for it.
    ///
    /// # Errors
    /// When it could not be kept.
    pub(crate) async fn kept(self) -> Result<(), FlowError> {
        self.0.await.map_err(|e| FlowError::Internal(format!("the audit entry was not written: {e}")))?
    }
}

fn row(sealed: &Sealed, entry: &Entry) -> AuditRow {
    AuditRow {
        seq: sealed.seq.cast_signed(),
        at: entry.at,
        payload: sealed.payload.clone(),
        previous: sealed.previous,
        hash: sealed.hash,
        signature: sealed.signature.clone(),
    }
}

fn sealed(row: &AuditRow) -> Sealed {
    Sealed {
        seq: row.seq.cast_unsigned(),
        payload: row.payload.clone(),
        previous: row.previous,
        hash: row.hash,
        signature: row.signature.clone(),
    }
}

impl House {
    /// Puts something on record that happened at the door: who signed in, and what was changed about users.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn record_at_the_door(&self, entry: &Entry) -> Result<(), FlowError> {
        self.record(entry).await
    }

    /// Puts something on record. What needs a record is not done before this returned.
    pub(crate) async fn record(&self, entry: &Entry) -> Result<(), FlowError> {
        self.recorder.append(&self.store, entry).await
    }

    /// Puts something on record beside what goes on. An entry that is begun is kept, whatever becomes of the question.
    pub(crate) fn record_aside(&self, entry: Entry) -> Recording {
        let (recorder, store) = (Arc::clone(&self.recorder), self.store.clone());
        Recording(tokio::spawn(async move { recorder.append(&store, &entry).await }))
    }

    pub(crate) async fn record_grant(&self, grant: &Grant) -> Result<(), FlowError> {
        self.record(&Entry::session_opened(grant)).await
    }

    /// Records leave, or records and returns the refusal.
    pub(crate) async fn record_permit(&self, asked: Result<Permit, Refusal>) -> Result<Permit, FlowError> {
        match asked {
            Ok(permit) => {
                self.record(&Entry::permitted(&permit)).await?;
                Ok(permit)
            }
            Err(refusal) => Err(self.record_refusal(refusal).await),
        }
    }

    pub(crate) async fn record_refusal(&self, refusal: Refusal) -> FlowError {
        match self.record(&Entry::refused(&refusal, self.now())).await {
            Ok(()) => FlowError::Refused(refusal),
            Err(error) => error,
        }
    }

    /// The latest entries, oldest first, for those who may read them.
    ///
    /// # Errors
    /// When the policies do not permit it or the store fails.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<(u64, Entry)>, FlowError> {
        self.may_read_audit().await?;
        let newest = self.store.audit_head().await?.map_or(0, |(seq, _)| seq);
        let from = (newest - i64::from(limit) + 1).max(1);
        let rows = self.store.audit_rows(from, limit).await?;
        let entry = |row: AuditRow| {
            let entry = Entry::from_payload(&row.payload).map_err(|e| FlowError::Tampered(e.to_string()))?;
            Ok((row.seq.cast_unsigned(), entry))
        };
        rows.into_iter().map(entry).collect()
    }

    /// Verifies the whole log: every hash, link and signature, and the checkpoint beside the keys.
    ///
    /// # Errors
    /// [`FlowError::Tampered`] with the place; else when the policies do not permit it or the store fails.
    pub async fn audit_verify(&self) -> Result<Verified, FlowError> {
        let tampered = |e: florin_governance::audit::Tampered| FlowError::Tampered(e.to_string());
        // The checkpoint is read first: a log may grow meanwhile, but never shrink.
        let checkpoint = self.recorder.newest_checkpoint()?;
        let head = self.store.audit_head().await?;
        if checkpoint.is_none() && head.is_some() {
            return Err(FlowError::Tampered("the checkpoint beside the keys is gone".to_owned()));
        }
        let checkpoints: Vec<Checkpoint> = checkpoint.into_iter().collect();
        let mut verifier = Verifier::new(self.recorder.key.verifying_key(), &checkpoints).map_err(tampered)?;
        let mut from = 0;
        loop {
            let rows = self.store.audit_rows(from, PAGE).await?;
            for row in &rows {
                verifier.push(&sealed(row)).map_err(tampered)?;
            }
            match rows.last() {
                Some(last) => from = last.seq + 1,
                None => break,
            }
        }
        let verified = verifier.finish().map_err(tampered)?;
        self.may_read_audit().await?;
        Ok(verified)
    }

    async fn may_read_audit(&self) -> Result<Permit, FlowError> {
        use florin_domain::Purpose;
        use florin_governance::{Action, Resource};
        self.permit(Purpose::Compliance, Action::ReadAudit, Resource::Bank).await
    }

    /// Asks the policies for leave and puts the answer on record.
    pub(crate) async fn permit(
        &self,
        purpose: florin_domain::Purpose,
        action: florin_governance::Action,
        resource: florin_governance::Resource,
    ) -> Result<Permit, FlowError> {
        let asked = florin_governance::permit(&self.bank.policies, &self.who, purpose, action, resource, self.now());
        self.record_permit(asked).await
    }
}
