//! The second factor: an authenticator app, and recovery codes for when it is lost.
//!
//! Setting up asks for the password again, so that whoever finds an open screen cannot set up their own; removing asks for a code too.

use std::net::IpAddr;

use florin_domain::Principal;
use florin_governance::audit::EventKind;
use florin_store::{Credentials, NewTotp, StoreError, Totp, WrappedKey};
use zeroize::Zeroizing;

use crate::{
    access::{Access, Authority, Refused},
    error::{AccessError, Result},
    record::entry,
    secret::{Kind, Secret, base32, hash, random, typable},
    sessions::Session,
    sign_in::principal,
    totp,
};

/// Recovery codes that a user gets; each opens once.
pub const RECOVERY_CODES: usize = 10;
/// What a sealed secret is of: its kind and its label.
const SEALED_AS: (&str, &str) = ("totp", "secret");

/// A second factor that waits for its first code.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret (base32), to be typed.
    pub secret: Secret,
    /// The same as `otpauth://…`, to be shown as a picture.
    pub uri: Secret,
}

/// Whether somebody has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactor {
    /// It is asked for when they sign in.
    pub set_up: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
}

impl Access {
    /// Whether whoever asks has a second factor.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn second_factor(&self, session: &Session) -> Result<SecondFactor> {
        let known = self.store.credentials(&session.user).await?.ok_or(AccessError::NotSignedIn)?;
        self.second_factor_of(&known).await
    }

    pub(crate) async fn second_factor_of(&self, known: &Credentials) -> Result<SecondFactor> {
        let recovery_codes_left = self.store.recovery_codes_left(&known.user.name).await?;
        Ok(SecondFactor { set_up: confirmed(known).is_some(), recovery_codes_left })
    }

    /// Begins to set up a second factor. It counts once [`confirmed`](Self::confirm_second_factor) with a code.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] when the password is wrong; [`AccessError::NotAllowed`] when there is one already.
    pub async fn begin_second_factor(&self, session: &Session, password: &Secret, from: IpAddr) -> Result<Enrolment> {
        self.again(session, password, from, async |known| Ok(self.enrol(&known.user.name).await?)).await
    }

    async fn enrol(&self, user: &str) -> Result<Enrolment> {
        let bytes = random::<{ totp::SECRET_BYTES }>(self.fill());
        let (key, sealed) = self.seal(user, &*bytes)?;
        let new = NewTotp { user: user.to_owned(), key, sealed, set_at: self.now() };
        if !self.store.begin_totp(new).await? {
            return Err(AccessError::not_allowed("there is a second factor already; remove it first"));
        }
        let secret = base32(&*bytes);
        let uri = totp::uri(&self.settings.issuer, user, &secret);
        Ok(Enrolment { secret: secret.as_str().into(), uri: uri.into() })
    }

    /// Confirms a second factor with a code of it; gives back the recovery codes, once. The user's other sessions end.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] when the code is wrong; [`AccessError::Unknown`] when none was begun.
    pub async fn confirm_second_factor(&self, session: &Session, code: &Secret, from: IpAddr) -> Result<Vec<Secret>> {
        let attempt = self.begin(Some(&session.user), from)?;
        let result = self.try_confirm(session, code, from).await;
        self.judged(&attempt, &session.principal(), from, result).await
    }

    async fn try_confirm(&self, session: &Session, code: &Secret, from: IpAddr) -> Result<Vec<Secret>, Refused> {
        let unknown = || AccessError::unknown("second factor of", &session.user);
        let known = self.store.credentials(&session.user).await?.ok_or(AccessError::NotSignedIn)?;
        let begun = known.totp.as_ref().filter(|totp| !totp.confirmed).ok_or_else(unknown)?;
        let secret = self.open_secret(begun)?;
        let step = totp::matching_step(&secret, code.expose(), self.now(), begun.last_step);
        let step = step.ok_or(Refused::Wrong("code at set-up"))?;
        let codes = self.recovery_codes();
        let hashes = hashes(&codes);
        self.record_act(&session.principal(), EventKind::SecondFactor, "set up", Some(from)).await?;
        if !self.store.confirm_totp(&session.user, step, &hashes, Some(&session.hash)).await? {
            return Err(unknown().into());
        }
        self.forget_others(session);
        Ok(codes)
    }

    /// Makes new recovery codes; the old ones open nothing any more.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`]; [`AccessError::Unknown`] when there is no second factor.
    pub async fn new_recovery_codes(&self, session: &Session, password: &Secret, from: IpAddr) -> Result<Vec<Secret>> {
        self.again(session, password, from, async |known| {
            confirmed(&known).ok_or_else(|| AccessError::unknown("second factor of", &session.user))?;
            let codes = self.recovery_codes();
            self.record_act(&session.principal(), EventKind::SecondFactor, "recovery codes made", Some(from)).await?;
            self.store.set_recovery_codes(&session.user, &hashes(&codes)).await?;
            Ok(codes)
        })
        .await
    }

    /// Removes the second factor of whoever asks, who shows it once more. Their other sessions end.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`]; [`AccessError::Unknown`] when there is none.
    pub async fn remove_second_factor(
        &self,
        session: &Session,
        password: &Secret,
        code: &Secret,
        from: IpAddr,
    ) -> Result<()> {
        self.again(session, password, from, async |known| {
            if !self.check_second_factor(&known, Some(code), from).await? {
                return Err(AccessError::unknown("second factor of", &session.user).into());
            }
            self.record_act(&session.principal(), EventKind::SecondFactor, "removed", Some(from)).await?;
            self.store.remove_totp(&session.user, Some(&session.hash)).await?;
            self.forget_others(session);
            Ok(())
        })
        .await
    }

    /// Removes the second factor of a user who lost it. Their sessions end.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] when there is no such user, or they have none.
    pub async fn remove_second_factor_of(&self, by: Authority<'_>, name: &str) -> Result<()> {
        let who = by.who()?;
        let known = self.store.credentials(name).await?.ok_or_else(|| AccessError::unknown("user", name))?;
        if known.totp.is_none() {
            return Err(AccessError::unknown("second factor of", name));
        }
        self.record_of(who, "removed by another", &known).await?;
        self.store.remove_totp(name, None).await?;
        self.sessions.forget(|session| session.user == name);
        Ok(())
    }

    /// Whether a second factor was shown where one is asked for.
    pub(crate) async fn check_second_factor(
        &self,
        known: &Credentials,
        shown: Option<&Secret>,
        from: IpAddr,
    ) -> Result<bool, Refused> {
        let Some(totp) = confirmed(known) else { return Ok(false) };
        let shown = shown.ok_or(AccessError::SecondFactorNeeded)?;
        if totp::is_code(shown.expose()) {
            let secret = self.open_secret(totp)?;
            let step = totp::matching_step(&secret, shown.expose(), self.now(), totp.last_step);
            let step = step.ok_or(Refused::Wrong("code"))?;
            // Of two who come with the same code at once, one is second.
            let used = self.store.use_totp_step(&known.user.name, step).await?;
            return if used { Ok(true) } else { Err(Refused::Wrong("code used before")) };
        }
        if !self.store.use_recovery_code(&known.user.name, &hash(Kind::RecoveryCode, &plain(shown))).await? {
            return Err(Refused::Wrong("recovery code"));
        }
        self.record_act(&principal(known), EventKind::SecondFactor, "recovery code used", Some(from)).await?;
        Ok(true)
    }

    fn seal(&self, user: &str, bytes: &[u8]) -> Result<(WrappedKey, Vec<u8>), StoreError> {
        let mut fill = |bytes: &mut [u8]| self.fill()(bytes);
        let (key, wrapped) = self.vault.new_subject(&format!("user:{user}"), &mut fill)?;
        let sealed = key.seal(SEALED_AS.0, SEALED_AS.1, bytes, &mut fill)?;
        Ok((wrapped, sealed))
    }

    fn open_secret(&self, totp: &Totp) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.vault.open_subject(&totp.key)?.open(SEALED_AS.0, SEALED_AS.1, &totp.sealed)
    }

    fn recovery_codes(&self) -> Vec<Secret> {
        (0..RECOVERY_CODES).map(|_| typable(self.fill())).collect()
    }

    pub(crate) fn forget_others(&self, session: &Session) {
        self.sessions.forget(|known| known.user == session.user && known.hash != session.hash);
    }

    async fn record_of(&self, who: &Principal, act: &str, of: &Credentials) -> Result<()> {
        let entry = entry(self.now(), who, EventKind::SecondFactor, act, None);
        self.record(entry.with("user", of.user.name.as_str())).await
    }
}

/// The second factor that is asked for.
fn confirmed(known: &Credentials) -> Option<&Totp> {
    known.totp.as_ref().filter(|totp| totp.confirmed)
}

fn hashes(codes: &[Secret]) -> Vec<[u8; 32]> {
    codes.iter().map(|code| hash(Kind::RecoveryCode, &plain(code))).collect()
}

/// A recovery code however it was typed.
fn plain(code: &Secret) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(code.expose().len()));
    text.extend(code.expose().chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    text
}
