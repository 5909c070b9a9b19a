//! Passkeys of whoever is signed in: registering, naming, removing.

use std::net::IpAddr;

use florin_governance::audit::EventKind;
use florin_store::{Passkey, PasskeyChallenge, StoreError};

use super::{
    CHALLENGE_BYTES, CHALLENGE_HOLDS, CHALLENGES_MAX, FRESH, NewPasskey, PASSKEY_NAME_CHARS_MAX, PASSKEYS_A_USER_MAX,
    PasskeyBegun, PasskeyLine, PasskeySettings,
    said::{self, Wanted},
};
use crate::{
    access::{Access, later, since},
    error::{AccessError, Result},
    secret::{Kind, hash_bytes, random},
    sessions::Session,
};

impl Access {
    /// Whether passkeys can be used: they are bound to an address.
    #[must_use]
    pub fn passkey_settings(&self) -> Option<&PasskeySettings> {
        self.passkeys.as_ref()
    }

    pub(crate) fn site(&self) -> Result<&PasskeySettings> {
        self.passkeys.as_ref().ok_or_else(|| AccessError::unknown("way to sign in", "passkey"))
    }

    /// Hands out a challenge, for a registration or for signing in.
    pub(crate) async fn challenge(&self, registers: Option<(String, [u8; 32])>) -> Result<Vec<u8>> {
        let (challenge, now) = (random::<CHALLENGE_BYTES>(self.fill()), self.now());
        let hash = hash_bytes(Kind::PasskeyChallenge, &*challenge);
        let kept = PasskeyChallenge { hash, registers, expires_at: later(now, CHALLENGE_HOLDS) };
        self.store.add_passkey_challenge(&kept, now, CHALLENGES_MAX).await?;
        Ok(challenge.to_vec())
    }

    /// Begins to register a passkey of whoever asks.
    ///
    /// # Errors
    /// [`AccessError::SignInAgain`] when they signed in too long ago.
    pub async fn begin_passkey(&self, session: &Session) -> Result<PasskeyBegun> {
        let site = self.site()?;
        self.check_fresh(session)?;
        let known = self.store.passkeys(&session.user).await?;
        // The same for all of theirs, so that a device keeps them as one person's.
        let handle = known.first().map_or_else(|| *random::<32>(self.fill()), |passkey| passkey.handle);
        Ok(PasskeyBegun {
            challenge: self.challenge(Some((session.user.clone(), handle))).await?,
            rp_id: site.rp_id.clone(),
            bank: self.settings.issuer.clone(),
            handle: handle.to_vec(),
            user: session.user.clone(),
            display_name: session.display_name.clone(),
            known: known.into_iter().map(|passkey| passkey.id).collect(),
        })
    }

    /// Registers a passkey of whoever asks. Their other sessions end, as a password alone lets nobody in from now on.
    ///
    /// # Errors
    /// [`AccessError::SignInAgain`]; [`AccessError::Invalid`] with what is wrong with it; [`AccessError::NotAllowed`] when they have too
    /// many.
    pub async fn add_passkey(&self, session: &Session, new: &NewPasskey, from: IpAddr) -> Result<PasskeyLine> {
        let site = self.site()?;
        self.check_fresh(session)?;
        check_name(&new.name)?;
        let challenge = said::challenge(&new.client_data, Wanted::Registration, site).map_err(unsound)?;
        let hash = hash_bytes(Kind::PasskeyChallenge, &challenge);
        let taken = self.store.take_passkey_challenge(&hash, self.now()).await?;
        let registers = taken.and_then(|taken| taken.registers).filter(|(user, _)| *user == session.user);
        let (user, handle) = registers.ok_or_else(|| unsound("challenge"))?;
        let data = said::attested(&new.attestation).ok_or_else(|| unsound("no attestation"))?;
        let authenticator = said::authenticator(data, &site.rp_id).map_err(unsound)?;
        let (id, public_key) = authenticator.made.ok_or_else(|| unsound("no key"))?;
        said::public_key(public_key).ok_or_else(|| unsound("a key of a kind that was not asked for"))?;
        let passkey = Passkey {
            id: id.to_vec(),
            user,
            handle,
            name: new.name.trim().to_owned(),
            public_key: public_key.to_vec(),
            counter: authenticator.counter,
            synced: authenticator.synced,
            created_at: self.now(),
            last_used_at: None,
        };
        self.keep(session, passkey, from).await
    }

    async fn keep(&self, session: &Session, passkey: Passkey, from: IpAddr) -> Result<PasskeyLine> {
        let too_many = || AccessError::not_allowed(format!("{PASSKEYS_A_USER_MAX} passkeys are the most; remove one"));
        if self.store.passkeys(&session.user).await?.len() >= PASSKEYS_A_USER_MAX as usize {
            return Err(too_many());
        }
        self.record_act(&session.principal(), EventKind::SecondFactor, "passkey registered", Some(from)).await?;
        match self.store.add_passkey(&passkey, PASSKEYS_A_USER_MAX, &session.hash).await {
            Ok(true) => {}
            Ok(false) => return Err(too_many()),
            Err(StoreError::Conflict(_)) => return Err(unsound("it is registered already")),
            Err(error) => return Err(error.into()),
        }
        self.forget_others(session);
        Ok(line(passkey))
    }

    /// The passkeys of whoever asks, the oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn passkeys(&self, session: &Session) -> Result<Vec<PasskeyLine>> {
        Ok(self.store.passkeys(&session.user).await?.into_iter().map(line).collect())
    }

    /// Calls a passkey of whoever asks something else.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] when they have no such passkey; [`AccessError::Invalid`] when it cannot be a name.
    pub async fn rename_passkey(&self, session: &Session, id: &[u8], name: &str) -> Result<()> {
        check_name(name)?;
        self.check_has(session, id).await?;
        self.record_act(&session.principal(), EventKind::SecondFactor, "passkey named", None).await?;
        self.store.rename_passkey(&session.user, id, name.trim()).await?;
        Ok(())
    }

    /// Removes a passkey of whoever asks. Their other sessions end.
    ///
    /// # Errors
    /// [`AccessError::SignInAgain`]; [`AccessError::Unknown`] when they have no such passkey.
    pub async fn remove_passkey(&self, session: &Session, id: &[u8], from: IpAddr) -> Result<()> {
        self.check_fresh(session)?;
        self.check_has(session, id).await?;
        self.record_act(&session.principal(), EventKind::SecondFactor, "passkey removed", Some(from)).await?;
        self.store.remove_passkey(&session.user, id, &session.hash).await?;
        self.forget_others(session);
        Ok(())
    }

    async fn check_has(&self, session: &Session, id: &[u8]) -> Result<()> {
        let known = self.store.passkeys(&session.user).await?;
        let has = known.iter().any(|passkey| passkey.id == id);
        if has { Ok(()) } else { Err(AccessError::unknown("passkey", "of that id")) }
    }

    fn check_fresh(&self, session: &Session) -> Result<()> {
        let fresh = since(session.signed_in_at, self.now()) < FRESH;
        if fresh { Ok(()) } else { Err(AccessError::SignInAgain) }
    }
}

fn unsound(why: &'static str) -> AccessError {
    AccessError::invalid(format!("the passkey cannot be taken: {why}"))
}

fn check_name(name: &str) -> Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > PASSKEY_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let why = format!("a passkey's name has 1 to {PASSKEY_NAME_CHARS_MAX} signs, on one line");
        return Err(AccessError::invalid(why));
    }
    Ok(())
}

fn line(of: Passkey) -> PasskeyLine {
    PasskeyLine {
        id: of.id,
        name: of.name,
        synced: of.synced,
        created_at: of.created_at,
        last_used_at: of.last_used_at,
    }
}
