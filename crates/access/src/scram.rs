//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side: what is kept of a password, and how a client's proof is checked. Pure.

use florin_store::ScramVerifier;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How often a password is hashed: what RFC 7677 asks for at least. Our passwords are 256 random bits, which more would not help.
pub const ITERATIONS: u32 = 4096;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// What is kept of a password that is plain ASCII, as our keys are (others would have to be prepared first).
#[must_use]
pub fn verifier(password: &str, salt: &[u8], iterations: u32) -> ScramVerifier {
    let salted = Zeroizing::new(salted(password.as_bytes(), salt, iterations));
    let client_key = Zeroizing::new(hmac(&*salted, b"Client Key"));
    ScramVerifier {
        salt: salt.to_vec(),
        iterations,
        stored_key: Sha256::digest(*client_key).into(),
        server_key: hmac(&*salted, b"Server Key"),
    }
}

/// Whether a client's proof shows that it has the password: `AuthMessage` is the three messages before the proof, with commas between.
#[must_use]
pub fn proves(verifier: &ScramVerifier, auth_message: &[u8], client_proof: &[u8]) -> bool {
    let Ok(proof) = <&[u8; 32]>::try_from(client_proof) else { return false };
    let signature = hmac(&verifier.stored_key, auth_message);
    let client_key: [u8; 32] = std::array::from_fn(|n| signature[n] ^ proof[n]);
    let shown: [u8; 32] = Sha256::digest(client_key).into();
    shown.ct_eq(&verifier.stored_key).into()
}

/// What shows a client that the server has the verifier.
#[must_use]
pub fn server_signature(verifier: &ScramVerifier, auth_message: &[u8]) -> [u8; 32] {
    hmac(&verifier.server_key, auth_message)
}

/// `Hi` of RFC 5802, which is PBKDF2 with one block.
fn salted(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut block = hmac(password, &[salt, &1u32.to_be_bytes()].concat());
    let mut all = block;
    for _ in 1..iterations {
        block = hmac(password, &block);
        for (sum, byte) in all.iter_mut().zip(block) {
            *sum ^= byte;
        }
    }
    all
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length; the variant that could refuse one does not.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    // RFC 7677, section 3.
    const AUTH_MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SIGNATURE: &str = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    #[test]
    fn the_exchange_of_rfc_7677_comes_out() {
        let verifier = verifier("pencil", &STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4096);
        let proof = STANDARD.decode(PROOF).unwrap();
        assert!(proves(&verifier, AUTH_MESSAGE.as_bytes(), &proof));
        assert_eq!(STANDARD.encode(server_signature(&verifier, AUTH_MESSAGE.as_bytes())), SIGNATURE);
    }

    #[test]
    fn another_password_proof_or_message_proves_nothing() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let proof = STANDARD.decode(PROOF).unwrap();
        assert!(!proves(&verifier("pencils", &salt, 4096), AUTH_MESSAGE.as_bytes(), &proof));
        assert!(!proves(&verifier("pencil", &salt, 4095), AUTH_MESSAGE.as_bytes(), &proof));
        let verifier = verifier("pencil", &salt, 4096);
        assert!(!proves(&verifier, b"n=user", &proof));
        assert!(!proves(&verifier, AUTH_MESSAGE.as_bytes(), &proof[..31]));
        for bit in 0..256 {
            let mut changed = proof.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!proves(&verifier, AUTH_MESSAGE.as_bytes(), &changed), "bit {bit}");
        }
    }
}
