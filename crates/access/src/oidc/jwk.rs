//! Keys that an issuer publishes (RFC 7517).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::signature::PublicKey;

/// Keys of an issuer that are looked at.
const KEYS_MAX: usize = 50;

/// A key that signs.
#[derive(Debug, Clone)]
pub(crate) struct Jwk {
    id: Option<String>,
    algorithm: Option<String>,
    pub(crate) key: PublicKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Published {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a set that sign; nothing when it is no set. What is not understood is left out, as the standard wants.
pub(crate) fn keys(text: &[u8]) -> Option<Vec<Jwk>> {
    let set: Set = serde_json::from_slice(text).ok()?;
    Some(set.keys.into_iter().take(KEYS_MAX).filter_map(jwk).collect())
}

fn jwk(value: serde_json::Value) -> Option<Jwk> {
    let published: Published = serde_json::from_value(value).ok()?;
    if published.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let key = key(&published)?;
    Some(Jwk { id: published.kid, algorithm: published.alg, key })
}

fn key(of: &Published) -> Option<PublicKey> {
    let bytes = |field: &Option<String>| URL_SAFE_NO_PAD.decode(field.as_ref()?).ok();
    match (of.kty.as_str(), of.crv.as_deref()) {
        ("RSA", _) => Some(PublicKey::rsa(&bytes(&of.n)?, &bytes(&of.e)?)),
        ("EC", Some("P-256")) => PublicKey::p256(&bytes(&of.x)?, &bytes(&of.y)?),
        ("EC", Some("P-384")) => PublicKey::p384(&bytes(&of.x)?, &bytes(&of.y)?),
        ("OKP", Some("Ed25519")) => PublicKey::ed25519(&bytes(&of.x)?),
        _ => None,
    }
}

impl Jwk {
    /// Whether it may have signed a token that names a key and an algorithm.
    pub(crate) fn may_have_signed(&self, id: Option<&str>, algorithm: &str) -> bool {
        let same_key = id.is_none() || self.id.as_deref() == id;
        same_key && self.algorithm.as_deref().is_none_or(|own| own == algorithm)
    }
}
