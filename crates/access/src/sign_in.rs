//! Signing in: a password, a code where a second factor is set up, and a new password where the old one must be changed.
//!
//! One question, asked again with more when the answer says what is missing: nothing is remembered between the two, and nothing is half
//! signed in.

use std::net::IpAddr;

use florin_domain::Principal;
use florin_governance::audit::EventKind;
use florin_store::{Credentials, UserPassword};

use crate::{
    access::{Access, Refused},
    error::{AccessError, Result},
    passkeys::PasskeyAnswer,
    password,
    record::{UNKNOWN, entry, nobody},
    secret::{Secret, random},
    sessions::Session,
    users::typed_name,
};

/// What somebody shows who wants in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The user's name, as typed.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// A code of the authenticator app, or a recovery code.
    pub code: Option<Secret>,
    /// What a passkey signed.
    pub passkey: Option<PasskeyAnswer>,
    /// What the password is to be from now on.
    pub new_password: Option<Secret>,
    /// From where.
    pub from: IpAddr,
}

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What to show with each request; only a hash of it is kept.
    pub token: Secret,
    /// Who, and until when.
    pub session: Session,
}

impl Access {
    /// Signs in.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] whatever is wrong; [`AccessError::MustChangePassword`], [`AccessError::SecondFactorNeeded`] and
    /// [`AccessError::PasskeyNeeded`] when the password is right and more is needed: ask again with it. [`AccessError::Throttled`], [`AccessError::Busy`] when nothing was looked at.
    pub async fn sign_in(&self, asked: &SignIn) -> Result<SignedIn> {
        let name = typed_name(&asked.user);
        let attempt = self.begin(Some(&name), asked.from)?;
        let known = match self.store.credentials(&name).await {
            Ok(known) => known,
            Err(error) => return self.judged(&attempt, &nobody(UNKNOWN), asked.from, Err(error.into())).await,
        };
        let who = known.as_ref().map_or_else(|| nobody(UNKNOWN), principal);
        let result = self.try_sign_in(asked, known).await;
        self.judged(&attempt, &who, asked.from, result).await
    }

    async fn try_sign_in(&self, asked: &SignIn, known: Option<Credentials>) -> Result<SignedIn, Refused> {
        let known = self.check_password(&asked.password, known).await?;
        if known.password.must_change && asked.new_password.is_none() {
            return Err(AccessError::MustChangePassword.into());
        }
        if let Some(new) = &asked.new_password {
            password::check(new, &asked.password, &known.user)?;
        }
        let second_factor = self.check_beside_password(&known, asked.passkey.as_ref(), asked.code.as_ref(), asked.from);
        let second_factor = second_factor.await?;
        let phc = match &asked.new_password {
            Some(new) => self.replace_password(&known, new, asked.from, None).await?,
            None => known.password.phc.clone(),
        };
        let signed_in = entry(self.now(), &principal(&known), EventKind::SignIn, "signed in", Some(asked.from));
        self.record(signed_in.with("how", "password")).await?;
        let begun = self.begin_session(&known.user, &phc, second_factor, asked.from).await?;
        begun.ok_or(Refused::Wrong("changed meanwhile"))
    }

    /// Whether it is the password of somebody who may sign in. Takes as long for nobody.
    pub(crate) async fn check_password(
        &self,
        password: &Secret,
        known: Option<Credentials>,
    ) -> Result<Credentials, Refused> {
        if password.expose().len() > password::BYTES_MAX {
            return Err(Refused::Wrong("password"));
        }
        let phc = known.as_ref().map(|known| known.password.phc.as_str());
        let checked = self.hasher.check(password, phc).await?;
        let Some(mut known) = known else { return Err(Refused::Wrong("no such user")) };
        if !checked.right {
            return Err(Refused::Wrong("password"));
        }
        if known.user.disabled {
            return Err(Refused::Wrong("disabled"));
        }
        if known.password.expires_at.is_some_and(|expires_at| expires_at <= self.now()) {
            return Err(Refused::Wrong("one-time password expired"));
        }
        if checked.outdated {
            let phc = self.hasher.hash(password, *random(self.fill())).await?;
            if self.store.rehash_password(&known.user.name, &known.password.phc, &phc).await? {
                known.password.phc = phc;
            }
        }
        Ok(known)
    }

    /// Changes the password of somebody who is signed in; their other sessions end.
    ///
    /// # Errors
    /// [`AccessError::WrongCredentials`] when the old one is wrong, [`AccessError::WeakPassword`] when the new one is not good enough.
    pub async fn change_password(&self, session: &Session, old: &Secret, new: &Secret, from: IpAddr) -> Result<()> {
        self.again(session, old, from, async |known| {
            password::check(new, old, &known.user)?;
            self.replace_password(&known, new, from, Some(&session.hash)).await?;
            Ok(())
        })
        .await
    }

    /// Does something that a session alone is not enough for: the password is asked for again.
    pub(crate) async fn again<T>(
        &self,
        session: &Session,
        password: &Secret,
        from: IpAddr,
        act: impl AsyncFnOnce(Credentials) -> Result<T, Refused>,
    ) -> Result<T> {
        let attempt = self.begin(Some(&session.user), from)?;
        let who = session.principal();
        let checked = match self.store.credentials(&session.user).await {
            Ok(known) => self.check_password(password, known).await,
            Err(error) => Err(error.into()),
        };
        let result = match checked {
            Ok(known) => act(known).await,
            Err(refused) => Err(refused),
        };
        self.judged(&attempt, &who, from, result).await
    }

    async fn replace_password(
        &self,
        known: &Credentials,
        new: &Secret,
        from: IpAddr,
        keep: Option<&[u8; 32]>,
    ) -> Result<String> {
        let phc = self.hasher.hash(new, *random(self.fill())).await?;
        self.record_act(&principal(known), EventKind::Password, "changed", Some(from)).await?;
        let kept = UserPassword { phc: phc.clone(), set_at: self.now(), must_change: false, expires_at: None };
        self.store.set_password(&known.user.name, &kept, keep).await?;
        self.sessions.forget(|session| session.user == known.user.name && Some(&session.hash) != keep);
        Ok(phc)
    }
}

pub(crate) fn principal(known: &Credentials) -> Principal {
    Principal { user: known.user.name.clone(), roles: known.user.roles.clone() }
}
