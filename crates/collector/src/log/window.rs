//! Which messages were taken lately, so that a repeated one is stored once.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
};

use jiff::{SignedDuration, Timestamp};

/// A message, told from others by a hash of its source and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKey(u128);

impl MessageKey {
    /// The key of a message's id within a source.
    #[must_use]
    pub fn new(source: &str, message_id: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(source.as_bytes());
        hasher.update(&[0]); // no source has it in its name
        hasher.update(message_id.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(u128::from_le_bytes(first))
    }
}

type Keys = HashSet<u128, BuildHasherDefault<AsItIs>>;

/// Remembers keys for at least so long and at most twice as long, unless there are too many.
#[derive(Debug)]
pub(crate) struct Window {
    span: SignedDuration,
    /// Of each of the two sets.
    keys_max: usize,
    now: Keys,
    before: Keys,
    since: Option<Timestamp>,
}

impl Window {
    pub(crate) fn new(span: std::time::Duration, keys_max: usize) -> Self {
        let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
        Self { span, keys_max: (keys_max / 2).max(1), now: Keys::default(), before: Keys::default(), since: None }
    }

    /// Remembers a key; `false` when it is remembered already.
    pub(crate) fn add(&mut self, key: MessageKey, now: Timestamp) -> bool {
        if self.before.contains(&key.0) {
            return false;
        }
        if !self.now.insert(key.0) {
            return false;
        }
        self.since.get_or_insert(now);
        true
    }

    /// Forgets what is too old or too much. Called between groups, so that what is taken back is still there.
    pub(crate) fn turn(&mut self, now: Timestamp) {
        let old = self.since.is_some_and(|since| now.duration_since(since) >= self.span);
        if old || self.now.len() >= self.keys_max {
            std::mem::swap(&mut self.before, &mut self.now);
            self.now.clear(); // and keeps its room
            self.since = None;
        }
    }

    /// Takes back a key that was added since the last turn.
    pub(crate) fn remove(&mut self, key: MessageKey) {
        self.now.remove(&key.0);
    }
}

/// A hash is hashed enough.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        // The first half; it is as good as any.
        self.0 = value as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("in range")
    }

    #[test]
    fn a_message_is_remembered_for_the_whole_window_and_forgotten_after_two() {
        let mut window = Window::new(Duration::from_secs(60), 1000);
        let key = MessageKey::new("web", "m1");
        assert!(window.add(key, at(0)));
        for second in 1..60 {
            window.turn(at(second));
            assert!(!window.add(key, at(second)), "second {second}");
        }
        window.turn(at(60));
        assert!(!window.add(key, at(61)));
        assert!(window.add(MessageKey::new("web", "m2"), at(61)));
        window.turn(at(121));
        assert!(window.add(key, at(121)));
    }

    #[test]
    fn sources_do_not_share_ids() {
        let mut window = Window::new(Duration::from_secs(60), 1000);
        assert!(window.add(MessageKey::new("web", "m1"), at(0)));
        assert!(window.add(MessageKey::new("app", "m1"), at(0)));
    }

    #[test]
    fn memory_is_bounded_by_the_number_of_ids() {
        let mut window = Window::new(Duration::from_secs(60), 100);
        for n in 0..10_000 {
            window.turn(at(0));
            window.add(MessageKey::new("web", &n.to_string()), at(0));
        }
        assert!(window.now.len() + window.before.len() <= 100);
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let mut window = Window::new(Duration::from_secs(60), 100);
        let key = MessageKey::new("web", "m1");
        assert!(window.add(key, at(0)));
        window.remove(key);
        assert!(window.add(key, at(0)));
    }
}
