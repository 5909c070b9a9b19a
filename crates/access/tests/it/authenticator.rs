//! An authenticator in software: makes keys, signs as real ones do, and lies where it is told to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use florin_access::{NewPasskey, PasskeyAnswer, PasskeyBegun};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};

pub(crate) const SITE: &str = "florin.bank.example";
pub(crate) const ORIGIN: &str = "https://florin.bank.example";

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// What it says. What is not changed is true.
#[derive(Clone)]
pub(crate) struct Says {
    pub(crate) kind: Option<&'static str>,
    pub(crate) origin: &'static str,
    pub(crate) cross_origin: bool,
    pub(crate) site: &'static str,
    /// Present, verified, may be synced, synced.
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) more: &'static [u8],
}

impl Default for Says {
    fn default() -> Self {
        Self { kind: None, origin: ORIGIN, cross_origin: false, site: SITE, flags: 0x05, counter: 0, more: &[] }
    }
}

/// With one passkey.
pub(crate) struct Authenticator {
    key: Key,
    pub(crate) id: Vec<u8>,
    handle: Vec<u8>,
}

impl Authenticator {
    pub(crate) fn p256() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self::of(Key::P256(key), b"p256")
    }

    pub(crate) fn ed25519() -> Self {
        Self::of(Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap()), b"ed25519")
    }

    /// With a key that was made for these tests and opens nothing.
    pub(crate) fn rsa() -> Self {
        let text = include_str!("../passkeys/rsa-for-tests.txt");
        let pkcs8 =
            base64::engine::general_purpose::STANDARD.decode(text.split_whitespace().collect::<String>()).unwrap();
        Self::of(Key::Rsa(RsaKeyPair::from_pkcs8(&pkcs8).unwrap()), b"rsa")
    }

    fn of(key: Key, id: &[u8]) -> Self {
        Self { key, id: id.to_vec(), handle: Vec::new() }
    }

    /// Makes its passkey.
    pub(crate) fn register(&mut self, begun: &PasskeyBegun, says: &Says) -> NewPasskey {
        self.handle.clone_from(&begun.handle);
        let client_data = client_data(says, "webauthn.create", &begun.challenge);
        let data = [
            head(says, 0x40),
            vec![0; 16],
            u16::try_from(self.id.len()).unwrap().to_be_bytes().to_vec(),
            self.id.clone(),
            self.public_key(),
            says.more.to_vec(),
        ]
        .concat();
        let attestation =
            [&[0xa3][..], &text("fmt"), &text("none"), &text("attStmt"), &[0xa0], &text("authData"), &bytes(&data)]
                .concat();
        NewPasskey { name: "Laptop".to_owned(), client_data, attestation }
    }

    /// Signs with it.
    pub(crate) fn sign(&self, challenge: &[u8], says: &Says) -> PasskeyAnswer {
        let client_data = client_data(says, "webauthn.get", challenge);
        let authenticator_data = [head(says, 0), says.more.to_vec()].concat();
        let message = [&authenticator_data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.signature(&message);
        PasskeyAnswer { id: self.id.clone(), handle: self.handle.clone(), client_data, authenticator_data, signature }
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// As COSE writes keys.
    fn public_key(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = point[1..].split_at(32);
                [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21][..], &bytes(x), &[0x22], &bytes(y)].concat()
            }
            Key::Ed25519(key) => {
                [&[0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21][..], &bytes(key.public_key().as_ref())].concat()
            }
            Key::Rsa(key) => {
                let RsaPublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
                [&[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20][..], &bytes(&n), &[0x21], &bytes(&e)].concat()
            }
        }
    }
}

fn client_data(says: &Says, kind: &str, challenge: &[u8]) -> Vec<u8> {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let kind = says.kind.unwrap_or(kind);
    json!({"type": kind, "challenge": challenge, "origin": says.origin, "crossOrigin": says.cross_origin})
        .to_string()
        .into_bytes()
}

fn head(says: &Says, more_flags: u8) -> Vec<u8> {
    let site = Sha256::digest(says.site.as_bytes());
    [&site[..], &[says.flags | more_flags], &says.counter.to_be_bytes()].concat()
}

/// Of fewer than 65,536.
fn bytes(of: &[u8]) -> Vec<u8> {
    [&[0x59][..], &u16::try_from(of.len()).unwrap().to_be_bytes(), of].concat()
}

/// Of fewer than 24.
fn text(of: &str) -> Vec<u8> {
    [&[0x60 + u8::try_from(of.len()).unwrap()][..], of.as_bytes()].concat()
}
