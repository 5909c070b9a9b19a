//! ID tokens: who signed, for whom, until when, in answer to what (OpenID Connect Core, 3.1.3.7). Pure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use florin_domain::EventTime;
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::{CLOCKS_DIFFER_MAX, jwk::Jwk};
use crate::{access::MICROS, signature::is_signed_jws};

/// The longest token.
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// A token whose signature nobody has looked at.
pub(crate) struct Unchecked<'a> {
    header: Header,
    message: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What was signed.
pub(crate) type Claims = Map<String, Value>;

/// What a token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: EventTime,
}

/// What became of a look at the signature.
pub(crate) enum Signed {
    /// One of the keys signed it.
    By(Claims),
    /// None of them may have: the issuer may have another by now.
    ByUnknownKey,
}

impl<'a> Unchecked<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What it is not.
    pub(crate) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err("token too long");
        }
        let (message, signature) = text.rsplit_once('.').ok_or("no token")?;
        let (header, payload) = message.split_once('.').ok_or("no token")?;
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| "no token");
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| "no token")?;
        if header.crit.is_some() {
            return Err("token with conditions that are not known");
        }
        Ok(Self { header, message, payload: bytes(payload)?, signature: bytes(signature)? })
    }

    /// What it says, if one of the keys signed it.
    ///
    /// # Errors
    /// When one may have and none did.
    pub(crate) fn signed_by(&self, keys: &[Jwk]) -> Result<Signed, &'static str> {
        let fits = |key: &&Jwk| key.may_have_signed(self.header.kid.as_deref(), &self.header.alg);
        let mut candidates = keys.iter().filter(fits).peekable();
        if candidates.peek().is_none() {
            return Ok(Signed::ByUnknownKey);
        }
        let signed = |key: &Jwk| is_signed_jws(&self.header.alg, &key.key, self.message.as_bytes(), &self.signature);
        if !candidates.any(signed) {
            return Err("signature");
        }
        serde_json::from_slice(&self.payload).map(Signed::By).map_err(|_| "no claims")
    }
}

/// Looks at what a token says of itself; gives back whom it is about.
///
/// # Errors
/// What of it is wrong.
pub(crate) fn check<'a>(claims: &'a Claims, expected: &Expected<'_>) -> Result<&'a str, &'static str> {
    let now = expected.now.micros().div_euclid(MICROS);
    let differ = i64::try_from(CLOCKS_DIFFER_MAX.as_secs()).unwrap_or(0);
    if text(claims, "iss") != Some(expected.issuer) {
        return Err("issuer");
    }
    check_audience(claims, expected.client_id)?;
    if seconds(claims, "exp").ok_or("no end")? <= now.saturating_sub(differ) {
        return Err("expired");
    }
    if seconds(claims, "iat").ok_or("no beginning")? > now.saturating_add(differ)
        || seconds(claims, "nbf").is_some_and(|from| from > now.saturating_add(differ))
    {
        return Err("not yet");
    }
    let nonce = text(claims, "nonce").ok_or("no nonce")?;
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err("nonce");
    }
    text(claims, "sub").filter(|subject| !subject.is_empty()).ok_or("no subject")
}

/// A token for several must name us as the one it was made for.
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), &'static str> {
    let (ours, others) = match claims.get("aud") {
        Some(Value::String(only)) => (only == client_id, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client_id), all.len() > 1),
        _ => (false, false),
    };
    let party = text(claims, "azp");
    if !ours || party.is_some_and(|party| party != client_id) || (others && party.is_none()) {
        return Err("audience");
    }
    Ok(())
}

/// A claim that is text.
pub(crate) fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// A claim that is a time; some issuers write fractions.
fn seconds(claims: &Claims, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn ours() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn published() -> Vec<Jwk> {
        let x = URL_SAFE_NO_PAD.encode(ours().public_key().as_ref());
        let set = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA", "use": "sig", "x": x},
            {"kty": "OKP", "crv": "Ed25519", "kid": "for-encryption", "use": "enc", "x": x},
            {"kty": "a kind of tomorrow"},
        ]});
        super::super::jwk::keys(set.to_string().as_bytes()).unwrap()
    }

    fn good() -> Claims {
        let claims = json!({"iss": "https://sso", "aud": "florin", "sub": "s-1", "nonce": "n", "iat": NOW - 5, "exp": NOW + 300});
        claims.as_object().unwrap().clone()
    }

    fn token(header: &Value, claims: &Claims) -> String {
        let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
        let message = format!("{}.{}", part(&header.to_string()), part(&Value::from(claims.clone()).to_string()));
        let signature = URL_SAFE_NO_PAD.encode(ours().sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    fn signed(token: &str) -> Result<Claims, &'static str> {
        match Unchecked::parse(token)?.signed_by(&published())? {
            Signed::By(claims) => Ok(claims),
            Signed::ByUnknownKey => Err("unknown key"),
        }
    }

    #[test]
    fn what_the_issuer_did_not_sign_says_nothing() {
        let sound = json!({"alg": "EdDSA", "kid": "k"});
        let whole = token(&sound, &good());
        assert_eq!(signed(&whole).unwrap(), good());
        let (message, signature) = whole.rsplit_once('.').unwrap();
        let mut admin = good();
        admin.insert("sub".to_owned(), "admin".into());
        let of_admin = token(&sound, &admin);
        let of_admin = of_admin.rsplit_once('.').unwrap().0;
        let none = token(&json!({"alg": "none"}), &good());
        let cases = [
            (format!("{of_admin}.{signature}"), "signature"),
            (format!("{message}."), "signature"),
            (format!("{}.", none.rsplit_once('.').unwrap().0), "unknown key"),
            (token(&json!({"alg": "HS256", "kid": "k"}), &good()), "unknown key"),
            (token(&json!({"alg": "RS256", "kid": "k"}), &good()), "unknown key"),
            (token(&json!({"alg": "EdDSA", "kid": "for-encryption"}), &good()), "unknown key"),
            (token(&json!({"alg": "EdDSA", "kid": "other"}), &good()), "unknown key"),
            (token(&json!({"alg": "EdDSA", "crit": ["b64"]}), &good()), "token with conditions that are not known"),
            (message.to_owned(), "no token"),
            ("x".repeat(TOKEN_BYTES_MAX + 1), "token too long"),
            (String::new(), "no token"),
        ];
        for (token, expected) in cases {
            assert_eq!(signed(&token).unwrap_err(), expected, "{token:.90}");
        }
    }

    #[test]
    fn what_was_signed_for_another_or_another_time_is_not_for_us() {
        let cases = [
            (json!({}), Ok("s-1")),
            (json!({"aud": ["florin"]}), Ok("s-1")),
            (json!({"aud": ["florin", "other"], "azp": "florin"}), Ok("s-1")),
            (json!({"exp": NOW - 59}), Ok("s-1")),
            (json!({"exp": NOW as f64 + 0.5}), Ok("s-1")),
            (json!({"iss": "https://sso/"}), Err("issuer")),
            (json!({"iss": null}), Err("issuer")),
            (json!({"aud": "other"}), Err("audience")),
            (json!({"aud": ["florin", "other"]}), Err("audience")),
            (json!({"aud": "florin", "azp": "other"}), Err("audience")),
            (json!({"aud": null}), Err("audience")),
            (json!({"exp": NOW - 60}), Err("expired")),
            (json!({"exp": null}), Err("no end")),
            (json!({"iat": NOW + 61}), Err("not yet")),
            (json!({"nbf": NOW + 61}), Err("not yet")),
            (json!({"iat": null}), Err("no beginning")),
            (json!({"nonce": "m"}), Err("nonce")),
            (json!({"nonce": null}), Err("no nonce")),
            (json!({"sub": ""}), Err("no subject")),
            (json!({"sub": 7}), Err("no subject")),
        ];
        let now = EventTime(NOW * MICROS);
        let expected = Expected { issuer: "https://sso", client_id: "florin", nonce: "n", now };
        for (change, becomes) in cases {
            let mut claims = good();
            claims.extend(change.as_object().unwrap().clone());
            claims.retain(|_, value| !value.is_null());
            assert_eq!(check(&claims, &expected), becomes, "{change}");
        }
    }
}
