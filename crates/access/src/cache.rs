//! What was verified moments ago, so that not every request asks the store. What is revoked in this process is forgotten at once, and
//! what another process revoked is believed for [`BELIEVED`] at most.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use florin_domain::EventTime;

use crate::access::since;

/// How long something that was read from the store is believed without asking again.
pub(crate) const BELIEVED: Duration = Duration::from_secs(5);
/// Entries at most; beyond, the cache starts anew.
const ENTRIES_MAX: usize = 8192;

/// By a hash of the secret.
pub(crate) struct Cache<V>(Mutex<Inner<V>>);

struct Inner<V> {
    /// Counts what was forgotten: what was read before something was revoked must not come in after.
    epoch: u64,
    entries: HashMap<[u8; 32], (EventTime, V)>,
}

impl<V: Clone> Cache<V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Inner { epoch: 0, entries: HashMap::new() }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is believed of a hash; or nothing, and the epoch in which the store is then asked.
    pub(crate) fn get(&self, hash: &[u8; 32], now: EventTime) -> Result<V, u64> {
        let inner = self.inner();
        match inner.entries.get(hash) {
            Some((read_at, value)) if since(*read_at, now) < BELIEVED => Ok(value.clone()),
            _ => Err(inner.epoch),
        }
    }

    /// Keeps what the store said, unless something was revoked since it was asked.
    pub(crate) fn put(&self, epoch: u64, hash: [u8; 32], now: EventTime, value: V) {
        let mut inner = self.inner();
        if inner.epoch != epoch {
            return;
        }
        if inner.entries.len() >= ENTRIES_MAX {
            inner.entries.clear();
        }
        inner.entries.insert(hash, (now, value));
    }

    /// Forgets what is meant, and what is being read at the moment.
    pub(crate) fn forget(&self, is_meant: impl Fn(&V) -> bool) {
        let mut inner = self.inner();
        inner.epoch += 1;
        inner.entries.retain(|_, (_, value)| !is_meant(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [7; 32];

    #[test]
    fn what_was_read_is_believed_for_five_seconds_and_not_after_it_was_revoked() {
        let cache = Cache::new();
        let epoch = cache.get(&HASH, EventTime(0)).unwrap_err();
        cache.put(epoch, HASH, EventTime(0), "ana");
        assert_eq!(cache.get(&HASH, EventTime(4_999_999)), Ok("ana"));
        assert_eq!(cache.get(&HASH, EventTime(5_000_000)), Err(0));
        cache.forget(|user| *user == "ben");
        assert_eq!(cache.get(&HASH, EventTime(0)), Ok("ana"));
        cache.forget(|user| *user == "ana");
        assert_eq!(cache.get(&HASH, EventTime(0)), Err(2));
    }

    #[test]
    fn what_was_read_before_a_revocation_does_not_come_in_after_it() {
        let cache = Cache::new();
        let epoch = cache.get(&HASH, EventTime(0)).unwrap_err();
        cache.forget(|_: &&str| false);
        cache.put(epoch, HASH, EventTime(0), "ana");
        assert!(cache.get(&HASH, EventTime(0)).is_err());
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let cache = Cache::new();
        for n in 0..=ENTRIES_MAX as u64 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_le_bytes());
            cache.put(0, hash, EventTime(0), n);
            assert!(cache.inner().entries.len() <= ENTRIES_MAX);
        }
        assert_eq!(cache.inner().entries.len(), 1);
    }
}
