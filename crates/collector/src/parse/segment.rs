//! Segment's messages. Source: its HTTP tracking API and what its clients send (analytics-python, analytics-node).

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    consent::consent,
    envelope::Envelope,
    field::{self, Object, Raw, nested, object, present},
    item::{Frame, Read, Slots, Sorted},
    lift::Lifted,
    record::{Kind, Record},
    time::{corrected, time},
};
use crate::{
    outcome::Problem,
    settings::{ID_CHARS_MAX, MESSAGE_ID_CHARS_MAX, NAME_CHARS_MAX},
};

const PROTOCOL: &str = "segment";
const FIELDS: [&str; 17] = [
    "type",
    "event",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "context",
    "integrations",
    "properties",
    "traits",
    "name",
    "category",
    "channel",
    // Of the request, where it has a single event.
    "sentAt",
    "writeKey",
];

type Message<'t> = Slots<'t, 17>;

/// Sorts the events of a request. `kind` is that of its path; in a batch, each event has its own.
pub(super) fn sort(envelope: &Envelope<'_>, kind: Option<Kind>, frame: &Frame<'_>) -> Sorted {
    let mut sorted = Sorted::default();
    for raw in &envelope.items {
        let merged = merged_context(envelope.context, raw);
        let read = read(raw, kind, merged.as_deref(), envelope, frame);
        sorted.add(frame, PROTOCOL, raw, read);
    }
    sorted
}

fn read<'t>(
    raw: Raw<'t>,
    kind: Option<Kind>,
    merged: Option<&'t RawValue>,
    envelope: &Envelope<'t>,
    frame: &Frame<'t>,
) -> Result<Read<'t>, Problem> {
    let fields = object(raw).ok_or(Problem::NotAnObject)?;
    let own = fields.get("context").filter(|own| own.get().starts_with('{'));
    let context = merged.or(own).or(envelope.context);
    let context_fields = context.and_then(object);
    let consent = consent(context_fields.as_ref(), fields.get("event"), &frame.settings.consent)?;
    if let Some(purpose) = consent.refuses {
        return Ok(Read::Refused(purpose));
    }
    frame.check_length(raw)?;
    let message = Slots::of(fields, &FIELDS)?;
    nested(message.get("context"), "context")?;
    let kind = kind.map_or_else(|| kind_of(&message), Ok)?;
    let message_id = field::id(message.get("messageId"), "messageId", MESSAGE_ID_CHARS_MAX)?;
    let message_id = message_id.unwrap_or_else(|| Cow::Owned((frame.new_id)()));
    let event = event(&message, kind)?;
    let record = record((message, kind, event, message_id), (context, context_fields), envelope, frame)?;
    Ok(Read::Event(Box::new(Record { consent: consent.preferences, ..record })))
}

type Named<'t> = (Message<'t>, Kind, Cow<'t, str>, Cow<'t, str>);

fn record<'t>(
    (message, kind, event, message_id): Named<'t>,
    (context, context_fields): (Option<Raw<'t>>, Option<Object<'t>>),
    envelope: &Envelope<'t>,
    frame: &Frame<'t>,
) -> Result<Record<'t>, Problem> {
    let id = |name: &'static str| field::id(message.get(name), name, ID_CHARS_MAX);
    let (user_id, anonymous_id, previous_id, group_id) =
        (id("userId")?, id("anonymousId")?, id("previousId")?, id("groupId")?);
    match kind {
        Kind::Alias if previous_id.is_none() => return Err(Problem::Missing("previousId")),
        Kind::Alias if user_id.is_none() => return Err(Problem::Missing("userId")),
        Kind::Group if group_id.is_none() => return Err(Problem::Missing("groupId")),
        _ if user_id.is_none() && anonymous_id.is_none() => return Err(Problem::Nobody("userId` or `anonymousId")),
        _ => {}
    }
    let properties = nested(message.get("properties"), "properties")?;
    let device = context_fields.as_ref().and_then(|context| context.get("device")).and_then(object);
    let lifted = Lifted::of(properties.and_then(object).as_ref(), context_fields.as_ref(), device.as_ref());
    let channel = field::name(message.get("channel"), "channel", NAME_CHARS_MAX)?.or_else(|| lifted.channel.clone());
    let sent_at = envelope.sent_at.map_or_else(|| time(message.get("sentAt"), "sentAt"), |sent| Ok(Some(sent)))?;
    let original = time(message.get("timestamp"), "timestamp")?;
    let timestamp = original.map_or(frame.received, |original| corrected(original, sent_at, frame.received));
    Ok(Record {
        source: &frame.source.name,
        protocol: PROTOCOL,
        kind,
        event,
        name: field::name(message.get("name"), "name", NAME_CHARS_MAX)?,
        category: field::name(message.get("category"), "category", NAME_CHARS_MAX)?,
        user_id,
        anonymous_id,
        previous_id,
        group_id,
        message_id,
        timestamp,
        original_timestamp: present(message.get("timestamp")),
        sent_at,
        received_at: frame.received,
        historical: false,
        channel: channel.or_else(|| frame.source.channel.as_deref().map(Cow::Borrowed)),
        lifted,
        library: library(context_fields.as_ref()),
        consent: None,
        properties,
        traits: nested(message.get("traits"), "traits")?,
        context,
        integrations: present(message.get("integrations")).or(envelope.integrations),
        extra: message.extra,
    })
}

fn kind_of(message: &Message<'_>) -> Result<Kind, Problem> {
    let name = field::name(message.get("type"), "type", NAME_CHARS_MAX)?.ok_or(Problem::NoKind)?;
    Kind::of_name(&name).ok_or(Problem::UnknownKind)
}

/// What was done: its name for something tracked, else the kind of message.
fn event<'t>(message: &Message<'t>, kind: Kind) -> Result<Cow<'t, str>, Problem> {
    match kind {
        Kind::Track => {
            field::name(message.get("event"), "event", NAME_CHARS_MAX)?.ok_or(Problem::NoName(NAME_CHARS_MAX))
        }
        other => Ok(Cow::Borrowed(other.name())),
    }
}

/// `name/version`, as the client says.
fn library(context: Option<&Object<'_>>) -> Option<String> {
    let library = object(context?.get("library")?)?;
    let part = |name: &str| library.get(name).and_then(field::text);
    let name = part("name")?;
    Some(part("version").map_or_else(|| name.clone().into_owned(), |version| format!("{name}/{version}")))
}

/// The context of a batch with that of the event over it, where both have one.
fn merged_context(batch: Option<Raw<'_>>, event: Raw<'_>) -> Option<Box<RawValue>> {
    let batch = object(batch?)?;
    let event = object(event)?;
    let own = object(event.get("context")?)?;
    let mut text = Vec::new();
    let mut fields = super::record::Fields::begin(&mut text);
    let inherited = batch.0.iter().filter(|(name, _)| own.0.iter().all(|(other, _)| other != name));
    for (name, value) in inherited.chain(&own.0) {
        fields.raw(name, value.get());
    }
    text.push(b'}');
    RawValue::from_string(String::from_utf8(text).ok()?).ok()
}
