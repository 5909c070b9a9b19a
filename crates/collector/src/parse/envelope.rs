//! What is around the events of a request: whose they are, when they were sent, what is the same for all.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    field::{Object, Raw, object, present, text},
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
        let raw = json(body)?;
        let fields = object(raw).ok_or(BodyProblem::Shape("one event, a JSON object"))?;
        Ok(Self { key: word(&fields, &["writeKey"]), items: vec![raw], ..Self::default() })
    }

    /// A batch of Segment.
    pub(super) fn segment_batch(body: &'t str, events_max: usize) -> Result<Self, BodyProblem> {
        let fields = object(json(body)?).ok_or(BodyProblem::Shape("a JSON object with `batch`, an array of events"))?;
        let batch = fields.get("batch").ok_or(BodyProblem::Shape("a JSON object with `batch`, an array of events"))?;
        Ok(Self {
            key: word(&fields, &["writeKey"]),
            items: array(batch, events_max)?,
            context: super::field::nested(fields.get("context"), "context")?,
            integrations: fields.get("integrations"),
            sent_at: time(fields.get("sentAt"), "sentAt")?,
            historical: false,
        })
    }

    /// One event, an array of them, or a batch of PostHog.
    pub(super) fn posthog(body: &'t str, events_max: usize) -> Result<Self, BodyProblem> {
        let raw = json(body)?;
        if raw.get().starts_with('[') {
            let items = array(raw, events_max)?;
            let key = items.first().and_then(|first| key_of_event(&object(first)?));
            return Ok(Self { key, items, ..Self::default() });
        }
        let fields =
            object(raw).ok_or(BodyProblem::Shape("a JSON object with `batch` or `event`, nor an array of events"))?;
        let key = key_of_event(&fields);
        let historical = fields.get("historical_migration").is_some_and(|word| word.get() == "true");
        let sent_at = time(fields.get("sent_at"), "sent_at")?;
        let items = fields.get("batch").map_or_else(|| Ok(vec![raw]), |batch| array(batch, events_max))?;
        Ok(Self { key, items, sent_at, historical, ..Self::default() })
    }

    /// With the time a header says.
    pub(super) fn sent(mut self, header: Option<Timestamp>) -> Self {
        self.sent_at = self.sent_at.or(header);
        self
    }
}

fn key_of_event<'t>(fields: &Object<'t>) -> Option<Cow<'t, str>> {
    let inside = || word(&fields.get("properties").and_then(object)?, &["token"]);
    word(fields, &["api_key", "token"]).or_else(inside)
}

fn word<'t>(fields: &Object<'t>, names: &[&str]) -> Option<Cow<'t, str>> {
    let found = names.iter().find_map(|name| fields.get(name));
    found.and_then(text).filter(|word| !word.is_empty())
}

fn json(body: &str) -> Result<Raw<'_>, BodyProblem> {
    // An error of the parser shows positions and no values.
    serde_json::from_str(body).map_err(|error| BodyProblem::NotJson(error.to_string()))
}

fn array(raw: Raw<'_>, events_max: usize) -> Result<Vec<Raw<'_>>, BodyProblem> {
    let wrong = BodyProblem::Shape("an array of events, nor has it one in `batch`");
    let items: Vec<Raw<'_>> = present(Some(raw)).and_then(|raw| serde_json::from_str(raw.get()).ok()).ok_or(wrong)?;
    if items.len() > events_max {
        return Err(BodyProblem::TooMany { events: items.len(), events_max });
    }
    Ok(items)
}
