//! Signing in with a passkey: alone, or beside a password.

use std::net::IpAddr;

use florin_domain::Principal;
use florin_governance::audit::EventKind;
use florin_store::{Credentials, Passkey};

use super::said::{self, Wanted};
use crate::{
    access::{Access, Refused},
    error::{AccessError, Result},
    record::{UNKNOWN, entry, nobody},
    secret::{Kind, Secret, hash_bytes},
    sign_in::{SignedIn, principal},
    signature::is_signed_by_authenticator,
};

/// How this way in is called on the audit log.
const HOW: &str = "passkey";

/// What a browser brings of a passkey that signed.
#[derive(Debug, Clone)]
pub struct PasskeyAnswer {
    /// Which it is, by what its authenticator calls it.
    pub id: Vec<u8>,
    /// What the authenticator calls its user.
    pub handle: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// What was signed with it.
    pub signature: Vec<u8>,
}

impl Access {
    /// What an authenticator is to sign so that its owner gets in. The same for everybody: nobody has said yet who they are.
    ///
    /// # Errors
    /// [`AccessError::Throttled`] when an address asks too often; [`AccessError::Unknown`] when passkeys cannot be used.
    pub async fn passkey_challenge(&self, from: IpAddr) -> Result<Vec<u8>> {
        self.site()?;
        self.knock(from)?;
        self.challenge(None).await
    }

    /// Signs in with a passkey alone.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] whatever is wrong; [`AccessError::Throttled`] when nothing was looked at.
    pub async fn sign_in_with_passkey(&self, answer: &PasskeyAnswer, from: IpAddr) -> Result<SignedIn> {
        self.site()?;
        let attempt = self.begin(None, from)?;
        let mut who = nobody(UNKNOWN);
        let result = self.try_passkey(answer, from, &mut who).await;
        self.judged_by(HOW, &attempt, &who, from, result).await
    }

    async fn try_passkey(
        &self,
        answer: &PasskeyAnswer,
        from: IpAddr,
        who: &mut Principal,
    ) -> Result<SignedIn, Refused> {
        let found = self.store.passkey(&answer.id).await?.ok_or(Refused::Wrong("no such passkey"))?;
        let known = self.store.credentials(&found.user).await?.ok_or(Refused::Wrong("no such user"))?;
        *who = principal(&known);
        self.check_passkey(answer, &found).await?;
        if known.user.disabled {
            return Err(Refused::Wrong("disabled"));
        }
        let signed_in = entry(self.now(), who, EventKind::SignIn, "signed in", Some(from));
        self.record(signed_in.with("how", HOW)).await?;
        let begun = self.begin_session(&known.user, &known.password.phc, true, from).await?;
        begun.ok_or(Refused::Wrong("changed meanwhile"))
    }

    /// Whether what is asked for beside the password was shown: a passkey, or a code where those are set up.
    pub(crate) async fn check_beside_password(
        &self,
        known: &Credentials,
        passkey: Option<&PasskeyAnswer>,
        code: Option<&Secret>,
        from: IpAddr,
    ) -> Result<bool, Refused> {
        if let Some(answer) = passkey {
            let found = self.store.passkey(&answer.id).await?.filter(|found| found.user == known.user.name);
            self.check_passkey(answer, &found.ok_or(Refused::Wrong("no such passkey"))?).await?;
            return Ok(true);
        }
        if self.check_second_factor(known, code, from).await? {
            return Ok(true);
        }
        match self.store.passkeys(&known.user.name).await?.is_empty() {
            true => Ok(false),
            false => Err(AccessError::PasskeyNeeded.into()),
        }
    }

    /// Whether a passkey signed a challenge that is open. The challenge is used, whatever comes of it.
    async fn check_passkey(&self, answer: &PasskeyAnswer, found: &Passkey) -> Result<(), Refused> {
        let site = self.site()?;
        let challenge = said::challenge(&answer.client_data, Wanted::SignIn, site).map_err(Refused::Wrong)?;
        let hash = hash_bytes(Kind::PasskeyChallenge, &challenge);
        let taken = self.store.take_passkey_challenge(&hash, self.now()).await?;
        if taken.is_none_or(|taken| taken.registers.is_some()) {
            return Err(Refused::Wrong("no such challenge"));
        }
        let authenticator = said::authenticator(&answer.authenticator_data, &site.rp_id).map_err(Refused::Wrong)?;
        if answer.handle != found.handle {
            return Err(Refused::Wrong("a passkey of another"));
        }
        let key = said::public_key(&found.public_key).ok_or(Refused::Wrong("a key that cannot be read"))?;
        let message = said::signed_message(&answer.authenticator_data, &answer.client_data);
        if !is_signed_by_authenticator(&key, &message, &answer.signature) {
            return Err(Refused::Wrong("signature"));
        }
        let used = self.store.use_passkey(&found.id, authenticator.counter, authenticator.synced, self.now()).await?;
        if used { Ok(()) } else { Err(Refused::Wrong("counter")) }
    }
}
