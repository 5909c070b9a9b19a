//! Who and what: customer numbers and keyed ids.
//!
//! `customer_id` is dense (1, 2, 3 …), so that a set of customers is a compressed bitmap. Every other id is a keyed
//! 64-bit hash of the source's own key: equal keys give equal ids in every load, and the id says nothing of the key to
//! anyone without the bank's hashing key. Two different keys collide with probability n²/2⁶⁴: 3·10⁻⁴ at 10⁸ rows.

use std::hash::Hasher as _;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

/// A customer's number: dense, from 1, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomerId(pub u32);

impl std::fmt::Display for CustomerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Hashes keys of sources into ids, under a key of the bank's own.
#[derive(Clone)]
pub struct KeyHasher {
    key: [u8; 32],
}

impl KeyHasher {
    /// A hasher under the bank's 256-bit hashing key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The ids of the key space `domain` (for example `core.account`).
    #[must_use]
    pub fn domain(&self, domain: &str) -> DomainHasher {
        let digest = self.digest("id", domain.as_bytes());
        let mut key = [0u8; 16];
        key.copy_from_slice(&digest[..16]);
        DomainHasher { hasher: SipHasher24::new_with_key(&key) }
    }

    /// The id of `value` in the key space `domain`. Equal only for equal pairs, up to hash collision.
    #[must_use]
    pub fn id(&self, domain: &str, value: &[u8]) -> i64 {
        self.domain(domain).id(value)
    }

    /// 256 bits of a keyed hash of the pair, for tokens of identifying values.
    #[must_use]
    pub fn digest(&self, domain: &str, value: &[u8]) -> [u8; 32] {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&(domain.len() as u64).to_le_bytes());
        hasher.update(domain.as_bytes());
        hasher.update(value);
        *hasher.finalize().as_bytes()
    }
}

/// Hashes keys of one key space. A load makes millions of ids, so this is SipHash-2-4 (a keyed pseudo-random function made
/// for short inputs) under a key derived for the space.
#[derive(Clone)]
pub struct DomainHasher {
    hasher: SipHasher24,
}

impl DomainHasher {
    /// The id of `value`. The sign bit is cleared, so that ids are never negative.
    #[must_use]
    pub fn id(&self, value: &[u8]) -> i64 {
        let mut hasher = self.hasher;
        hasher.write(value);
        (hasher.finish() >> 1).cast_signed()
    }
}

impl std::fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHasher(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_key_domain_and_value() {
        let hasher = KeyHasher::new([7; 32]);
        let id = hasher.id("core.account", b"17");
        assert_eq!(id, KeyHasher::new([7; 32]).id("core.account", b"17"));
        assert_ne!(id, hasher.id("core.account", b"18"));
        assert_ne!(id, hasher.id("core.loan", b"17"));
        assert_ne!(id, KeyHasher::new([8; 32]).id("core.account", b"17"));
        assert_ne!(hasher.id("ab", b"c"), hasher.id("a", b"bc"));
        assert!(id >= 0);
    }
}
