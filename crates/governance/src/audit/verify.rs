//! Walks a log from its first entry and finds the first thing that is wrong with it.

use std::fmt;

use super::{Checkpoint, Head, Sealed, VerifyingKey};

/// A log that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The newest of them.
    pub head: Head,
    /// How many checkpoints it agrees with.
    pub checkpoints: usize,
}

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tampering {
    /// An entry is not what was sealed: payload, number, hash or link was changed.
    Flipped,
    /// An entry, or a checkpoint, was not signed with the key.
    Forged,
    /// An entry is missing where a later one stands.
    Dropped,
    /// An entry stands later than its place.
    Reordered,
    /// An entry stands where one with a later number belongs: it is a copy, or was moved.
    Repeated,
    /// A signed entry does not follow from the one before it: the log was put together from two.
    Spliced,
    /// The log ends before a checkpoint that was made of it.
    Truncated,
    /// The log does not have the entry that a checkpoint was made of, but another in its place.
    Replaced,
}

impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flipped => "is not what was recorded",
            Self::Forged => "was not signed with this bank's key",
            Self::Dropped => "is missing",
            Self::Reordered => "stands later than its place",
            Self::Repeated => "stands where another belongs",
            Self::Spliced => "does not follow from the entry before it",
            Self::Truncated => "is missing, like all that came after it: a checkpoint was made later",
            Self::Replaced => "is not the one that a checkpoint was made of",
        })
    }
}

/// Proof that a log is not whole: the first entry, by number, that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {position} of the audit log {what}")]
pub struct Tampered {
    /// The number of the entry that should have stood there; of the entry that a forged checkpoint names.
    pub position: u64,
    /// What is wrong.
    pub what: Tampering,
}

/// Takes the entries of a log one after the other. Needs memory for the checkpoints only.
#[derive(Debug)]
pub struct Verifier {
    key: VerifyingKey,
    head: Head,
    /// By number, the next one last.
    ahead: Vec<Head>,
    agreed: usize,
}

impl Verifier {
    /// For a log signed with `key`, and the checkpoints made of it, in any order.
    ///
    /// # Errors
    /// A checkpoint was not signed with the key.
    pub fn new(key: VerifyingKey, checkpoints: &[Checkpoint]) -> Result<Self, Tampered> {
        if let Some(forged) = checkpoints.iter().find(|checkpoint| !checkpoint.signature_holds(&key)) {
            return Err(Tampered { position: forged.seq, what: Tampering::Forged });
        }
        let mut ahead: Vec<Head> = checkpoints.iter().map(Checkpoint::head).collect();
        ahead.sort_by_key(|head| std::cmp::Reverse(head.seq));
        let mut verifier = Self { key, head: Head::EMPTY, ahead, agreed: 0 };
        verifier.agree_with_checkpoints()?;
        Ok(verifier)
    }

    /// Takes the next entry, in the order of the log.
    ///
    /// # Errors
    /// It is wrong, or what should have stood before it is. The verifier is of no further use then.
    pub fn push(&mut self, entry: &Sealed) -> Result<(), Tampered> {
        let position = self.head.seq + 1;
        match self.fault(entry, position) {
            Some(what) => Err(Tampered { position, what }),
            None => {
                self.head = entry.head();
                self.agree_with_checkpoints()
            }
        }
    }

    /// First whether the entry is sound in itself, then whether it is in its place.
    fn fault(&self, entry: &Sealed, position: u64) -> Option<Tampering> {
        if !entry.hash_holds() {
            Some(Tampering::Flipped)
        } else if !entry.signature_holds(&self.key) {
            Some(Tampering::Forged)
        } else if entry.seq > position {
            Some(Tampering::Dropped)
        } else if entry.seq < position {
            Some(Tampering::Repeated)
        } else if entry.previous != self.head.hash {
            Some(Tampering::Spliced)
        } else {
            None
        }
    }

    fn agree_with_checkpoints(&mut self) -> Result<(), Tampered> {
        while let Some(checkpoint) = self.ahead.pop_if(|checkpoint| checkpoint.seq == self.head.seq) {
            if checkpoint.hash != self.head.hash {
                return Err(Tampered { position: checkpoint.seq, what: Tampering::Replaced });
            }
            self.agreed += 1;
        }
        Ok(())
    }

    /// There are no more entries.
    ///
    /// # Errors
    /// A checkpoint was made of a longer log.
    pub fn finish(self) -> Result<Verified, Tampered> {
        match self.ahead.is_empty() {
            true => Ok(Verified { entries: self.head.seq, head: self.head, checkpoints: self.agreed }),
            false => Err(Tampered { position: self.head.seq + 1, what: Tampering::Truncated }),
        }
    }
}

/// Verifies a log from its first entry to its last, in memory that does not grow with it.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    entries: impl IntoIterator<Item = Sealed>,
    key: VerifyingKey,
    checkpoints: &[Checkpoint],
) -> Result<Verified, Tampered> {
    let mut verifier = Verifier::new(key, checkpoints)?;
    let mut entries = entries.into_iter();
    while let Some(entry) = entries.next() {
        if let Err(found) = verifier.push(&entry) {
            return Err(looked_for_further_on(found, entries));
        }
    }
    verifier.finish()
}

/// An entry that is missing in its place may stand further on: then the log was reordered.
fn looked_for_further_on(found: Tampered, mut rest: impl Iterator<Item = Sealed>) -> Tampered {
    match found.what {
        Tampering::Dropped if rest.any(|entry| entry.seq == found.position && entry.hash_holds()) => {
            Tampered { what: Tampering::Reordered, ..found }
        }
        _ => found,
    }
}
