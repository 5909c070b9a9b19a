//! One event of a request: what both protocols do with it.

use std::borrow::Cow;

use florin_domain::Purpose;
use jiff::Timestamp;

use super::{
    field::{Object, Raw, text},
    record::{Record, Spoilt},
};
use crate::{
    keys::Source,
    log::{MessageKey, Records, line},
    outcome::Problem,
    settings::Settings,
};

/// What is the same for all events of a request.
pub(crate) struct Frame<'t> {
    pub(crate) source: &'t Source,
    pub(crate) settings: &'t Settings,
    pub(crate) received: Timestamp,
    /// Whether the sender is told of each event, rather than have those that cannot be events quarantined.
    pub(crate) strict: bool,
    /// Makes an id for a message without one.
    pub(crate) new_id: &'t dyn Fn() -> String,
}

impl Frame<'_> {
    /// Whether an event is short enough.
    pub(super) fn check_length(&self, raw: Raw<'_>) -> Result<(), Problem> {
        let (bytes, bytes_max) = (raw.get().len(), self.settings.limits.event_bytes_max);
        if bytes > bytes_max { Err(Problem::TooLong { bytes, bytes_max }) } else { Ok(()) }
    }
}

/// What is to become of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is one of the records.
    Keep,
    /// It says no.
    Refuse(Purpose),
    /// It is one of the records, as it came.
    Quarantine(Problem),
    /// Its sender is told.
    Reject(Problem),
}

/// The events of a request, and what is to be stored of them.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) verdicts: Vec<(Option<String>, Verdict)>,
    pub(crate) records: Records,
}

/// An event that was read.
pub(super) enum Read<'t> {
    Event(Box<Record<'t>>),
    Refused(Purpose),
}

impl Sorted {
    /// Adds an event as it was read.
    pub(super) fn add(
        &mut self,
        frame: &Frame<'_>,
        protocol: &'static str,
        raw: Raw<'_>,
        read: Result<Read<'_>, Problem>,
    ) {
        match read {
            Ok(Read::Event(record)) => {
                let from = self.records.text.len();
                record.write(&mut self.records.text);
                self.seal(from, MessageKey::new(record.source, &record.message_id));
                self.verdicts.push((frame.strict.then(|| record.message_id.into_owned()), Verdict::Keep));
            }
            Ok(Read::Refused(purpose)) => self.verdicts.push((id_of(frame, raw), Verdict::Refuse(purpose))),
            Err(problem) if frame.strict => self.verdicts.push((id_of(frame, raw), Verdict::Reject(problem))),
            Err(problem) => {
                let source = &frame.source.name;
                let from = self.records.text.len();
                Spoilt { source, protocol, problem: &problem, received_at: frame.received, raw }
                    .write(&mut self.records.text);
                // What is sent again as it was is told by its text. No message's id has a newline.
                self.seal(from, MessageKey::new(source, &format!("\n{}", raw.get())));
                self.verdicts.push((id_of(frame, raw), Verdict::Quarantine(problem)));
            }
        }
    }

    fn seal(&mut self, from: usize, key: MessageKey) {
        line::seal(&mut self.records.text, from);
        self.records.lines.push(from..self.records.text.len());
        self.records.keys.push(key);
    }
}

/// The id of a message that is no record, as far as there is one to tell.
fn id_of(frame: &Frame<'_>, raw: Raw<'_>) -> Option<String> {
    let object = super::field::object(raw).filter(|_| frame.strict)?;
    let id = ["messageId", "uuid"].into_iter().find_map(|name| object.get(name))?;
    text(id).map(Cow::into_owned)
}

/// Fields that are known, by their names, and the others.
pub(super) struct Slots<'t, const N: usize> {
    names: &'static [&'static str; N],
    values: [Option<Raw<'t>>; N],
    pub(super) extra: Vec<(Cow<'t, str>, Raw<'t>)>,
}

impl<'t, const N: usize> Slots<'t, N> {
    /// Sorts the fields of an object; none may be there twice.
    pub(super) fn of(object: Object<'t>, names: &'static [&'static str; N]) -> Result<Self, Problem> {
        let mut slots = Self { names, values: [None; N], extra: Vec::new() };
        for (name, raw) in object.0 {
            let Some(at) = names.iter().position(|known| *known == name) else {
                slots.extra.push((name, raw));
                continue;
            };
            if slots.values[at].replace(raw).is_some() {
                return Err(Problem::Twice(name.into_owned()));
            }
        }
        Ok(slots)
    }

    /// The value of a known field.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'t>> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.values[at]
    }
}
