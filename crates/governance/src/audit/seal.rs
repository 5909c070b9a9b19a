//! Puts entries onto the chain, and signs its head.

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};

use super::{Entry, SigningKey, VerifyingKey};

/// Keeps hashes and signatures of entries apart from anything else that is ever hashed or signed.
const ENTRY_DOMAIN: &[u8] = b"florin audit entry v1";
const CHECKPOINT_DOMAIN: &[u8] = b"florin audit checkpoint v1";

/// The newest entry of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 for an empty log.
    pub seq: u64,
    /// Its hash; zeros for an empty log.
    pub hash: [u8; 32],
}

impl Head {
    /// Of an empty log.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };
}

/// An entry with its place in the log, as a store keeps it: one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// [`Entry::payload`].
    pub payload: String,
    /// The hash of the entry before it; zeros for the first.
    pub previous: [u8; 32],
    /// Its own hash (see the module's words).
    pub hash: [u8; 32],
    /// Of the hash: 64 bytes.
    pub signature: Vec<u8>,
}

impl Sealed {
    /// The head of a log that ends with this entry.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    pub(super) fn hash_holds(&self) -> bool {
        self.hash == hash(&self.previous, self.seq, &self.payload)
    }

    pub(super) fn signature_holds(&self, key: &VerifyingKey) -> bool {
        key.proves(&signed(&self.hash), &self.signature)
    }
}

/// Seals an entry onto the newest one. The caller appends the result, and must not append two to the same head.
#[must_use]
pub fn seal(newest: &Head, entry: &Entry, key: &SigningKey) -> Sealed {
    let (seq, payload) = (newest.seq + 1, entry.payload());
    let hash = hash(&newest.hash, seq, &payload);
    Sealed { seq, payload, previous: newest.hash, hash, signature: key.sign(&signed(&hash)) }
}

fn hash(previous: &[u8; 32], seq: u64, payload: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(ENTRY_DOMAIN);
    hasher.update(previous);
    hasher.update(&seq.to_le_bytes());
    hasher.update(&(payload.len() as u64).to_le_bytes());
    hasher.update(payload.as_bytes());
    *hasher.finalize().as_bytes()
}

fn signed(hash: &[u8; 32]) -> Vec<u8> {
    [ENTRY_DOMAIN, hash].concat()
}

/// The signed head of a log, kept outside of it. As JSON: hashes and signatures in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The number of the newest entry then.
    pub seq: u64,
    /// Its hash.
    #[serde(with = "crate::hex")]
    pub hash: [u8; 32],
    /// When.
    pub at: EventTime,
    /// Of all that: 64 bytes.
    #[serde(with = "crate::hex")]
    pub signature: [u8; 64],
}

impl Checkpoint {
    /// Signs the head of a log.
    #[must_use]
    pub fn new(head: &Head, at: EventTime, key: &SigningKey) -> Self {
        let mut signature = [0; 64];
        signature.copy_from_slice(&key.sign(&Self::signed(head, at)));
        Self { seq: head.seq, hash: head.hash, at, signature }
    }

    /// The head it is of.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    pub(super) fn signature_holds(&self, key: &VerifyingKey) -> bool {
        key.proves(&Self::signed(&self.head(), self.at), &self.signature)
    }

    fn signed(head: &Head, at: EventTime) -> Vec<u8> {
        [CHECKPOINT_DOMAIN, &head.seq.to_le_bytes(), &head.hash, &at.micros().to_le_bytes()].concat()
    }
}
