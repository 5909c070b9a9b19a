//! What browsers and authenticators say (WebAuthn, 5.8.1, 6.1 and 6.5): taken apart and looked at. Pure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{CHALLENGE_BYTES, PasskeySettings, cbor::Cbor};
use crate::signature::PublicKey;

/// The longest text of a browser, and the longest bytes of an authenticator.
const SAID_BYTES_MAX: usize = 16 * 1024;
/// The longest id of a passkey (WebAuthn, 7.1, step 25).
pub(crate) const ID_BYTES_MAX: usize = 1023;

/// What the browser says it did.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

/// What somebody wanted of the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Registration,
    SignIn,
}

/// The challenge that was signed, if a page of ours had it signed for this.
///
/// # Errors
/// What is wrong.
pub(crate) fn challenge(
    client_data: &[u8],
    wanted: Wanted,
    settings: &PasskeySettings,
) -> Result<[u8; CHALLENGE_BYTES], &'static str> {
    if client_data.len() > SAID_BYTES_MAX {
        return Err("too long");
    }
    let said: ClientData = serde_json::from_slice(client_data).map_err(|_| "no client data")?;
    let kind = match wanted {
        Wanted::Registration => "webauthn.create",
        Wanted::SignIn => "webauthn.get",
    };
    if said.kind != kind {
        return Err("for something else");
    }
    if said.origin != settings.origin || said.cross_origin {
        return Err("origin");
    }
    let challenge = URL_SAFE_NO_PAD.decode(said.challenge).map_err(|_| "challenge")?;
    challenge.try_into().map_err(|_| "challenge")
}

/// What the authenticator says of itself and of whoever holds it.
pub(crate) struct Authenticator<'a> {
    pub(crate) counter: u32,
    pub(crate) synced: bool,
    /// Id and public key, where one was made.
    pub(crate) made: Option<(&'a [u8], &'a [u8])>,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_SYNCED: u8 = 0x08;
const SYNCED: u8 = 0x10;
const HAS_KEY: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Takes an authenticator's data apart, and looks whether it was for us and somebody was there who had to show who they are.
///
/// # Errors
/// What is wrong.
pub(crate) fn authenticator<'a>(data: &'a [u8], rp_id: &str) -> Result<Authenticator<'a>, &'static str> {
    if data.len() > SAID_BYTES_MAX {
        return Err("too long");
    }
    let (site, rest) = data.split_at_checked(32).ok_or("no authenticator data")?;
    let (head, rest) = rest.split_at_checked(5).ok_or("no authenticator data")?;
    let (flags, counter) = (head[0], u32::from_be_bytes([head[1], head[2], head[3], head[4]]));
    if !bool::from(site.ct_eq(&Sha256::digest(rp_id.as_bytes()))) {
        return Err("for another site");
    }
    if flags & PRESENT == 0 {
        return Err("nobody was there");
    }
    if flags & VERIFIED == 0 {
        return Err("nobody showed who they are");
    }
    if flags & SYNCED != 0 && flags & MAY_BE_SYNCED == 0 {
        return Err("synced and not to be synced");
    }
    let (made, rest) = if flags & HAS_KEY == 0 { (None, rest) } else { made(rest).ok_or("no key")? };
    let rest = if flags & HAS_EXTENSIONS == 0 { rest } else { Cbor::first(rest).ok_or("no extensions")?.1 };
    if !rest.is_empty() {
        return Err("more than there should be");
    }
    Ok(Authenticator { counter, synced: flags & SYNCED != 0, made })
}

/// The new passkey's id and public key, and what stands after them.
#[allow(clippy::type_complexity, reason = "two slices, and the rest")]
fn made(data: &[u8]) -> Option<(Option<(&[u8], &[u8])>, &[u8])> {
    // The model of the authenticator is not asked for.
    let (_, rest) = data.split_at_checked(16)?;
    let (length, rest) = rest.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let (id, rest) = rest.split_at_checked(length).filter(|_| (1..=ID_BYTES_MAX).contains(&length))?;
    let (_, after) = Cbor::first(rest)?;
    Some((Some((id, &rest[..rest.len() - after.len()])), after))
}

/// The authenticator's data of an attestation. Who made the authenticator is not asked, so what it says of that is not looked at.
pub(crate) fn attested(object: &[u8]) -> Option<&[u8]> {
    if object.len() > SAID_BYTES_MAX {
        return None;
    }
    let (attestation, rest) = Cbor::first(object)?;
    attestation.named("fmt").and_then(Cbor::text)?;
    attestation.named("authData").and_then(Cbor::bytes).filter(|_| rest.is_empty())
}

/// A public key (RFC 9052, 9053 and 8230), if it is of a kind that we asked for.
pub(crate) fn public_key(cose: &[u8]) -> Option<PublicKey> {
    const P256: i64 = 1;
    const ED25519: i64 = 6;
    let (key, rest) = Cbor::first(cose)?;
    let int = |number: i64| key.numbered(number).and_then(Cbor::int);
    let bytes = |number: i64| key.numbered(number).and_then(Cbor::bytes);
    let found = match (int(1)?, int(3)?) {
        (2, super::ES256) if int(-1)? == P256 => PublicKey::p256(bytes(-2)?, bytes(-3)?),
        (1, super::EDDSA) if int(-1)? == ED25519 => PublicKey::ed25519(bytes(-2)?),
        (3, super::RS256) => Some(PublicKey::rsa(bytes(-1)?, bytes(-2)?)),
        _ => None,
    };
    found.filter(|_| rest.is_empty())
}

/// What an authenticator signs.
pub(crate) fn signed_message(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &Sha256::digest(client_data)].concat()
}
