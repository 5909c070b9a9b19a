//! Secrets: kept out of every `Debug`, gone from memory when dropped, written down as hashes only.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::access::FillRandom;

/// A password, a code, a token or a key. `Debug` does not show it.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text. Whoever calls this sees to it that it goes nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Fresh random bytes.
pub(crate) fn random<const N: usize>(fill: &FillRandom) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    fill(&mut *bytes);
    bytes
}

/// A hash of a secret that is random itself, and so needs neither salt nor slowness. Equal texts of two kinds have nothing in common.
pub(crate) fn hash(kind: Kind, text: &str) -> [u8; 32] {
    hash_bytes(kind, text.as_bytes())
}

/// The same of bytes.
pub(crate) fn hash_bytes(kind: Kind, bytes: &[u8]) -> [u8; 32] {
    let context = match kind {
        Kind::Session => "florin 2026 token of a session",
        Kind::Key => "florin 2026 key for a machine",
        Kind::RecoveryCode => "florin 2026 recovery code",
        Kind::Decoy => "florin 2026 decoy of a login",
        Kind::PasskeyChallenge => "florin 2026 challenge of a passkey",
        Kind::OidcState => "florin 2026 state of a sign-on",
        Kind::OidcBrowser => "florin 2026 browser of a sign-on",
        Kind::OidcNonce => "florin 2026 nonce of a sign-on",
        Kind::OidcVerifier => "florin 2026 verifier of a sign-on",
    };
    blake3::derive_key(context, bytes)
}

/// What is hashed.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Session,
    Key,
    RecoveryCode,
    Decoy,
    PasskeyChallenge,
    OidcState,
    OidcBrowser,
    OidcNonce,
    OidcVerifier,
}

/// RFC 4648's base32 without padding: no sign that a person could mistake for another, or that a URL would have to escape.
pub(crate) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // As long as it will be, so that no half of it stays where it was moved from.
    let mut text = Zeroizing::new(String::with_capacity((bytes.len() * 8).div_ceil(5)));
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

/// The same in lower case.
pub(crate) fn base32_lower(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = base32(bytes);
    text.make_ascii_lowercase();
    text
}

/// 80 random bits that a person can type: `mzxw-6ytb-oi3d-eq2k`.
pub(crate) fn typable(fill: &FillRandom) -> Secret {
    let text = base32_lower(&*random::<10>(fill));
    let mut grouped = String::with_capacity(text.len() + 3);
    for (n, sign) in text.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            grouped.push('-');
        }
        grouped.push(sign);
    }
    Secret::from(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        let cases =
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")];
        for (plain, spelt) in cases {
            assert_eq!(*base32(plain.as_bytes()), spelt);
        }
    }

    #[test]
    fn what_is_to_be_typed_comes_in_groups_and_is_not_shown() {
        let secret = typable(&|bytes: &mut [u8]| bytes.fill(0xa5));
        assert_eq!(secret.expose(), "uws2-ljnf-uws2-ljnf");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn equal_texts_of_two_kinds_have_nothing_in_common() {
        assert_ne!(hash(Kind::Session, "x"), hash(Kind::Key, "x"));
    }
}
