//! SCRAM-SHA-256 as a client of PostgreSQL does it.

use base64::{Engine, engine::general_purpose::STANDARD};
use florin_access::{AccessError, ClientFirst, MadeKey, Mechanism, NewKey, Scope, SqlLogin, SqlSignedIn, scram};
use florin_domain::Role;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::support::{Bank, HOME};

const MESSAGE: &[u8] = b"n=,r=abc,r=abcdef,s=c2FsdA==,i=4096,c=biws,r=abcdef";

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The client's side of RFC 5802: its proof, and the signature that it expects.
fn client(password: &str, login: &SqlLogin, said: &[u8]) -> ([u8; 32], [u8; 32]) {
    let mut salted = hmac(password.as_bytes(), &[login.salt(), &[0, 0, 0, 1]].concat());
    let mut block = salted;
    for _ in 1..login.iterations() {
        block = hmac(password.as_bytes(), &block);
        salted.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    let client_key = hmac(&salted, b"Client Key");
    let signature = hmac(&Sha256::digest(client_key), said);
    (std::array::from_fn(|n| client_key[n] ^ signature[n]), hmac(&hmac(&salted, b"Server Key"), said))
}

async fn log_in(bank: &Bank, user: &str, password: &str) -> (Result<SqlSignedIn, AccessError>, [u8; 32]) {
    let login = bank.access.begin_sql_login(user).await.unwrap();
    let (proof, expected) = client(password, &login, MESSAGE);
    (bank.access.finish_sql_login(login, MESSAGE, &proof, HOME).await, expected)
}

async fn key(bank: &Bank, scopes: &[Scope]) -> (MadeKey, String) {
    let ana = bank.ana().await;
    let new = NewKey { name: "Tableau".to_owned(), scopes: scopes.to_vec(), roles: vec![Role::Analyst], days: 7 };
    let made = bank.access.make_key(&ana.session, new).await.unwrap();
    let secret = made.key.expose().to_owned();
    bank.recorded();
    (made, secret)
}

#[tokio::test]
async fn a_key_signs_in_by_its_id_and_with_its_owner_before_it() {
    let bank = Bank::new().await;
    let (made, secret) = key(&bank, &[Scope::Sql]).await;
    for user in [made.line.id.clone(), format!("ana/{}", made.line.id)] {
        let (signed_in, expected) = log_in(&bank, &user, &secret).await;
        let signed_in = signed_in.unwrap();
        assert_eq!(signed_in.server_signature, expected);
        assert_eq!(
            (signed_in.used.principal.user.as_str(), signed_in.used.id.as_str()),
            ("ana", made.line.id.as_str())
        );
        assert_eq!(bank.acts(), ["ana | sign_in | signed in for SQL"]);
    }
}

#[tokio::test]
async fn whatever_is_wrong_the_exchange_goes_on_to_its_end() {
    let bank = Bank::new().await;
    let (made, secret) = key(&bank, &[Scope::Sql]).await;
    let id = &made.line.id;
    let cases = [
        (id.clone(), "wrong", "ana | sign_in_failed | failed | secret of a key"),
        (format!("ben/{id}"), secret.as_str(), "unknown | sign_in_failed | failed | no such login"),
        ("nobody".to_owned(), secret.as_str(), "unknown | sign_in_failed | failed | no such login"),
        ("x".repeat(1000), secret.as_str(), "unknown | sign_in_failed | failed | no such login"),
    ];
    for (user, password, expected) in cases {
        let (refused, _) = log_in(&bank, &user, password).await;
        assert!(matches!(refused, Err(AccessError::WrongCredentials)), "{user}");
        assert_eq!(bank.acts(), [expected]);
    }
}

#[tokio::test]
async fn who_does_not_exist_is_sent_what_others_are_and_the_same_each_time() {
    let bank = Bank::new().await;
    let first = bank.access.begin_sql_login("nobody").await.unwrap();
    let again = bank.other(crate::support::CHEAP).await.begin_sql_login("nobody").await.unwrap();
    let other = bank.access.begin_sql_login("nobody2").await.unwrap();
    assert_eq!((first.salt().len(), first.iterations()), (scram::SALT_BYTES, scram::ITERATIONS));
    assert_eq!(first.salt(), again.salt());
    assert_ne!(first.salt(), other.salt());
}

#[tokio::test]
async fn a_key_for_something_else_does_not_speak_sql() {
    let bank = Bank::new().await;
    let (made, secret) = key(&bank, &[Scope::Query]).await;
    let (refused, _) = log_in(&bank, &made.line.id, &secret).await;
    assert!(matches!(refused, Err(AccessError::WrongCredentials)), "there is nothing to prove it against");
}

#[tokio::test]
async fn a_revoked_key_proves_itself_in_vain() {
    let bank = Bank::new().await;
    let (made, secret) = key(&bank, &[Scope::Sql]).await;
    let by = crate::support::operator();
    bank.access.revoke_any_key(florin_access::Authority::Operator(&by), &made.line.id).await.unwrap();
    bank.recorded();
    let (refused, _) = log_in(&bank, &made.line.id, &secret).await;
    assert!(matches!(refused, Err(AccessError::WrongCredentials)));
    assert_eq!(bank.acts(), ["ana | sign_in_failed | failed | key revoked"]);
}

#[tokio::test]
async fn the_whole_exchange_goes_through() {
    let bank = Bank::new().await;
    let (made, secret) = key(&bank, &[Scope::Sql]).await;
    let login = bank.access.begin_sql_login(&made.line.id).await.unwrap();
    let first = ClientFirst::read("n,,n=,r=fyko", &Mechanism::Plain { plus_offered: true }).unwrap().answer(&login);
    let (nonce, rest) = first.message().strip_prefix("r=").unwrap().split_once(',').unwrap();
    assert!(nonce.starts_with("fyko") && nonce.len() > 20, "{nonce}");
    assert_eq!(rest, format!("s={},i=4096", STANDARD.encode(login.salt())));

    let without_proof = format!("c=biws,r={nonce}");
    let said = format!("n=,r=fyko,{},{without_proof}", first.message());
    let (proof, signature) = client(&secret, &login, said.as_bytes());
    let last = first.read(&format!("{without_proof},p={}", STANDARD.encode(proof))).unwrap();
    let signed_in = bank.access.finish_sql_login(login, last.auth_message(), last.proof(), HOME).await.unwrap();
    assert_eq!(signed_in.message(), format!("v={}", STANDARD.encode(signature)));
}
