//! Whose events these are: write keys, where requests carry them, and what they open.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};

/// Where events come from: what a write key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name that every record carries. Ids of messages are told apart within it.
    pub name: String,
    /// The channel of events that do not say theirs (`web`, `app`).
    pub channel: Option<String>,
}

/// Finds what a write key opens. Asked once a request, so it answers from memory.
pub trait Keys: Send + Sync {
    /// The source of a key; `None` when the key is not known, or not valid any more.
    fn find(&self, key: &str) -> Option<Arc<Source>>;
}

/// Keys that do not change.
///
/// They are kept as hashes, so how long a look-up takes says nothing of how near a guess is.
#[derive(Debug, Default, Clone)]
pub struct FixedKeys(BTreeMap<[u8; 32], Arc<Source>>);

impl FixedKeys {
    /// These keys, each with its source.
    #[must_use]
    pub fn new<'k>(keys: impl IntoIterator<Item = (&'k str, Source)>) -> Self {
        Self(keys.into_iter().map(|(key, source)| (hash(key), Arc::new(source))).collect())
    }
}

impl Keys for FixedKeys {
    fn find(&self, key: &str) -> Option<Arc<Source>> {
        self.0.get(&hash(key)).cloned()
    }
}

fn hash(key: &str) -> [u8; 32] {
    *blake3::hash(key.as_bytes()).as_bytes()
}

/// The write key in an `Authorization` header: the name of `Basic`, or the token of `Bearer`.
#[must_use]
pub fn key_of_header(header: &str) -> Option<String> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned()).filter(|key| !key.is_empty());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let name = text.split_once(':').map_or(text.as_str(), |(name, _)| name);
    Some(name.to_owned()).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_name_of_basic_or_the_token_of_bearer() {
        assert_eq!(key_of_header("Basic a2V5Og==").as_deref(), Some("key"));
        assert_eq!(key_of_header("basic a2V5").as_deref(), Some("key"));
        assert_eq!(key_of_header("Bearer key").as_deref(), Some("key"));
        for wrong in ["", "Basic", "Basic !", "Basic Og==", "Bearer ", "Digest key"] {
            assert_eq!(key_of_header(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_opens_its_source_only() {
        let source = |name: &str| Source { name: name.to_owned(), channel: None };
        let keys = FixedKeys::new([("k1", source("web")), ("k2", source("app"))]);
        assert_eq!(keys.find("k1").map(|s| s.name.clone()).as_deref(), Some("web"));
        assert!(keys.find("k3").is_none());
    }
}
