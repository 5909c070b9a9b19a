//! Logins of programs that speak SQL (PostgreSQL's wire): user = a key's id, or its owner, `/` and its id; password = the whole key,
//! so that there is one text to hand on.
//! The server never sees it: SCRAM-SHA-256 shows that the client has it.
//!
//! For a user who does not exist the exchange goes on to the end with a made-up verifier, the same each time, so that names cannot
//! be found out.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use florin_governance::audit::EventKind;
use florin_store::{ApiKey, KeyScope as Scope, ScramVerifier, User};

use crate::{
    access::{Access, Refused},
    api_keys::{KeyUse, allowed},
    error::{AccessError, Result},
    record::{UNKNOWN, entry, nobody},
    scram,
    secret::{Kind, base32, hash, random},
};

/// Signs of a login's user at most.
const USER_CHARS_MAX: usize = 128;

/// A login that has begun.
#[derive(Debug)]
pub struct SqlLogin {
    verifier: ScramVerifier,
    nonce: String,
    key: Option<Box<(ApiKey, User)>>,
}

impl SqlLogin {
    /// The salt that the client is sent.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.verifier.salt
    }

    /// What the server adds to the client's nonce.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The iterations that the client is sent.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.verifier.iterations
    }
}

/// A login that was proven.
#[derive(Debug)]
pub struct SqlSignedIn {
    /// Whose connection it is.
    pub used: KeyUse,
    /// What shows the client that the server knows the key (`v=` of the last message, before base64).
    pub server_signature: [u8; 32],
}

impl SqlSignedIn {
    /// The last message of the exchange, as the client is sent it.
    #[must_use]
    pub fn message(&self) -> String {
        format!("v={}", STANDARD.encode(self.server_signature))
    }
}

impl Access {
    /// Begins a login: what the client is sent.
    ///
    /// # Errors
    /// [`AccessError::Throttled`] never: who is wrong waits at the end. Those of the store.
    pub async fn begin_sql_login(&self, user: &str) -> Result<SqlLogin> {
        let found = self.sql_key(user).await?.filter(|(key, _)| key.scram.is_some());
        let verifier = found.as_ref().and_then(|(key, _)| key.scram.clone());
        let nonce = STANDARD.encode(*random::<18>(self.fill()));
        Ok(SqlLogin { nonce, verifier: verifier.unwrap_or_else(|| self.made_up(user)), key: found.map(Box::new) })
    }

    async fn sql_key(&self, user: &str) -> Result<Option<(ApiKey, User)>> {
        if user.len() > USER_CHARS_MAX {
            return Ok(None);
        }
        let (owner, id) = user.rsplit_once('/').map_or((None, user), |(owner, id)| (Some(owner), id));
        let found = self.store.api_key(id).await?;
        Ok(found.filter(|(key, _)| owner.is_none_or(|owner| owner == key.owner)))
    }

    /// A verifier that nothing proves. Its salt hangs on the name and on the bank's hashing key, so it looks like any other.
    fn made_up(&self, user: &str) -> ScramVerifier {
        let digest = hash(Kind::Decoy, &self.vault.token("login", user));
        let salt = digest.get(..scram::SALT_BYTES).unwrap_or_default().to_vec();
        let nobodys = base32(&*random::<32>(self.fill()));
        let [stored_key, server_key] = [hash(Kind::Decoy, &nobodys), *random(self.fill())];
        ScramVerifier { salt, iterations: scram::ITERATIONS, stored_key, server_key }
    }

    /// Ends a login with the client's proof ([`ServerFirst::read`](crate::ServerFirst::read) takes both from its last message):
    /// `auth_message` is the three messages before it, with commas between.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] whatever is wrong;
    /// [`AccessError::NotAllowed`] when the key is not for SQL;
    /// [`AccessError::Throttled`] when too many wrong ones came from there.
    pub async fn finish_sql_login(
        &self,
        login: SqlLogin,
        auth_message: &[u8],
        client_proof: &[u8],
        from: IpAddr,
    ) -> Result<SqlSignedIn> {
        match self.proven(&login, auth_message, client_proof) {
            Ok(used) => {
                let used = allowed(used, Scope::Sql)?;
                let entry = entry(self.now(), &used.principal, EventKind::SignIn, "signed in for SQL", Some(from));
                self.record(entry.with("key", used.id.as_str())).await?;
                let server_signature = scram::server_signature(&login.verifier, auth_message);
                Ok(SqlSignedIn { used, server_signature })
            }
            Err(Refused::Otherwise(error)) => Err(error),
            Err(wrong) => {
                let attempt = self.begin(None, from)?;
                let owner = login.key.as_ref().map_or(UNKNOWN, |key| &key.1.name);
                self.judged_by("key", &attempt, &nobody(owner), from, Err(wrong)).await
            }
        }
    }

    /// Whose connection it is by now: a key is revoked, runs out or loses a role while connections that it opened go on.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] when the key opens nothing any more;
    /// [`AccessError::NotAllowed`] when it is no longer for SQL.
    pub async fn sql_login_now(&self, used: &KeyUse) -> Result<KeyUse> {
        let found = self.sql_key(&used.id).await?.filter(|(key, _)| key.owner == used.principal.user);
        let Some((key, owner)) = found else { return Err(AccessError::WrongCredentials) };
        match self.usable(&key, &owner) {
            Ok(now) => allowed(now, Scope::Sql),
            Err(Refused::Otherwise(error)) => Err(error),
            Err(_) => Err(AccessError::WrongCredentials),
        }
    }

    fn proven(&self, login: &SqlLogin, auth_message: &[u8], client_proof: &[u8]) -> Result<KeyUse, Refused> {
        let proven = scram::proves(&login.verifier, auth_message, client_proof);
        let Some(found) = &login.key else { return Err(Refused::Wrong("no such login")) };
        if !proven {
            return Err(Refused::Wrong("secret of a key"));
        }
        self.usable(&found.0, &found.1)
    }
}
