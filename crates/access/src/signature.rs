//! Signatures of others: public keys, and whether one of them signed something.
//!
//! An algorithm is a name and what it means for a key of one kind. Nothing here takes an algorithm from what is to be checked without
//! asking whether the key is of its kind, and none of them works with a secret that both sides have.

use ring::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
    VerificationAlgorithm,
};

/// A public key. `Debug` shows it: it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, without zeros before them.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
    /// A point of P-384, uncompressed.
    P384(Vec<u8>),
    /// A point of Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Modulus and exponent of RSA.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Self {
        let plain = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        Self::Rsa { n: plain(n), e: plain(e) }
    }

    /// A point of P-256; nothing when it is none by its size.
    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        (x.len() == 32 && y.len() == 32).then(|| Self::P256(point(x, y)))
    }

    /// A point of P-384; nothing when it is none by its size.
    pub(crate) fn p384(x: &[u8], y: &[u8]) -> Option<Self> {
        (x.len() == 48 && y.len() == 48).then(|| Self::P384(point(x, y)))
    }

    /// A point of Ed25519; nothing when it is none by its size.
    pub(crate) fn ed25519(x: &[u8]) -> Option<Self> {
        (x.len() == 32).then(|| Self::Ed25519(x.to_vec()))
    }
}

fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// Whether a key signed a message as JSON Web Signatures are signed (RFC 7518, RFC 8037). What the algorithm's name does not fit is not.
pub(crate) fn is_signed_jws(algorithm: &str, key: &PublicKey, message: &[u8], signed: &[u8]) -> bool {
    match (algorithm, key) {
        ("ES256", PublicKey::P256(point)) => is_signed(&ECDSA_P256_SHA256_FIXED, point, message, signed),
        ("ES384", PublicKey::P384(point)) => is_signed(&ECDSA_P384_SHA384_FIXED, point, message, signed),
        ("EdDSA" | "Ed25519", PublicKey::Ed25519(point)) => is_signed(&ED25519, point, message, signed),
        (name, PublicKey::Rsa { n, e }) => {
            rsa(name).is_some_and(|of| RsaPublicKeyComponents { n, e }.verify(of, message, signed).is_ok())
        }
        _ => false,
    }
}

/// Whether a key signed a message as authenticators sign (WebAuthn, 6.5.5).
pub(crate) fn is_signed_by_authenticator(key: &PublicKey, message: &[u8], signed: &[u8]) -> bool {
    match key {
        PublicKey::P256(point) => is_signed(&ECDSA_P256_SHA256_ASN1, point, message, signed),
        PublicKey::Ed25519(point) => is_signed(&ED25519, point, message, signed),
        PublicKey::Rsa { n, e } => {
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signed).is_ok()
        }
        PublicKey::P384(_) => false,
    }
}

fn is_signed(by: &'static dyn VerificationAlgorithm, key: &[u8], message: &[u8], signed: &[u8]) -> bool {
    UnparsedPublicKey::new(by, key).verify(message, signed).is_ok()
}

fn rsa(name: &str) -> Option<&'static RsaParameters> {
    let parameters: &'static signature::RsaParameters = match name {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "PS384" => &RSA_PSS_2048_8192_SHA384,
        "PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    Some(parameters)
}
