//! The cryptography of the vault: no I/O, no clock, and randomness is handed in.
//!
//! *Goals.* Identifying values can be found by equality and read back by who may; one customer's values can be made
//! unreadable everywhere, backups included, by destroying one small key; changing the master key does not mean
//! rewriting every value.
//!
//! *Decision.* Each subject (a customer, or a batch for its quarantined rows) has a random 256-bit key. Values are
//! sealed under it; it is sealed ("wrapped") under the master key. Both with AES-256-GCM-SIV and a random 96-bit nonce:
//! should a nonce ever repeat, that construction shows no more than that two equal texts are equal. What a sealed text
//! belongs to (subject, kind, label) is authenticated with it, so a text moved elsewhere does not open.
//!
//! A sealed text is: format version (1 byte, 1), algorithm (1 byte, 1 = AES-256-GCM-SIV), nonce (12 bytes), ciphertext
//! and tag (16 bytes). A wrapped key has in front of that the 8-byte fingerprint of the master key.
//!
//! Tokens are keyed hashes under the bank's hashing key, which is not the master key and never changes.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use florin_domain::KeyHasher;
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};

/// A source of random bytes fit for keys: fills the slice. Only the binary has a real one.
pub type Random<'a> = &'a mut (dyn FnMut(&mut [u8]) + Send);

const FORMAT: u8 = 1;
const AES_256_GCM_SIV: u8 = 1;
const HEADER: [u8; 2] = [FORMAT, AES_256_GCM_SIV];
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Bytes of a token before they are spelt out: 128 bits.
const TOKEN_BYTES: usize = 16;
/// What every token begins with.
pub const TOKEN_PREFIX: &str = "t_";
/// Bytes of a master key's fingerprint.
pub(crate) const FINGERPRINT_BYTES: usize = 8;

/// Makes tokens, and makes and opens keys of subjects.
pub struct Vault {
    master: Cipher,
    fingerprint: [u8; FINGERPRINT_BYTES],
    hasher: KeyHasher,
}

/// The key of one subject, ready to use. It leaves memory when dropped.
pub struct SubjectKey {
    subject: String,
    cipher: Cipher,
}

/// The key of one subject as the store keeps it: sealed under the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose key: `customer:17`, `batch:42`.
    pub subject: String,
    /// The sealed key.
    pub wrapped: Vec<u8>,
}

/// An identifying value as the store keeps it: sealed under its subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// What the lake has instead of the value.
    pub token: String,
    /// Whose value: `customer:17`.
    pub subject: String,
    /// What it is: `phone`, `email`, `national_id` …
    pub kind: String,
    /// The sealed value.
    pub sealed: Vec<u8>,
}

impl Vault {
    /// A vault under a master key, with the hasher that makes tokens.
    #[must_use]
    pub fn new(master: &[u8; 32], hasher: KeyHasher) -> Self {
        let mut fingerprint = [0; FINGERPRINT_BYTES];
        let digest = blake3::derive_key("florin 2026 fingerprint of the master key", master);
        fingerprint.copy_from_slice(&digest[..FINGERPRINT_BYTES]);
        Self { master: Cipher::new(master), fingerprint, hasher }
    }

    /// The token of an identifying value: equal for equal pairs, and says nothing of the value without the hashing key.
    /// The value should be in its canonical spelling.
    #[must_use]
    pub fn token(&self, kind: &str, value: &str) -> String {
        let digest = self.hasher.digest(&format!("token/{kind}"), value.as_bytes());
        format!("{TOKEN_PREFIX}{}", base32(&digest[..TOKEN_BYTES]))
    }

    /// A fresh key for a subject that has none, ready to use and ready to store.
    ///
    /// # Errors
    /// None in practice: the texts would have to be gigabytes long.
    pub fn new_subject(&self, subject: &str, random: Random<'_>) -> Result<(SubjectKey, WrappedKey)> {
        let mut key = Zeroizing::new([0; 32]);
        random(&mut *key);
        let wrapped = self.wrap(subject, &key, random)?;
        Ok((SubjectKey { subject: subject.to_owned(), cipher: Cipher::new(&key) }, wrapped))
    }

    /// Opens the key of a subject.
    ///
    /// # Errors
    /// [`StoreError::WrongKeys`] when it was wrapped under another master key; [`StoreError::Unsealable`] when it was
    /// changed, or is another subject's.
    pub fn open_subject(&self, key: &WrappedKey) -> Result<SubjectKey> {
        let opened = self.unwrap_key(key)?;
        Ok(SubjectKey { subject: key.subject.clone(), cipher: Cipher::new(&opened) })
    }

    /// The same subject's key, wrapped under the master key of `new`.
    pub(crate) fn rewrap(&self, new: &Self, key: &WrappedKey, random: Random<'_>) -> Result<WrappedKey> {
        new.wrap(&key.subject, &*self.unwrap_key(key)?, random)
    }

    /// A known text, sealed, which shows later whether both keys are the same as now.
    pub(crate) fn seal_check(&self, random: Random<'_>) -> Result<Vec<u8>> {
        let sealed = self.master.seal(&CHECK_BINDING, self.check_text().as_bytes(), random)?;
        Ok([self.fingerprint.as_slice(), &sealed].concat())
    }

    /// Whether both keys are those of [`Vault::seal_check`].
    pub(crate) fn verify_check(&self, check: &[u8]) -> Result<()> {
        let sealed = self.without_fingerprint(check)?;
        let text = self.master.open("the check of the keys", &CHECK_BINDING, sealed)?;
        if *text == self.check_text().into_bytes() {
            return Ok(());
        }
        Err(StoreError::WrongKeys("the hashing key is another one, and would give other tokens and ids"))
    }

    /// A token, so that the text shows the hashing key too.
    fn check_text(&self) -> String {
        self.token("check", "florin")
    }

    fn wrap(&self, subject: &str, key: &[u8; 32], random: Random<'_>) -> Result<WrappedKey> {
        let sealed = self.master.seal(&["subject key", subject], key, random)?;
        let wrapped = [self.fingerprint.as_slice(), &sealed].concat();
        Ok(WrappedKey { subject: subject.to_owned(), wrapped })
    }

    fn unwrap_key(&self, key: &WrappedKey) -> Result<Zeroizing<[u8; 32]>> {
        let sealed = self.without_fingerprint(&key.wrapped)?;
        let opened = self.master.open("the key of a subject", &["subject key", &key.subject], sealed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if opened.len() != bytes.len() {
            return Err(StoreError::Unsealable("the key of a subject"));
        }
        bytes.copy_from_slice(&opened);
        Ok(bytes)
    }

    fn without_fingerprint<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8]> {
        match bytes.split_at_checked(FINGERPRINT_BYTES) {
            Some((fingerprint, sealed)) if fingerprint == self.fingerprint => Ok(sealed),
            Some(_) => Err(StoreError::WrongKeys("it was sealed under another master key")),
            None => Err(StoreError::Unsealable("a key, which is cut short")),
        }
    }
}

const CHECK_BINDING: [&str; 1] = ["key check"];

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl SubjectKey {
    /// Whose key it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Seals any bytes, bound to this subject, a kind and a label (for a quarantined row: its number, say).
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when there are more than 64 GiB of them.
    pub fn seal(&self, kind: &str, label: &str, plain: &[u8], random: Random<'_>) -> Result<Vec<u8>> {
        self.cipher.seal(&["value", &self.subject, kind, label], plain, random)
    }

    /// Opens what [`SubjectKey::seal`] sealed for the same kind and label.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`] when it was changed, cut, moved, or sealed under another key.
    pub fn open(&self, kind: &str, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.cipher.open("a value", &["value", &self.subject, kind, label], sealed)
    }

    /// Seals an identifying value under its token ([`Vault::token`]).
    ///
    /// # Errors
    /// As for [`SubjectKey::seal`].
    pub fn seal_value(&self, token: String, kind: &str, value: &str, random: Random<'_>) -> Result<SealedValue> {
        let sealed = self.seal(kind, &token, value.as_bytes(), random)?;
        Ok(SealedValue { token, subject: self.subject.clone(), kind: kind.to_owned(), sealed })
    }

    /// Opens an identifying value.
    ///
    /// # Errors
    /// As for [`SubjectKey::open`].
    pub fn open_value(&self, value: &SealedValue) -> Result<Zeroizing<String>> {
        let mut plain = self.open(&value.kind, &value.token, &value.sealed)?;
        String::from_utf8(std::mem::take(&mut *plain))
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Unsealable("a value, which is not text"))
    }
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubjectKey({}, …)", self.subject)
    }
}

/// One key, its algorithm and its format.
struct Cipher(Aes256GcmSiv);

impl Cipher {
    fn new(key: &[u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(key.into()))
    }

    fn seal(&self, binding: &[&str], plain: &[u8], random: Random<'_>) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce);
        let payload = Payload { msg: plain, aad: &authenticated(binding) };
        let ciphertext = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| StoreError::Invalid("a text is too long to be sealed".to_owned()))?;
        let mut sealed = Vec::with_capacity(HEADER.len() + NONCE_BYTES + ciphertext.len());
        sealed.extend_from_slice(&HEADER);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    fn open(&self, what: &'static str, binding: &[&str], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(&HEADER).ok_or(StoreError::Unsealable(what))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(StoreError::Unsealable(what))?;
        if ciphertext.len() < TAG_BYTES {
            return Err(StoreError::Unsealable(what));
        }
        let payload = Payload { msg: ciphertext, aad: &authenticated(binding) };
        let plain = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| StoreError::Unsealable(what))?;
        Ok(Zeroizing::new(plain))
    }
}

/// The header and every part with its length, so that ("ab", "c") and ("a", "bc") stay apart.
fn authenticated(binding: &[&str]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for part in binding {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// RFC 4648's base32 in lower case, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    fn vault(master: u8, hashing: u8) -> Vault {
        Vault::new(&[master; 32], KeyHasher::new([hashing; 32]))
    }

    /// Not random, but never the same bytes twice.
    fn counting() -> impl FnMut(&mut [u8]) + Send {
        let mut next = 0u64;
        move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                next += 1;
                chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
            }
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        let cases =
            [("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("foobar", "mzxw6ytboi")];
        for (plain, spelt) in cases {
            assert_eq!(base32(plain.as_bytes()), spelt);
        }
    }

    #[test]
    fn a_token_depends_on_kind_value_and_hashing_key_alone() {
        let token = vault(1, 2).token("phone", "13800138000");
        assert_eq!(token, vault(9, 2).token("phone", "13800138000"));
        assert_ne!(token, vault(1, 3).token("phone", "13800138000"));
        assert_ne!(token, vault(1, 2).token("email", "13800138000"));
        assert!(token.starts_with(TOKEN_PREFIX) && token.len() == 28, "{token}");
    }

    #[test]
    fn a_value_opens_under_its_own_key_and_nowhere_else() {
        let (vault, mut random) = (vault(1, 2), counting());
        let (key, wrapped) = vault.new_subject("customer:17", &mut random).unwrap();
        let (other, _) = vault.new_subject("customer:18", &mut random).unwrap();
        let value = key.seal_value("t_x".to_owned(), "phone", "13800138000", &mut random).unwrap();
        assert_eq!(*vault.open_subject(&wrapped).unwrap().open_value(&value).unwrap(), "13800138000");
        assert!(!value.sealed.windows(5).any(|window| window == b"13800"));
        assert!(matches!(other.open_value(&value), Err(StoreError::Unsealable(_))));
        for moved in [
            SealedValue { token: "t_y".to_owned(), ..value.clone() },
            SealedValue { kind: "email".to_owned(), ..value.clone() },
        ] {
            assert!(matches!(key.open_value(&moved), Err(StoreError::Unsealable(_))));
        }
        let stolen = WrappedKey { subject: "customer:18".to_owned(), ..wrapped };
        assert!(matches!(vault.open_subject(&stolen), Err(StoreError::Unsealable(_))));
    }

    #[test]
    fn a_sealed_text_with_any_bit_flipped_or_byte_cut_does_not_open() {
        let (vault, mut random) = (vault(1, 2), counting());
        let (key, wrapped) = vault.new_subject("batch:3", &mut random).unwrap();
        let sealed = key.seal("raw", "7", b"1;2;3", &mut random).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open("raw", "7", &changed).is_err(), "bit {bit}");
        }
        for bit in 0..wrapped.wrapped.len() * 8 {
            let mut changed = wrapped.clone();
            changed.wrapped[bit / 8] ^= 1 << (bit % 8);
            assert!(vault.open_subject(&changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open("raw", "7", &sealed[..length]).is_err(), "length {length}");
        }
        assert_eq!(**key.open("raw", "7", &sealed).unwrap(), *b"1;2;3");
    }

    #[test]
    fn another_master_key_is_named_as_the_fault() {
        let mut random = counting();
        let (_, wrapped) = vault(1, 2).new_subject("customer:17", &mut random).unwrap();
        let error = vault(3, 2).open_subject(&wrapped).expect_err("another master key");
        assert_eq!(error.to_string(), "the keys do not fit this store: it was sealed under another master key");
        let check = vault(1, 2).seal_check(&mut random).unwrap();
        vault(1, 2).verify_check(&check).unwrap();
        let error = vault(1, 4).verify_check(&check).expect_err("another hashing key").to_string();
        assert!(error.contains("hashing key"), "{error}");
    }

    #[test]
    fn a_rewrapped_key_opens_the_same_values_under_the_new_master_key_only() {
        let (old, new, mut random) = (vault(1, 2), vault(3, 2), counting());
        let (key, wrapped) = old.new_subject("customer:17", &mut random).unwrap();
        let value = key.seal_value("t_x".to_owned(), "email", "a@b.cz", &mut random).unwrap();
        let rewrapped = old.rewrap(&new, &wrapped, &mut random).unwrap();
        assert_eq!(*new.open_subject(&rewrapped).unwrap().open_value(&value).unwrap(), "a@b.cz");
        assert!(old.open_subject(&rewrapped).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let mut random = counting();
        let (key, _) = vault(1, 2).new_subject("customer:17", &mut random).unwrap();
        assert_eq!(format!("{:?} {key:?}", vault(1, 2)), "Vault(…) SubjectKey(customer:17, …)");
    }
}
