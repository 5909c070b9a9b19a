//! What everything here hangs on: the store, the vault, the clock, the log, and what is remembered between requests.

use std::{net::IpAddr, sync::Arc, time::Duration};

use florin_domain::{EventTime, Principal};
use florin_governance::{
    Action, Permit, Resource,
    audit::{Entry, EventKind},
};
use florin_store::{CONNECTIONS_MAX, Store, Vault};
use tokio::sync::Semaphore;

use crate::{
    api_keys::KeyUse,
    cache::Cache,
    error::{AccessError, Result},
    hashing::{HashCost, Hasher},
    oidc::{self, Oidc, OidcSettings, Web},
    passkeys::PasskeySettings,
    rate::RateLimit,
    record::{self, AuditLog},
    secret::{self, random},
    sessions::Session,
    throttle::{Attempt, ENTRIES_MAX, Throttle, network},
};

/// Fills a slice with random bytes fit for keys.
pub type FillRandom = dyn Fn(&mut [u8]) + Send + Sync;

/// Microseconds of a second.
pub(crate) const MICROS: i64 = 1_000_000;
/// What was seen is written down at most so often.
pub const SEEN_EVERY: Duration = Duration::from_secs(60);
/// Notes of what was seen that wait for the store at most: half of its connections, so that a store that is busy writing can still be
/// read. What finds no place is noted at a later request.
const NOTES_MAX: usize = CONNECTIONS_MAX as usize / 2;

/// What only the binary has, and the bank's audit log.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is.
    pub now: Arc<dyn Fn() -> EventTime + Send + Sync>,
    /// Fills with random bytes fit for keys.
    pub random: Arc<FillRandom>,
    /// Where what happens is put on record.
    pub log: Arc<dyn AuditLog>,
}

/// What a bank may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bank's name, as authenticator apps show it.
    pub issuer: String,
    /// What a hash of a password costs.
    pub cost: HashCost,
    /// How many are computed at once; each takes a core and its memory.
    pub hashes_at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { issuer: "Florin".to_owned(), cost: HashCost::default(), hashes_at_once: 2 }
    }
}

/// On whose word something is done to users.
#[derive(Debug, Clone, Copy)]
pub enum Authority<'a> {
    /// Of somebody who has leave to administer the bank.
    Leave(&'a Permit),
    /// Of whoever runs Florin's command line beside its keys: they could change the store by hand.
    Operator(&'a Principal),
}

impl<'a> From<&'a Permit> for Authority<'a> {
    fn from(permit: &'a Permit) -> Self {
        Self::Leave(permit)
    }
}

impl Authority<'_> {
    /// Who it is.
    ///
    /// # Errors
    /// When the leave is for something else.
    pub(crate) fn who(&self) -> Result<&Principal> {
        match self {
            Self::Leave(permit) if permit.is_for(Action::Administer, &Resource::Bank) => Ok(permit.principal()),
            Self::Leave(_) => Err(AccessError::not_allowed("this needs leave to administer the bank")),
            Self::Operator(who) => Ok(who),
        }
    }
}

/// Who signs in, and with what. Shared by all requests of a process.
pub struct Access {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) settings: Settings,
    around: Surroundings,
    pub(crate) hasher: Hasher,
    throttle: Throttle,
    pub(crate) sessions: Cache<Session>,
    pub(crate) keys: Cache<KeyUse>,
    pub(crate) oidc: Option<Oidc>,
    pub(crate) passkeys: Option<PasskeySettings>,
    /// What is begun at the door before anybody is known, by address.
    knocks: RateLimit<IpAddr>,
    notes: Arc<Semaphore>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Access").field(&self.store).finish()
    }
}

impl Access {
    /// Over a store and the vault that fits it (see [`Store::verify_keys`]).
    ///
    /// # Errors
    /// When the cost of a hash is none that argon2 knows.
    pub async fn open(store: Store, vault: Vault, settings: Settings, around: Surroundings) -> Result<Self> {
        let nobodys = secret::base32(&*random::<32>(&*around.random));
        let salt = *random(&*around.random);
        let hasher = Hasher::new(settings.cost, settings.hashes_at_once, salt, nobodys.as_str().into()).await?;
        Ok(Self {
            store,
            vault,
            settings,
            around,
            hasher,
            throttle: Throttle::new(),
            sessions: Cache::new(),
            keys: Cache::new(),
            oidc: None,
            passkeys: None,
            knocks: RateLimit::new(oidc::BEGIN_RATE.0, oidc::BEGIN_RATE.1, ENTRIES_MAX),
            notes: Arc::new(Semaphore::new(NOTES_MAX)),
        })
    }

    /// With the bank's own sign-on, asked by an HTTP client.
    ///
    /// # Errors
    /// When the issuer's address cannot be one.
    pub fn with_oidc(self, settings: OidcSettings, web: Arc<dyn Web>) -> Result<Self> {
        Ok(Self { oidc: Some(Oidc::new(settings, web)?), ..self })
    }

    /// With passkeys, which are bound to an address.
    #[must_use]
    pub fn with_passkeys(self, settings: PasskeySettings) -> Self {
        Self { passkeys: Some(settings), ..self }
    }

    /// Waits until what was noted beside requests is in the store, as before a shutdown.
    pub async fn settled(&self) {
        // All places are free when nothing is under way; nobody closes them, so waiting for them cannot fail.
        let _ = self.notes.acquire_many(NOTES_MAX as u32).await;
    }

    pub(crate) fn now(&self) -> EventTime {
        (self.around.now)()
    }

    pub(crate) fn fill(&self) -> &FillRandom {
        &*self.around.random
    }

    /// Puts something on record.
    pub(crate) async fn record(&self, entry: Entry) -> Result<()> {
        Ok(self.around.log.record(entry).await?)
    }

    /// Puts on record what somebody does, before it is done.
    pub(crate) async fn record_act(
        &self,
        who: &Principal,
        kind: EventKind,
        act: &str,
        from: Option<IpAddr>,
    ) -> Result<()> {
        self.record(record::entry(self.now(), who, kind, act, from)).await
    }

    /// Writes something to the store beside the request, if there is a place for it.
    pub(crate) fn note<F>(&self, write: impl FnOnce(Store) -> F)
    where
        F: Future<Output = florin_store::Result<()>> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.notes).try_acquire_owned() else { return };
        let writing = write(self.store.clone());
        tokio::spawn(async move {
            // What could not be noted is noted at a later request.
            let _ = writing.await;
            drop(place);
        });
    }

    pub(crate) fn begin(&self, user: Option<&str>, from: IpAddr) -> Result<Attempt> {
        self.throttle.begin(user, from, self.now()).map_err(|seconds| AccessError::Throttled { seconds })
    }

    /// Counts that an address begins something that is kept.
    pub(crate) fn knock(&self, from: IpAddr) -> Result<()> {
        self.knocks.take(&network(from), 1, self.now()).map_err(|seconds| AccessError::Throttled { seconds })
    }

    /// What became of an attempt with a password or a key.
    pub(crate) async fn judged<T>(
        &self,
        attempt: &Attempt,
        who: &Principal,
        from: IpAddr,
        result: Result<T, Refused>,
    ) -> Result<T> {
        self.judged_by("password", attempt, who, from, result).await
    }

    /// What became of an attempt is counted, and a failure is put on record. `who` is known only if there is such a user.
    pub(crate) async fn judged_by<T>(
        &self,
        how: &'static str,
        attempt: &Attempt,
        who: &Principal,
        from: IpAddr,
        result: Result<T, Refused>,
    ) -> Result<T> {
        match result {
            Ok(done) => {
                self.throttle.succeeded(attempt);
                Ok(done)
            }
            Err(Refused::Wrong(why)) => {
                let failed = record::entry(self.now(), who, EventKind::SignInFailed, "failed", Some(from));
                self.record(failed.with("how", how).with("why", why)).await?;
                if let Some(seconds) = self.throttle.failed(attempt, self.now()) {
                    let lock_out = record::entry(self.now(), who, EventKind::LockOut, "has to wait", Some(from));
                    self.record(lock_out.with("seconds", seconds)).await?;
                }
                Err(AccessError::WrongCredentials)
            }
            Err(Refused::Otherwise(error)) => {
                self.throttle.take_back(attempt);
                Err(error)
            }
        }
    }
}

/// Why an attempt came to nothing.
pub(crate) enum Refused {
    /// What was shown is wrong; what of it, only the log learns.
    Wrong(&'static str),
    /// For another reason.
    Otherwise(AccessError),
}

impl<E: Into<AccessError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Otherwise(error.into())
    }
}

/// How long ago something was; nothing when the clock went back.
pub(crate) fn since(then: EventTime, now: EventTime) -> Duration {
    Duration::from_micros(u64::try_from(now.micros().saturating_sub(then.micros())).unwrap_or(0))
}

/// So much later.
pub(crate) fn later(at: EventTime, by: Duration) -> EventTime {
    EventTime(at.micros().saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}

/// So much earlier.
pub(crate) fn earlier(at: EventTime, by: Duration) -> EventTime {
    EventTime(at.micros().saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}

/// Whole seconds that are no shorter, at least one.
pub(crate) fn ceil_seconds(micros: i64) -> u32 {
    let seconds = micros.max(1).saturating_add(MICROS - 1) / MICROS;
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
