//! How long one who failed must wait: by name and by address, longer with each failure.
//!
//! *Goals.* Guessing a password takes years; who mistypes twice notices nothing; nobody can lock a colleague out for long; names that do
//! not exist are treated like those that do.
//!
//! *Decision.* The first failures are free ([`USER_FREE`], [`ADDRESS_FREE`]); each further one doubles the wait, up to [`WAIT_MAX`].
//! An attempt counts as a failure while it runs, so that a hundred at once are no way round; what was none is taken back. The
//! tables are in memory and bounded: when one is full, those with the fewest and oldest failures go, so a flood of made-up
//! names does not wash out the name that is attacked.
//!
//! *Simplifying assumptions.* Each process counts for itself, and starts at none.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use florin_domain::EventTime;

use crate::access::{ceil_seconds, since};

/// Failures of a name that cost no waiting.
pub const USER_FREE: u32 = 5;
/// Failures from an address that cost no waiting: a whole branch may sit behind one.
pub const ADDRESS_FREE: u32 = 20;
/// The first wait; each further failure doubles it.
pub const WAIT_FIRST: Duration = Duration::from_secs(5);
/// No wait is longer: who locks a colleague out has to go on doing it.
pub const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// Without a failure for so long, there was none.
pub const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// Names, and addresses, at most.
pub const ENTRIES_MAX: usize = 10_000;
/// How many make room at once.
const OUT_AT_ONCE: usize = ENTRIES_MAX / 16;

/// Failures of names and of addresses.
pub(crate) struct Throttle {
    users: Table<String>,
    addresses: Table<IpAddr>,
}

/// One who tries. It counts as a failure until it is taken back.
#[derive(Debug)]
pub(crate) struct Attempt {
    user: Option<(String, Failures)>,
    address: (IpAddr, Failures),
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self { users: Table::new(USER_FREE), addresses: Table::new(ADDRESS_FREE) }
    }

    /// Lets one try, and counts it as a failure until it is known to be none. A key has no user that is counted.
    ///
    /// # Errors
    /// How many seconds to wait first.
    pub(crate) fn begin(&self, user: Option<&str>, from: IpAddr, now: EventTime) -> Result<Attempt, u32> {
        let address = network(from);
        let of_user = user.and_then(|user| self.users.wait(&user.to_owned(), now));
        if let Some(seconds) = of_user.max(self.addresses.wait(&address, now)) {
            return Err(seconds);
        }
        let user = user.map(|user| (user.to_owned(), self.users.count(user.to_owned(), now)));
        Ok(Attempt { user, address: (address, self.addresses.count(address, now)) })
    }

    /// The attempt was a failure: how many seconds its name or its address has to wait now, if any.
    pub(crate) fn failed(&self, attempt: &Attempt, now: EventTime) -> Option<u32> {
        let of_user = attempt.user.as_ref().and_then(|(user, _)| self.users.wait(user, now));
        of_user.max(self.addresses.wait(&attempt.address.0, now))
    }

    /// The attempt was no failure, and no success either.
    pub(crate) fn take_back(&self, attempt: &Attempt) {
        if let Some((user, before)) = &attempt.user {
            self.users.take_back(user, *before);
        }
        self.addresses.take_back(&attempt.address.0, attempt.address.1);
    }

    /// The attempt was a success: the name has no failures any more. The address keeps those of others.
    pub(crate) fn succeeded(&self, attempt: &Attempt) {
        self.take_back(attempt);
        if let Some((user, _)) = &attempt.user {
            self.users.forget(user);
        }
    }
}

/// Whoever has one IPv6 address has all of its network.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    const NETWORK: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
        v4 => v4,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failures {
    count: u32,
    last: EventTime,
}

struct Table<K> {
    free: u32,
    entries: Mutex<HashMap<K, Failures>>,
}

impl<K: Eq + std::hash::Hash + Clone> Table<K> {
    fn new(free: u32) -> Self {
        Self { free, entries: Mutex::new(HashMap::new()) }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Failures>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many seconds are left to wait.
    fn wait(&self, key: &K, now: EventTime) -> Option<u32> {
        let failures = *self.entries().get(key)?;
        let over = failures.count.checked_sub(self.free)?;
        let wait = WAIT_FIRST.saturating_mul(2u32.saturating_pow(over)).min(WAIT_MAX);
        let left = wait.saturating_sub(since(failures.last, now));
        (!left.is_zero()).then(|| ceil_seconds(i64::try_from(left.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Counts a failure; gives back what was before.
    fn count(&self, key: K, now: EventTime) -> Failures {
        let mut entries = self.entries();
        let none = Failures { count: 0, last: now };
        let before = entries.get(&key).copied().filter(|f| since(f.last, now) < FORGOTTEN).unwrap_or(none);
        if entries.len() >= ENTRIES_MAX && !entries.contains_key(&key) {
            make_room(&mut entries);
        }
        entries.insert(key, Failures { count: before.count.saturating_add(1), last: now });
        before
    }

    /// One failure less. Where nobody else failed meanwhile, it is as it was before.
    fn take_back(&self, key: &K, before: Failures) {
        let mut entries = self.entries();
        let Some(failures) = entries.get_mut(key) else { return };
        failures.count = failures.count.saturating_sub(1);
        if failures.count == before.count {
            failures.last = before.last;
        }
        if failures.count == 0 {
            entries.remove(key);
        }
    }

    fn forget(&self, key: &K) {
        self.entries().remove(key);
    }
}

fn make_room<K: Eq + std::hash::Hash>(entries: &mut HashMap<K, Failures>) {
    let rank = |failures: &Failures| (failures.count, failures.last);
    let mut ranks: Vec<_> = entries.values().map(rank).collect();
    let (_, last, _) = ranks.select_nth_unstable(OUT_AT_ONCE - 1);
    let (last, mut out) = (*last, OUT_AT_ONCE);
    entries.retain(|_, failures| {
        let goes = rank(failures) <= last && out > 0;
        out -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::access::MICROS;

    fn at(seconds: i64) -> EventTime {
        EventTime(seconds * MICROS)
    }

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn after_five_failures_each_further_one_doubles_the_wait() {
        let throttle = Throttle::new();
        let mut now = 0;
        let mut fail = |waited: i64| {
            now += waited;
            let attempt = throttle.begin(Some("ana"), address(1), at(now)).unwrap();
            throttle.failed(&attempt, at(now))
        };
        let expected = [(0, None), (0, None), (0, None), (0, None), (0, Some(5)), (5, Some(10)), (10, Some(20))];
        for (waited, wait) in expected {
            assert_eq!(fail(waited), wait);
        }
        let mut wait = 20;
        for _ in 0..10 {
            wait = fail(wait).unwrap().into();
        }
        assert_eq!(wait, 900);
        assert_eq!(throttle.begin(Some("ana"), address(2), at(now)).unwrap_err(), 900, "from anywhere");
        assert!(throttle.begin(Some("ben"), address(2), at(now)).is_ok());
    }

    #[test]
    fn attempts_at_the_same_time_count_while_they_run() {
        let throttle = Throttle::new();
        let running: Vec<_> = (0..9).map(|_| throttle.begin(Some("ana"), address(1), at(0))).collect();
        assert_eq!(running.iter().filter(|attempt| attempt.is_ok()).count(), 5);
        throttle.take_back(running[0].as_ref().unwrap());
        assert!(throttle.begin(Some("ana"), address(1), at(0)).is_ok());
    }

    #[test]
    fn a_right_password_that_needs_a_code_leaves_no_trace_and_a_success_forgets() {
        let throttle = Throttle::new();
        for second in [0, 0, 0, 0, 0, 5] {
            throttle.begin(Some("ana"), address(1), at(second)).unwrap();
        }
        let right = throttle.begin(Some("ana"), address(1), at(15)).unwrap();
        throttle.take_back(&right);
        let with_code = throttle.begin(Some("ana"), address(1), at(15)).unwrap();
        throttle.succeeded(&with_code);
        for _ in 0..5 {
            throttle.begin(Some("ana"), address(1), at(15)).unwrap();
        }
    }

    #[test]
    fn an_address_waits_for_what_it_did_to_many_names_and_a_success_does_not_help_it() {
        let throttle = Throttle::new();
        for n in 0..19 {
            throttle.begin(Some(&n.to_string()), address(1), at(0)).unwrap();
        }
        throttle.succeeded(&throttle.begin(Some("mallory"), address(1), at(0)).unwrap());
        throttle.begin(Some("19"), address(1), at(0)).unwrap();
        assert_eq!(throttle.begin(Some("20"), address(1), at(0)).unwrap_err(), 5);
        assert!(throttle.begin(Some("20"), address(2), at(0)).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_ipv4_is_itself() {
        let cases =
            [("2001:db8::1", "2001:db8::"), ("2001:db8::2:0:0:1", "2001:db8::"), ("::ffff:10.0.0.1", "10.0.0.1")];
        for (given, expected) in cases {
            assert_eq!(network(given.parse().unwrap()), expected.parse::<IpAddr>().unwrap());
        }
    }

    #[test]
    fn a_flood_of_names_does_not_wash_out_the_one_that_is_attacked() {
        let table = Table::new(USER_FREE);
        for second in 0..7 {
            table.count("ana".to_owned(), at(second));
        }
        for n in 0..3 * ENTRIES_MAX {
            table.count(n.to_string(), at(10));
            assert!(table.entries().len() <= ENTRIES_MAX);
        }
        assert!(table.wait(&"ana".to_owned(), at(10)).is_some());
    }

    #[test]
    fn failures_are_forgotten_after_an_hour() {
        let throttle = Throttle::new();
        for _ in 0..5 {
            throttle.begin(Some("ana"), address(1), at(0)).unwrap();
        }
        let attempt = throttle.begin(Some("ana"), address(1), at(3600)).unwrap();
        assert_eq!(throttle.failed(&attempt, at(3600)), None);
    }
}
