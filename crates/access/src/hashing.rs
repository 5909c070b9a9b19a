//! Hashes of passwords: argon2id, on threads of their own, so many at once.
//!
//! *Goals.* A stolen store does not give passwords away; a flood of sign-ins takes neither all memory nor all threads; who guesses names
//! learns nothing from how long an answer takes.
//!
//! *Decision.* OWASP's second choice of parameters (19 MiB, two passes, one lane), which are kept with each hash: when they change, a
//! password is hashed anew as its owner signs in. At most [`Settings::hashes_at_once`](crate::Settings) are computed at a time and
//! [`WAITING_MAX`] wait; more are told to come back. Of a user who does not exist, a hash that nothing matches is checked.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::phc::ParamsString,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{
    error::{AccessError, Result},
    secret::Secret,
};

/// Passwords that wait for a thread at most.
pub const WAITING_MAX: usize = 64;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often it is passed over.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// What a check of a password found.
pub(crate) struct Checked {
    pub(crate) right: bool,
    /// The hash was made with other parameters than are used now.
    pub(crate) outdated: bool,
}

/// Makes and checks hashes.
pub(crate) struct Hasher {
    params: argon2::Params,
    /// What is checked for users who do not exist.
    decoy: Zeroizing<String>,
    /// Those that run and those that wait.
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Hasher {
    pub(crate) async fn new(cost: HashCost, at_once: usize, salt: [u8; 16], nobodys: Secret) -> Result<Self> {
        let params = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|_| AccessError::invalid("the cost of a hash is out of argon2's range"))?;
        let at_once = at_once.max(1);
        let mut hasher = Self {
            params,
            decoy: Zeroizing::default(),
            places: Arc::new(Semaphore::new(at_once + WAITING_MAX)),
            running: Arc::new(Semaphore::new(at_once)),
        };
        hasher.decoy = Zeroizing::new(hasher.hash(&nobodys, salt).await?);
        Ok(hasher)
    }

    /// A hash of a password, as a PHC string.
    pub(crate) async fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<String> {
        let (argon2, password) = (self.argon2(), normal(password));
        let made = self.aside(move || argon2.hash_password_with_salt(password.as_bytes(), &salt)).await?;
        made.map(|hash| hash.to_string()).map_err(|_| AccessError::Internal("a password could not be hashed"))
    }

    /// Checks a password; of nobody, in the same time.
    pub(crate) async fn check(&self, password: &Secret, phc: Option<&str>) -> Result<Checked> {
        let (argon2, password) = (self.argon2(), normal(password));
        let text = Zeroizing::new(phc.unwrap_or(&self.decoy).to_owned());
        let matches = self.aside(move || argon2.verify_password(password.as_bytes(), text.as_str()).is_ok()).await?;
        Ok(Checked { right: matches && phc.is_some(), outdated: phc.is_some_and(|phc| self.outdated(phc)) })
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    fn outdated(&self, phc: &str) -> bool {
        let (Ok(hash), Ok(now)) = (PasswordHash::new(phc), ParamsString::try_from(&self.params)) else { return true };
        hash.algorithm != Algorithm::Argon2id.ident() || hash.params != now
    }

    /// Runs something slow beside the runtime when its turn has come. Who stops waiting for it does not make it cheaper: it
    /// keeps its places until it is done.
    async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| AccessError::Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| AccessError::Busy)?;
        let places: [OwnedSemaphorePermit; 2] = [place, turn];
        let work = move || {
            let done = work();
            drop(places);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| AccessError::Internal("a hash was not finished"))
    }
}

/// Two keyboards may spell one character in two ways.
fn normal(password: &Secret) -> Zeroizing<String> {
    Zeroizing::new(password.expose().nfkc().collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };

    async fn hasher(cost: HashCost, at_once: usize) -> Hasher {
        Hasher::new(cost, at_once, [1; 16], "nobody's".into()).await.unwrap()
    }

    #[test]
    fn the_cost_is_the_one_that_owasp_names() {
        assert_eq!(HashCost::default(), HashCost { memory_kib: 19_456, passes: 2, lanes: 1 });
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_however_it_is_spelt() {
        let hasher = hasher(CHEAP, 1).await;
        let phc = hasher.hash(&"caf\u{e9} au lait".into(), [2; 16]).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        for (typed, right) in [("cafe\u{301} au lait", true), ("cafe au lait", false), ("nobody's", false)] {
            assert_eq!(hasher.check(&typed.into(), Some(&phc)).await.unwrap().right, right, "{typed}");
        }
        assert!(!hasher.check(&"nobody's".into(), None).await.unwrap().right, "the decoy opens nothing");
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_still_matches_and_is_called_outdated() {
        let old = hasher(CHEAP, 1).await.hash(&"correct horse".into(), [2; 16]).await.unwrap();
        let hasher = hasher(HashCost { passes: 2, ..CHEAP }, 1).await;
        let checked = hasher.check(&"correct horse".into(), Some(&old)).await.unwrap();
        assert!(checked.right && checked.outdated);
        let new = hasher.hash(&"correct horse".into(), [2; 16]).await.unwrap();
        assert!(!hasher.check(&"correct horse".into(), Some(&new)).await.unwrap().outdated);
    }

    #[tokio::test]
    async fn beyond_those_that_run_and_those_that_wait_it_is_busy() {
        let hasher = hasher(CHEAP, 2).await;
        let taken = Arc::clone(&hasher.places).try_acquire_many_owned(1 + WAITING_MAX as u32).unwrap();
        hasher.check(&"x".into(), None).await.unwrap();
        let last = Arc::clone(&hasher.places).try_acquire_owned().unwrap();
        assert!(matches!(hasher.check(&"x".into(), None).await, Err(AccessError::Busy)));
        drop((taken, last));
        hasher.check(&"x".into(), None).await.unwrap();
    }
}
