//! What can go wrong, in variants that an edge turns into answers.

use florin_store::StoreError;

use crate::record::Unrecorded;

/// The result of everything here.
pub type Result<T, E = AccessError> = std::result::Result<T, E>;

/// Why something is not so. No message says more than whoever asked may know, and none carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Name, password, code or key is wrong, expired, revoked or disabled; which, is on the audit log alone.
    #[error("the credentials are wrong")]
    WrongCredentials,
    /// The password is right, and a code is needed as well.
    #[error("a code of the second factor is needed")]
    SecondFactorNeeded,
    /// The password is right, and a passkey is needed as well.
    #[error("a passkey is needed")]
    PasskeyNeeded,
    /// Whoever asks signed in too long ago for this.
    #[error("this needs a fresh sign-in; sign in again")]
    SignInAgain,
    /// The password is right, and must be changed before it opens anything.
    #[error("the password must be changed")]
    MustChangePassword,
    /// Too many failures before this; nothing was looked at.
    #[error("too many failures, come back in {seconds} s")]
    Throttled {
        /// How long to wait.
        seconds: u32,
    },
    /// More passwords wait to be checked than this machine takes.
    #[error("too many sign-ins at once, come back in a moment")]
    Busy,
    /// A new password is not good enough.
    #[error("the password is too weak: {why}")]
    WeakPassword {
        /// What it needs.
        why: &'static str,
    },
    /// There is no such session, or it is over.
    #[error("not signed in")]
    NotSignedIn,
    /// There is no such thing.
    #[error("no {what} `{name}`")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// By which name.
        name: String,
    },
    /// There is one already.
    #[error("there is a {what} `{name}` already")]
    Taken {
        /// What.
        what: &'static str,
        /// Of which name.
        name: String,
    },
    /// Whoever asked may not, or nobody may.
    #[error("not allowed: {why}")]
    NotAllowed {
        /// Why.
        why: String,
    },
    /// The request makes no sense.
    #[error("{why}")]
    Invalid {
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// The bank's sign-on cannot be asked, or makes no sense. Not for whoever signs in: for the log.
    #[error("the bank's sign-on: {why}")]
    SignOn {
        /// What is wrong with it.
        why: String,
    },
    /// It could not be put on record, so it was not done.
    #[error(transparent)]
    Unrecorded(#[from] Unrecorded),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that cannot fail did.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl AccessError {
    pub(crate) fn unknown(what: &'static str, name: &str) -> Self {
        Self::Unknown { what, name: name.to_owned() }
    }

    pub(crate) fn not_allowed(why: impl Into<String>) -> Self {
        Self::NotAllowed { why: why.into() }
    }

    pub(crate) fn sign_on(why: impl Into<String>) -> Self {
        Self::SignOn { why: why.into() }
    }

    pub(crate) fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid { why: why.into() }
    }
}
