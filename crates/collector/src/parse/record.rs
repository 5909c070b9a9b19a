//! The one shape in which every event is kept, whichever client sent it: a JSON object on a line.

use std::{borrow::Cow, fmt::Display, io::Write};

use jiff::Timestamp;

use super::{field::Raw, lift::Lifted};
use crate::outcome::Problem;

/// What kind of message it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something was done.
    Track,
    /// Who somebody is.
    Identify,
    /// A page was seen.
    Page,
    /// A screen was seen.
    Screen,
    /// Somebody belongs to a group.
    Group,
    /// Two ids are one person's.
    Alias,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Track, Self::Identify, Self::Page, Self::Screen, Self::Group, Self::Alias];

    /// As Segment calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Identify => "identify",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An event, checked. What is absent is not written.
pub(super) struct Record<'t> {
    pub(super) source: &'t str,
    pub(super) protocol: &'static str,
    pub(super) kind: Kind,
    pub(super) event: Cow<'t, str>,
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) category: Option<Cow<'t, str>>,
    pub(super) user_id: Option<Cow<'t, str>>,
    pub(super) anonymous_id: Option<Cow<'t, str>>,
    pub(super) previous_id: Option<Cow<'t, str>>,
    pub(super) group_id: Option<Cow<'t, str>>,
    pub(super) message_id: Cow<'t, str>,
    pub(super) timestamp: Timestamp,
    pub(super) original_timestamp: Option<Raw<'t>>,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) received_at: Timestamp,
    pub(super) historical: bool,
    pub(super) channel: Option<Cow<'t, str>>,
    pub(super) lifted: Lifted<'t>,
    pub(super) library: Option<String>,
    pub(super) consent: Option<Raw<'t>>,
    pub(super) properties: Option<Raw<'t>>,
    pub(super) traits: Option<Raw<'t>>,
    pub(super) context: Option<Raw<'t>>,
    pub(super) integrations: Option<Raw<'t>>,
    /// Fields that nobody knows.
    pub(super) extra: Vec<(Cow<'t, str>, Raw<'t>)>,
}

impl Record<'_> {
    /// Writes the object without its closing brace.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut fields = Fields::begin(out);
        fields.text("source", self.source);
        fields.text("protocol", self.protocol);
        fields.text("kind", self.kind.name());
        fields.text("event", &self.event);
        fields.texts([
            ("name", &self.name),
            ("category", &self.category),
            ("user_id", &self.user_id),
            ("anonymous_id", &self.anonymous_id),
            ("previous_id", &self.previous_id),
            ("group_id", &self.group_id),
        ]);
        fields.text("message_id", &self.message_id);
        fields.plain("timestamp", self.timestamp);
        fields.raws([("original_timestamp", self.original_timestamp)]);
        if let Some(sent) = self.sent_at {
            fields.plain("sent_at", sent);
        }
        fields.plain("received_at", self.received_at);
        if self.historical {
            fields.raw("historical", "true");
        }
        let Lifted { session_id, product_id, amount, duration_ms, device, channel: _ } = &self.lifted;
        fields.texts([
            ("channel", &self.channel),
            ("session_id", session_id),
            ("device", device),
            ("product_id", product_id),
        ]);
        fields.raws([("amount", *amount), ("duration_ms", *duration_ms)]);
        if let Some(library) = &self.library {
            fields.text("library", library);
        }
        fields.raws([
            ("consent", self.consent),
            ("properties", self.properties),
            ("traits", self.traits),
            ("context", self.context),
            ("integrations", self.integrations),
        ]);
        if !self.extra.is_empty() {
            fields.object("extra", &self.extra);
        }
    }
}

/// What is kept of something that cannot be an event.
pub(super) struct Spoilt<'t> {
    pub(super) source: &'t str,
    pub(super) protocol: &'static str,
    pub(super) problem: &'t Problem,
    pub(super) received_at: Timestamp,
    pub(super) raw: Raw<'t>,
}

impl Spoilt<'_> {
    /// Writes the object without its closing brace.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut fields = Fields::begin(out);
        fields.text("source", self.source);
        fields.text("protocol", self.protocol);
        fields.text("problem", self.problem.code());
        fields.text("problem_text", &self.problem.to_string());
        fields.plain("received_at", self.received_at);
        fields.raw("raw", self.raw.get());
    }
}

/// Writes fields of an object, one after the other.
pub(super) struct Fields<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Fields<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    fn key(&mut self, name: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        write_text(self.out, name);
        self.out.push(b':');
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        write_text(self.out, value);
    }

    /// A value whose text needs no escapes.
    fn plain(&mut self, name: &str, value: impl Display) {
        self.key(name);
        let written = write!(self.out, "\"{value}\"");
        debug_assert!(written.is_ok(), "writing to memory does not fail");
    }

    pub(super) fn raw(&mut self, name: &str, json: &str) {
        self.key(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    fn texts<const N: usize>(&mut self, values: [(&str, &Option<Cow<'_, str>>); N]) {
        for (name, value) in values {
            if let Some(value) = value {
                self.text(name, value);
            }
        }
    }

    fn raws<const N: usize>(&mut self, values: [(&str, Option<Raw<'_>>); N]) {
        for (name, value) in values {
            if let Some(value) = value {
                self.raw(name, value.get());
            }
        }
    }

    fn object(&mut self, name: &str, values: &[(Cow<'_, str>, Raw<'_>)]) {
        self.key(name);
        let mut inner = Fields::begin(self.out);
        for (name, value) in values {
            inner.raw(name, value.get());
        }
        self.out.push(b'}');
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    let written = serde_json::to_writer(&mut *out, text);
    debug_assert!(written.is_ok(), "writing to memory does not fail");
}
