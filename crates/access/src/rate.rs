//! How often something may be done: a bucket of tokens a key, of so many keys.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use florin_domain::EventTime;

use crate::access::{MICROS, ceil_seconds};

/// What share of the keys makes room at once when there are too many.
const OUT_AT_ONCE: usize = 16;

/// A bucket of tokens a key. A bucket that was not touched for long is full, and is forgotten when there are too many.
pub struct RateLimit<K> {
    /// Tokens that come back in a second.
    a_second: u32,
    /// Tokens of a full bucket.
    burst: u32,
    keys_max: usize,
    buckets: Mutex<HashMap<K, Bucket>>,
}

/// In millionths of a token, so that every microsecond counts.
#[derive(Clone, Copy)]
struct Bucket {
    left: i64,
    at: EventTime,
}

impl<K: Eq + Hash + Clone> RateLimit<K> {
    /// So many a second, in bursts of at most so many, for at most so many keys. Each is at least one.
    #[must_use]
    pub fn new(a_second: u32, burst: u32, keys_max: usize) -> Self {
        let buckets = Mutex::new(HashMap::new());
        Self { a_second: a_second.max(1), burst: burst.max(1), keys_max: keys_max.max(1), buckets }
    }

    /// Takes so many tokens of a key, or none of them.
    ///
    /// # Errors
    /// In how many seconds they will be there. What is more than a burst never is, and waits for a full bucket.
    pub fn take<Q>(&self, key: &Q, tokens: u32, now: EventTime) -> Result<(), u32>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = i64::from(tokens) * MICROS;
        let mut bucket = buckets.get(key).map_or(self.full(now), |bucket| self.filled(*bucket, now));
        let missing = wanted.min(self.full(now).left) - bucket.left;
        if missing > 0 || tokens > self.burst {
            return Err(ceil_seconds(missing.max(1).div_euclid(i64::from(self.a_second))));
        }
        bucket.left -= wanted;
        match buckets.get_mut(key) {
            Some(known) => *known = bucket,
            None => {
                self.make_room(&mut buckets);
                buckets.insert(key.to_owned(), bucket);
            }
        }
        Ok(())
    }

    fn full(&self, at: EventTime) -> Bucket {
        Bucket { left: i64::from(self.burst) * MICROS, at }
    }

    fn filled(&self, bucket: Bucket, now: EventTime) -> Bucket {
        let passed = (now.micros() - bucket.at.micros()).max(0);
        let left = bucket.left.saturating_add(passed.saturating_mul(i64::from(self.a_second)));
        Bucket { left: left.min(self.full(now).left), at: now.max(bucket.at) }
    }

    /// Those touched longest ago go, several at a time, so that not every new key looks at all of them.
    fn make_room(&self, buckets: &mut HashMap<K, Bucket>) {
        if buckets.len() < self.keys_max {
            return;
        }
        let mut times: Vec<EventTime> = buckets.values().map(|bucket| bucket.at).collect();
        let out = times.len().div_ceil(OUT_AT_ONCE);
        let (_, last, _) = times.select_nth_unstable(out - 1);
        let (last, mut out) = (*last, out);
        buckets.retain(|_, bucket| {
            let goes = bucket.at <= last && out > 0;
            out -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> EventTime {
        EventTime(seconds * MICROS)
    }

    #[test]
    fn a_bucket_empties_in_a_burst_and_fills_as_time_passes() {
        let limit = RateLimit::<String>::new(2, 10, 100);
        let cases = [
            ("ana", 10, 0, Ok(())),
            ("ana", 1, 0, Err(1)),
            ("ana", 6, 0, Err(3)),
            ("ben", 1, 0, Ok(())),
            ("ana", 2, 1, Ok(())),
            ("ana", 1, 1, Err(1)),
            ("ana", 10, 6, Ok(())),
            ("ana", 11, 60, Err(1)),
            ("ana", 10, 60, Ok(())),
            ("ana", 1, 0, Err(1)),
        ];
        for (key, tokens, second, expected) in cases {
            assert_eq!(limit.take(key, tokens, at(second)), expected, "{key} {tokens} at {second}");
        }
    }

    #[test]
    fn the_oldest_keys_make_room() {
        let limit = RateLimit::<String>::new(1, 1, 32);
        for n in 0..33 {
            limit.take(&n.to_string(), 1, EventTime(n)).unwrap();
        }
        assert_eq!(limit.buckets.lock().unwrap().len(), 31);
        assert!(limit.take("31", 1, EventTime(40)).is_err(), "still known");
        assert!(limit.take("0", 1, EventTime(40)).is_ok(), "forgotten, so full");
    }

    proptest! {
        #[test]
        fn no_key_ever_gets_more_than_its_rate(steps in prop::collection::vec((0i64..3_000_000, 1u32..5), 1..200)) {
            let limit = RateLimit::<String>::new(3, 7, 10);
            let (mut now, mut taken) = (0, 0i64);
            for (passed, tokens) in steps {
                now += passed;
                if limit.take("ana", tokens, EventTime(now)).is_ok() {
                    taken += i64::from(tokens);
                }
                prop_assert!(taken * MICROS <= 7 * MICROS + now * 3);
            }
        }

        #[test]
        fn who_waits_as_long_as_told_is_served(first in 1u32..8, then in 1u32..8, pause in 0i64..2_000_000) {
            let limit = RateLimit::<String>::new(2, 7, 10);
            limit.take("ana", first, EventTime(0)).unwrap();
            if let Err(seconds) = limit.take("ana", then, EventTime(pause)) {
                let later = EventTime(pause + i64::from(seconds) * MICROS);
                prop_assert_eq!(limit.take("ana", then, later), Ok(()));
            }
        }
    }
}
