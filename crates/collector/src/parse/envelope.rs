//! What is around the events of a request: whose they are, when they were sent, what is the same for all.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{
    Deserialize,
    de::{Deserializer, Error, MapAccess, Visitor},
};
use serde_json::error::Category;

use super::{
    field::{Object, Raw, Text, nested, object, text},
    time::time,
};
use crate::outcome::Problem;

/// The events of a request and what is around them.
#[derive(Default)]
pub(crate) struct Envelope<'t> {
    /// The write key in the body.
    pub(crate) key: Option<Cow<'t, str>>,
    pub(super) items: Vec<Raw<'t>>,
    /// What all events share.
    pub(super) context: Option<Raw<'t>>,
    pub(super) integrations: Option<Raw<'t>>,
    pub(super) sent_at: Option<Timestamp>,
    /// Whether the events are of long ago.
    pub(super) historical: bool,
}

/// Why a body is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    /// Not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("the body is no JSON: {0}")]
    NotJson(String),
    /// Not what it should be.
    #[error("the body is not {0}")]
    Shape(&'static str),
    /// A field that is wrong for all events.
    #[error("{0}")]
    Field(#[from] Problem),
    /// Too many events.
    #[error("the batch has {events} events; send at most {events_max} at once")]
    TooMany {
        /// How many it has.
        events: usize,
        /// How many it may have.
        events_max: usize,
    },
}

impl<'t> Envelope<'t> {
    /// A single event of Segment, which is its own envelope.
    pub(super) fn segment_single(body: &'t str) -> Result<Self, BodyProblem> {
        let raw = read::<Raw<'t>>(body, "one event, a JSON object")?;
        let fields = object(raw).ok_or(BodyProblem::Shape("one event, a JSON object"))?;
        Ok(Self { key: word(&fields, &["writeKey"]), items: vec![raw], ..Self::default() })
    }

    /// A batch of Segment.
    pub(super) fn segment_batch(body: &'t str, events_max: usize) -> Result<Self, BodyProblem> {
        const SHAPE: &str = "a JSON object with `batch`, an array of events";
        let Batch { fields, items } = read(body, SHAPE)?;
        Ok(Self {
            key: word(&fields, &["writeKey"]),
            items: few(items.ok_or(BodyProblem::Shape(SHAPE))?, events_max)?,
            context: nested(fields.get("context"), "context")?,
            integrations: fields.get("integrations"),
            sent_at: time(fields.get("sentAt"), "sentAt")?,
            historical: false,
        })
    }

    /// One event, an array of them, or a batch of PostHog.
    pub(super) fn posthog(body: &'t str, events_max: usize) -> Result<Self, BodyProblem> {
        const SHAPE: &str = "a JSON object with `event` or with `batch`, an array of events, nor such an array";
        if body.trim_start().starts_with('[') {
            let items = few(read(body, SHAPE)?, events_max)?;
            let key = items.first().and_then(|first| key_of_event(&object(first)?));
            return Ok(Self { key, items, ..Self::default() });
        }
        let Batch { fields, items } = read(body, SHAPE)?;
        let historical = fields.get("historical_migration").is_some_and(|word| word.get() == "true");
        let sent_at = time(fields.get("sent_at"), "sent_at")?;
        let items = items.map_or_else(|| Ok(vec![read::<Raw<'t>>(body, SHAPE)?]), |items| few(items, events_max))?;
        Ok(Self { key: key_of_event(&fields), items, sent_at, historical, ..Self::default() })
    }

    /// With the time a header says.
    pub(super) fn sent(mut self, header: Option<Timestamp>) -> Self {
        self.sent_at = self.sent_at.or(header);
        self
    }
}

/// An object whose `batch` is an array, read in one pass: most of a body is in it.
struct Batch<'t> {
    fields: Object<'t>,
    items: Option<Vec<Raw<'t>>>,
}

impl<'de: 't, 't> Deserialize<'de> for Batch<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Batch<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Batch<'de>, A::Error> {
                let mut batch = Batch { fields: Object(Vec::new()), items: None };
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    if name.0 == "batch" {
                        if batch.items.is_some() {
                            return Err(A::Error::duplicate_field("batch")); // or the events of one would be gone
                        }
                        batch.items = map.next_value()?;
                    } else {
                        batch.fields.0.push((name.0, map.next_value()?));
                    }
                }
                Ok(batch)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Reads a body; `shape` says what it should be.
fn read<'t, T: Deserialize<'t>>(body: &'t str, shape: &'static str) -> Result<T, BodyProblem> {
    serde_json::from_str(body).map_err(|error| match error.classify() {
        Category::Data => BodyProblem::Shape(shape),
        // It shows positions and no values.
        _ => BodyProblem::NotJson(error.to_string()),
    })
}

fn few(items: Vec<Raw<'_>>, events_max: usize) -> Result<Vec<Raw<'_>>, BodyProblem> {
    if items.len() > events_max {
        return Err(BodyProblem::TooMany { events: items.len(), events_max });
    }
    Ok(items)
}

fn key_of_event<'t>(fields: &Object<'t>) -> Option<Cow<'t, str>> {
    let inside = || word(&fields.get("properties").and_then(object)?, &["token"]);
    word(fields, &["api_key", "token"]).or_else(inside)
}

fn word<'t>(fields: &Object<'t>, names: &[&str]) -> Option<Cow<'t, str>> {
    let found = names.iter().find_map(|name| fields.get(name));
    found.and_then(text).filter(|word| !word.is_empty())
}
