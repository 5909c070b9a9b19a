//! PostHog's events. Source: what its clients send (posthog-python, posthog-node, posthog-js), in both of their protocols.

use std::borrow::Cow;

use jiff::SignedDuration;

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

const PROTOCOL: &str = "posthog";
const FIELDS: [&str; 14] = [
    "event",
    "distinct_id",
    "uuid",
    "timestamp",
    "offset",
    "properties",
    "options",
    "session_id",
    "$set",
    "type",
    // Of the request, where it has a single event.
    "api_key",
    "token",
    "sent_at",
    "historical_migration",
];

type Message<'t> = Slots<'t, 14>;

/// Sorts the events of a request. `library` is that of the request's headers.
pub(super) fn sort(envelope: &Envelope<'_>, library: Option<&str>, frame: &Frame<'_>) -> Sorted {
    let mut sorted = Sorted::default();
    for raw in &envelope.items {
        let read = read(raw, library, envelope, frame);
        sorted.add(frame, PROTOCOL, raw, read);
    }
    sorted
}

fn read<'t>(
    raw: Raw<'t>,
    library: Option<&str>,
    envelope: &Envelope<'t>,
    frame: &Frame<'t>,
) -> Result<Read<'t>, Problem> {
    let all = object(raw).ok_or(Problem::NotAnObject)?;
    let fields = all.get("properties").and_then(object).unwrap_or(Object(Vec::new()));
    let consent = consent(Some(&fields), all.get("event"), &frame.settings.consent)?;
    if let Some(purpose) = consent.refuses {
        return Ok(Read::Refused(purpose));
    }
    frame.check_length(raw)?;
    let message = Slots::of(all, &FIELDS)?;
    let properties = nested(message.get("properties"), "properties")?;
    let event = field::name(message.get("event"), "event", NAME_CHARS_MAX)?.ok_or(Problem::NoName(NAME_CHARS_MAX))?;
    let message_id = field::id(message.get("uuid"), "uuid", MESSAGE_ID_CHARS_MAX)?;
    let message_id = message_id.unwrap_or_else(|| Cow::Owned((frame.new_id)()));
    let who = who(&message, &fields, &event)?;
    let sent_at = sent_at(&message, envelope)?;
    let lifted = Lifted::of(Some(&fields), None, None);
    let session_id =
        field::id(message.get("session_id"), "session_id", ID_CHARS_MAX)?.or_else(|| lifted.session_id.clone());
    let channel = lifted.channel.clone().or_else(|| frame.source.channel.as_deref().map(Cow::Borrowed));
    let record = Record {
        source: &frame.source.name,
        protocol: PROTOCOL,
        kind: kind_of(&event),
        timestamp: done_at(&message, &fields, sent_at, frame)?,
        event,
        name: None,
        category: None,
        user_id: who.user,
        anonymous_id: who.anonymous,
        previous_id: who.previous,
        group_id: group(&fields),
        message_id,
        original_timestamp: present(message.get("timestamp")),
        sent_at,
        received_at: frame.received,
        historical: envelope.historical,
        channel,
        lifted: Lifted { session_id, ..lifted },
        library: library_of(&fields).or_else(|| library.map(str::to_owned)),
        consent: consent.preferences,
        properties,
        traits: nested(message.get("$set"), "$set")?.or_else(|| fields.get("$set")),
        context: None,
        integrations: None,
        extra: extra(message),
    };
    Ok(Read::Event(Box::new(record)))
}

/// What nobody knows, and the options of the newer protocol.
fn extra<'t>(message: Message<'t>) -> Vec<(Cow<'t, str>, Raw<'t>)> {
    let options = message.get("options").filter(|options| options.get() != "{}");
    let mut extra = message.extra;
    extra.extend(options.map(|options| (Cow::Borrowed("options"), options)));
    extra
}

fn kind_of(event: &str) -> Kind {
    match event {
        "$pageview" => Kind::Page,
        "$screen" => Kind::Screen,
        "$identify" | "$set" => Kind::Identify,
        "$groupidentify" => Kind::Group,
        "$create_alias" | "$merge_dangerously" => Kind::Alias,
        _ => Kind::Track,
    }
}

/// Who did it.
#[derive(Default)]
struct Who<'t> {
    user: Option<Cow<'t, str>>,
    anonymous: Option<Cow<'t, str>>,
    previous: Option<Cow<'t, str>>,
}

/// PostHog has one id for both: it is a visitor's as long as the client says that nobody was identified.
fn who<'t>(message: &Message<'t>, properties: &Object<'t>, event: &str) -> Result<Who<'t>, Problem> {
    let property = |name: &'static str| field::id(properties.get(name), name, ID_CHARS_MAX);
    let distinct = field::id(message.get("distinct_id"), "distinct_id", ID_CHARS_MAX)?;
    let distinct = distinct.map_or_else(|| property("distinct_id"), |id| Ok(Some(id)))?;
    let distinct = distinct.ok_or(Problem::Nobody("distinct_id"))?;
    if kind_of(event) == Kind::Alias {
        let alias = property("alias")?.ok_or(Problem::Missing("properties.alias"))?;
        return Ok(Who { user: Some(alias), previous: Some(distinct), anonymous: None });
    }
    let says_no = |name: &str| properties.get(name).is_some_and(|word| word.get() == "false");
    let options = message.get("options").and_then(object);
    let no_profile =
        options.and_then(|options| options.get("process_person_profile")).is_some_and(|word| word.get() == "false");
    if says_no("$is_identified") || says_no("$process_person_profile") || no_profile {
        return Ok(Who { anonymous: Some(distinct), ..Who::default() });
    }
    let before = property("$anon_distinct_id")?.map_or_else(|| property("$device_id"), |id| Ok(Some(id)))?;
    Ok(Who { anonymous: before.filter(|id| *id != distinct), user: Some(distinct), previous: None })
}

fn group<'t>(properties: &Object<'t>) -> Option<Cow<'t, str>> {
    let part = |name: &str| properties.get(name).and_then(field::text);
    let key = part("$group_key")?;
    Some(part("$group_type").map_or(key.clone(), |kind| Cow::Owned(format!("{kind}:{key}"))))
}

fn library_of(properties: &Object<'_>) -> Option<String> {
    let part = |name: &str| properties.get(name).and_then(field::text);
    let name = part("$lib")?;
    Some(part("$lib_version").map_or_else(|| name.clone().into_owned(), |version| format!("{name}/{version}")))
}

fn sent_at(message: &Message<'_>, envelope: &Envelope<'_>) -> Result<Option<jiff::Timestamp>, Problem> {
    envelope.sent_at.map_or_else(|| time(message.get("sent_at"), "sent_at"), |sent| Ok(Some(sent)))
}

/// By our clock; `offset` says how many milliseconds before it was sent.
fn done_at(
    message: &Message<'_>,
    properties: &Object<'_>,
    sent_at: Option<jiff::Timestamp>,
    frame: &Frame<'_>,
) -> Result<jiff::Timestamp, Problem> {
    let says_yes = |object: Option<&Object<'_>>, name: &str| {
        object.and_then(|object| object.get(name)).is_some_and(|word| word.get() == "true")
    };
    let options = message.get("options").and_then(object);
    let as_it_is =
        says_yes(Some(properties), "$ignore_sent_at") || says_yes(options.as_ref(), "disable_skew_correction");
    if let Some(original) = time(message.get("timestamp"), "timestamp")? {
        return Ok(corrected(original, sent_at.filter(|_| !as_it_is), frame.received));
    }
    let offset = present(message.get("offset")).and_then(|offset| offset.get().parse::<u32>().ok());
    let before = offset.map(|offset| SignedDuration::from_millis(i64::from(offset)));
    Ok(before.and_then(|before| frame.received.checked_sub(before).ok()).unwrap_or(frame.received))
}
